"""Names, addresses, connections and certificates: every way below HTTP to be wrong has its word."""

import socket
from datetime import datetime, timedelta, timezone

from harness import Skip, Web, check_that, equal


def test_names():
    with Web("""
        host nx.test        dns=nxdomain
        host nodata.test    dns=nodata
        host servfail.test  dns=servfail
        host refused.test   dns=refused
        host silent.test    dns=silent
        host garbage.test   dns=garbage
        host echo.test      dns=echo
        host truncated.test dns=truncated
        host slow.test      dns_delay=0.5
        host alias.test     cname=real.test
        host dangling.test  cname=gone.test
        host gone.test      dns=nxdomain
        * /* ok
    """) as web:
        run = web.judge("""
            http://nx.test/         broken       dns_nxdomain
            http://unlisted.test/   broken       dns_nxdomain
            http://nodata.test/     broken       dns_no_address
            http://servfail.test/   unreachable  dns_servfail
            http://refused.test/    unreachable  dns_servfail
            http://silent.test/     unreachable  dns_timeout
            http://garbage.test/    unreachable  dns_servfail|dns_timeout
            http://echo.test/       unreachable  dns_servfail|dns_timeout
            http://truncated.test/  ok           ok
            http://slow.test/       ok           ok
            http://dangling.test/   broken       dns_nxdomain|dns_no_address
        """, "--timeout", "4s")
        check_that(run.seconds < 30, f"took {run.seconds:.1f} s")
        check_that(run.link("http://slow.test/")["timing_ms"]["dns"] >= 450, "dns time is measured")
        equal(len(web.requests()), 2, "requests")


def test_a_name_server_that_hangs_up():
    """Its TCP is broken: no trouble for a name that needs none and is waited for meanwhile."""
    with Web("""
        host cut.test  dns=cut
        host slow.test dns_delay=1.5
        * /* ok
    """) as web:
        web.judge("""
            http://cut.test/   unreachable  dns_servfail|dns_timeout
            http://slow.test/  ok           ok
        """, "--max-retries", "1")


def test_an_answer_too_long_for_udp():
    """Sent in whole, and not marked as cut."""
    addresses = ",".join(["127.0.0.1"] * 60)
    with Web(f"host many.test address={addresses}\n* /* ok\n") as web:
        web.judge("http://many.test/ ok ok")


def test_an_alias_is_followed():
    with Web("""
        host alias.test cname=real.test
        host real.test
        * /* ok
    """) as web:
        web.judge("http://alias.test/ ok ok")
        equal(web.requests()[0]["host"], "alias.test", "Host header")


def test_connections():
    with Web("""
        host refused.test    port=refused
        host blackhole.test  port=blackhole
        host reset.test      port=reset
        host mute.test       port=mute
        host noroute.test    address=255.255.255.255
        host one-bad.test    address=127.1.9.9,127.0.0.1
        * /* ok
    """) as web:
        run = web.judge("""
            http://refused.test/     unreachable  connect_refused
            https://refused.test/    unreachable  connect_refused
            http://blackhole.test/   unreachable  connect_timeout|timeout
            https://blackhole.test/  unreachable  connect_timeout|timeout
            http://reset.test/       unreachable  connect_reset
            http://mute.test/        unreachable  timeout
            http://noroute.test/     unreachable  network_unreachable
        """, "--timeout", "3s", "--allow-address", "255.255.255.255/32", status=2)
        check_that(run.seconds < 20, f"took {run.seconds:.1f} s")


def test_one_good_address_is_enough():
    with Web("""
        host dead.test address=127.1.9.9,127.1.9.10,127.1.9.11 port=refused
        host two.test  address=127.1.9.9,127.0.0.1
        host four.test address=127.1.9.9,127.1.9.10,127.1.9.11,127.0.0.1
        * / ok
    """) as web:
        web.judge("http://two.test/ ok ok\nhttp://four.test/ ok ok", "--max-retries", "0")


def test_the_next_try_is_another_address():
    """One of two front ends takes connections and gives no answers."""
    with Web("""
        host mute.test      port=mute  address=127.1.9.6
        host reset.test     port=reset address=127.1.9.7
        host half-mute.test address=127.1.9.6,127.0.0.1
        host half-down.test address=127.1.9.7,127.0.0.1
        * /* ok
    """) as web:
        web.judge("http://half-mute.test/ ok ok\nhttp://half-down.test/ ok ok", "--timeout", "2s", "--max-retries", "1")


def need_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
            sock.bind(("::1", 0))
    except OSError as error:
        raise Skip("this machine has no IPv6") from error


def test_one_family_that_is_broken():
    """IPv4 works and IPv6 does not, and the reverse; an address that swallows everything is passed over."""
    need_ipv6()
    with Web("""
        host four.test  address=::2,127.0.0.1
        host six.test   address=127.1.9.9,::1
        host hole.test  port=blackhole address=127.1.9.8
        host mixed.test address=127.1.9.8,127.0.0.1
        * /* ok
    """) as web:
        web.judge("""
            http://four.test/   ok  ok
            http://six.test/    ok  ok
            http://mixed.test/  ok  ok
        """, "--allow-address", "::1", "--allow-address", "::2", "--timeout", "4s", "--max-retries", "2")


def test_ipv6():
    need_ipv6()
    with Web("""
        host six.test address=::1
        host both.test address=::1,127.0.0.1
        * /* ok
    """) as web:
        web.judge("""
            http://six.test/   ok  ok
            http://both.test/  ok  ok
            http://[::1]/      ok  ok
        """, "--allow-address", "::1")


CERTIFICATES = """
    host good.test        tls=good
    host expired.test     tls=expired
    host early.test       tls=not-yet-valid
    host self.test        tls=self-signed
    host other.test       tls=wrong-host
    host stranger.test    tls=untrusted
    host incomplete.test  tls=incomplete
    host soon.test        tls=soon
    host subject.test     tls=subject-only
    host namesake.test    tls=namesake
    * /* ok title="Behind TLS"
"""


def test_certificates():
    with Web(CERTIFICATES) as web:
        run = web.judge("""
            https://good.test/        ok      ok
            https://expired.test/     broken  tls_expired
            https://early.test/       broken  tls_not_yet_valid
            https://self.test/        broken  tls_self_signed
            https://other.test/       broken  tls_hostname
            https://stranger.test/    broken  tls_untrusted
            https://incomplete.test/  broken  tls_untrusted
            https://soon.test/        ok      ok
            https://subject.test/     broken  tls_hostname
            https://namesake.test/    broken  tls_untrusted
        """, status=2)
        equal([r["host"] for r in web.requests()].count("expired.test"), 0, "requests over a bad certificate")
        check_that("certificate_expires_soon" in run.link("https://soon.test/")["notes"], "note on soon.test")
        equal(run.link("https://good.test/")["notes"], [], "notes on good.test")
        ends = datetime.fromisoformat(run.link("https://soon.test/")["certificate_expires_at"].replace("Z", "+00:00"))
        off = abs(ends - datetime.now(timezone.utc) - timedelta(days=3))
        check_that(off < timedelta(minutes=10), f"certificate_expires_at is off by {off}")


def test_a_certificate_of_the_client_is_wanted():
    """A login of another kind, and no evidence of death."""
    with Web("""
        host new.test tls=wants-ours
        host old.test tls=wants-ours-1.2
        * / ok
        nginx.test / status code=400 title="400 No required SSL certificate was sent"
    """) as web:
        run = web.judge("""
            https://new.test/    gated  auth_required
            https://old.test/    gated  auth_required
            https://nginx.test/  gated  auth_required
        """, status=0)
        for url in ("https://new.test/", "https://old.test/", "https://nginx.test/"):
            check_that("certificate of the client" in run.link(url)["error"], run.link(url)["error"])


def test_insecure():
    with Web(CERTIFICATES) as web:
        web.change_option("--cacert", None)
        web.judge("""
            https://good.test/        ok  ok
            https://expired.test/     ok  ok
            https://early.test/       ok  ok
            https://self.test/        ok  ok
            https://other.test/       ok  ok
            https://stranger.test/    ok  ok
            https://incomplete.test/  ok  ok
        """, "--insecure", status=0)


def test_tls_that_is_none():
    with Web("""
        host old.test     tls=tls1.0
        host plain.test   tls=plain
        host garbage.test tls=garbage
        host bye.test     tls=farewell
        host reset.test   tls=reset
        host silent.test  tls=silent
        * /* ok
    """) as web:
        web.judge("""
            https://old.test/      broken       tls_handshake
            https://plain.test/    broken       tls_handshake
            https://garbage.test/  broken       tls_handshake
            https://bye.test/      unreachable  connect_reset
            https://reset.test/    unreachable  connect_reset
            https://silent.test/   unreachable  connect_timeout|timeout
        """, "--timeout", "3s")


def test_a_handshake_without_end():
    """It must not hold up the others, nor outlive its own time."""
    with Web("""
        host endless.test tls=endless
        host slow.test    address=own
        endless.test /* ok
        slow.test    /* ok delay=0.3
    """) as web:
        run = web.judge("""
            https://endless.test/  broken  tls_handshake
            http://slow.test/      ok      ok
        """, "--timeout", "4s", "--max-retries", "1")
        check_that("never comes to the end" in run.link("https://endless.test/")["error"], "what is said")
        equal(len(web.requests("slow.test")), 1, "requests to the other")


def test_an_old_server_shows_its_certificate():
    """What speaks only TLS 1.0 is looked at once more for its certificate, and no request reaches it."""
    with Web("""
        host old.test   tls=tls1.0
        host plain.test tls=plain
        * /* ok
    """) as web:
        run = web.judge("""
            https://old.test/    broken  tls_handshake
            https://plain.test/  broken  tls_handshake
        """, "--max-retries", "1")
        link = run.link("https://old.test/")
        check_that("TLS 1.0" in link["error"], f"error: {link['error']}")
        check_that(link["certificate_expires_at"], "certificate_expires_at of an old server")
        equal(run.link("https://plain.test/")["certificate_expires_at"], None, "certificate_expires_at")
        equal(web.requests(), [], "requests")
        addresses = [entry["address"] for entry in web.log("accept")]
        equal(sorted(addresses.count(address) for address in set(addresses)), [2, 3], "connections")


def test_the_words_for_a_bad_certificate():
    with Web(CERTIFICATES) as web:
        sayings = {"expired": "ended on 20", "incomplete": "incomplete chain", "other": "it is for somebody-else.invalid",
                   "subject": "it is for subject.test only where browsers do not look"}
        run = web.check([f"https://{name}.test/" for name in sayings])
        for name, words in sayings.items():
            link = run.link(f"https://{name}.test/")
            check_that(words in link["error"], f"{name}: {link['error']}")
            check_that(link["certificate_expires_at"], f"{name}: certificate_expires_at")


def test_without_our_authority_nothing_is_trusted():
    with Web("good.test / ok") as web:
        web.change_option("--cacert", None)
        web.judge("https://good.test/ broken tls_untrusted")


# --- addresses that must not be asked ---

def test_forbidden_addresses_in_links():
    """No text of a host leads inside: not as a number, not as a name, not as IPv6."""
    with Web("""
        host inner.test     address=127.0.0.1
        host private.test   address=10.1.2.3
        host metadata.test  address=169.254.169.254
        host mapped.test    address=::ffff:127.0.0.1
        host six.test       address=::1
        host localhost      address=127.0.0.1
        * /* ok
    """) as web:
        run = web.judge("""
            http://inner.test/            skipped  address_forbidden
            https://inner.test/           skipped  address_forbidden
            http://private.test/          skipped  address_forbidden
            http://metadata.test/         skipped  address_forbidden
            http://mapped.test/           skipped  address_forbidden
            http://six.test/              skipped  address_forbidden
            http://localhost/             skipped  address_forbidden
            http://127.0.0.1/             skipped  address_forbidden
            http://169.254.169.254/x      skipped  address_forbidden
            http://[::1]/                 skipped  address_forbidden
            http://10.0.0.1/              skipped  address_forbidden
        """, allow=None, status=0)
        equal(web.log("accept"), [], "connections that the web saw")
        run = web.check(["http://0x7f.1/", "http://2130706433/", "http://017700000001/", "http://127.1/",
                         "http://[::ffff:7f00:1]/", "http://127.0.0.1./", "http://１２７.0.0.1/"], allow=None)
        for link in run.links:
            equal((link["outcome"], link["reason"]), ("skipped", "address_forbidden"), link["url"])
        equal(web.log("accept"), [], "connections that the web saw")


OUTER = """
    host outer.test   address=127.1.5.1
    host inner.test   address=127.0.0.1
    outer.test /v4       redirect to=http://127.0.0.1/
    outer.test /v6       redirect to=http://[::1]/
    outer.test /mapped   redirect to=http://[::ffff:7f00:1]/
    outer.test /hex      redirect to=http://0x7f.1/
    outer.test /metadata redirect code=301 to=http://169.254.169.254/latest/meta-data/
    outer.test /name     redirect to=http://inner.test/
    outer.test /meta     meta-refresh to=http://127.0.0.1/
    inner.test /         ok
"""


def test_forbidden_addresses_in_redirects():
    with Web(OUTER) as web:
        web.judge("""
            http://outer.test/v4        broken  redirect_forbidden
            http://outer.test/v6        broken  redirect_forbidden
            http://outer.test/mapped    broken  redirect_forbidden
            http://outer.test/hex       broken  redirect_forbidden
            http://outer.test/metadata  broken  redirect_forbidden
            http://outer.test/name      broken  redirect_forbidden
            http://outer.test/meta      broken  redirect_forbidden
        """, allow="127.1.5.0/24")
        equal({entry["address"] for entry in web.log("accept")}, {"127.1.5.1"}, "addresses that were connected to")


def test_good_and_forbidden_addresses_of_one_name():
    with Web("""
        host mixed.test address=10.0.0.1,127.1.6.1,127.0.0.1
        host hidden.test address=10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5,127.1.6.1,10.0.0.6
        mixed.test / ok
        hidden.test / ok
    """) as web:
        web.judge("http://mixed.test/ ok ok\nhttp://hidden.test/ ok ok", allow="127.1.6.0/24")
        equal({entry["address"] for entry in web.log("accept")}, {"127.1.6.1"}, "addresses that were connected to")


def test_a_name_that_changes_its_mind():
    """Good at the first question, inside at the second: never connected to inside."""
    with Web("""
        host rebind.test address=127.1.7.1 then=127.0.0.1 ttl=0
        rebind.test /start redirect to=/next
        rebind.test /next  redirect to=/end
        rebind.test /end   ok
    """) as web:
        web.judge("http://rebind.test/start ok|broken *", allow="127.1.7.0/24")
        equal({entry["address"] for entry in web.log("accept")}, {"127.1.7.1"}, "addresses that were connected to")


def test_connect_to():
    """curl's meaning: the pair that matches is replaced, the name in the request stays."""
    with Web("real.test /x ok\nalias.test /x ok") as web:
        port = web.local.http_port
        web.judge("http://alias.test:8080/x ok ok", "--connect-to", f"alias.test:8080:real.test:{port}")
        equal(web.requests()[0]["headers"]["host"], "alias.test:8080", "Host header")
        equal({entry["name"] for entry in web.log("dns")}, {"real.test"}, "names that were asked for")
