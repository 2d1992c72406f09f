"""Asking again: when, how often, how long to wait, and when not."""

from harness import Web, alone, check_that, equal

SECOND = 1_000_000


def starts(web, path):
    return [entry["at"] for entry in web.requests(path=path)]


def test_how_often():
    """A final answer is never asked twice; trouble is, up to --max-retries."""
    with Web("""
        a.test /404   status code=404
        b.test /500   status code=500
        c.test /503   status code=503
        d.test /403   status code=403
        e.test /reset reset
        f.test /hang  hang
    """) as web:
        urls = ["http://a.test/404", "http://b.test/500", "http://c.test/503", "http://d.test/403",
                "http://e.test/reset", "http://f.test/hang"]
        web.check(urls, "--max-retries", "2", "--timeout", "2s")
        found = {path: len(starts(web, path)) for path in ("/404", "/500", "/503", "/403", "/reset", "/hang")}
        equal(found, {"/404": 1, "/500": 3, "/503": 3, "/403": 1, "/reset": 3, "/hang": 3}, "requests")


def test_no_retries():
    with Web("a.test /503 status code=503\nb.test /503 status code=503 first=1\nb.test /503 ok") as web:
        web.judge("""
            http://a.test/503  unreachable  http_5xx
            http://b.test/503  unreachable  http_5xx
        """, "--max-retries", "0")
        equal(len(web.requests()), 2, "requests")


def test_trouble_that_passes():
    with Web("""
        a.test / status code=503 first=2
        a.test / ok
        b.test / reset first=1
        b.test / ok
        c.test / close first=1
        c.test / ok
        d.test / hang first=1
        d.test / ok
        e.test / reset after=status first=1
        e.test / ok
        f.test / status code=429 first=1
        f.test / ok
        g.test / status code=408 first=1
        g.test / ok
        h.test / status code=529 first=2
        h.test / ok
        i.test / status code=508 first=1
        i.test / ok
    """) as web:
        web.judge("".join(f"http://{host}.test/ ok ok\n" for host in "abcdefghi"),
                  "--max-retries", "2", "--timeout", "3s", status=0)


def test_short_retry_after_is_kept():
    """As seconds and as each of the three forms of a date."""
    with Web("""
        a.test / status code=503 retry_after=1 first=1
        a.test / ok
        b.test / status code=429 retry_after=imf+2 first=1
        b.test / ok
        c.test / status code=503 retry_after=rfc850+2 first=1
        c.test / ok
        d.test / status code=429 retry_after=asctime+2 first=1
        d.test / ok
    """) as web:
        web.judge("".join(f"http://{host}.test/ ok ok\n" for host in "abcd"), "--max-retries", "1", status=0)
        for host in "abcd":
            times = [entry["at"] for entry in web.requests(f"{host}.test")]
            equal(len(times), 2, f"requests to {host}.test")
            check_that(times[1] - times[0] >= SECOND, f"{host}.test was asked again after {times[1] - times[0]} µs")


def test_long_retry_after_is_not_waited_for():
    with Web("""
        a.test / status code=429 retry_after=3600
        b.test / status code=503 retry_after=3600
        c.test / status code=429 retry_after=99999999999999
        d.test / status code=429 retry_after=imf+7200
        e.test / status code=503 retry_after=31
    """) as web:
        run = web.judge("""
            http://a.test/  gated        rate_limited
            http://b.test/  unreachable  http_5xx
            http://c.test/  gated        rate_limited
            http://d.test/  gated        rate_limited
            http://e.test/  unreachable  http_5xx
        """, "--max-retries", "2")
        equal(len(web.requests()), 5, "requests")
        check_that(run.seconds < 5, f"took {run.seconds:.1f} s")


def test_nonsense_in_retry_after():
    with Web("""
        a.test / status code=503 retry_after=soon first=1
        a.test / ok
        b.test / status code=429 retry_after=-5 first=1
        b.test / ok
        c.test / status code=429 retry_after=imf+-86400 first=1
        c.test / ok
        d.test / status code=503 retry_after="" first=1
        d.test / ok
    """) as web:
        run = web.judge("".join(f"http://{host}.test/ ok ok\n" for host in "abcd"), "--max-retries", "2", status=0)
        check_that(run.seconds < 15, f"took {run.seconds:.1f} s")


@alone
def test_retry_after_is_the_hosts_not_the_urls():
    """While one URL must wait, nothing else of that host is asked."""
    with Web("""
        a.test /0 status code=429 retry_after=2 first=1
        a.test /* ok
    """) as web:
        run = web.check([f"http://a.test/{number}" for number in range(6)], "--max-retries", "1",
                        "--host-concurrency", "1")
        for link in run.links:
            equal(link["outcome"], "ok", link["url"])
        refused = starts(web, "/0")[0]
        early = [entry["path"] for entry in web.requests() if refused < entry["at"] < refused + 2 * SECOND]
        equal(early, [], "requests during the two seconds")


def test_a_host_that_sends_everybody_away():
    """The run ends at once, and no link of that host is called bad."""
    with Web("""
        a.test /* status code=429 retry_after=3600
        b.test /* ok
    """) as web:
        run = web.check([f"http://{host}.test/{number}" for number in range(8) for host in "ab"],
                        "--host-concurrency", "1", "--max-retries", "2")
        for link in run.links:
            wanted = ("gated", "rate_limited") if "a.test" in link["url"] else ("ok", "ok")
            equal((link["outcome"], link["reason"]), wanted, link["url"])
        check_that(run.seconds < 10, f"took {run.seconds:.1f} s")


def test_an_answer_to_nothing():
    """What a server says on a kept connection before it is asked again is not the answer to what is asked next."""
    with Web("a.test /* talkative\n") as web:
        web.judge("".join(f"{scheme}://a.test/{n} ok ok\n" for scheme in ("http", "https") for n in range(4)),
                  "--host-concurrency", "1", "--host-request-interval", "150ms")
        return f"{len(web.requests('a.test'))} requests"
