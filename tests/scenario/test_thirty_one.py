"""The 31 cases that every link checker is measured by (field notes, link-checkers 4.1), as one score."""

from harness import QUICK, Web, check_that, equal

# number: (what the host cNN.test does about /page and the rest of its paths, outcome, reason)
CASES = {
    1: ("/page ok", "ok", "ok"),
    2: ("/page status code=404", "broken", "http_404"),
    3: ("/page status code=410", "broken", "http_410"),
    4: ("/page status code=405 method=HEAD \n /page ok", "ok", "ok"),
    5: ("/page status code=404 method=HEAD \n /page ok", "ok", "ok"),
    6: ("/page hang method=HEAD \n /page ok", "ok", "ok"),
    7: ("/page reset method=HEAD \n /page ok", "ok", "ok"),
    8: ("/page status code=429 retry_after=1 first=1 \n /page ok", "ok", "ok"),
    9: ("/page status code=429", "gated", "rate_limited"),
    10: ("/page status code=503 first=1 \n /page ok", "ok", "ok"),
    11: ("/page status code=500", "unreachable", "http_5xx"),
    12: ("/page status code=403 header=\"cf-mitigated: challenge\"", "gated", "challenge"),
    13: ("/page status code=403", "gated", "forbidden"),
    14: ("/page status code=999", "gated", "refused_other"),
    15: ("/page redirect code=301 to=/new \n /new ok", "moved", "redirect_permanent"),
    16: ("/page redirect code=302 to=/now \n /now ok", "ok", "redirect_temporary"),
    17: ("/page redirect code=301 to=/gone", "broken", "http_404"),
    18: ("/page redirect to=/other \n /other redirect to=/page", "broken", "redirect_loop"),
    19: ("/ ok title=Home \n /* redirect code=301 to=/", "broken", "soft_404"),
    20: ("/* soft-404", "broken", "soft_404"),
    21: ("host port=refused", "unreachable", "connect_refused"),
    22: ("host dns=nxdomain", "broken", "dns_nxdomain"),
    23: ("/page cut", "ok", "ok"),
    24: ("/page ok delay=1.5", "ok", "ok"),
    25: ("/page ok ids=other", "broken", "missing_anchor"),
    26: ("/page ok ids=here", "ok", "ok"),
    27: ("/page no-body code=204", "ok", "ok"),
    28: ("/page status code=401 header=\"WWW-Authenticate: Basic realm=x\"", "gated", "auth_required"),
    29: ("/page reset first=1 \n /page ok", "ok", "ok"),
    30: ("/page ok code=206 header=\"Content-Range: bytes 0-200/201\"", "ok", "ok"),
    31: ("/page redirect code=308 to=/new \n /new ok", "moved", "redirect_permanent"),
}
FRAGMENTS = {25: "#here", 26: "#here"}


def table():
    lines = []
    for number, (does, _, _) in CASES.items():
        for line in does.split(" \n "):
            kind, _, rest = line.partition(" ")
            lines.append(f"host c{number:02}.test {rest}" if kind == "host" else f"c{number:02}.test {line}")
    return "\n".join(lines) + "\n"


def test_all_of_them():
    equal(len(CASES), 31, "cases")
    with Web(table()) as web:
        urls = {number: f"http://c{number:02}.test/page{FRAGMENTS.get(number, '')}" for number in CASES}
        run = web.check(list(urls.values()), *QUICK, "--max-retries", "1", "--timeout", "3s", "--fragments")
        equal(run.status, 2, "exit status")
        wrong = []
        for number, (_, outcome, reason) in CASES.items():
            link = run.link(urls[number])
            if (link["outcome"], link["reason"]) != (outcome, reason):
                wrong.append(f"case {number:02}: expected {outcome}/{reason}, found {link['outcome']}/{link['reason']} "
                             f"(error: {link['error']})")
        score = f"{31 - len(wrong)} of 31"
        check_that(not wrong, "\n    ".join([score] + wrong))
        return score


def test_the_method_is_not_the_answer():
    """HEAD is never the last word: what GET says counts, for every link of a host, be it a page or a file
    that nobody reads; and a host whose HEAD lies or hangs is not asked that way again and again."""
    with Web("""
        missing.test /* status code=404 method=HEAD
        hangs.test   /* hang method=HEAD
        refuses.test /* status code=501 method=HEAD
        resets.test  /* reset method=HEAD
        leads.test   /login status code=404
        leads.test   /* redirect to=/login method=HEAD
        leads.test   /* pdf size=2000
        lies.test    /* ok method=HEAD
        lies.test    /* status code=404
        * /* ok
    """) as web:
        hosts = {"missing": "ok ok", "hangs": "ok ok", "refuses": "ok ok", "resets": "ok ok", "leads": "ok ok",
                 "lies": "broken http_404"}
        web.judge("".join(f"http://{host}.test/{n}{end} {words}\n" for host, words in hosts.items()
                          for n in range(6) for end in ("", ".zip")),
                  "--max-retries", "1", "--timeout", "2s", "--host-concurrency", "2")
        for host in hosts:
            heads = [entry for entry in web.requests(f"{host}.test") if entry["method"] == "HEAD"]
            check_that(len(heads) <= 4, f"{host}.test was asked {len(heads)} times by HEAD")


def test_files_where_head_can_be_trusted():
    """Bytes that nobody reads are left where they are, once a host has shown that its HEAD tells the truth."""
    papers = [f"/{n}.pdf" for n in range(20)]
    with Web("".join(f"a.test {paper} pdf size=200000\n" for paper in papers) + "a.test /* status code=404") as web:
        web.judge("".join(f"http://a.test{paper} ok ok\n" for paper in papers)
                  + "http://a.test/gone.pdf broken http_404\n", "--host-concurrency", "1")
        asked = [(entry["method"], entry["path"]) for entry in web.requests("a.test")]
        check_that(sum(method == "GET" for method, _ in asked) <= 3, f"asked {asked}")
        equal([entry["method"] for entry in web.siblings("a.test")], ["HEAD"], "what a made-up file was asked with")


def test_a_head_that_says_yes_to_everything():
    """It agrees with GET for each file that is there, and would hide the one that is not."""
    papers = [f"/{n}.pdf" for n in range(20)]
    with Web("a.test /* pdf method=HEAD\n" + "".join(f"a.test {paper} pdf size=2000\n" for paper in papers)
             + "a.test /* status code=404") as web:
        web.judge("".join(f"http://a.test{paper} ok ok\n" for paper in papers)
                  + "http://a.test/gone.pdf broken http_404\n", "--host-concurrency", "1")
        heads = [entry for entry in web.requests("a.test") if entry["method"] == "HEAD"]
        equal((len(heads), len(web.siblings("a.test"))), (2, 1), "files there and not there that were asked by HEAD")


def test_a_page_where_a_file_was_asked_for_is_read():
    """A host whose HEAD was believed shows its front page for a paper that is gone, and a login for another."""
    papers = range(6)
    with Web("".join(f"a.test /x/{n}.pdf pdf size=200000\n" for n in papers) + """
        a.test /x/lock.pdf login
        a.test /* catch-all
    """) as web:
        web.judge("".join(f"http://a.test/x/{n}.pdf ok ok\n" for n in papers)
                  + "http://a.test/x/lock.pdf gated challenge\nhttp://a.test/x/gone.pdf broken soft_404\n",
                  "--host-concurrency", "1")
        heads = [entry["path"] for entry in web.requests("a.test") if entry["method"] == "HEAD"]
        check_that("/x/5.pdf" in heads, f"asked by HEAD: {heads}")
