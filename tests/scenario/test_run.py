"""`linkrotd run`: a daemon that remembers, waits, and is sure before it speaks. Its clock runs fast here."""

import csv
import io
import json
import os
import signal
import sqlite3
import time

from harness import POWERLESS, Web, check_that, equal, start
from watch import DAY_S, Daemon, brief

MIXED = """
    a.test /ok   ok title="Fine"
    b.test /gone status code=404
    c.test /old  redirect code=301 to=http://d.test/new
    d.test /new  ok title="New"
    e.test /down status code=503
    f.test /wall challenge kind=cloudflare
"""
# Pages that differ: one page for everybody is what a portal shows.
HOSTS = "".join(f'{name}.test /* ok title="Page of {name}"\n' for name in "abc")
LINKS = ["http://a.test/ok", "http://b.test/gone", "http://c.test/old", "http://e.test/down", "http://f.test/wall"]


def listing(links):
    return "".join(f"- [Some page](<{link}>)\n".replace("(<", "(").replace(">)", ")") for link in links)


def all_checked(links):
    return links and all(link["state"] != "unchecked" for link in links.values())


def rows(daemon, query):
    with sqlite3.connect(f"file:{daemon.database}?mode=ro", uri=True) as database:
        return database.execute(query).fetchall()


def test_states_grow_with_time():
    """A missing page is suspect at once, dead after six days; a server in trouble is not dead before two weeks."""
    with Web(MIXED) as web, Daemon(web, listing(LINKS), rate=2 * DAY_S) as daemon:
        links = daemon.wait(all_checked)
        equal(links["http://a.test/ok"]["state"], "alive", "a good link")
        daemon.wait(lambda links: links["http://b.test/gone"]["state"] == "dead")
        daemon.wait(lambda links: links["http://c.test/old"]["state"] == "moved")
        links = daemon.wait(lambda links: links["http://e.test/down"]["state"] == "dead", seconds=40)
        equal(brief(links)["http://f.test/wall"], ("gated", "challenge"), "a wall is never death")
        moved = links["http://c.test/old"]
        equal(moved["suggestion"]["url"], "http://d.test/new", "suggestion")
        for url, days in (("http://b.test/gone", 6), ("http://e.test/down", 14)):
            first, dead = rows(daemon, f"""
                SELECT min(julianday(at)), max(julianday(at)) FROM v_event JOIN v_link USING (link_id)
                WHERE url = '{url}' AND to_state IN ('suspect', 'dead')""")[0]
            check_that(days <= dead - first <= days + 2.5, f"{url} was confirmed after {dead - first:.1f} days")


def test_the_views():
    """The columns that others may rely on."""
    with Web(MIXED) as web, Daemon(web, listing(LINKS), rate=DAY_S) as daemon:
        daemon.wait(all_checked)
        columns = {
            "v_link": "link_id, url, state, since, last_ok_at, last_checked_at, reason, http_status, final_url, strikes",
            "v_occurrence": "link_id, list, source, line, column, text",
            "v_check": "link_id, at, outcome, reason, http_status, elapsed_ms",
            "v_event": "event_id, at, link_id, from_state, to_state, reason",
        }
        for view, names in columns.items():
            check_that(rows(daemon, f"SELECT {names} FROM {view}"), f"{view} has rows")
        equal(rows(daemon, "SELECT list, source, line FROM v_occurrence ORDER BY line LIMIT 1"),
              [("links", web.path("list.md"), 1)], "an occurrence")


def test_it_comes_back():
    """One success clears all strikes, and the event says from what."""
    with Web("""
        a.test / status code=404 until=4
        a.test / ok title="Back"
        b.test / ok
    """) as web, Daemon(web, listing(["http://a.test/", "http://b.test/"]), rate=4 * DAY_S) as daemon:
        daemon.wait(lambda links: links["http://a.test/"]["state"] == "dead")
        daemon.wait(lambda links: links["http://a.test/"]["state"] == "alive", seconds=50)
        moves = rows(daemon, "SELECT from_state, to_state FROM v_event JOIN v_link USING (link_id) "
                             "WHERE url = 'http://a.test/' AND to_state IS NOT NULL ORDER BY event_id")
        equal([m for m in moves if m[0]][-2:], [("suspect", "dead"), ("dead", "alive")], "its way")
        died = rows(daemon, "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, '+1 hour') FROM v_event WHERE to_state = 'dead'")
        report = json.loads(daemon.ask("report", "--since", died[-1][0], "--format", "json").stdout)
        equal([entry["url"] for entry in report["recovered"]], ["http://a.test/"], "the report tells of it")



def test_why_status_and_report():
    with Web(MIXED) as web, Daemon(web, listing(LINKS), rate=2 * DAY_S) as daemon:
        daemon.wait(lambda links: links["http://b.test/gone"]["state"] == "dead")
        why = daemon.ask("why", "http://b.test/gone")
        equal(why.status, 0, f"exit status ({why.stderr})")
        for word in ("dead", "http_404", "list.md:2", "second method", "Gone", "UTC")[:4]:
            check_that(word in why.stdout, f"why says {word!r}: {why.stdout}")
        equal(json.loads(daemon.ask("why", "http://b.test/gone", "--format", "json").stdout)["schema"], 1, "schema")
        daemon.ask("why", "http://nobody.test/").one_line_error("nobody.test", status=1)
        text = daemon.ask("status").stdout
        check_that("Dead (1)" in text and "running since" in text, f"status: {text}")
        only = json.loads(daemon.ask("status", "--state", "dead", "--format", "json").stdout)["links"]
        equal([link["url"] for link in only], ["http://b.test/gone"], "status --state dead")
        daemon.ask("status", "--state", "sick").one_line_error("--state sick", status=3)
        daemon.ask("status", "--list", "nosuch").one_line_error("nosuch", status=1)
        report = json.loads(daemon.ask("report", "--since", "3650d", "--format", "json").stdout)
        equal([entry["url"] for entry in report["new"]], ["http://b.test/gone"], "report: newly dead")
        daemon.ask("report", "--since", "yesterday").one_line_error("--since yesterday", status=3)


def test_a_document_of_two_lists():
    """A place is one place, whichever lists have its document; and nothing is kept of what was never read."""
    with Web(HOSTS) as web:
        web.write("list.md", "<http://a.test/> [twice](http://a.test/)\n")
        web.write("many.md", "<http://b.test/>\n" * 70)
        both = json.dumps([web.path("list.md"), web.path("many.md"), web.path("nowhere.md")])
        daemon = Daemon(web, "", sources=["list.md"])
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        text = text[:text.index("lists:")] + f"lists: [{{name: one, sources: {both}}}, {{name: two, sources: {both}}}]\n" + \
            text[text.index("check:"):]
        web.write("linkrotd.yaml", text)
        with daemon:
            links = daemon.wait(lambda links: len(links) == 2 and all(len(link["lists"]) == 2 for link in links.values()))
            places = [(place["line"], place["column"]) for place in links["http://a.test/"]["occurrences"]]
            equal(places, [(1, 2), (1, 26)], "places")
            summary = json.loads(daemon.ask("status", "--format", "json").stdout)["summary"]
            equal(summary["occurrences"], 72, "occurrences")
            run = daemon.stop()
        check_that("nowhere.md: cannot be read" in run.stderr and "its last links" not in run.stderr, run.stderr)


def test_a_link_of_two_lists():
    """Where one list is asked for, its own places and label are told of; the row of a place names its lists."""
    with Web(HOSTS + "d.test /gone status code=404\n") as web:
        papers, shared = web.write("list.md", "[Paper](http://d.test/gone)\n\n" * 5), web.write("shared.md", "<http://c.test/>\n")
        bib = web.write("refs.bib", "@misc{x, title = {The Paper}, url = {http://d.test/gone}}\n")
        daemon = Daemon(web, "", rate=DAY_S // 4, sources=["list.md"])
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        text = text[:text.index("lists:")] + f"lists: [{{name: awesome, sources: [{papers}, {shared}]}}, " \
            f"{{name: bib, sources: [{bib}, {shared}]}}]\n" + text[text.index("check:"):]
        web.write("linkrotd.yaml", text)
        with daemon:
            links = daemon.wait(lambda links: {link["state"] for link in links.values()} == {"suspect", "alive"})
            equal([len(links[url]["occurrences"]) for url in ("http://d.test/gone", "http://c.test/")], [6, 1], "places of all lists")
            status = json.loads(daemon.ask("status", "--list", "bib", "--format", "json").stdout)
            of_bib = {link["url"]: link for link in status["links"]}["http://d.test/gone"]
            equal([(place["source"], place["line"]) for place in of_bib["occurrences"]], [(bib, 1)], "places of one list")
            equal((of_bib["lists"], status["summary"]["occurrences"]), (["awesome", "bib"], 2), "its lists; places of all its links")
            for words, rows in ((["--list", "bib"], [("bib", bib)]), ([], [("awesome", papers)] * 5 + [("bib", bib)])):
                report = daemon.ask("report", *words, "--since", "30d", "--format", "csv").stdout
                equal([(row["list"], row["file"]) for row in csv.DictReader(io.StringIO(report)) if row["url"] == "http://d.test/gone"],
                      rows, f"rows {words}")
            report = daemon.ask("report", "--list", "bib", "--since", "30d").stdout
            check_that("refs.bib:1" in report and "list.md" not in report and "awesome" not in report, report)


def test_without_a_daemon():
    """The database tells all the same; recheck says that nobody is there."""
    with Web(MIXED) as web:
        daemon = Daemon(web, listing(LINKS), rate=DAY_S)
        with daemon:
            daemon.wait(all_checked)
        check_that("No daemon" in daemon.ask("status").stdout, "status says so")
        check_that("http_404" in daemon.ask("why", "http://b.test/gone").stdout, "why")
        equal(daemon.ask("recheck", "http://b.test/gone").status, 1, "recheck")


def test_recheck():
    """Asked for, a link is due now; in real time, so that nothing else would ask."""
    with Web(HOSTS) as web, \
            Daemon(web, listing(["http://a.test/1", "http://a.test/2"]), interval="7d") as daemon:
        daemon.wait(lambda links: len(links) == 2)
        equal(len(web.requests()), 0, "requests: first checks are spread over a day")
        run = daemon.ask("recheck", "http://a.test/1")
        equal(run.status, 0, f"recheck ({run.stderr})")
        daemon.wait(lambda links: links["http://a.test/1"]["state"] == "alive")
        equal([entry["path"] for entry in web.requests()], ["/1"], "requests")
        daemon.ask("recheck", "--list", "links")
        daemon.wait(lambda links: links["http://a.test/2"]["state"] == "alive")
        daemon.ask("recheck", "http://nobody.test/").one_line_error("nobody.test", status=1)


def test_sources_that_change():
    """New links are asked, those that go are no more, their history stays; a source that vanishes keeps its links."""
    with Web(HOSTS) as web, \
            Daemon(web, listing(["http://a.test/", "http://b.test/"]), rate=DAY_S, refresh="1h") as daemon:
        daemon.wait(lambda links: all(link["state"] == "alive" for link in links.values()) and len(links) == 2)
        web.write("list.md", listing(["http://b.test/", "http://c.test/"]))
        daemon.wait(lambda links: links["http://c.test/"]["state"] == "alive" and "http://a.test/" not in links)
        why = daemon.ask("why", "http://a.test/")
        check_that("no list" in why.stdout, f"why of a link that left: {why.stdout}")
        os.unlink(web.path("list.md"))
        daemon.wait(lambda _: rows(daemon, "SELECT count(*) FROM v_event WHERE reason IS NULL OR 1")[0][0] > 0
                    and "list.md" in daemon.ask("report", "--since", "3650d").stdout)
        equal(sorted(daemon.status()), ["http://b.test/", "http://c.test/"], "links of a source that is gone")
        web.write("list.md", listing(["http://c.test/"]))
        daemon.wait(lambda links: list(links) == ["http://c.test/"])


def test_a_source_that_is_suddenly_empty():
    """As while it is saved: it keeps its links, and says so; after a day of it they are gone indeed."""
    with Web(HOSTS) as web, Daemon(web, listing(["http://a.test/", "http://b.test/"]), rate=DAY_S / 4, refresh="1h") as daemon:
        daemon.wait(lambda links: len(links) == 2 and all(link["state"] == "alive" for link in links.values()))
        web.write("list.md", "")
        seen = []
        daemon.wait(lambda links: seen.append(len(links)) or "holds no link" in daemon.ask("report", "--since", "3650d").stdout)
        equal(set(seen), {2}, "links while nobody believes it")
        web.write("list.md", listing(["http://c.test/"]))
        daemon.wait(lambda links: list(links) == ["http://c.test/"])
        web.write("list.md", "Nothing to read any more.\n")
        daemon.wait(lambda links: not links)


def test_an_empty_source_of_a_machine_that_is_off_at_night():
    """The day for which nobody believes it goes on over restarts."""
    with Web(HOSTS) as web:
        daemon = Daemon(web, listing(["http://a.test/", "http://b.test/"]), rate=f"{DAY_S // 4}@{time.time():.3f}", refresh="1h")
        with daemon:
            daemon.wait(lambda links: len(links) == 2)
            web.write("list.md", "")
            daemon.wait(lambda _: "holds no link" in daemon.ask("report", "--since", "3650d").stdout)
        began = time.monotonic()
        while True:
            with daemon:
                # Shorter than a day, which is four seconds.
                daemon.wait(lambda _: "holds no link" in daemon.ask("report", "--since", "3650d").stdout or not daemon.status())
                if not daemon.status():
                    break
            check_that(time.monotonic() < began + 30, "it is never believed")


def test_an_empty_source_that_was_gone_before():
    """Its day begins when it is empty, and not when its trouble began, also for who starts anew."""
    day_s = 8
    with Web(HOSTS) as web:
        began = time.time()
        daemon = Daemon(web, listing(["http://a.test/", "http://b.test/"]), rate=f"{DAY_S // day_s}@{began:.3f}", refresh="1h")
        with daemon:
            daemon.wait(lambda links: len(links) == 2)
            os.unlink(web.path("list.md"))
            gone = time.time()
            daemon.wait(lambda _: time.time() > gone + 1.5 * day_s)
            web.write("list.md", "")
            daemon.wait(lambda _: "holds no link" in daemon.ask("report", "--since", "3650d").stdout)
        now = time.time()
        daemon.rate = f"2@{2 * now - (began + (now - began) * (DAY_S // day_s))}"
        daemon.start()
        daemon.ready()
        # Read at the start, and once more, so that the first time is over.
        os.kill(daemon.process.pid, signal.SIGHUP)
        still = time.monotonic() + 3
        daemon.wait(lambda links: time.monotonic() > still or len(links) != 2)
        equal(len(daemon.status()), 2, "links")
        run = daemon.stop()
        check_that("can be read again" not in run.stderr, run.stderr)


def test_a_source_that_is_touched():
    """Long before its refresh, and also where an editor puts a new file in its place."""
    with Web(HOSTS) as web, Daemon(web, listing(["http://a.test/"]), refresh="7d") as daemon:
        daemon.wait(lambda links: list(links) == ["http://a.test/"])
        web.write("list.md", listing(["http://a.test/", "http://b.test/"]))
        daemon.wait(lambda links: len(links) == 2)
        web.write("new.md", listing(["http://c.test/"]))
        os.replace(web.path("new.md"), web.path("list.md"))
        daemon.wait(lambda links: list(links) == ["http://c.test/"])


def test_links_to_files():
    """What stands beside a document is looked at whenever it is read, also when it did not change itself."""
    with Web(HOSTS) as web:
        web.write("there.md", "# Here\n")
        with Daemon(web, "[a](there.md) [b](missing.md) [c](#nowhere)\n", rate=DAY_S, refresh="1h") as daemon:
            daemon.wait(lambda links: (links["there.md"]["state"], links["missing.md"]["reason"],
                                       links["#nowhere"]["reason"]) == ("alive", "missing_file", "missing_anchor"))
            os.unlink(web.path("there.md"))
            daemon.wait(lambda links: links["there.md"]["reason"] == "missing_file")


def test_a_directory_as_a_source():
    with Web(HOSTS) as web:
        web.write("docs/a.md", "<http://a.test/>\n")
        web.write("docs/sub/b.md", "<http://b.test/>\n")
        with Daemon(web, rate=DAY_S, sources=["docs"]) as daemon:
            links = daemon.wait(lambda links: len(links) == 2)
            equal(links["http://b.test/"]["occurrences"][0]["source"], web.path("docs/sub/b.md"), "where it is")
            os.unlink(web.path("docs/a.md"))
            daemon.wait(lambda links: list(links) == ["http://b.test/"])


def test_a_directory_that_cannot_be_listed():
    """What is below it is not gone, and what lies beside it is read."""
    with Web(HOSTS) as web:
        web.write("docs/a.md", "<http://a.test/>\n")
        web.write("docs/closed/b.md", "<http://b.test/>\n")
        with Daemon(web, refresh="1s", sources=["docs"], prefix=POWERLESS) as daemon:
            daemon.wait(lambda links: len(links) == 2)
            os.chmod(web.path("docs/closed"), 0)
            try:
                web.write("docs/a.md", "<http://a.test/> <http://c.test/>\n")
                daemon.wait(lambda links: "http://c.test/" in links)
                web.write("docs/a.md", "<http://c.test/>\n")
                daemon.wait(lambda links: sorted(links) == ["http://b.test/", "http://c.test/"])
            finally:
                os.chmod(web.path("docs/closed"), 0o755)
            os.unlink(web.path("docs/closed/b.md"))
            daemon.wait(lambda links: list(links) == ["http://c.test/"])
            os.rename(web.path("docs"), web.path("moved"))
            daemon.wait(lambda _: "docs: cannot be read" in daemon.ask("report", "--since", "1h").stdout)
            os.rename(web.path("moved"), web.path("docs"))
            daemon.wait(lambda _: "docs: cannot be read" not in daemon.ask("report", "--since", "1h").stdout)
            run = daemon.stop()
        check_that("docs/closed: cannot be listed: Permission denied; its last links are kept" in run.stderr, run.stderr)
        for directory in ("docs/closed", "docs"):
            equal((directory, run.stderr.count(f"/{directory}: can be read again\n")), (directory, 1), run.stderr)
        equal(rows(daemon, "SELECT count(*) FROM v_event WHERE kind = 'source_back'"), [(2,)], "events")


def test_a_fetched_source():
    with Web("lists.test /list.md raw type=text/markdown body=\"- <http://a.test/>\"\n" + HOSTS) as web, \
            Daemon(web, rate=DAY_S, sources=["http://lists.test/list.md"]) as daemon:
        daemon.wait(lambda links: links["http://a.test/"]["state"] == "alive")


def test_a_reload_with_many_changes():
    """Some are counted, but not what waits for a restart, nor that it was taken."""
    with Web(HOSTS) as web, Daemon(web, listing(["http://a.test/"])) as daemon:
        daemon.ready()
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        more = "".join(f"  - {{name: more{n}, sources: [{web.path('list.md')}]}}\n" for n in range(30))
        web.write("linkrotd.yaml", text.replace("lists:\n", f"listen: 127.0.0.1:1\nlists:\n{more}"))
        os.kill(daemon.process.pid, signal.SIGHUP)
        daemon.wait(lambda links: all(len(link["lists"]) == 31 for link in links.values()))
        said = daemon.stop().stderr
        for words in ("listen:", "(only after a restart)", "and 22 more changes", "was read again"):
            check_that(words in said, f"{words!r} in {said}")
        check_that("too fast" not in said, f"nothing is swallowed in {said}")


def test_a_second_daemon_is_refused():
    with Web(HOSTS) as web, Daemon(web, listing(["http://a.test/"])) as daemon:
        daemon.wait(lambda links: len(links) == 1)
        other = Daemon(web, listing(["http://a.test/"]))
        run = other.start().ended()
        equal(run.status, 1, "exit status of the second")
        check_that(daemon.database in run.stderr, f"it names the database: {run.stderr}")


def test_a_damaged_database():
    """It is refused, said how to restore, and not touched."""
    with Web(HOSTS) as web:
        daemon = Daemon(web, listing(["http://a.test/"]))
        with daemon:
            daemon.wait(lambda links: len(links) == 1)
        with open(daemon.database, "r+b") as file:
            file.seek(0)
            file.write(b"garbage" * 100)
        with open(daemon.database, "rb") as file:
            before = file.read()
        run = daemon.start().ended()
        equal(run.status, 1, "exit status")
        check_that("backup" in run.stderr, f"it says how to restore: {run.stderr}")
        with open(daemon.database, "rb") as file:
            check_that(file.read() == before, "the file is as it was")


def test_killed_it_goes_on():
    """What was shown a second before is still there after kill -9."""
    with Web(MIXED) as web:
        daemon = Daemon(web, listing(LINKS), rate=DAY_S)
        for _ in range(4):
            daemon.start()
            before = daemon.wait(all_checked)
            checks = rows(daemon, "SELECT count(*) FROM v_check")[0][0]
            daemon.stop(signal.SIGKILL)
            equal(rows(daemon, "PRAGMA integrity_check"), [("ok",)], "integrity")
            check_that(rows(daemon, "SELECT count(*) FROM v_check")[0][0] >= checks, "no check is lost")
            after = daemon.status()
            for url, link in before.items():
                check_that(after[url]["state"] != "unchecked", f"{url} was {link['state']}")


def test_a_start_after_a_crash_while_others_look():
    """Whoever opens the database first recovers its log; the daemon waits for that."""
    with Web(HOSTS) as web:
        daemon = Daemon(web, listing(f"http://{name}.test/x" for name in "abc"))
        for _ in range(25):
            daemon.start()
            lookers = [start("status", "-c", daemon.config, cwd=web.dir) for _ in range(3)]
            daemon.ready()
            daemon.stop(signal.SIGKILL)
            for looker in lookers:
                looker.communicate()


def test_a_reload():
    """SIGHUP: the whole or nothing, and paces and checks go on."""
    with Web(HOSTS) as web, Daemon(web, listing(["http://a.test/"]), rate=DAY_S) as daemon:
        daemon.wait(lambda links: links["http://a.test/"]["state"] == "alive")
        with open(daemon.config, encoding="utf-8") as file:
            good = file.read()
        web.write("linkrotd.yaml", "nonsense: [")
        os.kill(daemon.process.pid, signal.SIGHUP)
        daemon.process.stderr.flush()
        web.write("more.md", listing(["http://b.test/"]))
        web.write("linkrotd.yaml", good.replace('list.md"]', 'list.md", "' + web.path("more.md") + '"]'))
        daemon.wait(lambda links: links["http://a.test/"]["state"] == "alive")
        os.kill(daemon.process.pid, signal.SIGHUP)
        daemon.wait(lambda links: links["http://b.test/"]["state"] == "alive")
        run = daemon.stop()
        check_that("the old one stays" in run.stderr or "read again" in run.stderr, f"the journal: {run.stderr}")


def test_our_own_outage_is_held_against_nobody():
    """The name server is silent for a while: no link is suspect for it."""
    hosts = [f"h{n}.example{n}.org" for n in range(8)]
    with Web("".join(f"{host} / ok title={host}\n" for host in hosts)) as web, \
            Daemon(web, listing([f"http://{host}/" for host in hosts]), rate=DAY_S) as daemon:
        daemon.wait(lambda links: links and {link["state"] for link in links.values()} == {"alive"})
        web.pause()
        daemon.wait(lambda _: "machine" in daemon.ask("status").stdout, seconds=40)
        equal({link["state"] for link in daemon.status().values()}, {"alive"}, "states while we are cut off")
        web.go_on()
        daemon.wait(lambda _: "machine" not in daemon.ask("status").stdout, seconds=40)
        equal({link["state"] for link in daemon.status().values()}, {"alive"}, "states after it")


def test_a_long_rest_survives_a_restart():
    """A host that asked to be left alone for an hour is not asked by the next process either."""
    with Web("a.test /* status code=429 retry_after=3600\n" + HOSTS) as web:
        links = [f"http://a.test/{n}" for n in range(3)]
        daemon = Daemon(web, listing(links + ["http://b.test/"]), interval="7d")
        with daemon:
            daemon.wait(lambda links: len(links) == 4)
            daemon.ask("recheck", links[0])
            daemon.wait(lambda links: links["http://a.test/0"]["state"] == "gated")
        asked = len(web.requests("a.test"))
        with daemon:
            daemon.ready()
            daemon.ask("recheck", "--list", "links")
            found = daemon.wait(lambda links: links["http://b.test/"]["state"] == "alive"
                                and links["http://a.test/1"]["state"] == "gated")
            equal(found["http://a.test/1"]["reason"], "rate_limited", "reason")
        equal(len(web.requests("a.test")), asked, "requests after the restart")


def test_a_configured_canary_vouches():
    """One link on one host that does not answer: somebody else must say that the world is there."""
    with Web("host a.test port=refused\nok.example.org / ok") as web:
        daemon = Daemon(web, listing(["http://a.test/"]), interval="7d")
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        web.write("linkrotd.yaml", text.replace("canaries: []", 'canaries: ["https://ok.example.org/"]'))
        with daemon:
            daemon.wait(lambda links: len(links) == 1)
            daemon.wait(lambda links: len(links) == 1)
            daemon.ask("recheck", "http://a.test/")
            found = daemon.wait(lambda links: links["http://a.test/"]["state"] == "suspect")
            equal(found["http://a.test/"]["reason"], "connect_refused", "reason")
            check_that(web.requests("ok.example.org"), "the canary was asked")


def test_a_fetched_source_that_has_not_changed():
    """It is asked for with its validator, and 304 keeps its links; a restart remembers both."""
    with Web("lists.test /list.html etag\n" + HOSTS) as web:
        daemon = Daemon(web, rate=DAY_S, refresh="6h", sources=["http://lists.test/list.html"])
        for _ in range(2):
            with daemon:
                seen = len(web.requests("lists.test"))
                web.wait_for(lambda log: sum(e["event"] == "request" and e["host"] == "lists.test" for e in log) > seen + 2)
                check_that("cannot be fetched" not in daemon.ask("report", "--since", "3650d").stdout, "no trouble")
        asked = [entry["headers"].get("if-none-match") for entry in web.requests("lists.test")]
        equal((asked[0], set(asked[1:])), (None, {'"v1"'}), "validators")


def test_name_servers_of_an_intranet():
    """They deny the rest of the world, and are believed: who wants no page of it asked has said so."""
    hosts = [f"http://www.corp{n}.example/" for n in range(4)]
    table = "host a.root-servers.net dns=nxdomain\n" + "".join(f"www.corp{n}.example / ok\n" for n in range(4))
    with Web(table) as web, Daemon(web, listing(hosts), rate=DAY_S) as daemon:
        daemon.wait(lambda links: len(links) == 4 and all(link["state"] == "alive" for link in links.values()))
        web.write("list.md", listing([*hosts, "http://old.corp4.example/"]))
        daemon.wait(lambda links: links["http://old.corp4.example/"]["reason"] == "dns_nxdomain")
        equal(rows(daemon, "SELECT count(*) FROM v_event WHERE kind = 'offline_began'"), [(0,)], "doubts of this machine")


def test_domains_that_moved_into_one_house():
    """It looks like a portal until somebody with a certificate answers; then it is believed, and stays so."""
    table = "".join(f"old{n}.example{n}.org / redirect code=302 to=http://new.test/{n}\n" for n in range(4))
    with Web(table + "new.test /* ok title=New\nok.example.org / ok") as web:
        links = [f"http://old{n}.example{n}.org/" for n in range(4)]
        daemon = Daemon(web, listing(links), rate=DAY_S, check=", max_interval: 1d")
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        web.write("linkrotd.yaml", text.replace("canaries: []", 'canaries: ["https://ok.example.org/"]'))
        with daemon:
            daemon.wait(lambda found: found and all(link["state"] == "alive" for link in found.values()), seconds=45)
            web.wait_for(lambda log: sum(e["event"] == "request" and e["host"] == "new.test" for e in log) >= 10, 40)
        began = rows(daemon, "SELECT count(*) FROM v_event WHERE kind = 'offline_began'")[0][0]
        check_that(began <= 1, f"{began} doubts of this machine")


def test_conditional_requests():
    """A page that has validators is asked with them, every tenth time without; 304 is as good as the page."""
    with Web("a.test / etag\nb.test / ok") as web, \
            Daemon(web, listing(["http://a.test/", "http://b.test/"]), rate=20 * DAY_S) as daemon:
        web.wait_for(lambda log: sum(entry["event"] == "request" and entry["host"] == "a.test" for entry in log) >= 14, 30)
        link = daemon.status()["http://a.test/"]
        equal((link["state"], link["reason"], link["title"]), ("alive", "ok", "Validated"), "the link")
        sent = ["if-none-match" in entry["headers"] for entry in web.requests("a.test")]
        check_that(not sent[0] and any(sent) and not all(sent[-11:]), f"validators sent: {sent}")
        equal(rows(daemon, "SELECT DISTINCT outcome FROM v_check"), [("ok",)], "outcomes")
        check_that(not any("if-none-match" in entry["headers"] for entry in web.requests("b.test")), "without an ETag")


def test_a_new_list_is_asked_soon():
    """Nobody waits a day for three links: a minute, which is a second here."""
    with Web(HOSTS) as web:
        daemon = Daemon(web, listing([f"http://{host}.test/" for host in "abc"]), interval="7d", rate=60)
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        web.write("linkrotd.yaml", text.replace(", first_spread: 1d", ""))
        with daemon:
            daemon.wait(all_checked, seconds=20)


def test_a_plan_that_cannot_be_kept():
    """Forty links at a page each ten minutes are more than an interval of an hour holds; of two hosts each is told its own."""
    urls = [f"http://a.test/{n}" for n in range(40)] + [f"http://b.test/{n}" for n in range(20)]
    with Web(HOSTS) as web, Daemon(web, listing(urls), interval="1h",
                                   extra="hosts: [{match: a.test, request_interval: 10m, concurrency: 1},"
                                         " {match: b.test, request_interval: 10m, concurrency: 1}]") as daemon:
        daemon.wait(lambda links: len(links) == 60)
        daemon.wait(lambda _: "a.test needs 6.6 hours" in daemon.ask("status").stdout)
        check_that("b.test needs 3.3 hours" in daemon.ask("status").stdout, "the other host is too slow, too")


def test_a_plan_that_can_be_kept():
    """Links of a slow host that are asked once a week are not too many because another list is asked each hour."""
    with Web(HOSTS) as web:
        daemon = Daemon(web, listing([f"http://a.test/{n}" for n in range(40)]), interval="7d",
                        extra="hosts: [{match: a.test, request_interval: 10m, concurrency: 1},"
                              " {match: b.test, request_interval: 10m, concurrency: 1}]")
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        web.write("often.md", listing([f"http://b.test/{n}" for n in range(20)]))
        web.write("linkrotd.yaml", text.replace("lists:\n", f"""lists:
  - {{name: often, sources: [{web.path("often.md")}], interval: 1h}}
"""))
        with daemon:
            daemon.wait(lambda links: len(links) == 60)
            daemon.wait(lambda _: "b.test needs 3.3 hours at this pace, the interval is 1 hour" in daemon.ask("status").stdout)
            check_that("a.test needs" not in daemon.ask("status").stdout, "forty pages in a week at one each ten minutes are possible")


def test_a_host_in_trouble_is_left_alone_after_a_restart():
    with Web("a.test /* status code=503\n" + HOSTS) as web:
        daemon = Daemon(web, listing([f"http://a.test/{n}" for n in range(30)] + ["http://b.test/"]), interval="7d")
        for _ in range(2):
            with daemon:
                daemon.wait(lambda links: len(links) == 31)
                daemon.ready()
                before = len(rows(daemon, "SELECT 1 FROM v_check"))
                daemon.ask("recheck", "--list", "links")
                daemon.wait(lambda _: len(rows(daemon, "SELECT 1 FROM v_check")) >= before + 31)
            asked = len(web.requests("a.test"))
        check_that(asked < 30, f"asked {asked} times in all")
        equal(len(web.requests("b.test")), 2, "requests to the other host")


def test_a_host_that_is_well_again_has_no_past():
    """Trouble of an earlier day is kept from one end to the next, and gone once the host has answered in between."""
    troubled = "SELECT key FROM host WHERE breaker_failures > 0"
    with Web(HOSTS) as web:
        daemon = Daemon(web, listing(["http://a.test/", "http://b.test/"]), interval="7d")
        with daemon:
            daemon.wait(lambda links: len(links) == 2)
            daemon.ask("recheck", "--list", "links")
            daemon.wait(lambda links: all(link["state"] == "alive" for link in links.values()))
        with sqlite3.connect(daemon.database) as database:
            database.execute("INSERT OR REPLACE INTO host(key, breaker_failures) VALUES('http://a.test:80', 4), ('http://c.test:80', 4)")
        database.close()
        with daemon:
            daemon.ready()
        equal(len(rows(daemon, troubled)), 2, "hosts in trouble that nobody has asked")
        with daemon:
            daemon.ready()
            daemon.ask("recheck", "http://a.test/")
            daemon.wait(lambda links: links["http://a.test/"]["state"] == "alive")
        equal(rows(daemon, troubled), [("http://c.test:80",)], "hosts in trouble once one has answered")


def test_bad_starts():
    with Web(HOSTS) as web:
        daemon = Daemon(web, listing(["http://a.test/"]))
        web.write("linkrotd.yaml", "lists: []\n")
        run = daemon.start().ended()
        equal(run.status, 3, "exit status without a contact")
        daemon.ask("run", "--nonsense").one_line_error("--nonsense", status=3)
        web.write("linkrotd.yaml", "contact: mailto:a@example.org\ndatabase: /nowhere/at/all.db\n"
                                   f"lists: [{{name: a, sources: [{web.path('list.md')}]}}]\n")
        run = daemon.start().ended()
        equal(run.status, 1, "exit status without a place for the database")
        check_that("/nowhere/at/all.db" in run.stderr, f"names it: {run.stderr}")
