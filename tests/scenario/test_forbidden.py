"""Where no link may lead: addresses inside, in every spelling, by every way; ports that are no web; and what
of the user's must never leave."""

import os

from harness import Web, check_that, equal

ALLOWED = "127.8.0.0/16"
# All of them 127.0.0.1, or an address that stands for it.
SPELLINGS = ["0x7f.1", "0X7F.0.0.1", "2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "127.1", "127.0.1",
             "127.0.0.1.", "[::1]", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[::7f00:1]", "[64:ff9b::7f00:1]",
             "[2002:7f00:1::]", "１２７.0.0.1", "127。0。0。1", "127．0．0．1", "%31%32%37.0.0.1",
             "①②⑦.0.0.1", "localhost", "LOCALHOST.", "0", "0.0.0.0", "[::]"]


def only_to(web, *addresses):
    connected = {entry["address"] for entry in web.log("accept")}
    equal(sorted(connected), sorted(addresses), "addresses that were connected to")


def test_numbers_in_links():
    with Web("host localhost\n* /* ok") as web:
        links = "".join(f"- [x](http://{host}/)\n- [y](https://{host}/)\n" for host in SPELLINGS)
        run = web.check(links, allow=ALLOWED)
        for link in run.links:
            check_that((link["outcome"], link["reason"]) == ("skipped", "address_forbidden")
                       or "%31" in link["url"] and link["reason"] == "bad_url",
                       f"{link['url']}: {link['outcome']}/{link['reason']}")
        check_that(run.links, "there were links")
        only_to(web)


def test_numbers_in_redirects():
    targets = SPELLINGS + ["outer.test@127.0.0.1", "outer.test:80@127.0.0.1", "127.0.0.1:80", "127.0.0.1\\@outer.test"]
    table = "host localhost\nhost outer.test address=127.8.1.1\n"
    for n, host in enumerate(targets):
        table += f"outer.test /{n} redirect code=302 to='http://{host}/'\nouter.test /m{n} meta-refresh to='//{host}/'\n"
    with Web(table + "* /* ok\n") as web:
        run = web.judge("".join(f"http://outer.test/{n} broken redirect_forbidden\n"
                                f"http://outer.test/m{n} broken redirect_forbidden\n" for n in range(len(targets))),
                        allow=ALLOWED)
        for link in run.links:
            equal(link["suggestion"], None, f"suggestion for {link['url']}")
        only_to(web, "127.8.1.1")


def test_a_name_that_changes_between_checks():
    """Each check looks anew, and each answer is looked at."""
    with Web("""
        host rebind.test address=127.8.1.1 then=127.0.0.1 ttl=0
        host swing.test  address=127.8.1.3 then=127.0.0.1/127.8.1.3/127.0.0.1/127.8.1.3/127.0.0.1 ttl=0
        host six.test    address=127.8.1.2,::1 ttl=0
        * /* ok
    """) as web:
        web.judge("".join(f"http://{host}.test/{n} ok|skipped ok|address_forbidden\n" for n in range(6)
                          for host in ("rebind", "swing"))
                  + "http://six.test/ ok ok\n", "--host-concurrency", "1", allow=ALLOWED)
        web.judge("http://rebind.test/0 skipped address_forbidden", allow=ALLOWED)
        only_to(web, "127.8.1.1", "127.8.1.2", "127.8.1.3")


def test_a_name_that_changes_between_tries():
    with Web("""
        host flaky.test address=127.8.1.1 then=127.0.0.1 ttl=0
        host reset.test address=127.8.1.2 then=127.0.0.1 ttl=0
        host hops.test  address=127.8.1.3 then=127.0.0.1 ttl=0
        flaky.test /* status code=503 first=1
        reset.test /* reset first=1
        hops.test /start redirect to=http://hops.test/next
        hops.test /next  redirect to=https://hops.test/end
        * /* ok
    """) as web:
        web.check(["http://flaky.test/x", "http://reset.test/x", "http://hops.test/start"], "--max-retries", "2",
                  allow=ALLOWED)
        only_to(web, "127.8.1.1", "127.8.1.2", "127.8.1.3")


def test_no_way_in_through_questions_of_our_own():
    """robots.txt and siblings that lead inside are not followed there, nor when the name changes its mind."""
    with Web("""
        host a.test address=127.8.1.1
        host b.test address=127.8.1.2 then=127.0.0.1 ttl=0
        a.test /robots.txt redirect to=http://127.0.0.1/robots.txt
        a.test /dir/page   ok
        a.test /dir/*      redirect to=http://0x7f.1/
        * /* ok
    """) as web:
        run = web.check(["http://a.test/dir/page", "http://b.test/dir/page"], "--polite", allow=ALLOWED)
        equal(run.link("http://a.test/dir/page")["outcome"], "ok", "outcome of a.test")
        only_to(web, "127.8.1.1", "127.8.1.2")


PORTS = (22, 25, 6379, 81, 9200)


def to_all_ports(web):
    """So that whoever asks on such a port would be heard."""
    words = []
    for port in PORTS + (8080, 8443):
        words += ["--connect-to", f":{port}::{web.local.https_port if port == 8443 else web.local.http_port}"]
    return words


def test_ports():
    table = "".join(f"go.test /{port} redirect to=http://a.test:{port}/x\n" for port in PORTS + (8080,))
    with Web(table + "a.test /* ok\n") as web:
        web.judge("".join(f"http://a.test:{port}/x   skipped  address_forbidden\n"
                          f"https://a.test:{port}/x  skipped  address_forbidden\n"
                          f"http://go.test/{port}    broken   redirect_forbidden\n" for port in PORTS) + """
            http://a.test:8080/x   ok  ok
            https://a.test:8443/x  ok  ok
            http://a.test/x        ok  ok
            https://a.test/x       ok  ok
            http://go.test/8080    ok  redirect_temporary
        """, *to_all_ports(web))
        asked = {entry["headers"]["host"] for entry in web.requests("a.test")}
        equal(asked, {"a.test", "a.test:8080", "a.test:8443"}, "hosts and ports that were asked")


def test_ports_that_the_user_allows():
    with Web("go.test /x redirect to=http://a.test:6379/x\na.test /* ok") as web:
        web.judge("""
            http://a.test:6379/x  ok       ok
            http://a.test:22/x    ok       ok
            http://go.test/x      ok       redirect_temporary
            http://a.test:25/x    skipped  address_forbidden
        """, "--allow-port", "6379", "--allow-port", "22", *to_all_ports(web))
        web.write("list.md", "<http://a.test/>\n")
        for bad in ("0", "65536", "-1", "http", ""):
            web.run("--allow-port", bad, "list.md").one_line_error("--allow-port", status=3)


def test_nothing_of_the_users_leaves():
    """Neither what a link carries nor what lies in the home directory or the environment."""
    with Web("""
        a.test /plain ok
        a.test /go    redirect to=http://name:geheim@b.test/there
        a.test /self  redirect to=http://name:geheim@a.test/plain
        b.test /there ok
        c.test /401   status code=401 header="WWW-Authenticate: Basic realm=x"
    """) as web:
        secrets = "".join(f"machine {host}.test login somebody password geheim\n" for host in "abc") \
            + "default login somebody password geheim\n"
        for name in (".netrc", "_netrc"):
            os.chmod(web.write(f"home/{name}", secrets), 0o600)
        web.write("home/.curlrc", 'proxy = "http://127.0.0.1:9"\nuser = "somebody:geheim"\nheader = "X-Curlrc: geheim"\n')
        proxy = "http://somebody:geheim@127.0.0.1:9"
        env = {name: proxy for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")}
        env.update(HOME=web.path("home"), CURL_HOME=web.path("home"), NETRC=web.path("home/.netrc"), NO_PROXY="")
        run = web.judge("""
            http://a.test/plain   ok     ok
            https://a.test/plain  ok     ok
            http://a.test/go      ok     redirect_temporary
            http://a.test/self    ok     redirect_temporary
            http://c.test/401     gated  auth_required
        """, env=env)
        web.check("[a](http://name:geheim@a.test/plain) [c](http://name:geheim@c.test/401)\n", env=env)
        for entry in web.log("request"):
            text = str(entry["headers"]).lower()
            check_that("authorization" not in text and "geheim" not in text and "cookie" not in text,
                       f"headers of {entry['host']}{entry['path']}: {entry['headers']}")
        check_that("geheim" not in run.stdout + run.stderr, "userinfo is never printed")
