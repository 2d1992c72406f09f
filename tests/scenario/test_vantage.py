"""Is it us? When nothing can be reached from here, no link is called bad, and the run says so itself."""

import contextlib
import socket

from harness import Web, check_that, equal

# Unrelated: no two share a domain or an owner.
HOSTS = ["alpha.test", "bravo.example.org", "charlie.example.net", "delta.info", "echo.dev", "foxtrot.io", "golf.ac.uk"]


def each(words, scheme="http"):
    return "".join(f"{scheme}://{host}/page {words}\n" for host in HOSTS)


def offline(web, *options, scheme="http"):
    """All are skipped, the run failed, and one sentence on standard error says why."""
    run = web.judge(each("skipped offline", scheme), "--timeout", "3s", *options, status=1)
    equal(run.report["summary"]["skipped"], len(HOSTS), "skipped in the summary")
    lines = run.stderr.strip().split("\n")
    equal(len(lines), 1, f"lines on standard error {run.stderr!r}")
    check_that(len(lines[0].split()) >= 4, f"a sentence: {lines[0]!r}")
    return run


@contextlib.contextmanager
def udp_port(listens):
    """A port of our own where nobody answers: it is open and silent, or closed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        if not listens:
            sock.close()
        yield port


def test_a_dead_name_server():
    for listens in (False, True):
        with Web("* /* ok") as web, udp_port(listens) as port:
            web.change_option("--resolver", f"127.0.0.1:{port}")
            run = offline(web)
            check_that(run.seconds < 12, f"took {run.seconds:.1f} s")
            equal(web.log(), [], "what the web saw")


def test_a_name_server_that_knows_nobody():
    """It answers, but cannot reach the world itself."""
    for word in ("servfail", "refused", "silent"):
        with Web(f"host * dns={word}") as web:
            offline(web)


def test_a_name_server_that_denies_everything():
    """Not even a name that is always there is known to it; but four dead names prove nothing."""
    with Web("host * dns=nxdomain") as web:
        offline(web)
        web.judge("".join(f"http://{host}/page broken dns_nxdomain\n" for host in HOSTS[:4]), status=2)
    with Web("host a.root-servers.net address=127.1.60.1\nhost * dns=nxdomain") as web:
        web.judge(each("broken dns_nxdomain"), status=2)


def test_everybody_refuses():
    for word in ("refused", "blackhole"):
        with Web("".join(f"host {host} port={word}\n" for host in HOSTS)) as web:
            run = offline(web)
            check_that(run.seconds < 12, f"took {run.seconds:.1f} s")


def test_no_way_out():
    with Web("".join(f"host {host} address=255.255.255.255\n" for host in HOSTS)) as web:
        offline(web, "--allow-address", "255.255.255.255/32")


def test_a_portal_sends_everybody_to_its_door():
    with Web("""
        host * address=127.1.50.1
        portal.hotel.test /* login title="Welcome to our network"
        * /* redirect code=302 to="http://portal.hotel.test/login?from={url}"
    """) as web:
        offline(web)


def test_a_portal_answers_for_everybody():
    """With the status that was made for it (RFC 6585)."""
    with Web("host * address=127.1.50.1\n* /* status code=511") as web:
        offline(web)


def test_a_portal_shows_its_page_to_everybody():
    """Under every name the same (field notes, rot-and-papers 3.8)."""
    with Web("""
        host * address=127.1.50.1
        * /* ok title="Hotel network" body="<h1>Welcome</h1><p>Please accept the terms of use to go on line here.</p>"
    """) as web:
        offline(web)


def test_many_dead_hosts_and_one_that_lives():
    """Then the network works, and they are dead."""
    with Web("".join(f"host {host} port=refused\n" for host in HOSTS) + "fine.test /page ok\n") as web:
        run = web.judge(each("unreachable connect_refused") + "http://fine.test/page ok ok\n", status=2)
        equal(run.stderr, "", "standard error")


def test_a_mixed_list_of_failures():
    """Different troubles of different hosts are theirs, not ours: somebody answered."""
    with Web("""
        host gone.test     dns=nxdomain
        host lame.test     dns=servfail
        host refused.test  port=refused
        host hole.test     port=blackhole
        host expired.test  tls=expired
        missing.test /page status code=404
        broken.test  /page status code=500
    """) as web:
        web.judge("""
            http://gone.test/page      broken       dns_nxdomain
            http://lame.test/page      unreachable  dns_servfail
            http://refused.test/page   unreachable  connect_refused
            http://hole.test/page      unreachable  connect_timeout|timeout
            https://expired.test/page  broken       tls_expired
            http://missing.test/page   broken       http_404
            http://broken.test/page    unreachable  http_5xx
        """, "--timeout", "3s", status=2)


def test_too_few_to_tell():
    """One dead host, asked often, or two of them, are no outage."""
    with Web("host a.test port=refused\nhost www.a.test port=refused\nhost b.test dns=servfail\n") as web:
        web.judge("".join(f"http://{host}.test/{n} unreachable connect_refused\n"
                          for n in range(8) for host in ("a", "www.a")), status=2)
        web.judge("http://b.test/ unreachable dns_servfail\nhttp://a.test/ unreachable connect_refused\n", status=2)


def test_one_dead_host_among_good_ones():
    with Web("host dead.test port=refused\n" + "".join(f"{host} /page ok\n" for host in HOSTS)) as web:
        web.judge(each("ok ok") + "http://dead.test/page unreachable connect_refused\n", status=2)


def test_many_that_moved_to_one_house():
    """That is no portal: each page is there, and each is another."""
    with Web("".join(f"{host} /page redirect code=301 to=http://foundation.test/{host}\n" for host in HOSTS)
             + "".join(f"foundation.test /{host} ok title=\"The project {host}\"\n" for host in HOSTS)) as web:
        web.judge(each("moved redirect_permanent"), status=0)


def test_many_that_want_a_login():
    """Each has its own door."""
    table = "".join(f"{host} /page redirect code=302 to=/login?next=/page\n{host} /login login\n" for host in HOSTS)
    with Web(table) as web:
        web.judge(each("gated challenge"), status=0)


CLOCKS = """
    host early.test   tls=not-yet-valid
    host expired.test tls=expired
    host good.test
    good.test /* ok {0}
    early.test /* ok {0}
    expired.test /* ok {0}
"""


def clocks(header):
    return CLOCKS.format(header) + "".join(f"{host} /page ok {header}\n" for host in HOSTS)


def test_our_clock_is_slow():
    """All servers say that it is three days later: a certificate that begins tomorrow is good there."""
    with Web(clocks('header="Date: {date+3d}"')) as web:
        run = web.judge(each("ok ok") + """
            https://early.test/x    ok|unreachable|skipped  *
            https://expired.test/x  broken                  tls_expired
        """)
        said = run.stderr + str(run.link("https://early.test/x")["error"])
        check_that("clock" in said, f"the clock is named: {said!r}")


def test_our_clock_is_fast():
    with Web(clocks('header="Date: {date-3d}"')) as web:
        run = web.judge(each("ok ok") + """
            https://expired.test/x  ok|unreachable|skipped  *
            https://early.test/x    broken                  tls_not_yet_valid
        """)
        said = run.stderr + str(run.link("https://expired.test/x")["error"])
        check_that("clock" in said, f"the clock is named: {said!r}")


def test_their_clock_is_wrong():
    """One server that lives in another year proves nothing against ours."""
    with Web(clocks('header="Date: {date+0}"') + 'odd.test /page ok header="Date: {date+400d}"\n') as web:
        run = web.judge(each("ok ok") + """
            http://odd.test/page    ok      ok
            https://early.test/x    broken  tls_not_yet_valid
            https://expired.test/x  broken  tls_expired
        """, status=2)
        check_that("clock" not in run.stderr, f"standard error {run.stderr!r}")
