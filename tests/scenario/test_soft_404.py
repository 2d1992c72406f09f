"""Pages that answer 200 and are not there. False alarms are the danger: the page's own evidence comes first,
then one question about a sibling that nobody ever wrote, once per host, directory and extension."""

import posixpath

from harness import Web, check_that, equal


def kinds(entries):
    """(host, directory, extension) of each."""
    found = []
    for entry in entries:
        path = entry["path"].partition("?")[0]
        found.append((entry["host"], posixpath.dirname(path), posixpath.splitext(path)[1]))
    return sorted(found)


def test_one_question_for_each_kind_of_page():
    """Unknown names are an honest 404 here, so all is well."""
    pages = ["/1.html", "/2.html", "/one", "/two", "/a/1.html", "/a/2.html", "/a/3.html", "/a/one", "/a/two",
             "/a/b/1.html", "/a/b/2.html", "/c/1.php"]
    table = "".join(f"{host}.test {page} ok\n" for host in ("h", "k") for page in pages)
    with Web(table) as web:
        web.judge("".join(f"http://{host}.test{page} ok ok\n" for host in ("h", "k") for page in pages), status=0)
        equal(kinds(web.siblings()), sorted({kind for kind in kinds(web.requests())}), "kinds that were asked about")
        names = [posixpath.splitext(posixpath.basename(entry["path"]))[0] for entry in web.siblings()]
        equal({len(name) for name in names}, {25}, "lengths of the names")
        equal(len(set(names)), len(names), "different names")
        for entry in web.siblings():
            check_that("linkrotd/" in entry["headers"]["user-agent"], "it says who it is")


def test_no_question_where_there_is_evidence():
    """A title that the list names, an identity that the page names, a page that is no success: nothing to ask."""
    with Web("""
        titled.test /paper         ok title="Attention Is All You Need"
        arxiv.org   /abs/1706.03762 page title="Attention Is All You Need"
        gone.test   /x             status code=404
        shut.test   /x             status code=403
        down.test   /x             status code=503
        wall.test   /x             challenge kind=anubis
        front.test  /              ok
        front.test  /*             catch-all
    """) as web:
        run = web.check("- [Attention Is All You Need](http://titled.test/paper)\n- <https://arxiv.org/abs/1706.03762>\n"
                        "- <http://gone.test/x> <http://shut.test/x> <http://down.test/x> <http://wall.test/x>\n"
                        "- <http://front.test/> <http://front.test>\n")
        run.expect("""
            http://titled.test/paper          ok           ok
            https://arxiv.org/abs/1706.03762  ok           ok
            http://gone.test/x                broken       http_404
            http://shut.test/x                gated        forbidden
            http://down.test/x                unreachable  http_5xx
            http://wall.test/x                gated        challenge
            http://front.test/                ok           ok
        """)
        equal(kinds(web.siblings()), [], "questions")


def test_a_front_page_cannot_be_missing():
    with Web("a.test / catch-all\na.test /* redirect to=/\nb.test / soft-404 title=Welcome\nb.test /* soft-404") as web:
        web.judge("http://a.test/ ok ok\nhttp://b.test/ ok ok\nhttps://a.test/ ok ok")
        equal(web.siblings(), [], "questions")


def test_one_page_for_everything():
    """Nothing on it says so, but what nobody ever wrote gets it too."""
    with Web("""
        same.test   /*       catch-all
        echo.test   /*       echo
        words.test  /*       soft-404
        german.test /*       ok title="Seite nicht gefunden" body="<p>Diese Seite gibt es nicht. Zur Startseite.</p>"
        some.test   /there   ok
        some.test   /*       catch-all
        part.test   /docs/*  catch-all
        part.test   /blog/a  ok
        query.test  /view    catch-all
        named.test  /*       names-path
        oops.test   /x       ok title="Oops, something went wrong" body="<p>This page does not exist.</p>"
    """) as web:
        run = web.judge("""
            http://same.test/x             broken  soft_404
            http://same.test/deep/down/x   broken  soft_404
            http://same.test/x.html        broken  soft_404
            http://echo.test/x             broken  soft_404
            http://echo.test/a/b           broken  soft_404
            http://words.test/x            broken  soft_404
            http://german.test/x           broken  soft_404
            http://some.test/there         ok      ok
            http://some.test/elsewhere     broken  soft_404
            http://part.test/docs/x        broken  soft_404
            http://part.test/blog/a        ok      ok
            http://query.test/view?id=123  broken  soft_404
            http://named.test/papers/x.html  broken  soft_404
            http://oops.test/x             broken  soft_404
        """, status=2)
        for link in run.links:
            equal(link["http_status"], 200, f"http_status of {link['url']}")
        broken = [link for link in run.links if link["outcome"] == "broken"]
        check_that(all(link["error"] for link in broken), "each says why")


def test_sent_home():
    """A page that is gone and its sibling land on one page; where only the page does, it was moved there."""
    with Web("""
        home.test   /        ok title=Home
        home.test   /*       redirect code=301 to=/
        now.test    /        ok title=Home
        now.test    /*       redirect code=302 to=/
        lost.test   /404     ok title=Oops
        lost.test   /*       redirect code=302 to=/404
        search.test /search  catch-all title=Search
        search.test /*       redirect code=302 to="/search?q={target}"
        sold.test   /*       redirect code=301 to=http://buyer.test/
        buyer.test  /        ok title="The buyer of everything"
        meta.test   /        ok title=Home
        meta.test   /*       meta-refresh to=/
        once.test   /        ok title=Home
        once.test   /old     redirect code=302 to=/
        keeps.test  /*       redirect code=301 to=http://kept.test{target}
        kept.test   /x       ok
    """) as web:
        web.judge("""
            http://home.test/x      broken  soft_404
            http://home.test/a/b/c  broken  soft_404
            http://now.test/x       broken  soft_404
            http://lost.test/x      broken  soft_404
            http://sold.test/x      broken  soft_404
            http://meta.test/x      broken  soft_404
            http://search.test/x    broken  soft_404
            http://once.test/old    ok      redirect_temporary
            http://keeps.test/x     moved   redirect_permanent
        """)


def test_honest_sites_stay_well():
    """What looks alike at a glance and is not."""
    with Web("""
        title.test  /*         ok title="Our Site"
        group.test  /404       ok title="404 Media: what happened this week"
        group.test  /not-found ok title="Not Found, a novel"
        shell.test  /*         app-shell
        query.test  /view      ok
        pdf.test    /files/*   pdf
        text.test   /raw/a.txt raw body="short"
        tiny.test   /t/a       ok body="<p>Yes.</p>"
        lost.test   /x         ok title="The lost and found: not found" body="<p>x</p>"
        anubis.test /x         catch-all title="Making sure you're not a bot! - Anubis docs" words=400
        anubis.test /*         status code=404
        soon.test   /x         ok title="Coming soon" body="<p>A page that is not finished.</p>"
    """) as web:
        web.judge("""
            http://title.test/one         ok  ok
            http://title.test/two/three   ok  ok
            http://group.test/404         ok  ok
            http://group.test/not-found   ok  ok
            http://shell.test/app/one     ok  ok
            http://shell.test/app/two     ok  ok
            http://query.test/view?id=12  ok  ok
            http://query.test/view?id=13  ok  ok
            http://pdf.test/files/a.pdf   ok  ok
            http://text.test/raw/a.txt    ok  ok
            http://tiny.test/t/a          ok  ok
            http://lost.test/x            ok  ok
            http://anubis.test/x          ok  ok
            http://soon.test/x            ok  ok
        """, status=0)


def test_a_question_that_fails_proves_nothing():
    troubles = ["hang", "reset", "close", "garbage", "stall after=status", "status code=500", "status code=403",
                "status code=429 retry_after=3600", "challenge kind=cloudflare", "redirect to=self", "login"]
    table = "".join(f"s{n}.test /x ok\ns{n}.test /* {trouble}\n" for n, trouble in enumerate(troubles))
    with Web(table) as web:
        run = web.judge("".join(f"http://s{n}.test/x ok ok\n" for n in range(len(troubles))), "--timeout", "3s", status=0)
        check_that(run.seconds < 20, f"took {run.seconds:.1f} s")


def test_parked_domains():
    with Web("""
        sale.test    /* parked kind=sale
        script.test  /* parked kind=script
        lander.test  /* parked kind=lander
        inquire.test /* parked kind=inquire
        moved.test   /* redirect code=302 to="https://www.hugedomains.com/domain_profile.cfm?d=moved"
        ww.test      /* redirect code=302 to=http://ww25.ww.test/
        ww25.ww.test /* parked kind=script
        www.hugedomains.com /* ok title="moved.test is for sale"
        essay.test   /domains ok title="Why I would buy this domain again" size=9000
        news.test    /story   ok title="Who says that this domain is for sale?" size=9000
    """) as web:
        web.judge("""
            http://sale.test/             broken  parked_domain
            http://sale.test/paper.html   broken  parked_domain
            http://script.test/x          broken  parked_domain
            http://lander.test/x          broken  parked_domain
            http://inquire.test/x         broken  parked_domain
            http://moved.test/x           broken  parked_domain
            http://ww.test/x              broken  parked_domain
            http://essay.test/domains     ok      ok
            http://news.test/story        ok      ok
        """)
        equal([entry["host"] for entry in web.siblings() if entry["host"] not in ("essay.test", "news.test")], [],
              "questions where the page itself is evidence")


def test_a_list_of_one_site_is_asked_once():
    """Sixty links of one directory: one question, and its answer is for all."""
    with Web("a.test /gone/* catch-all\na.test /fine/* ok") as web:
        web.judge("".join(f"http://a.test/gone/{n} broken soft_404\nhttp://a.test/fine/{n} ok ok\n" for n in range(30)))
        equal(kinds(web.siblings()), [("a.test", "/fine", ""), ("a.test", "/gone", "")], "questions")
