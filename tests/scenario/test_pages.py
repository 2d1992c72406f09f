"""What a page shows: is it the page that the list speaks of, or a wall, or a page that is gone?"""

from harness import Web, check_that, equal


def test_titles():
    """The label is compared with what the page calls itself; a note, never an outcome."""
    with Web("""
        a.test /same      ok title="Attention Is All You Need"
        a.test /decorated ok title="[1706.03762] Attention is all you need"
        a.test /citation  ok title="arXiv" citation="Attention Is All You Need"
        a.test /og        ok title="Home" og="Attention Is All You Need"
        a.test /h1        ok title="A site" h1="Attention Is All You Need"
        a.test /site      ok title="Attention Is All You Need | Example Site"
        a.test /tex       ok title="$O(n)$ Attention Is All You Need"
        a.test /other     ok title="Convergence of Spectral Sequences in Braid Cohomology"
        a.test /none      pdf
    """) as web:
        paths = ["same", "decorated", "citation", "og", "h1", "site", "tex", "other", "none"]
        run = web.check("".join(f"- Attention Is All You Need [[Paper]](http://a.test/{path})\n" for path in paths))
        for path in paths:
            link = run.link(f"http://a.test/{path}")
            equal(link["outcome"], "ok", f"outcome of /{path}")
            equal(link["expected_title"], "Attention Is All You Need", f"expected_title of /{path}")
            equal([note for note in link["notes"] if "tit" in note],
                  ["title_mismatch"] if path == "other" else [], f"notes of /{path}")
        equal(run.link("http://a.test/citation")["title"], "Attention Is All You Need", "title of /citation")


def test_where_the_expected_title_comes_from():
    with Web("a.test /* ok") as web:
        run = web.check("""
- [A Long and Telling Label](http://a.test/1) by somebody
- Title in the Item [[PDF](http://a.test/2)] [[code](http://a.test/3)]
- <http://a.test/4>
- [here](http://a.test/5)

| Name of the Row | [link](http://a.test/6) |
| --- | --- |
""")
        titles = {number: run.link(f"http://a.test/{number}")["expected_title"] for number in range(1, 6)}
        equal(titles, {1: "A Long and Telling Label", 2: "Title in the Item", 3: "Title in the Item",
                       4: None, 5: None}, "expected titles")


def test_walls_are_gates():
    """A wall in front of a page is no evidence against the page, whatever its status."""
    kinds = ["cloudflare", "cloudflare-body", "anubis", "datadome", "akamai", "aws", "imperva", "perimeterx",
             "anubis-denial", "f5", "hcaptcha", "imperva-blank", "radware", "silverchair", "sucuri"]
    table = "".join(f"{kind}.test /{kind} challenge kind={kind}\n" for kind in kinds)
    table += """
        cf-429.test /cf-429    challenge kind=cloudflare code=429
        cf-202.test /cf-202    challenge kind=cloudflare code=202
        cf-503.test /cf-503    challenge kind=cloudflare code=503
        sent.test   /sent      redirect code=307 to=/challenge?redirect=%2Fsent
        sent.test   /challenge challenge kind=openreview
        member.test /member    redirect to=/login?next=%2Fmember
        member.test /login     login
    """
    with Web(table) as web:
        web.judge("".join(f"http://{kind}.test/{kind} gated challenge\n" for kind in kinds if kind != "akamai")
                  + """
            http://akamai.test/akamai  gated  challenge|forbidden
            http://cf-429.test/cf-429  gated  challenge
            http://cf-202.test/cf-202  gated  challenge
            http://cf-503.test/cf-503  gated  challenge
            http://sent.test/sent      gated  challenge
            http://member.test/member  gated  challenge
        """, status=0)


def test_openreview():
    with Web("""
        openreview.net /forum?id=alive     page title="A Paper That Is There"
        openreview.net /forum?id=missing   openreview-missing
        openreview.net /forum?id=walled    redirect code=307 to=/challenge?redirect=%2Fforum%3Fid%3Dwalled
        openreview.net /forum?id=private   redirect code=307 to=/login?redirect=%2Fforum%3Fid%3Dprivate
        openreview.net /challenge          challenge kind=openreview
        openreview.net /login              login title="Login | OpenReview"
    """) as web:
        web.judge("""
            https://openreview.net/forum?id=alive    ok      ok
            https://openreview.net/forum?id=missing  broken  soft_404
            https://openreview.net/forum?id=walled   gated   challenge
            https://openreview.net/forum?id=private  gated   challenge
        """)


def test_a_title_that_matches_outweighs_its_words():
    """A paper called `Not Found` is no missing page."""
    with Web("a.test /paper ok title=\"404 Not Found: A Study of Missing Pages\"") as web:
        run = web.check("- [404 Not Found: A Study of Missing Pages](http://a.test/paper)\n")
        equal(run.link("http://a.test/paper")["outcome"], "ok", "outcome")


def test_fragments_of_remote_pages():
    """Looked for with --fragments only."""
    with Web("a.test /page ok ids=here,user-content-mine,%C3%A4\n"
             "a.test /away redirect to=\"/page#here\"\n"
             "a.test /astray redirect to=\"/page#gone\"\n"
             "a.test /app raw type=text/html body='<title>App</title><div id=root></div><script src=/a.js></script>'"
             ) as web:
        links = ["http://a.test/page#here", "http://a.test/page#gone", "http://a.test/page#mine",
                 "http://a.test/page#top", "http://a.test/page#:~:text=words",
                 "http://a.test/page#here:~:text=words", "http://a.test/page#gone:~:text=words",
                 "http://a.test/app#filled-in-by-script", "http://a.test/away#mine-own",
                 "http://a.test/astray#here"]
        run = web.check(links)
        for link in run.links:
            equal(link["outcome"], "ok", link["url"])
        run = web.check(links, "--fragments").expect("""
            http://a.test/page#here          ok      ok
            http://a.test/page#gone          broken  missing_anchor
            http://a.test/page#mine          ok      ok
            http://a.test/page#top           ok      ok
            http://a.test/page#:~:text=words ok      ok
            http://a.test/page#here:~:text=words   ok      ok
            http://a.test/page#gone:~:text=words   broken  missing_anchor
            http://a.test/app#filled-in-by-script  ok      ok
            http://a.test/away#mine-own      ok      redirect_temporary
            http://a.test/astray#here        broken  missing_anchor
        """)
        equal(len(web.requests()), 12, "requests of two runs")


def test_hostile_titles_are_defused():
    """Controls and bidi overrides of a page never reach a terminal or a report."""
    with Web("""
        a.test /esc  ok title="red \x1b[31malert\x1b]0;owned\x07 end"
        a.test /bidi ok title="abc \u202etxt.exe"
        a.test /gone status code=404 title="\x1b[2J gone"
    """) as web:
        run = web.check("- [wrong](http://a.test/esc)\n- [label](http://a.test/bidi)\n"
                        "- [a\x1b\\[2Jb](http://a.test/gone)\n")
        for bad in ("\x1b", "\x07"):
            check_that(bad not in run.stdout, f"{bad!r} in the JSON report")
        for form in ("text", "markdown"):
            out = web.run("--format", form, "-v", "list.md").stdout
            for bad in ("\x1b", "\x07", "\u202e"):
                check_that(bad not in out, f"{bad!r} in the {form} report")
