"""What programs rely on beyond the pages: refusals in their form, arguments, metrics, health, an address that systemd holds."""

import json
import os
import re
import resource
import shutil
import socket
import subprocess
import time

from harness import BINARY, Skip, Web, check_that, environment, equal
from test_serving import LIST, TOKEN, WEB, Site, dead_and_moved, free_port, words_of
from watch import DAY_S, Daemon


def test_refusals_have_the_form_of_their_address():
    """JSON for programs, a page of the site for people, the server's own refusals included."""
    long = "a" * 4200
    with Web(WEB) as web, Site(web, daemon_rate=1) as site:
        site.wait(lambda links: len(links) == 3)
        for method, path, expected in (
                ("GET", "/api/v1/nothing", 404), ("GET", "/api", 404), ("GET", "/api/v1/links?q=%zz", 400), ("GET", "/api/v1//links", 400),
                ("PUT", "/api/v1/links", 405), ("BREW", "/api/v1/links", 501), ("GET", "/api/v1/recheck", 405), ("GET", f"/api/{long}", 414),
                ("GET", "/api/1/2/3/4/5/6/7/8/9", 404), ("POST", "/api/v1/recheck", 413)):
            status, headers, body = site.get(path, method, b"x" * 70000 if method == "POST" else None)
            equal((path[:40], status, headers["Content-Type"]), (path[:40], expected, "application/json"), "to programs")
            said = json.loads(body)
            check_that(list(said) == ["error"] and len(said["error"]) > 10, str(said))
        for method, path, expected in (
                ("GET", "/nothing", 404), ("GET", "/lists/none", 404), ("GET", "/links/999999", 404), ("GET", "/links/x", 404), ("GET", "/apis", 404),
                ("GET", "/lists/links?state=undead", 400), ("GET", "/lists//", 400), ("GET", "/events?before=x", 400), ("DELETE", "/", 405),
                ("GET", f"/{long}", 414)):
            status, headers, body = site.get(path, method)
            equal((path[:40], status, headers["Content-Type"]), (path[:40], expected, "text/html; charset=utf-8"), "to people")
            check_that("All lists" in words_of(body), words_of(body))
            equal(site.get(re.search(rb'href="(/style[^"]*)"', body).group(1).decode())[0], 200, "its style")
        for path in ("/badge/links.gif", "/lists/none/feed.atom", "/metrics?%zz"):
            equal((path, site.get(path)[1]["Content-Type"]), (path, "text/plain; charset=utf-8"), "to neither")
        equal(site.get("/nothing", "HEAD")[0], 404, "HEAD")


def test_a_slash_too_many():
    with Web(WEB) as web, Site(web, daemon_rate=1) as site:
        site.wait(lambda links: len(links) == 3)
        for path in ("/lists/links", "/events", "/lists/links/events", "/links/1", "/feed.atom", "/api/v1/lists", "/badge/links.svg", "/metrics"):
            for question in ("", "?state=dead&q=%C3%A4+b"):
                status, headers, _ = site.get(f"{path}/{question}")
                equal((status, headers["Location"]), (308, f"{path}{question}"), path)
        equal(site.get("/lists/")[0], 404, "there is nothing without it either")
        equal(site.get("/nothing/")[0], 404, "likewise")
        equal(site.get("/api/v1/recheck/", "POST", b"{}")[0], 405, "what takes POST is one address")


def test_an_argument_is_given_once():
    """Which of two filters is meant nobody can tell; what nobody looks at may repeat."""
    with Web(WEB) as web, Site(web, daemon_rate=1) as site:
        site.wait(lambda links: len(links) == 3)
        for path in ("/api/v1/links?state=dead&state=alive", "/api/v1/links?q=a&list=links&q=a", "/api/v1/events?since=2026-01-01&since=2026-01-01",
                     "/lists/links?state=dead&%73tate=alive", "/events?before=1&before=2", "/api/v1/links?limit=1&limit="):
            status, _, body = site.get(path)
            equal((path, status), (path, 400), "status")
            check_that(b"more than once" in body, body.decode())
        many = "&".join(f"x{i}=1" for i in range(40))
        for path in (f"/api/v1/links?{many}&state=dead", f"/lists/links?{many}&state=dead"):
            equal((path, site.get(path)[0]), (path, 400), "a filter behind what there is no room for")
        for path in ("/api/v1/links?x=1&x=2", "/badge/links.svg?kind=dead&kind=links", "/lists/links?x&x&state=dead", f"/badge/links.svg?{many}"):
            equal((path, site.get(path)[0]), (path, 200), "status")


def test_times_in_any_form():
    """RFC 3339 as programs write it; a plus in a query is a blank when it arrives."""
    with Web(WEB) as web, Site(web) as site:
        site.wait(dead_and_moved)
        many = len(site.json("/api/v1/events")["events"])
        for since in ("2020-01-01", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00.123456Z", "2020-01-01T00:00:00+02:00",
                      "2020-01-01T00:00:00%2B02:00", "2020-01-01t00:00:00-05:30", "2020-01-01%2000:00:00+00:00"):
            equal((since, len(site.json(f"/api/v1/events?since={since}")["events"])), (since, many), "events")
        equal(site.json("/api/v1/events?since=2090-01-01T00:00:00+02:00")["events"], [], "of the future")
        equal(site.get("/api/v1/events?since=2020-01-01T00:00:00")[0], 400, "whose clock?")
        for since in ("2020-01-01T00:00:00+02:00", "2020-01-01T00:00:00.5Z"):
            equal(site.daemon.ask("report", "--since", since).status, 0, since)


def test_every_metric_of_the_manual_is_told():
    """And the dashboard asks for no other."""
    config = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "config")
    with open(os.path.join(config, "linkrotd-api.7"), encoding="utf-8") as file:
        section = file.read().split(".Sh METRICS")[1].split(".Sh ")[0]
    promised = re.findall(r"^\.It Ic (\S+)(?: Bq (.*))?\n(\w+):", section, re.M)
    check_that(len(promised) > 50, str(promised))
    with open(os.path.join(config, "grafana-dashboard.json"), encoding="utf-8") as file:
        shown = set(re.findall(r"\b(?:linkrotd|probe|process)_[a-z_]+(?=[{\[ )])", file.read()))
    web = WEB + 'e.test /rests status code=429 retry_after=3600\n'
    text = LIST + "- <https://a.test/ok>\n- <http://e.test/rests>\n"
    with Web(web) as web, Site(web, text=text) as site:
        site.wait(lambda links: dead_and_moved(links) and links["http://e.test/rests"]["state"] == "gated")
        end = time.monotonic() + 20
        while True:  # a certificate is seen at the next glance
            lines = [line for line in site.get("/metrics")[2].decode().splitlines() if not line.startswith("#")]
            series = {re.split("[{ ]", line)[0] for line in lines}
            missing = []
            for name, labels, kind in promised:
                names = {"summary": [name + "_sum", name + "_count"], "histogram": [name + "_bucket", name + "_sum", name + "_count"]}.get(kind, [name])
                missing += [n for n in names if n not in series]
                for label in filter(None, (labels or "").split(", ")):
                    missing += [] if any(line.startswith(names[0] + "{") and f'{label}="' in line for line in lines) else [f"{name}{{{label}}}"]
            if not missing or time.monotonic() > end:
                break
            time.sleep(0.1)
        equal(missing, [], "promised and not told")
        check_that(len(shown) > 20, str(shown))
        equal(shown - series, set(), "asked for by the dashboard and not told")
        told = dict(line.rsplit(" ", 1) for line in lines)
        check_that(float(told["linkrotd_hosts_paused"]) >= 1, told["linkrotd_hosts_paused"])
        check_that(0 < float(told["linkrotd_writer_last_commit_seconds"]) <= float(told["linkrotd_writer_commit_seconds_sum"]), "commits take time")
        check_that(float(told['probe_duration_seconds{list="links"}']) >= 0, "a mean")


def test_no_badge_turns_on_a_suspicion():
    """A link that was well and fails since is what it was last confirmed to be, on the badge and for Prometheus."""
    web = "a.test /ok ok\nb.test /fails ok first=1\nb.test /fails status code=404\n"
    text = "- <http://a.test/ok>\n- <http://b.test/fails>\n"
    with Web(web) as web, Site(web, daemon_rate=DAY_S // 4, text=text) as site:
        site.wait(lambda links: links["http://b.test/fails"]["state"] == "suspect")
        looks = 0
        for _ in range(200):
            badges = [json.loads(site.get(f"/badge/links.json{kind}")[2]) for kind in ("", "?kind=dead")]
            picture, metrics = site.get("/badge/links.svg")[2], site.get("/metrics")[2].decode()
            if site.json("/api/v1/links?q=fails")["links"][0]["state"] != "suspect":
                break
            looks += 1
            equal([(b["message"], b["color"]) for b in badges], [("2/2 ok", "brightgreen"), ("none dead", "brightgreen")], "badges")
            check_that(b"2/2 ok" in picture, picture.decode())
            check_that('probe_success{list="links"} 1\n' in metrics and 'linkrotd_dead_links{list="links"} 0\n' in metrics, "metrics")
        check_that(looks > 0, "it was no suspect for long enough to look")
        site.wait(lambda links: links["http://b.test/fails"]["state"] == "dead")
        end = time.monotonic() + 20
        while (message := json.loads(site.get("/badge/links.json")[2])["message"]) != "1/2 ok":
            check_that(time.monotonic() < end, f"confirmed, and the badge says {message}")
            time.sleep(0.1)


def test_pages_are_whole_while_states_change():
    """Whoever walks through all links meets each of them once, whatever becomes of them meanwhile."""
    with Web(WEB) as web, Site(web) as site:
        site.wait(lambda links: len(links) == 3)
        end = time.monotonic() + 30
        settled = False
        while not settled:
            urls, states, after = [], [], ""
            while after is not None:
                answer = site.json(f"/api/v1/links?limit=1&after={after}")
                urls += [link["url"] for link in answer["links"]]
                states += [link["state"] for link in answer["links"]]
                after = answer["next"]
            equal(sorted(urls), ["http://a.test/ok", "http://b.test/gone", "http://c.test/old"], "each once")
            settled = {"dead", "moved"} <= set(states)
            check_that(time.monotonic() < end, f"{states}")


def test_health_knows_a_writer_that_cannot_write():
    """It is alive and tries again, but what was found out is not kept: a disk that is full."""
    with Web(WEB) as web, Site(web, daemon_rate=1) as site:
        site.wait(lambda links: len(links) == 3)
        end = time.monotonic() + 20
        while site.get("/healthz")[0] != 200:
            check_that(time.monotonic() < end, "it is not well at first")
            time.sleep(0.1)
        pid = site.daemon.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, before[1]))
        status, _, _ = site.get("/api/v1/recheck", "POST", json.dumps({"list": "links"}), Authorization=f"Bearer {TOKEN}")
        equal(status, 202, "something to write")
        end = time.monotonic() + 50
        while site.get("/healthz")[0] == 200:
            check_that(time.monotonic() < end, "nothing can be written, and all is said to be well")
            time.sleep(0.2)
        said = json.loads(site.get("/healthz")[2])
        check_that(said["status"] == "failing" and "the writer" in str(said["reasons"]), str(said))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def ask_at(family, address, path):
    """The first line of an answer; until somebody listens."""
    end = time.monotonic() + 20
    while True:
        with socket.socket(family) as client:
            client.settimeout(10)
            try:
                client.connect(address)
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                return client.makefile("rb").readline().decode().strip()
            except OSError as error:
                check_that(time.monotonic() < end, f"{address}: {error}")
        time.sleep(0.05)


def test_systemd_holds_the_address():
    """Whoever comes while the daemon starts is served by it; `listen` is not looked at."""
    if shutil.which("systemd-socket-activate") is None:
        raise Skip("no systemd-socket-activate")
    for unix in (False, True):
        with Web(WEB) as web:
            port = free_port()
            daemon = Daemon(web, LIST, extra="listen: 192.0.2.1:80\n")
            family, address = (socket.AF_UNIX, web.path("http.sock")) if unix else (socket.AF_INET, ("127.0.0.1", port))
            values = environment(**daemon.environment())
            words = [word for name in values for word in ("-E", name)]
            process = subprocess.Popen(
                ["systemd-socket-activate", "-l", address if unix else f"127.0.0.1:{port}", *words, BINARY[0], "run", "-c", daemon.config],
                cwd=web.dir, env=values, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
            try:
                check_that(ask_at(family, address, "/badge/links.svg") == "HTTP/1.1 200 OK", "the first")
                end = time.monotonic() + 20
                while ask_at(family, address, "/lists/links") != "HTTP/1.1 200 OK":
                    check_that(time.monotonic() < end, "the list is not shown")
                    time.sleep(0.05)
                equal(ask_at(family, address, "/healthz"), "HTTP/1.1 200 OK", "health")
            finally:
                process.terminate()
                _, errors = process.communicate(timeout=20)
            equal(process.returncode, 0, errors.decode())
            place = f"behind the socket {address}\n" if unix else f"at http://127.0.0.1:{port}/\n"
            check_that(f"its pages are {place}" in errors.decode(), errors.decode())
