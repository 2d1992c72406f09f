"""`linkrotd run` whose plan is made anew: after days without it, edits, starts and other intervals every link has its turn."""

import contextlib
import os
import signal
import sqlite3
import time

from harness import Web, check_that, equal
from watch import DAY_S, Daemon

SITE = 'a.test /* ok title="Page"\n'
HOUR_RATE = 20000  # a second is five and a half hours


def listing(links):
    return "".join(f"- [Some page]({link})\n" for link in links)


def pages(count):
    return [f"http://a.test/{n}" for n in range(count)]


def begin_absent(web, count, days):
    """A daemon that is to be started `days` after another has checked all; and when that was."""
    daemon = Daemon(web, listing(pages(count)), rate=f"{DAY_S}@{time.time()}", interval="7d")
    with daemon:
        daemon.wait(lambda links: len(links) == count and all(link["state"] == "alive" for link in links.values()))
    ahead = (time.time() - daemon.began + days) * DAY_S
    daemon.rate = f"{HOUR_RATE}@{time.time() - ahead / HOUR_RATE:.3f}"
    return daemon


def asked_since(web, before):
    return {entry["path"] for entry in web.requests("a.test")[before:]}


def test_a_list_that_is_edited_all_the_time():
    """Late links wait for a turn; that somebody works on their list must not put them off."""
    with Web(SITE) as web:
        daemon = begin_absent(web, 40, days=12)
        before = len(web.requests("a.test"))
        with daemon:
            end = time.monotonic() + 20
            edit = 0
            while len(asked_since(web, before)) < 40:
                check_that(time.monotonic() < end, f"asked of 40 late links: {len(asked_since(web, before))}")
                edit += 1
                web.write("list.md", listing([*pages(40), f"mailto:edit{edit}@example.org"]))
                time.sleep(0.1)


def test_a_machine_that_is_up_for_a_few_hours():
    """What was not asked today goes first tomorrow."""
    with Web(SITE) as web:
        daemon = begin_absent(web, 40, days=12)
        before = len(web.requests("a.test"))
        for _ in range(10):
            with daemon:
                daemon.ready()
            if len(asked_since(web, before)) == 40:
                return
        check_that(False, f"after ten starts of 40 late links were asked: {len(asked_since(web, before))}")


def recheck_all_and(change):
    """Who has asked for a whole list gets it, whatever happens to the plan while its host's line is long."""
    slow = 'hosts: [{match: "a.test", request_interval: 200ms, concurrency: 1}]'
    with Web(SITE) as web, Daemon(web, listing(pages(12)), interval="7d", extra=slow) as daemon:
        daemon.wait(lambda links: len(links) == 12)
        daemon.ask("recheck", "--list", "links")
        daemon.wait(lambda links: all(link["state"] == "alive" for link in links.values()))
        equal(daemon.ask("recheck", "--list", "links").stdout.strip(), "12 links are due now", "recheck")
        change(web, daemon, slow)
        web.wait_for(lambda _: len(web.requests("a.test")) >= 24, 20)


def test_a_recheck_outlives_an_edit():
    recheck_all_and(lambda web, *_: web.write("list.md", listing([*pages(12), "http://a.test/new"])))


def test_a_recheck_outlives_a_new_plan():
    def plan_anew(_, daemon, slow):
        daemon.write_config(interval="6d", extra=slow)
        os.kill(daemon.process.pid, signal.SIGHUP)
    recheck_all_and(plan_anew)


def test_an_incident_of_last_year():
    """A host that has been dead for most of a year is no news at the next start."""
    links = [*(f"http://down.test/{n}" for n in range(3)), "http://up.test/"]
    extra = "confirm: {strikes: 2, span: 1d, unreachable_span: 2d}\n"
    with Web('down.test /* status code=503\nup.test /* ok title="Up"\n') as web:
        daemon = Daemon(web, listing(links), rate=f"{DAY_S}@{time.time()}", interval="7d", extra=extra)
        with daemon:
            daemon.wait(lambda found: all(found[url]["state"] == "dead" for url in links[:3]), seconds=40)
        ahead = (time.time() - daemon.began + 200) * DAY_S
        daemon.rate = f"{HOUR_RATE}@{time.time() - ahead / HOUR_RATE:.3f}"
        before = daemon.status()
        with daemon:
            daemon.wait(lambda found: all(found[url]["checked_at"] > before[url]["checked_at"] for url in links[:3]))
        with contextlib.closing(sqlite3.connect(daemon.database)) as database:
            told = database.execute("SELECT text FROM event WHERE link_id IS NULL AND text LIKE 'down.test %'").fetchall()
        equal(len(told), 1, f"news of the host: {told}")


def test_an_incident_that_nothing_names_ends():
    """Its links are well or gone, and nobody has seen it: who was told of it is told that it is over, once."""
    with Web('up.test / ok title="Up"\n') as web:
        daemon = Daemon(web, listing(["http://up.test/"]), rate=f"{DAY_S}@{time.time()}", interval="7d")
        with daemon:
            daemon.wait(lambda found: found["http://up.test/"]["state"] == "alive")
        with contextlib.closing(sqlite3.connect(daemon.database)) as database, database:
            database.execute("INSERT INTO event(at, kind, reason, links, text) SELECT at, (SELECT code FROM word WHERE kind = 5 "
                             "AND text = 'incident_began'), 0, 3, 'down.test broken, 3 links' FROM event LIMIT 1")
        for _ in range(2):
            with daemon:
                daemon.ready()
            with contextlib.closing(sqlite3.connect(daemon.database)) as database:
                told = database.execute("SELECT text FROM event WHERE incident_id IS NOT NULL").fetchall()
            equal(told, [("Over: down.test broken, 3 links",)], "ends")


def count_since(web, before, page):
    return [entry["path"] for entry in web.requests("a.test")[before:]].count(f"/{page}")


def hourly_after(change):
    """Links that were to be asked each month, and are to be each hour once `change` is done to their daemon."""
    with Web(SITE) as web:
        daemon = Daemon(web, listing(pages(10)), rate=f"{HOUR_RATE}@{time.time()}", interval="30d", check=", max_interval: 30d")
        with daemon:
            daemon.ready()
            daemon.ask("recheck", "--list", "links")
            daemon.wait(lambda links: len(links) == 10 and all(link["state"] == "alive" for link in links.values()))
            before = len(web.requests("a.test"))
            change(daemon)
            end = time.monotonic() + 20
            while min(counts := [count_since(web, before, page) for page in range(10)]) < 4:
                check_that(time.monotonic() < end, f"checks of each: {counts}")
                time.sleep(0.05)


def shorten(daemon):
    daemon.write_config(interval="1h", check=", max_interval: 1h")


def restart(daemon):
    shorten(daemon)
    daemon.stop()
    daemon.start()


def reload(daemon):
    shorten(daemon)
    os.kill(daemon.process.pid, signal.SIGHUP)


def take_up(daemon):
    """Another list is asked each hour, and the links come to stand in it, too."""
    daemon.web.write("often.md", listing(["http://b.test/"]))
    with open(daemon.config, encoding="utf-8") as file:
        text = file.read().replace("max_interval: 30d", "max_interval: 1h")
    daemon.web.write("linkrotd.yaml", text.replace("lists:\n", f"""lists:
  - {{name: often, sources: [{daemon.web.path("often.md")}], interval: 1h}}
"""))
    os.kill(daemon.process.pid, signal.SIGHUP)
    daemon.wait(lambda links: "http://b.test/" in links)
    daemon.web.write("often.md", listing([*pages(10), "http://b.test/"]))


def test_a_shorter_interval_after_a_reload():
    hourly_after(reload)


def test_a_shorter_interval_by_another_list():
    hourly_after(take_up)


def test_a_shorter_interval_after_a_restart():
    hourly_after(restart)
