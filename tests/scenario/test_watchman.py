"""`linkrotd run` at the seams: what is under way when something else ends, changes or is asked for."""

import json
import os
import re
import signal
import socket
import time
from datetime import datetime, timezone

from harness import Web, check_that, equal
from watch import DAY_S, Daemon

SLOW = 'a.test /* ok delay=0.7 title="Slow"\n'


def listing(links):
    return "".join(f"- [Some page]({link})\n" for link in links)


def wake_ups(process):
    """Of its loop's thread so far."""
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))


def large_list(links):
    """Takes seconds to read; its links are of a scheme that nobody is asked about."""
    return "".join(f"- [mail](mailto:someone{i}@example.org) and some *words* around `it` [x](#y)\n"
                   for i in range(links))


def test_it_ends_while_a_source_is_read():
    """Answers that come after the end do not count, however long the disk takes."""
    with Web(SLOW) as web:
        web.write("large.md", large_list(150000))
        links = [f"http://a.test/{i}" for i in range(40)]
        daemon = Daemon(web, listing(links), rate=DAY_S, sources=["list.md", "large.md"])
        daemon.start()
        web.wait_for(lambda _: web.requests("a.test"))
        run = daemon.stop()
        check_that(run.status == 0, f"exit status {run.status}: {run.stderr[-1500:]}")


def test_a_link_whose_request_is_under_way():
    """Another fragment of a page that is just being asked waits for its turn, and gets it."""
    with Web('a.test /* ok delay=2.4 title="Slow"\n') as web, \
            Daemon(web, listing(["http://a.test/p#one"]), interval="7d") as daemon:
        daemon.wait(lambda links: len(links) == 1)
        equal(daemon.ask("recheck", "http://a.test/p#one").stdout.strip(), "1 link is due now", "recheck")
        web.write("list.md", listing(["http://a.test/p#one", "http://a.test/p#two"]))
        daemon.wait(lambda links: len(links) == 2)
        equal(daemon.ask("recheck", "http://a.test/p#two").stdout.strip(), "1 link is due now", "recheck")
        daemon.wait(lambda links: all(link["state"] == "alive" for link in links.values()), seconds=25)


def test_a_host_that_is_back_is_asked_for_all():
    """Its dead links would be asked after a week, two and a month: one answer is a reason to ask the others now. Not the one
    whose page is gone, and not again one that fails while its host is well."""
    web_text = """
        down.test /gone status code=404
        down.test /ill  status code=500
        down.test /*    status code=503 until=14
        down.test /*    ok title="Back"
        up.test   /*    ok title="Up"
        too.test  /*    ok title="Up, too"
    """
    urls = [f"http://down.test/{i}" for i in range(6)]
    links = listing([*urls, "http://down.test/gone", "http://down.test/ill", "http://up.test/", "http://too.test/"])
    extra = "confirm: {strikes: 2, span: 1d, unreachable_span: 2d}\n"
    with Web(web_text) as web, Daemon(web, links, rate=DAY_S, interval="1d", extra=extra, check=", max_interval: 1d") as daemon:
        daemon.wait(lambda found: all(found[url]["state"] == "dead" for url in [*urls, "http://down.test/ill"]), seconds=40)
        web.wait_for(lambda log: log and time.time() - os.stat(web.path("list.md")).st_mtime > 14.5, 30)
        asked = len(web.requests("down.test"))
        equal(daemon.ask("recheck", urls[0]).stdout.strip(), "1 link is due now", "recheck")
        found = daemon.wait(lambda found: all(found[url]["state"] == "alive" for url in urls))
        since = sorted(datetime.fromisoformat(found[url]["since"].replace("Z", "+00:00")) for url in urls)
        check_that((since[-1] - since[0]).total_seconds() < 5 * DAY_S, f"one after the other: {since}")
        equal((found["http://down.test/gone"]["state"], found["http://down.test/ill"]["state"]), ("dead", "dead"), "those that are not back")
        return f"{len(web.requests('down.test')) - asked} requests, {(since[-1] - since[0]).total_seconds() / 3600:.1f} h between the first and the last"


def test_a_filter_is_heeded_at_once():
    """Excluded after a reload or a start, a dead link does not stand as dead until its next check, in weeks; and what is excluded
    no more is asked for."""
    def states(**wanted):
        daemon.wait(lambda links: {url.split(".")[0][7:]: link["state"] for url, link in links.items()} == wanted)

    def exclude(host):
        daemon.config = daemon.write_config(interval="7d", check=f", exclude: ['{host}']", extra=extra)

    began = time.time()
    extra = "confirm: {strikes: 2, span: 1d}\n"
    with Web('gone.test /* status code=404\nwell.test /* ok title="Some page"') as web:
        links = listing(["http://gone.test/x", "http://well.test/x"])
        daemon = Daemon(web, links, interval="7d", rate=f"{DAY_S}@{began}", extra=extra)
        with daemon:
            states(gone="dead", well="alive")
        daemon.go_on_slowly(began)
        with daemon:
            daemon.ready()
            exclude("gone")
            os.kill(daemon.process.pid, signal.SIGHUP)
            states(gone="skipped", well="alive")
            exclude("well")
            os.kill(daemon.process.pid, signal.SIGHUP)
            states(gone="dead", well="skipped")
        exclude("gone")
        with daemon:
            states(gone="skipped", well="alive")


def test_an_incident_ends_when_its_links_have_left():
    """Whether they are taken off the list or excluded: not weeks later, when they would be asked again."""
    def said(daemon, host):
        return f"{host} broken" in daemon.ask("status").stdout

    began = time.time()
    gone = {host: [f"http://{host}/{n}" for n in range(3)] for host in ("b.test", "c.test")}
    good = [f"http://a.test/{n}" for n in range(20)]
    with Web("a.test /* ok title=Good\nb.test /* status code=404\nc.test /* status code=404") as web:
        extra = "confirm: {strikes: 2, span: 1d}\n"
        daemon = Daemon(web, listing(gone["b.test"] + gone["c.test"] + good), rate=f"{DAY_S}@{began}", extra=extra, interval="7d")
        with daemon:
            daemon.wait(lambda found: all(found[url]["state"] == "dead" for urls in gone.values() for url in urls))
        daemon.go_on_slowly(began)
        with daemon:
            daemon.ready()
            equal((said(daemon, "b.test"), said(daemon, "c.test")), (True, True), "incidents after the restart")
            web.write("list.md", listing(gone["c.test"] + good))
            daemon.wait(lambda _: not said(daemon, "b.test"))
            check_that(said(daemon, "c.test"), "the other one goes on")
            daemon.config = daemon.write_config(check=", exclude: ['c[.]test']", extra=extra, interval="7d")
            os.kill(daemon.process.pid, signal.SIGHUP)
            daemon.wait(lambda _: not said(daemon, "c.test"))


def test_who_asks_by_hand_knows_better():
    """A host that was closed for an hour is asked all the same, and only for that link."""
    links = [f"http://a.test/{n}" for n in range(12)]
    with Web("a.test /* status code=503 until=6\na.test /* ok title=Back") as web, Daemon(web, listing(links), interval="7d") as daemon:
        daemon.wait(lambda found: len(found) == 12)
        daemon.ask("recheck", "--list", "links")
        daemon.wait(lambda found: all(link["checks"] == 1 for link in found.values()))
        asked = len(web.requests("a.test"))
        check_that(asked < 12, f"closed after {asked} requests")
        web.wait_for(lambda _: time.monotonic() - daemon.began > 8)
        daemon.ask("recheck", links[11])
        daemon.wait(lambda found: found[links[11]]["state"] == "alive")


def test_what_only_the_disk_says_is_confirmed():
    """A file that is missing for weeks is dead, though there is no second way to look for it."""
    with Web(SLOW) as web, \
            Daemon(web, "[a](missing.md) [b](#nowhere)\n", rate=4 * DAY_S) as daemon:
        daemon.wait(lambda links: all(link["state"] == "dead" for link in links.values()), seconds=20)


def test_a_document_that_two_sources_may_hold():
    """Named by itself it stays, though its directory does not show it; and goes when nobody names it."""
    with Web(SLOW) as web:
        for name, text in (("docs/README.md", listing(["http://a.test/readme"])), ("docs/other.md", listing(["http://a.test/other"])),
                           ("docs/.gitignore", "README.md\n")):
            os.makedirs(web.path("docs"), exist_ok=True)
            web.write(name, text)
        both = {"http://a.test/readme", "http://a.test/other"}
        daemon = Daemon(web, sources=["docs/README.md", "docs"], rate=DAY_S, refresh="1h")
        for _ in range(2):
            with daemon:
                daemon.wait(lambda links: set(links) == both and all(link["state"] == "alive" for link in links.values()))
                end = time.monotonic() + 1
                while time.monotonic() < end:
                    equal(set(daemon.status()), both, "links, with both sources read again each 40 ms")
        daemon.config = daemon.write_config(sources=["docs"], refresh="1h")
        with daemon:
            daemon.wait(lambda links: set(links) == {"http://a.test/other"})


def test_reloads_while_lists_change():
    """No link is forgotten that is committed just when the lists are begun anew."""
    with Web(SLOW) as web, Daemon(web, listing(["http://a.test/0"]), rate=DAY_S, refresh="1h") as daemon:
        daemon.wait(lambda links: links["http://a.test/0"]["state"] == "alive")
        for i in range(40):
            web.write("list.md", listing([f"http://a.test/{k}" for k in range(i + 1)]))
            time.sleep(0.02 + 0.01 * (i % 23))
            os.kill(daemon.process.pid, signal.SIGHUP)
        daemon.wait(lambda links: len(links) == 40 and all(link["state"] == "alive" for link in links.values()))


def test_no_check_is_promised_for_what_left_the_lists():
    """It keeps its place in the schedule until then, but is not asked: `why` must not name the day."""
    with Web(SLOW) as web, Daemon(web, listing(["http://a.test/0", "http://a.test/1"]), interval="7d") as daemon:
        daemon.wait(lambda links: False not in {daemon.ask("recheck", url).status == 0 for url in links} and
                    all(link["state"] == "alive" for link in links.values()) and len(links) == 2)
        check_that("It is checked next on" in daemon.ask("why", "http://a.test/1").stdout, "a link on a list is checked again")
        web.write("list.md", listing(["http://a.test/0"]))
        daemon.wait(lambda links: len(links) == 1)
        gone = daemon.ask("why", "http://a.test/1").stdout
        check_that("no check is planned" in gone and "is not checked" in gone, f"what happens next: {gone}")
        check_that("checked next" not in gone and "next check" not in gone, f"a day is named: {gone}")


def test_a_first_check_is_waited_for():
    """Its time is chosen by the daemon and stands in no database: `why` must not say that no check is planned."""
    with Web(SLOW) as web, Daemon(web, listing(["http://a.test/0"]), interval="7d") as daemon:
        daemon.wait(lambda links: links["http://a.test/0"]["state"] == "unchecked" and
                    links["http://a.test/0"]["next_check_at"] is None)
        text = daemon.ask("why", "http://a.test/0").stdout
        check_that("It waits for its first check" in text and "no check is planned" not in text, f"what happens next: {text}")
        evidence = json.loads(daemon.ask("why", "http://a.test/0", "--format", "json").stdout)
        check_that("first check" in "".join(evidence["next"]), f"as JSON: {evidence['next']}")


def test_a_source_in_trouble_is_told_of_once():
    """Not at each reading; and once when it is well again."""
    with Web(SLOW) as web, Daemon(web, sources=["nowhere.md"], rate=DAY_S, refresh="1h") as daemon:
        daemon.ready()
        time.sleep(1)
        web.write("nowhere.md", listing(["http://a.test/0"]))
        daemon.wait(lambda links: len(links) == 1)
        time.sleep(0.5)
        run = daemon.stop()
        equal(run.stderr.count("nowhere.md"), 2, f"lines about the source in {run.stderr}")
        check_that("nowhere.md: can be read again" in run.stderr, f"the second one in {run.stderr}")


def test_many_sources_cost_nothing():
    """More sources than are read at a time, and one that never ends, are no reason to spin."""
    with Web("a.test / ok delay=60") as web:
        for i in range(100):
            web.write(f"list{i}.md", "[x](#y)\n")
        sources = ["http://a.test/"] + [f"list{i}.md" for i in range(100)]
        with Daemon(web, sources=sources, refresh="1s") as daemon:
            daemon.ready()
            time.sleep(0.5)
            before = wake_ups(daemon.process.pid)
            time.sleep(2)
            count = wake_ups(daemon.process.pid) - before
            check_that(count < 500, f"woke up {count} times in 2 s of waiting")


def test_the_pace_of_a_host_that_only_redirects_lead_to():
    """A wish in the configuration holds for whoever is asked, not only for the hosts of the list."""
    table = "".join(f"a{i}.test /* redirect code=302 to=https://slow.test/{i}\n" for i in range(4)) + "slow.test /* ok\n"
    with Web(table) as web, \
            Daemon(web, listing([f"https://a{i}.test/" for i in range(4)]), rate=DAY_S,
                   extra='hosts: [{match: "*.slow.test", request_interval: 700ms, concurrency: 1}]') as daemon:
        daemon.wait(lambda links: len(links) == 4 and all(link["state"] == "alive" for link in links.values()))
        times = [entry["at"] / 1e6 for entry in web.requests("slow.test")][:4]
        gaps = [after - before for before, after in zip(times, times[1:])]
        check_that(gaps and min(gaps) > 0.65, f"seconds between requests: {gaps}")


def test_a_link_by_another_spelling():
    """Who asks for a check names the link as he would type it."""
    with Web('a.test /* ok title="Page"\n') as web, \
            Daemon(web, listing(["http://a.test/x", "https://a.test/y"]), interval="7d") as daemon:
        daemon.wait(lambda links: len(links) == 2)
        equal(daemon.ask("recheck", "HTTP://A.test:80/x").stdout.strip(), "1 link is due now", "another spelling")
        equal(daemon.ask("recheck", "a.test/y").stdout.strip(), "1 link is due now", "no scheme")
        daemon.wait(lambda links: all(link["state"] == "alive" for link in links.values()))


def test_a_next_check_that_is_overdue():
    """More is due than may be asked at once: the next check is now, and not in 1970."""
    links = [f"http://h{n}.example{n}.org/" for n in range(700)]
    with Web("*.org /* hang\n") as web, Daemon(web, listing(links), interval="7d") as daemon:
        daemon.wait(lambda found: len(found) == 700)
        began = datetime.now(timezone.utc)
        daemon.ask("recheck", "--list", "links")
        said = ""
        end = time.monotonic() + 20
        while not re.search(r"[1-9][0-9]* overdue", said):
            check_that(time.monotonic() < end, f"nothing is overdue: {said!r}")
            said = daemon.ask("status").stdout
        at = datetime.fromisoformat(re.search(r"next check at (\S+)", said)[1].replace("Z", "+00:00"))
        check_that(abs((at - began).total_seconds()) < 60, f"next check at {at}, now is {began}")


def test_one_recheck_goes_before_many():
    """A host whose line is long is asked for the one link that somebody wants to see."""
    with Web('a.test /* ok title="Page"\n') as web, \
            Daemon(web, listing([f"http://a.test/{i}" for i in range(200)]), interval="7d",
                   extra='hosts: [{match: "a.test", request_interval: 300ms, concurrency: 1}]') as daemon:
        daemon.wait(lambda links: len(links) == 200)
        daemon.ask("recheck", "--list", "links")
        web.wait_for(lambda _: len(web.requests()) > 1)
        daemon.ask("recheck", "http://a.test/199")
        daemon.wait(lambda links: links["http://a.test/199"]["state"] == "alive", seconds=8)


def test_systemd_is_told_of_the_end_of_a_reload():
    """After SIGHUP, good or bad: a unit that is reloading for ever is not started again by anybody."""
    with Web('a.test /* ok title="Page"\n') as web, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        notices.bind(web.path("notify"))
        notices.settimeout(10)
        daemon = Daemon(web, listing(["http://a.test/"]))
        ordinary = daemon.environment()
        daemon.environment = lambda: {**ordinary, "NOTIFY_SOCKET": web.path("notify")}
        with daemon:
            wait_for_notice(notices, "READY=1")
            for text in (None, "nonsense: ["):
                if text:
                    web.write("linkrotd.yaml", text)
                os.kill(daemon.process.pid, signal.SIGHUP)
                wait_for_notice(notices, "RELOADING=1")
                wait_for_notice(notices, "READY=1")


def wait_for_notice(notices, wanted):
    while wanted not in notices.recv(4096).decode():
        pass


def test_a_wall_in_place_of_a_list():
    """Its links are not those of the list, which keeps its own; and somebody is told."""
    with Web("lists.test /list.md raw type=text/markdown body=\"- <https://a.test/>\" first=1\n"
             "lists.test /list.md challenge kind=cloudflare code=200\n"
             'a.test /* ok title="Page"\n') as web, \
            Daemon(web, rate=DAY_S, sources=["https://lists.test/list.md"]) as daemon:
        daemon.wait(lambda links: links["https://a.test/"]["state"] == "alive")
        end = time.monotonic() + 10
        while "challenge" not in (said := daemon.ask("report", "--since", "3650d").stdout):
            check_that(time.monotonic() < end, f"the report says nothing of the wall: {said}")
            time.sleep(0.1)
        equal(list(daemon.status()), ["https://a.test/"], "what is on the list")


def test_a_list_on_the_web_that_fails_once():
    """One bad moment of its server is no news; the second in a row is."""
    with Web("lists.test /once.md status code=503 first=1\n"
             'lists.test /once.md raw type=text/markdown body="- <https://a.test/>"\n'
             "lists.test /never.md status code=503\n"
             'a.test /* ok title="Page"\n') as web, \
            Daemon(web, rate=DAY_S, sources=["https://lists.test/once.md", "https://lists.test/never.md"]) as daemon:
        daemon.wait(lambda links: links["https://a.test/"]["state"] == "alive")
        end = time.monotonic() + 10
        while "never.md" not in (said := daemon.ask("report", "--since", "3650d").stdout):
            check_that(time.monotonic() < end, f"the report says nothing of the list that fails: {said}")
            time.sleep(0.1)
        check_that("once.md" not in said, f"the report: {said}")
