"""When a host has had enough: budgets that it names, long rests, circuit breakers; what others notice of it
(nothing), and what --host-stats says of it all."""

import sqlite3
import time
from contextlib import closing

from harness import Web, alone, check_that, equal
from test_politeness import JITTER_US, MS, judge as judge_pace
from watch import Daemon

SECOND = 1000 * MS


@alone
def test_a_budget_that_is_used_up():
    """RateLimit-Remaining: 0 and two seconds to go: that host rests so long, the other does not."""
    with Web("""
        a.test /* ok first=1 header="RateLimit-Remaining: 0" header="RateLimit-Reset: 2"
        a.test /* ok
        b.test /* ok
    """) as web:
        run = web.check([f"http://{host}.test/{n}" for n in range(5) for host in ("a", "b")], "--host-concurrency", "1")
        for link in run.links:
            equal(link["outcome"], "ok", link["url"])
        first, second = [entry["at"] for entry in web.requests_of_any_kind("a.test")][:2]
        check_that(second - first >= 2 * SECOND - JITTER_US, f"asked again after {(second - first) / SECOND:.2f} s")
        others = [entry["at"] for entry in web.requests("b.test")]
        check_that(max(others) - min(others) < SECOND, "the other host waited too")


def test_a_budget_that_is_not_used_up():
    with Web("""
        a.test /* ok header="RateLimit-Limit: 100" header="RateLimit-Remaining: 57" header="RateLimit-Reset: 50"
    """) as web:
        run = web.judge("".join(f"http://a.test/{n} ok ok\n" for n in range(10)), "--host-concurrency", "1")
        check_that(run.seconds < 3, f"took {run.seconds:.1f} s")


def test_a_budget_that_nobody_can_wait_for():
    """An hour, or nonsense: the run ends, and nothing is called bad."""
    for reset in ("3600", "99999999999999999999", "-5", "soon"):
        with Web(f'a.test /* ok header="RateLimit-Remaining: 0" header="RateLimit-Reset: {reset}"\nb.test /* ok') as web:
            run = web.judge("".join(f"http://a.test/{n} ok|gated ok|rate_limited\nhttp://b.test/{n} ok ok\n"
                                    for n in range(5)), "--host-concurrency", "1", status=0)
            check_that(run.seconds < 5, f"took {run.seconds:.1f} s with a reset of {reset}")


@alone
def test_a_long_rest_costs_nobody_else_time():
    """One host says 429, come back in an hour; 200 links elsewhere take the time that they would take."""
    good = [f"http://h{host}.test/{n}" for n in range(10) for host in range(20)]
    refused = [f"http://limited.test/{n}" for n in range(40)]
    table = "limited.test /* status code=429 retry_after=3600\n" \
        + "".join(f"h{n}.test /* ok delay=0.03\n" for n in range(20))
    options = ["--host-request-interval", "100ms", "--host-concurrency", "2", "--max-retries", "2",
               "--max-concurrency", "8"]
    spans = []
    for links in (good, [url for pair in zip(good, refused + good) for url in reversed(pair)]):
        with Web(table) as web:
            run = web.check(list(dict.fromkeys(links)), *options)
            times = [entry["at"] for entry in web.requests() if entry["host"] != "limited.test"]
            spans.append(run.seconds)
            equal(len(times), 200, "requests elsewhere")
            for link in run.links:
                wanted = ("gated", "rate_limited") if "limited" in link["url"] else ("ok", "ok")
                equal((link["outcome"], link["reason"]), wanted, link["url"])
            check_that(len(web.requests("limited.test")) <= 2, f"asked {len(web.requests('limited.test'))} times")
    ratio = spans[1] / spans[0]
    check_that(ratio <= 1.3, f"{spans[1]:.2f} s, and {spans[0]:.2f} s without that host")
    return f"ratio {ratio:.2f}"


def expect_left_alone(trouble, words, *options, host_line=""):
    """Thirty links of a host in trouble and thirty of one that is well; returns the run and the web."""
    with Web(f"{host_line}down.test /* {trouble}\nwell.test /* ok\n") as web:
        run = web.judge("".join(f"http://down.test/{n} {words}\nhttp://well.test/{n} ok ok\n" for n in range(30)),
                        "--host-concurrency", "1", *options, status=2)
        asked = sum(entry["address"].startswith("127.1.") for entry in web.log("accept")) if host_line \
            else len(web.requests("down.test"))
        return run, asked


def test_a_host_that_is_down_is_left_alone():
    """Asked a few times, then the rest ends with the same reason, unasked."""
    _, asked = expect_left_alone("status code=503", "unreachable http_5xx")
    check_that(2 <= asked <= 10, f"503: asked {asked} times for 30 links")
    _, asked = expect_left_alone("status code=503", "unreachable http_5xx", "--max-retries", "2")
    check_that(2 <= asked <= 24, f"503 with retries: asked {asked} times for 30 links")  # 5 * 3, 3 scouts * 3
    _, asked = expect_left_alone("ok", "unreachable connect_reset", host_line="host down.test port=reset\n")
    check_that(2 <= asked <= 10, f"resets: asked {asked} times for 30 links")
    expect_left_alone("ok", "unreachable connect_refused", host_line="host down.test port=refused\n")


def test_a_host_that_swallows_everything_is_left_alone():
    """Thirty time-outs of two seconds each would be a minute."""
    run, _ = expect_left_alone("ok", "unreachable connect_timeout|timeout", "--timeout", "2s",
                               host_line="host down.test port=blackhole\n")
    check_that(run.seconds < 30, f"took {run.seconds:.1f} s")
    run, asked = expect_left_alone("hang", "unreachable timeout", "--timeout", "2s")
    check_that(run.seconds < 30 and asked <= 10, f"took {run.seconds:.1f} s, asked {asked} times")


def test_what_is_no_trouble_of_the_host():
    """Pages that are missing or forbidden, and a page in trouble now and then, stop nobody."""
    with Web("""
        missing.test /* status code=404
        shut.test    /* status code=403
        mixed.test   /bad* status code=503
        mixed.test   /* ok
    """) as web:
        web.judge("".join(f"http://missing.test/{n}    broken       http_404\n"
                          f"http://shut.test/{n}       gated        forbidden\n"
                          f"http://mixed.test/{n}      ok           ok\n"
                          f"http://mixed.test/bad{n}   unreachable  http_5xx\n" for n in range(15)),
                  "--host-concurrency", "1")
        equal(len(web.requests("missing.test")), 15, "requests for missing pages")
        equal(len(web.requests("mixed.test")), 30, "requests for pages in trouble now and then")


@alone
def test_questions_of_our_own_keep_the_pace():
    """Siblings, robots.txt, retries and hops: one host, one pace."""
    with Web("""
        a.test     /robots.txt raw body="User-agent: *\\nDisallow: /no\\n"
        a.test     /moved/* redirect to=/there/1
        a.test     /flaky/* status code=503 first=1
        a.test     /one/*   catch-all
        a.test     /*       ok delay=0.02
        www.a.test /*       ok
    """) as web:
        urls = [f"http://{host}/{directory}/{n}" for n in range(2) for directory in ("one", "two", "moved", "flaky")
                for host in ("a.test", "www.a.test")]
        web.check(urls, "--polite", "--host-request-interval", "40ms", "--host-concurrency", "2", "--max-retries", "1")
        judge_pace(web.log(), 2, 40 * MS)
        check_that(web.siblings() and web.robots(), "there were such questions")


STATS = """
    a.test /moved redirect code=302 to=http://b.test/there
    a.test /* ok
    b.test /there ok
    b.test /flaky status code=503 first=1
    b.test /flaky ok
    c.test /gone status code=404
"""
STATS_LINKS = ["http://a.test/moved", "http://a.test/x", "http://b.test/flaky", "http://c.test/gone"]


def test_host_stats():
    """What each host was asked, as its own log has it: hops, retries and questions of our own included."""
    with Web(STATS) as web:
        run = web.check(STATS_LINKS, "--max-retries", "1", "--host-stats")
        found = {entry["host"]: entry["requests"] for entry in run.report["host_stats"]}
        seen = {host: len(web.requests_of_any_kind(host)) for host in ("a.test", "b.test", "c.test")}
        equal(found, seen, "requests of each host")
    with Web(STATS) as web:
        web.write("list.md", "".join(f"<{url}>\n" for url in STATS_LINKS))
        out = web.run("--host-request-interval", "0ms", "--max-retries", "1", "--host-stats", "list.md").stdout
        for host in ("a.test", "b.test", "c.test"):
            asked = str(len(web.requests_of_any_kind(host)))
            lines = [line.split() for line in out.splitlines() if host in line.split()]
            check_that(any(asked in words for words in lines), f"a line for {host} with its {asked} requests in {out!r}")


def test_no_host_stats_unless_asked():
    with Web(STATS) as web:
        run = web.check(STATS_LINKS)
        check_that(not run.report.get("host_stats"), "host_stats")


def test_broken_pages_do_not_condemn_their_host():
    """Seven in trouble, first in the list, and thirty good ones of the same directory."""
    for trouble, words in (("status code=503", "unreachable http_5xx"), ("reset", "unreachable connect_reset"),
                           ("hang", "unreachable timeout")):
        with Web(f"a.test /cgi* {trouble}\na.test /* ok\n") as web:
            web.judge("".join(f"http://a.test/cgi{n} {words}\n" for n in range(7))
                      + "".join(f"http://a.test/page{n} ok ok\n" for n in range(30)),
                      "--host-concurrency", "2", "--timeout", "2s", "--max-retries", "1")


def test_scouts_try_again_like_others():
    """Five links that are broken for good; the others answer when they are asked a second time."""
    pages = "".join(f"a.test /page{n} status code=503 first=1\n" for n in range(10))
    with Web(f"{pages}a.test /cgi* status code=503\na.test /* ok\n") as web:
        web.judge("".join(f"http://a.test/cgi{n} unreachable http_5xx\n" for n in range(5))
                  + "".join(f"http://a.test/page{n} ok ok\n" for n in range(10)),
                  "--host-concurrency", "1", "--max-retries", "1")


def test_a_wall_of_403_is_no_challenge():
    """Those that were not asked end as those before them did."""
    with Web("a.test /* status code=403\n") as web:
        web.judge("".join(f"http://a.test/{n} gated forbidden\n" for n in range(12)), "--polite", "--host-request-interval", "1ms")
        check_that(len(web.requests("a.test")) < 12, "all were asked")


@alone
def test_a_host_in_haste_is_asked_more_slowly():
    """It takes one request a second: after its first refusals it gets no more than that, instead of one in two too early."""
    with Web("a.test /* bucket seconds=1\n") as web:
        run = web.check([f"http://a.test/{n}" for n in range(12)], "--host-request-interval", "50ms", "--max-retries", "2")
        refused = sum(entry["status"] == 429 for entry in web.log("done"))
        equal([link["outcome"] for link in run.links], ["ok"] * 12, "outcomes")
        check_that(refused <= 4, f"{refused} refused of {len(web.requests('a.test'))}")
        return f"{refused} refused of {len(web.requests('a.test'))}"


def test_a_long_wish_ends_the_neighbours_as_it_ends_the_link():
    """503 is no rate limit, whoever was asked; 429 is one."""
    for code, words in ((503, "unreachable http_5xx"), (429, "gated rate_limited")):
        with Web(f"a.test /* status code={code} retry_after=3600\n") as web:
            run = web.judge("".join(f"http://a.test/{n} {words}\n" for n in range(12)), "--host-concurrency", "1")
            asked = len(web.requests("a.test"))
            check_that(asked <= 2, f"asked {asked} times")
            unasked = [link for link in run.links if link["http_status"] is None]
            check_that(all("not asked" in link["error"] for link in unasked), f"what is said: {unasked[0]['error']!r}")


def test_who_was_asked_before_is_judged_by_that():
    """Their second try never comes, because the host asks for an hour's rest between."""
    with Web("""
        a.test /busy    status code=500
        a.test /late    status code=408
        a.test /enough  status code=429 retry_after=3600
        a.test /*       ok
    """) as web:
        run = web.judge("""
            http://a.test/busy    unreachable  http_5xx
            http://a.test/late    unreachable  http_4xx
            http://a.test/enough  gated        rate_limited
            http://a.test/more    gated        rate_limited
        """, "--host-concurrency", "1", "--max-retries", "1")
        equal([entry["path"] for entry in web.requests("a.test")], ["/busy", "/late", "/enough"], "asked")
        for path, status in (("busy", 500), ("late", 408)):
            equal(run.link(f"http://a.test/{path}")["http_status"], status, "http_status")


def test_own_headers_stay_with_their_host():
    """With or without www., but no other host of the domain gets what was meant for this one."""
    with Web("""
        a.test      /sister redirect to=http://evil.a.test/x
        a.test      /www    redirect to=http://www.a.test/x
        evil.a.test /x      ok
        www.a.test  /x      ok
    """) as web:
        web.judge("http://a.test/sister ok *\nhttp://a.test/www ok *\n", "-H", "Authorization: Bearer s3cret")
        got = {entry["host"]: "authorization" in entry["headers"] for entry in web.requests()}
        equal(got, {"a.test": True, "evil.a.test": False, "www.a.test": True}, "who got the header")


def test_half_open_is_one_request():
    """A host in trouble is closed for an hour; after that one check goes ahead, and closes it for the next pause, of four."""
    def look(checks):
        daemon.wait(lambda links: len(links) == 12)
        equal(daemon.ask("recheck", "--list", "links").stdout.strip(), "12 links are due now", "recheck")
        daemon.wait(lambda links: all(link["checks"] == checks for link in links.values()))

    def opened():
        with closing(sqlite3.connect(daemon.database)) as database:
            return database.execute("SELECT breaker_opened, breaker_until FROM host WHERE breaker_opened > 0").fetchall()

    with Web("a.test /* status code=503 delay=0.3") as web:
        daemon = Daemon(web, "".join(f"- <http://a.test/{n}/{n}>\n" for n in range(12)))
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        web.write("linkrotd.yaml", text.replace("host_concurrency: 16", "host_concurrency: 1"))
        with daemon:
            look(1)
        equal([times for times, _ in opened()], [1], "times that it was closed")
        asked = len(web.requests("a.test"))
        with closing(sqlite3.connect(daemon.database)) as database:
            database.execute("UPDATE host SET breaker_until = ?", (int(time.time() * 1000) - 1000,))
            database.commit()
        with daemon:
            daemon.ready()
            look(2)
        equal(len(web.requests("a.test")) - asked, 1, "requests after the pause")
        (times, until), = opened()
        equal((times, round((until / 1000 - time.time()) / 3600)), (2, 4), "times that it was closed, and hours")
