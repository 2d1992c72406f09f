"""The built-in server and the exported site: every address of a running daemon, as a browser, a README and a robot use it."""

import http.client
import json
import os
import re
import signal
import socket
import sys
import time
import xml.etree.ElementTree as xml

from harness import Web, check_that, equal, program
from watch import DAY_S, Daemon

WEB = """
    a.test /ok   ok title="Fine"
    b.test /gone status code=404
    c.test /old  redirect code=301 to=http://d.test/new
    d.test /new  ok title="New"
"""
LIST = """
- [The good one](http://a.test/ok)
- [The <b>lost</b> one](http://b.test/gone)
- [The one that moved](http://c.test/old)
"""
TOKEN = "a-token-of-some-length"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """A daemon that serves; get() asks it."""

    def __init__(self, web, daemon_rate=2 * DAY_S, extra="", name="links", text=LIST):
        self.port = free_port()
        token = web.write("token", TOKEN + "\n")
        self.daemon = Daemon(web, text, rate=daemon_rate, name=name, extra=f"""
listen: 127.0.0.1:{self.port}
recheck_token_file: {token}
{extra}
""")

    def __enter__(self):
        self.daemon.__enter__()
        return self

    def __exit__(self, *what):
        return self.daemon.__exit__(*what)

    def get(self, path, method="GET", body=None, **headers):
        """(status, headers, body)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def json(self, path):
        status, headers, body = self.get(path)
        equal((path, status), (path, 200), "status")
        equal(headers["Content-Type"], "application/json", "type")
        return json.loads(body)

    def wait(self, condition, seconds=40):
        """Until what the API says of all links, by URL, is so."""
        end = time.monotonic() + seconds
        while True:
            links = None
            try:
                status, _, body = self.get("/api/v1/links")
                if status == 200:
                    links = {link["url"]: link for link in json.loads(body)["links"]}
                    if condition(links):
                        return links
            except (OSError, KeyError):
                pass
            check_that(time.monotonic() < end, f"what was waited for did not come: {links and {u: l['state'] for u, l in links.items()}}")
            time.sleep(0.1)


def dead_and_moved(links):
    return links["http://b.test/gone"]["state"] == "dead" and links["http://c.test/old"]["state"] == "moved"


def tree(body):
    """Pages are written so that any XML parser reads them."""
    text = body.decode("utf-8")
    return xml.fromstring(re.sub(r"<!doctype[^>]*>", "", text, flags=re.I))


def words_of(body):
    return " ".join("".join(tree(body).itertext()).split())


def test_every_address_answers():
    """What interfaces.md section 5 promises, on a list with a dead, a moved and a good link."""
    with Web(WEB) as web, Site(web) as site:
        links = site.wait(dead_and_moved)
        ids = {url: link.get("link_id") or link.get("id") for url, link in links.items()}
        dead = ids["http://b.test/gone"]
        kinds = {
            "/": "text/html", "/lists/links": "text/html", f"/links/{dead}": "text/html",
            "/events": "text/html", "/lists/links/events": "text/html",
            "/badge/links.svg": "image/svg+xml", "/badge/links.json": "application/json",
            "/badge.svg": "image/svg+xml", "/badge.json": "application/json",
            "/feed.atom": "application/atom+xml", "/lists/links/feed.atom": "application/atom+xml",
            "/api/v1/lists": "application/json", "/api/v1/lists/links": "application/json",
            "/api/v1/links?list=links&state=dead": "application/json", f"/api/v1/links/{dead}": "application/json",
            "/api/v1/events": "application/json", "/metrics": "text/plain", "/healthz": "application/json",
        }
        for path, kind in kinds.items():
            status, headers, body = site.get(path)
            equal((path, status), (path, 200), "status")
            check_that(headers["Content-Type"].startswith(kind), f"{path} is {headers['Content-Type']}")
            equal(headers["X-Content-Type-Options"], "nosniff", path)
            check_that("'unsafe-inline'" not in headers["Content-Security-Policy"], path)
            check_that(len(body) > 0, path)
            if kind == "text/html":
                check_that(len(body) <= 60 * 1024, f"{path} has {len(body)} bytes")
                for asset in re.findall(rb'(?:href|src)="(/(?:style|script)[^"]*)"', body):
                    equal(site.get(asset.decode())[0], 200, asset.decode())
            if kind in ("text/html", "image/svg+xml", "application/atom+xml"):
                tree(body)
        said = words_of(site.get(f"/links/{dead}")[2])
        check_that("http://b.test/gone" in said and "404" in said and "list.md" in said, said[:500])
        said = words_of(site.get("/lists/links")[2])
        check_that("The lost one" in said and "The good one" in said, said[:500])
        equal([link["url"] for link in site.json("/api/v1/links?state=dead")["links"]], ["http://b.test/gone"], "filter")
        equal([link["url"] for link in site.json("/api/v1/links?q=OLD")["links"]], ["http://c.test/old"], "search")
        events = site.json("/api/v1/events")["events"]
        check_that(any(e.get("to_state") == "dead" for e in events), str(events))


def test_what_is_not_there():
    with Web(WEB) as web, Site(web) as site:
        site.wait(lambda links: len(links) == 3)
        for path in ("/lists/none", "/links/999999", "/links/x", "/nothing", "/lists/none/feed.atom", "/nothing/", "/api/v1/nothing",
                     "/api/v1/links/999999", "/api/v1/lists/none", "/api/v1/links?list=none"):
            status, headers, body = site.get(path)
            equal((path, status), (path, 404), "status")
            if path.startswith("/api"):
                check_that("error" in json.loads(body), path)
        for path in ("/lists/links?state=undead", "/lists/links?sort=best", "/lists/links?after=-1", "/api/v1/links?state=undead", "/api/v1/links?limit=x"):
            equal((path, site.get(path)[0]), (path, 400), "status")
        for path in ("/badge/none.svg", "/badge/links.svg?style=flat&cache=17"):
            equal((path, site.get(path)[0]), (path, 200), "camo keeps errors for hours")
        check_that(b"unknown" in site.get("/badge/none.svg")[2], "a list that does not exist is unknown")
        equal(site.get("/", method="DELETE")[0], 405, "other methods")


def test_conditions_and_heads():
    with Web(WEB) as web, Site(web, daemon_rate=1) as site:
        site.wait(lambda links: len(links) == 3)
        for path in ("/badge/links.svg", "/style.css", "/lists/links"):
            status, headers, body = site.get(path)
            status, again, nothing = site.get(path, If_None_Match=headers["ETag"])
            equal((path, status, nothing), (path, 304, b""), "not modified")
            status, head, nothing = site.get(path, method="HEAD")
            equal((path, status, nothing, head["Content-Length"]), (path, 200, b"", headers["Content-Length"]), "HEAD")
        time.sleep(3)  # the first checks are over, and seen
        paths = ("/api/v1/lists", "/api/v1/lists/links", "/api/v1/links", "/api/v1/links/1", "/api/v1/events")
        before = {path: site.get(path) for path in paths}
        time.sleep(1.2)  # `at` is another one
        for path in paths:
            check_that(before[path][1]["ETag"].startswith('W/"'), path)
            check_that(before[path][2] != site.get(path)[2], path)
            equal((path, site.get(path, If_None_Match=before[path][1]["ETag"])[0]), (path, 304), "nothing has changed")
        equal(site.get("/badge/links.svg")[1]["Cache-Control"], "public, max-age=300, s-maxage=300", "camo's five minutes")


def test_a_recheck_needs_the_token():
    with Web(WEB) as web, Site(web, daemon_rate=1) as site:
        site.wait(lambda links: len(links) == 3)
        body = json.dumps({"url": "http://a.test/ok"})
        path = "/api/v1/recheck"
        equal(site.get(path)[0], 405, "GET")
        equal(site.get(path, "POST", body)[0], 401, "no token")
        equal(site.get(path, "POST", body, Authorization="Bearer wrong")[0], 401, "a wrong one")
        equal(site.get(path, "POST", "{}", Authorization=f"Bearer {TOKEN}")[0], 400, "nothing asked for")
        status, _, answer = site.get(path, "POST", body, Authorization=f"Bearer {TOKEN}")
        equal((status, json.loads(answer)), (202, {"accepted": True}), "accepted")
        site.daemon.wait(lambda links: links["http://a.test/ok"]["state"] == "alive")
        equal(site.get(path, "POST", json.dumps({"list": "nope"}), Authorization=f"Bearer {TOKEN}")[0], 202, "asked in vain")
        log = site.daemon.stop().stderr
        for words in ("recheck of url http://a.test/ok is asked for over HTTP: 1 link\n", "recheck of list nope is asked for over HTTP: 0 links\n"):
            check_that(words in log, log)


def test_badge_page_and_api_agree():
    """A percentage and the list beside it come from the same rows."""
    with Web(WEB) as web, Site(web) as site:
        site.wait(dead_and_moved)
        counts = site.json("/api/v1/lists/links")
        badge = json.loads(site.get("/badge/links.json")[2])
        equal(badge["message"], "2/3 ok", str(counts))
        equal(set(badge) - {"schemaVersion", "label", "message", "color", "cacheSeconds", "isError"}, set(), "keys that shields knows")
        metrics = site.get("/metrics")[2].decode()
        check_that('linkrotd_links{list="links",state="dead"} 1' in metrics, metrics[:2000])


NUMBERS = """process_open_fds process_resident_memory_bytes linkrotd_scheduler_lag_seconds linkrotd_writer_queue_bytes
linkrotd_writer_failed_tries linkrotd_database_bytes linkrotd_database_log_bytes linkrotd_http_cut_total linkrotd_config_reload_failed"""


def test_what_alerts_look_at_is_told():
    """An alert on a number that nobody tells never rings."""
    def numbers():
        lines = site.get("/metrics")[2].decode().splitlines()
        return {words[0]: float(words[1]) for words in map(str.split, lines) if words and not words[0].startswith("#")}

    def wait_for_reload(value):
        end = time.monotonic() + 30
        while numbers().get("linkrotd_config_reload_failed") != value:
            check_that(time.monotonic() < end, f"a reload was not told as {value}")
            time.sleep(0.05)

    with Web(WEB) as web, Site(web) as site:
        site.wait(dead_and_moved)
        told = numbers()
        equal([name for name in NUMBERS.split() if name not in told], [], "numbers that are not told")
        check_that(told["process_open_fds"] > 3 and told["linkrotd_database_bytes"] > 0, str(told))
        with open(site.daemon.config, encoding="utf-8") as file:
            right = file.read()
        web.write("linkrotd.yaml", right + "nonsense: 1\n")
        os.kill(site.daemon.process.pid, signal.SIGHUP)
        wait_for_reload(1)
        web.write("linkrotd.yaml", right)
        os.kill(site.daemon.process.pid, signal.SIGHUP)
        wait_for_reload(0)


def test_a_reload_is_taken_whole_or_not_at_all():
    """Where the token cannot be read, nothing is taken; a new token and level of the log hold at once."""
    with Web(WEB) as web, Site(web, daemon_rate=1, extra="log_level: warning") as site:
        site.wait(lambda links: len(links) == 3)

        def recheck(token):
            body = json.dumps({"url": "http://a.test/ok"})
            return site.get("/api/v1/recheck", "POST", body, Authorization=f"Bearer {token}")[0]

        def reload(failed):
            os.kill(site.daemon.process.pid, signal.SIGHUP)
            end = time.monotonic() + 30
            while f"linkrotd_config_reload_failed {failed}\n".encode() not in site.get("/metrics")[2]:
                check_that(time.monotonic() < end, f"the reload was not told as {failed}")
                time.sleep(0.05)

        with open(site.daemon.config, encoding="utf-8") as file:
            text = file.read()
        os.rename(web.path("token"), web.path("away"))
        web.write("linkrotd.yaml", text.replace("log_level: warning", "log_level: notice"))
        reload(failed=1)
        equal(recheck(TOKEN), 202, "the old token, with all that was old")
        web.write("token", "another-token-of-some-length\n")
        reload(failed=0)
        equal((recheck(TOKEN), recheck("another-token-of-some-length")), (401, 202), "the old token and the new one")
        run = site.daemon.stop()
        check_that("recheck_token_file" in run.stderr, run.stderr)
        equal(run.stderr.count("log_level: warning -> notice"), 1, run.stderr)


def test_first_visitor_sees_the_lists():
    """Nobody has looked yet, and the first look does not show what was there before the lists were read."""
    with Web(WEB) as web, Site(web, daemon_rate=1) as site:
        site.daemon.ready().wait(lambda links: len(links) == 3)
        end = time.monotonic() + 30
        while b"linkrotd_lists 1" not in site.get("/metrics")[2]:  # asks for no glance
            check_that(time.monotonic() < end, "the lists are not shown of themselves")
            time.sleep(0.1)


def test_a_new_list_is_not_missing():
    """After the first start and after a reload: not there yet, or there with its links; never 404, nor a badge to be kept."""
    def is_there(site, name):
        _, badge, _ = site.get(f"/badge/{name}.json")
        for path in (f"/lists/{name}/feed.atom", f"/api/v1/lists/{name}", f"/api/v1/links?list={name}", f"/lists/{name}"):
            status, headers, _ = site.get(path)
            check_that(status in (200, 503), f"{path}: {status}")
            equal(status == 503, "Retry-After" in headers, path)
        check_that(status == 200 or badge["Cache-Control"] == "no-cache", "a badge that knows nothing is kept")
        status, _, body = site.get("/api/v1/lists")
        lists = {row["name"]: row["links"] for row in json.loads(body)["lists"]} if status == 200 else None
        check_that(lists != {}, "an empty house")
        return lists is not None and lists.get(name) == 3

    def wait(site, name):
        end = time.monotonic() + 20
        while not is_there(site, name):
            check_that(time.monotonic() < end, "the list does not come")

    with Web(WEB) as web:
        publish = f'publish: {{directory: {web.path("published")}, public_url: "https://%s.example.org"}}'
        with Site(web, daemon_rate=1, extra=publish % "one") as site:
            end = time.monotonic() + 10
            while time.monotonic() < end:
                try:
                    if site.get("/healthz")[0] == 200:
                        break
                except OSError:
                    pass
                time.sleep(0.01)
            wait(site, "links")
            with open(site.daemon.config, encoding="utf-8") as file:
                text = file.read()
            more = f"  - {{name: more, sources: [{web.path('list.md')}]}}\ncheck:"
            web.write("linkrotd.yaml", text.replace("\ncheck:", "\n" + more).replace("one.example", "two.example"))
            os.kill(site.daemon.process.pid, signal.SIGHUP)
            while b"two.example" not in site.get("/feed.atom")[2]:
                check_that(time.monotonic() < end + 20, "the reload did not come")
            wait(site, "more")
            while not os.path.exists(os.path.join(web.path("published"), "lists/more/index.html")):
                check_that(time.monotonic() < end + 40, "the new list is not among the files")
                time.sleep(0.1)


def test_strange_names_stay_text():
    """Whoever can write into the list cannot write into the page."""
    evil = '- [<script>alert(1)</script> "onload=x](http://a.test/ok?"><script>x</script>)\n- [fine](http://b.test/gone)\n'
    with Web(WEB) as web, Site(web, text=evil, daemon_rate=1) as site:
        site.wait(lambda links: len(links) == 2)
        for path in ("/", "/lists/links", "/links/1", "/events", "/lists/links?q=%3Cscript%3E", "/feed.atom"):
            body = site.get(path)[2]
            scripts = [s for s in re.findall(rb"<script[^>]*>", body) if b" src=" not in s]
            equal((path, scripts), (path, []), "scripts")
            tree(body)


def test_the_same_site_as_files():
    """Relative addresses that lead to files, twice the same bytes, and nothing of others is touched."""
    with Web(WEB) as web:
        with Site(web) as site:
            site.wait(dead_and_moved)
        directory = web.path("site")
        daemon = site.daemon
        os.makedirs(directory)
        web.write("site/other.html", "not ours")
        run = daemon.ask("export", directory)
        equal((run.status, run.stderr), (0, ""), "export")
        files = {os.path.relpath(os.path.join(base, name), directory) for base, _, names in os.walk(directory) for name in names}
        for name in ("index.html", "lists/links/index.html", "lists/links/dead/index.html", "events/index.html", "feed.atom", "badge/links.svg",
                     "badge.json", "style.css", "api/v1/lists.json", "api/v1/lists/links.json", "lists/links/feed.atom", "other.html"):
            check_that(name in files, f"{name} is not among {sorted(files)}")
        for name in files:
            if not name.endswith(".html") or name == "other.html":
                continue
            with open(os.path.join(directory, name), "rb") as page:
                body = page.read()
            tree(body)
            for target in re.findall(rb'(?:href|src)="([^"#][^"]*)"', body):
                target = target.decode().split("#")[0].split("?")[0]
                if "://" in target or not target or target.startswith("data:"):
                    continue
                path = os.path.normpath(os.path.join(directory, os.path.dirname(name), target))
                check_that(os.path.isfile(path), f"{name} leads to {target}")
        before = {name: os.stat(os.path.join(directory, name)).st_mtime_ns for name in files}
        run = daemon.ask("export", directory)
        check_that(" 0 of them new or changed" in run.stdout, run.stdout)
        after = {name: os.stat(os.path.join(directory, name)).st_mtime_ns for name in files}
        equal(after, before, "untouched")


def test_a_site_of_a_check_says_where_it_is():
    """As on GitHub Pages: there is no configuration, and each site's feed has ids of its own."""
    with Web(WEB) as web:
        web.write("list.md", LIST)
        def export(public_url):
            return program("export", "site", "--database", "links.db", "--public-url", public_url, cwd=web.dir)

        equal(web.run("--database", "links.db", "list.md").status, 2, "check")
        ran = export("https://Me.github.io/notes/")
        equal((ran.status, ran.stderr), (0, ""), "export")
        for name, feed in (("feed.atom", "feed"), ("lists/check/feed.atom", "feed/check")):
            with open(web.path("site/" + name), "rb") as file:
                body = file.read()
            tree(body)
            check_that(f"<id>tag:me.github.io,2026:{feed}</id>".encode() in body, body)
            check_that(f'href="https://me.github.io/notes/{name}"'.encode() in body, body)
        with open(web.path("site/lists/check/index.html"), "rb") as file:
            check_that(b"https://me.github.io/notes/badge/check.svg" in file.read(), "the code of the badge")
        for text in ("me.github.io", "", "ftp://me.github.io/"):
            export(text).one_line_error("--public-url", status=3)


def test_a_site_is_published():
    """publish.directory: the daemon keeps the files itself."""
    with Web(WEB) as web:
        directory = web.path("published")
        with Site(web, extra=f"publish: {{directory: {directory}, public_url: \"https://links.example.org/status\"}}") as site:
            site.wait(lambda links: len(links) == 3)
            end = time.monotonic() + 20
            while not os.path.exists(os.path.join(directory, "index.html")):
                check_that(time.monotonic() < end, "no site was written")
                time.sleep(0.1)
            check_that(b"https://links.example.org/status/lists/links/feed.atom" in site.get("/lists/links/feed.atom")[2], "the feed knows its address")


def test_a_reload_changes_the_pages():
    """Other addresses and another list order, while a site is being written; the token that cannot be read any more is said."""
    with Web(WEB) as web:
        publish = f'publish: {{directory: {web.path("published")}, public_url: "%s"}}'
        with Site(web, daemon_rate=1, extra=publish % "https://one.example.org") as site:
            site.wait(lambda links: len(links) == 3)
            check_that(b"https://one.example.org/feed.atom" in site.get("/feed.atom")[2], "the first address")
            with open(site.daemon.config, encoding="utf-8") as file:
                text = file.read()
            # The database's path needs a restart: the old one is looked at until then.
            database = site.daemon.database
            check_that(database in text, "the database is named")
            text = text.replace(database, database + ".other").replace("one.example.org", "two.example.org/status")
            web.write("linkrotd.yaml", text)
            os.kill(site.daemon.process.pid, signal.SIGHUP)
            end = time.monotonic() + 20
            while b"https://two.example.org/status/feed.atom" not in site.get("/feed.atom")[2]:
                check_that(time.monotonic() < end, "the second address did not come")
                time.sleep(0.05)
            check_that(b'href="/status/lists/links"' in site.get("/")[2], "below the path of the proxy")
            feed = os.path.join(web.path("published"), "feed.atom")
            while b"two.example.org" not in (open(feed, "rb").read() if os.path.exists(feed) else b""):
                check_that(time.monotonic() < end, "the files have the first address")
                time.sleep(0.05)


def test_many_lists_have_pages():
    """More lists than a page holds: each stands on one, of the server and of the files."""
    with Web(WEB) as web:
        with Site(web, daemon_rate=1) as site:
            site.wait(lambda links: len(links) == 3)
            with open(site.daemon.config, encoding="utf-8") as file:
                text = file.read()
            more = "".join(f"  - {{name: l{number}, sources: [{web.path('list.md')}]}}\n" for number in range(2, 121))
            web.write("linkrotd.yaml", text.replace("\ncheck:", "\n" + more + "check:"))
            os.kill(site.daemon.process.pid, signal.SIGHUP)
            end = time.monotonic() + 30
            while site.get("/?after=100")[0] != 200:
                check_that(time.monotonic() < end, "the lists did not come")
                time.sleep(0.1)
            first, second = site.get("/")[2], site.get("/?after=100")[2]
            tree(second)
            check_that(b'href="/?after=100"' in first and b'href="/"' in second, "there and back")
            for number in range(2, 121):
                where = f'"/lists/l{number}"'.encode()
                equal((number, where in first, where in second), (number, number <= 100, number > 100), "its page")
            for odd in ("7", "200", "-100", "99999999999999999999", "x"):
                equal((odd, site.get("/?after=" + odd)[0]), (odd, 400), "no page of ours")
            equal(site.daemon.ask("export", web.path("site")).status, 0, "export")
        with open(web.path("site/index.html"), "rb") as page:
            check_that(b'href="2.html"' in page.read(), "the next")
        with open(web.path("site/2.html"), "rb") as page:
            check_that(b'href="lists/l120/index.html"' in page.read(), "the last list")


def test_an_export_that_cannot_be_written():
    """A directory that is another's, a link that leads elsewhere: one sentence, and nothing is touched."""
    with Web(WEB) as web:
        with Site(web, daemon_rate=1) as site:
            site.wait(lambda links: len(links) == 3)
        web.write("file", "not a directory")
        os.makedirs(web.path("site"))
        os.makedirs(web.path("elsewhere"))
        os.symlink(web.path("elsewhere"), web.path("site/lists"))
        for directory, word in (("file", "directory"), ("no/such/parent", "cannot be made"), ("site", "lists")):
            run = site.daemon.ask("export", web.path(directory))
            equal((directory, run.status), (directory, 1), "status")
            check_that(word in run.stderr and run.stderr.count("\n") == 1, run.stderr)
        equal(os.listdir(web.path("elsewhere")), [], "elsewhere")
        equal(site.daemon.ask("export").status, 3, "no directory")
        equal(site.daemon.ask("export", "", ).status, 1, "an empty one")


HANDED_OVER = """
import os, socket, sys
handed = socket.socket(socket.AF_INET, getattr(socket, sys.argv[1]))
handed.bind(("127.0.0.1", 0))
os.dup2(handed.fileno(), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_a_socket_that_nobody_can_answer():
    """A daemon that listened elsewhere instead would be seen where nobody looks."""
    for kind in ("SOCK_DGRAM", "SOCK_STREAM"):
        with Web(WEB) as web:
            daemon = Daemon(web, LIST, extra=f"listen: 127.0.0.1:{free_port()}")
            daemon.prefix = (sys.executable, "-c", HANDED_OVER, kind)
            run = daemon.start().ended()
            equal((kind, run.status), (kind, 1), "exit status")
            check_that("ListenStream=" in run.stderr, run.stderr)


def test_the_port_is_taken():
    with Web(WEB) as web, socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        daemon = Daemon(web, LIST, extra=f"listen: 127.0.0.1:{holder.getsockname()[1]}")
        run = daemon.start().ended()
        equal(run.status, 1, "exit status")
        check_that("listen" in run.stderr or "address" in run.stderr.lower(), run.stderr)
