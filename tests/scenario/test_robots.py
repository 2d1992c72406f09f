"""robots.txt, obeyed with --polite (RFC 9309): asked once and first, paced like the rest; and what its own
troubles mean."""

import sqlite3
import time
from contextlib import closing

from harness import Web, alone, check_that, equal
from test_politeness import JITTER_US, MS, judge as judge_pace
from watch import Daemon


def robots(host, text):
    """A line of the table."""
    lines = text.strip().replace("\n", "\\n")
    return f"{host} /robots.txt raw body=\"{lines}\\n\"\n"


def polite(web, expectations, *options, **more):
    return web.judge(expectations, "--polite", *options, **more)


RULES = robots("a.test", """User-agent: *
Disallow: /private
Disallow: /*?session=
Disallow: /*.cgi$
Allow: /private/open""") + robots("all.test", "User-agent: *\nDisallow: /") + """
    a.test /* ok
    all.test /* ok
    free.test /* ok
    free.test /robots.txt status code=404
"""


def test_what_is_disallowed_is_never_asked():
    with Web(RULES) as web:
        polite(web, """
            http://a.test/public           ok       ok
            http://a.test/private/x        skipped  robots_disallowed
            http://a.test/private          skipped  robots_disallowed
            http://a.test/private/open/x   ok       ok
            http://a.test/x?session=1      skipped  robots_disallowed
            http://a.test/run.cgi          skipped  robots_disallowed
            http://a.test/run.cgi.txt      ok       ok
            http://all.test/               skipped  robots_disallowed
            http://all.test/x              skipped  robots_disallowed
            http://free.test/private/x     ok       ok
        """, status=0)
        equal(sorted({entry["path"] for entry in web.requests("a.test")}),
              ["/private/open/x", "/public", "/run.cgi.txt"], "pages of a.test that were asked for")
        equal(web.requests("all.test"), [], "pages of all.test that were asked for")


def test_its_own_address_is_always_allowed():
    with Web(RULES) as web:
        polite(web, "http://all.test/robots.txt ok ok")


def test_once_per_origin_and_first():
    """However many links and however many at a time; http and https are two origins."""
    with Web(RULES) as web:
        urls = [f"{scheme}://{host}.test/{n}" for n in range(10)
                for host in ("a", "free") for scheme in ("http", "https")]
        for link in web.check(urls, "--polite").links:
            equal(link["outcome"], "ok", link["url"])
        for host in ("a.test", "free.test"):
            for scheme in ("http", "https"):
                asked = [entry for entry in web.requests_of_any_kind(host) if entry["scheme"] == scheme]
                equal([entry["path"] for entry in asked].count("/robots.txt"), 1, f"robots.txt of {scheme}://{host}")
                equal((asked[0]["method"], asked[0]["path"]), ("GET", "/robots.txt"), f"first of {scheme}://{host}")
                check_that(asked[0]["headers"].get("user-agent", "").startswith("linkrotd/"), "user agent")


def test_not_asked_without_polite():
    with Web(RULES) as web:
        web.judge("http://a.test/private/x ok ok\nhttp://all.test/ ok ok")
        equal(web.robots(), [], "requests for robots.txt")


def test_statuses_of_it():
    """4xx: there are no rules. 5xx: nobody may come in. Both are the answer, not a failure of the link."""
    free, shut = (400, 401, 403, 404, 410, 451), (500, 502, 503, 504)
    table = "".join(f"s{code}.test /robots.txt status code={code}\ns{code}.test /* ok\n" for code in free + shut)
    with Web(table) as web:
        polite(web, "".join(f"http://s{code}.test/x ok ok\n" for code in free)
               + "".join(f"http://s{code}.test/x skipped robots_disallowed\n" for code in shut), status=0)
        for code in shut:
            equal(web.requests(f"s{code}.test"), [], f"pages that were asked for behind {code}")


def test_what_is_no_robots_txt():
    """Rules that cannot be read forbid nothing; what can be read before the trouble counts."""
    with Web("""
        empty.test   /robots.txt raw body=""
        html.test    /robots.txt catch-all
        binary.test  /robots.txt pdf
        gzip.test    /robots.txt bad-gzip
        wall.test    /robots.txt login
        large.test   /robots.txt raw body="User-agent: *\\nDisallow: /shut\\n" size=3000000
        endless.test /robots.txt endless
        * /x ok
        * /shut ok
    """) as web:
        run = polite(web, "".join(f"http://{host}.test/x ok ok\n" for host in
                                  ("empty", "html", "binary", "gzip", "wall", "large", "endless"))
                     + "http://large.test/shut skipped robots_disallowed\n", "--timeout", "4s")
        run.within_memory(50_000)


def test_a_failure_of_it_hides_no_failure_of_the_page():
    """Where nothing answers, the link's reason is the one that it would have without robots.txt."""
    with Web("""
        host refused.test port=refused
        host rst.test     port=reset
        host mute.test    port=mute
        host gone.test    dns=nxdomain
        host empty.test   dns=nodata
        host expired.test tls=expired
        host other.test   tls=wrong-host
        fine.test /x ok
        * /x ok
    """) as web:
        polite(web, """
            http://refused.test/x   unreachable  connect_refused
            http://rst.test/x       unreachable  connect_reset
            http://mute.test/x      unreachable  timeout
            http://gone.test/x      broken       dns_nxdomain
            http://empty.test/x     broken       dns_no_address
            https://expired.test/x  broken       tls_expired
            https://other.test/x    broken       tls_hostname
            http://fine.test/x      ok           ok
        """, "--timeout", "3s", status=2)


def test_one_moment_of_trouble_forbids_nothing():
    """A 503 is a no, when it is one twice."""
    with Web("""
        once.test /robots.txt status code=503 first=1
        once.test /robots.txt raw body="User-agent: *\\nDisallow: /shut\\n"
        refresh.test /robots.txt raw body="User-agent: *\\nDisallow: /shut\\n" header="Refresh: 0; url=/elsewhere"
        * /* ok
    """) as web:
        polite(web, "".join(f"http://{host}.test/open ok ok\nhttp://{host}.test/shut skipped robots_disallowed\n"
                            for host in ("once", "refresh")), "--max-retries", "1")


def test_only_it_fails():
    """The page answers, and that is what counts."""
    troubles = ("hang", "reset", "close", "garbage", "stall")
    with Web("".join(f"{word}.test /robots.txt {word}\n{word}.test /x ok\n{word}.test /gone status code=410\n"
                     for word in troubles)) as web:
        run = polite(web, "".join(f"http://{word}.test/x ok ok\nhttp://{word}.test/gone broken http_410\n"
                                  for word in troubles), "--timeout", "3s")
        check_that(run.seconds < 25, f"took {run.seconds:.1f} s")


def test_it_is_somewhere_else():
    """Redirects of it are followed, to another host too; the rules are those of the host that was asked."""
    with Web(robots("rules.test", "User-agent: *\nDisallow: /shut") + """
        a.test     /robots.txt redirect code=301 to=http://rules.test/robots.txt
        near.test  /robots.txt redirect code=302 to=/there
        near.test  /there      raw body="User-agent: *\\nDisallow: /shut\\n"
        loop.test  /robots.txt redirect to=self
        lost.test  /robots.txt redirect to=http://lost.test/nothing
        * /open ok
        * /shut ok
    """) as web:
        polite(web, """
            http://a.test/open     ok          ok
            http://a.test/shut     skipped     robots_disallowed
            http://near.test/open  ok          ok
            http://near.test/shut  skipped     robots_disallowed
            http://loop.test/open  ok          ok
            http://lost.test/shut  ok          ok
        """)


def test_a_chain_into_what_is_disallowed():
    """Each hop asks its own host; the one that is not allowed is not made."""
    with Web(robots("b.test", "User-agent: *\nDisallow: /private") + """
        a.test /go    redirect code=302 to=http://b.test/private/x
        a.test /moved redirect code=301 to=http://b.test/private/y
        a.test /fine  redirect code=302 to=http://b.test/open
        a.test /meta  meta-refresh to=http://b.test/private/z
        b.test /* ok
    """) as web:
        run = polite(web, """
            http://a.test/go     skipped  robots_disallowed
            http://a.test/moved  skipped  robots_disallowed
            http://a.test/meta   skipped  robots_disallowed
            http://a.test/fine   ok       redirect_temporary
        """, status=0)
        equal({entry["path"] for entry in web.requests("b.test")}, {"/open"}, "pages of b.test that were asked for")
        equal(len(web.robots("b.test")), 1, "robots.txt of b.test")
        for link in run.links:
            equal(link["suggestion"], None, f"suggestion for {link['url']}")


def test_whom_it_speaks_to():
    """The token of --user-agent chooses the group, without regard to case; ours is linkrotd."""
    rules = robots("a.test", """User-agent: ListWatch
Disallow: /no-listwatch

User-agent: linkrotd
Disallow: /no-linkrotd

User-agent: *
Disallow: /""") + "a.test /* ok\n"
    with Web(rules) as web:
        polite(web, """
            http://a.test/no-listwatch  ok       ok
            http://a.test/no-linkrotd   skipped  robots_disallowed
        """)
        polite(web, """
            http://a.test/no-listwatch  skipped  robots_disallowed
            http://a.test/no-linkrotd   ok       ok
        """, "--user-agent", "listwatch/2.0 (+https://example.org/bot)")
        polite(web, """
            http://a.test/no-listwatch  skipped  robots_disallowed
            http://a.test/no-linkrotd   skipped  robots_disallowed
        """, "-u", "Somebody/1.0 (+https://example.org/bot)")


@alone
def test_crawl_delay():
    """The starts of that host are as far apart as it wishes, and of no other."""
    with Web(robots("slow.test", "User-agent: *\nCrawl-delay: 1")
             + robots("half.test", "User-agent: *\nCrawl-delay: 0.5")
             + "slow.test /* ok\nhalf.test /* ok\nfast.test /* ok\n") as web:
        urls = [f"http://{host}.test/{n}" for n in range(3) for host in ("slow", "half", "fast")]
        run = web.check(urls, "--polite", "--host-request-interval", "10ms")
        for host, least in (("slow.test", 1000), ("half.test", 500)):
            times = [entry["at"] for entry in web.requests(host)]
            equal(len(times), 3, f"requests to {host}")
            gaps = [after - before for before, after in zip(times, times[1:])]
            check_that(min(gaps) >= least * MS - JITTER_US, f"{host}: gaps {gaps} µs")
        fast = [entry["at"] for entry in web.requests("fast.test")]
        check_that(max(fast) - min(fast) < 500 * MS, "the host without a wish waited")
        check_that(run.seconds < 8, f"took {run.seconds:.1f} s")
    with Web(robots("slow.test", "User-agent: *\nCrawl-delay: 5") + "slow.test /* ok\n") as web:
        run = web.check([f"http://slow.test/{n}" for n in range(3)])
        check_that(run.seconds < 4, f"without --polite it took {run.seconds:.1f} s")


@alone
def test_it_is_paced_like_the_rest():
    rules = robots("a.test", "User-agent: *\nDisallow: /private")
    with Web(rules + "a.test /* ok delay=0.02\nwww.a.test /* ok\n") as web:
        urls = [f"{scheme}://{host}/{n}" for n in range(4)
                for host in ("a.test", "www.a.test") for scheme in ("http", "https")]
        web.check(urls, "--polite", "--host-request-interval", "40ms", "--host-concurrency", "2")
        judge_pace(web.log(), 2, 40 * MS)
        equal(len(web.robots()), 4, "requests for robots.txt")


def test_questions_about_siblings_obey_it():
    """A page that is allowed in a directory that is not: nothing else there is asked, and nothing is held
    against the page."""
    with Web(robots("a.test", "User-agent: *\nAllow: /dir/page$\nDisallow: /dir/")
             + "a.test /dir/* catch-all\na.test /open/* catch-all\n") as web:
        polite(web, """
            http://a.test/dir/page   ok      ok
            http://a.test/open/page  broken  soft_404
        """)
        equal({entry["path"].split("/")[1] for entry in web.siblings()}, {"open"}, "directories with a sibling asked for")


def test_a_month_of_trouble_is_no_wish():
    """A dead server answers 503 for robots.txt, too: after a month its pages are asked, and found dead (RFC 9309 2.3.1.4)."""
    def failing_since(change=None):
        with closing(sqlite3.connect(daemon.database)) as database:
            if change is not None:
                database.execute("UPDATE host SET robots_read_at = ?", (change,))
                database.commit()
            return database.execute("SELECT robots_read_at FROM host WHERE robots_read_at > 0").fetchall()

    with Web("a.test /robots.txt status code=503\na.test /* status code=404") as web:
        daemon = Daemon(web, "- <http://a.test/x>\n", interval="7d")
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        web.write("linkrotd.yaml", text.replace("robots: ignore", "robots: obey"))
        with daemon:
            daemon.wait(lambda links: len(links) == 1)
            daemon.ask("recheck", "--list", "links")
            daemon.wait(lambda links: links["http://a.test/x"]["reason"] == "robots_disallowed")
        now = int(time.time() * 1000)
        (since,), = failing_since()
        check_that(now - 60_000 <= since <= now, f"failing since {since}, now is {now}")
        failing_since(now - 31 * 86_400_000)
        with daemon:
            daemon.ready().ask("recheck", "--list", "links")
            daemon.wait(lambda links: links["http://a.test/x"]["reason"] == "http_404")
