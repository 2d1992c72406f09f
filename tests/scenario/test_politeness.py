"""The promise kept to servers, judged from their own log: per registrable domain never more requests at a time
than allowed, and never two starts closer than the interval."""

import random

from harness import Web, alone, check_that, long

MS = 1000
# What the clocks of the log may be off: a start is the arrival of the last byte of a request.
JITTER_US = 200


def domain(host):
    return ".".join(host.split(".")[-2:])


def judge(log, concurrency, interval_us):
    """(most at a time, smallest gap in µs) over all domains, after comparing each with its limits."""
    names = {}
    starts, active = {}, {}
    most, smallest = 0, None
    for entry in sorted((e for e in log if e["event"] in ("request", "done")),
                        key=lambda e: (e["at"], e["event"] == "request")):
        if entry["event"] == "request":
            name = names[entry["request"]] = domain(entry["host"])
            active[name] = active.get(name, 0) + 1
            most = max(most, active[name])
            if starts.get(name) is not None:
                gap = entry["at"] - starts[name]
                smallest = gap if smallest is None else min(smallest, gap)
                check_that(gap >= interval_us - JITTER_US,
                           f"{name}: two requests {gap} µs apart (limit {interval_us}), the second {entry['path']}")
            starts[name] = entry["at"]
            check_that(active[name] <= concurrency, f"{name}: {active[name]} requests at a time (limit {concurrency})")
        elif entry["request"] in names:
            active[names[entry["request"]]] -= 1
    return most, smallest


def span_s(log):
    times = [entry["at"] for entry in log if entry["event"] in ("request", "done")]
    return (max(times) - min(times)) / 1e6


def within(log, ideal_s, run):
    """The wall time is at most a tenth above what the limits allow (and a start-up)."""
    allowed = ideal_s * 1.1 + 0.15
    check_that(span_s(log) <= allowed, f"{span_s(log):.2f} s between first and last; the limits allow {ideal_s:.2f} s")
    run.within_memory(20_480)
    return f"{span_s(log):.2f} s where {ideal_s:.2f} s is ideal, {run.rss_kb} kB"


TWO = """
    * /slow* ok delay=0.08
    * /moved* redirect code=302 to=/slow-target
    * /flaky* status code=503 first=1
    * /flaky* ok
    * /* ok
    host one.test
    host www.one.test
    host two.test
"""


def links(hosts, count, path="/"):
    return [f"http://{host}{path}{number}" for number in range(count) for host in hosts]


def pace(concurrency, interval):
    return ["--host-concurrency", str(concurrency), "--host-request-interval", interval, "--max-retries", "1"]


@alone
def test_intervals_and_concurrencies():
    """Names of one domain count together; redirects and retries wait their turn like everything else."""
    told = []
    for concurrency, interval_ms in ((1, 20), (2, 50), (4, 10), (1, 0), (3, 0)):
        with Web(TWO) as web:
            wanted = links(["one.test", "www.one.test", "two.test"], 8, "/slow") \
                + links(["one.test", "www.one.test"], 4) + links(["two.test", "www.one.test"], 3, "/moved") \
                + links(["one.test"], 1, "/flaky")
            random.Random(7).shuffle(wanted)
            web.check(wanted, *pace(concurrency, f"{interval_ms}ms"))
            most, smallest = judge(web.log(), concurrency, interval_ms * MS)
            told.append(f"{concurrency}/{interval_ms}ms: {most} at a time, {smallest} µs")
    return "; ".join(told)


@alone
def test_pace_over_tls():
    with Web(TWO) as web:
        web.check([f"https://one.test/{number}" for number in range(20)], *pace(2, "30ms"))
        judge(web.log(), 2, 30 * MS)


@alone
def test_default_pace():
    """Without options: two at a time, a quarter of a second between."""
    with Web(TWO) as web:
        web.check(links(["one.test"], 6, "/slow"), quick=False)
        judge(web.log(), 2, 250 * MS)


@alone
def test_a_shared_platform_is_one_host():
    """Sites of github.io are one server's load."""
    with Web("".join(f"user{n}.github.io /* ok\n" for n in range(6)) + "github.com /* ok") as web:
        web.check([f"http://user{n}.github.io/" for n in range(6)] + ["http://github.com/x"], *pace(1, "40ms"))
        log = [dict(entry, host="github.shared") if "host" in entry else entry for entry in web.log()]
        judge(log, 1, 40 * MS)


@alone
def test_polite_keeps_the_pace_of_known_hosts():
    """--polite: some hosts are asked as slowly as they wish, whatever the options say."""
    with Web("www.semanticscholar.org /* ok\nplain.test /* ok") as web:
        urls = links(["www.semanticscholar.org", "plain.test"], 3)
        web.check(urls, *pace(4, "10ms"), "--polite")
        times = [entry["at"] for entry in web.requests("www.semanticscholar.org") if entry["path"] != "/robots.txt"]
        gaps = [after - before for before, after in zip(times, times[1:])]
        check_that(len(gaps) == 2 and min(gaps) >= 1_000_000 - JITTER_US, f"gaps {gaps} µs")
    with Web("www.semanticscholar.org /* ok") as web:
        run = web.check(links(["www.semanticscholar.org"], 3), *pace(4, "10ms"))
        check_that(run.seconds < 2, f"without --polite it took {run.seconds:.1f} s")


@alone
def test_a_dead_name_server_delays_nobody_else():
    with Web("".join(f"host silent{n}.test dns=silent\n" for n in range(10)) + "fast.test /* ok") as web:
        web.check([f"http://silent{n}.test/" for n in range(10)] + links(["fast.test"], 20),
                  "--max-concurrency", "4", "--timeout", "2s")
        asked = [entry["at"] for entry in web.log("dns")]
        fast = [entry["at"] for entry in web.requests("fast.test")]
        check_that(max(fast) - min(asked) < 1_000_000,
                   f"the fast host was done {(max(fast) - min(asked)) / 1e6:.2f} s after the start")


@alone
def test_a_slow_host_delays_nobody_else():
    """Requests that wait for their host hold no place in the total."""
    with Web("slow.test /* ok delay=0.2\nfast.test /* ok") as web:
        run = web.check(links(["slow.test"], 12) + links(["fast.test"], 40),
                        "--max-concurrency", "4", "--host-concurrency", "1", "--host-request-interval", "2ms")
        fast = [entry["at"] for entry in web.requests("fast.test")]
        slow = [entry["at"] for entry in web.requests("slow.test")]
        check_that(max(fast) - min(slow) < 1_000_000,
                   f"the fast host was done {(max(fast) - min(slow)) / 1e6:.2f} s after the start")
        check_that(run.seconds < 5, f"took {run.seconds:.1f} s")


@alone
def test_one_host_at_full_pace():
    """400 links, 50 ms each, 10 at a time, 10 ms apart."""
    with Web("one.test /* ok delay=0.05") as web:
        run = web.check(links(["one.test"], 400), *pace(10, "10ms"), "--timeout", "5s")
        judge(web.log(), 10, 10 * MS)
        return within(web.log(), 399 * 0.010 + 0.05, run)


@alone
def test_twenty_hosts_at_full_pace():
    with Web("".join(f"host h{n}.test\n" for n in range(20)) + "* /* ok delay=0.05") as web:
        run = web.check(links([f"h{n}.test" for n in range(20)], 30), *pace(10, "50ms"), "--timeout", "5s")
        judge(web.log(), 10, 50 * MS)
        return within(web.log(), 29 * 0.050 + 0.05, run)


@alone
def test_concurrency_alone_at_full_pace():
    """No interval: the limit is the number at a time."""
    with Web("one.test /* ok delay=0.05") as web:
        run = web.check(links(["one.test"], 300), *pace(10, "0ms"), "--timeout", "5s")
        judge(web.log(), 10, 0)
        return within(web.log(), 300 / 10 * 0.052, run)


@long
def test_2000_links_on_one_host():
    with Web("one.test /* ok delay=0.05") as web:
        run = web.check(links(["one.test"], 2000), *pace(10, "10ms"), "--timeout", "5s")
        judge(web.log(), 10, 10 * MS)
        return within(web.log(), 1999 * 0.010 + 0.05, run)


@long
def test_2000_links_on_twenty_hosts():
    with Web("".join(f"host h{n}.test\n" for n in range(20)) + "* /* ok delay=0.05") as web:
        run = web.check(links([f"h{n}.test" for n in range(20)], 100), *pace(10, "50ms"), "--timeout", "5s")
        judge(web.log(), 10, 50 * MS)
        return within(web.log(), 99 * 0.050 + 0.05, run)
