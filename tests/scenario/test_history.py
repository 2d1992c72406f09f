"""`check --database`: single runs that remember. Each run has a clock of its own, days after the one before."""

import json
import os
import re
import signal
import sqlite3
import time

from harness import POWERLESS, QUICK, ROOT, Web, check_that, equal, program, start, finish
from watch import Daemon, days_ahead

HOSTS = "".join(f'{name}.test /* ok title="Page of {name}"\n' for name in "abc")
MIXED = """
    a.test /ok    ok title="Fine"
    b.test /gone  status code=404
    c.test /old   redirect code=301 to=http://d.test/new
    d.test /new   ok title="New"
    e.test /down  status code=503
    f.test /wall  challenge kind=cloudflare
    g.test /never status code=410
"""
LINKS = ["http://a.test/ok", "http://b.test/gone", "http://c.test/old", "http://e.test/down", "http://f.test/wall",
         "http://g.test/never"]


def check(web, links, *options, days=0, **more):
    return web.check(links, "--database", "history.db", *options, env=days_ahead(days), **more)


def states(run):
    return {link["url"]: link["state"] for link in run.links}


def rows(web, query):
    with sqlite3.connect(f"file:{web.path('history.db')}?mode=ro", uri=True) as database:
        return database.execute(query).fetchall()


def ask(web, command, *words, days=0):
    """A short command about the history, without any configuration."""
    return program(command, *words, "--database", "history.db", cwd=web.dir, env=days_ahead(days))


def test_states_grow_from_run_to_run():
    """A page that is gone for good is dead after a week, a missing one when it was missing three times; outcomes are
    those of each run."""
    with Web(MIXED) as web:
        run = check(web, LINKS)
        equal(states(run), {"http://a.test/ok": "alive", "http://b.test/gone": "suspect", "http://c.test/old": "alive",
                            "http://e.test/down": "suspect", "http://f.test/wall": "gated",
                            "http://g.test/never": "suspect"}, "states after one run")
        equal(run.status, 2, "exit status")
        run = check(web, LINKS, days=7)
        equal(states(run)["http://g.test/never"], "dead", "410 twice")
        equal(states(run)["http://b.test/gone"], "suspect", "404 twice")
        run = check(web, LINKS, days=14)
        equal(states(run)["http://b.test/gone"], "dead", "404 three times")
        equal(states(run)["http://e.test/down"], "suspect", "503 weighs half")
        equal(run.link("http://c.test/old")["state"], "moved", "the same target for two weeks")
        run.expect("""
            http://b.test/gone  broken       http_404
            http://c.test/old   moved        redirect_permanent
            http://e.test/down  unreachable  http_5xx
            http://f.test/wall  gated        challenge
        """, status=2)


def test_strikes_are_dated_as_they_were_made():
    """Of a week between two checks four days count, but no check is dated on a day on which nobody looked."""
    with Web(MIXED) as web:
        runs = [check(web, ["http://b.test/gone"], days=days) for days in (0, 7, 14)]
        first = runs[0].link("http://b.test/gone")["checked_at"]
        equal({run.link("http://b.test/gone")["first_strike_at"] for run in runs}, {first}, "the first strike")
        text = ask(web, "status", days=14).stdout
        check_that(f"3 strikes from {first} to " in text and "(14 d, of which 8 d count)" in text, text)
        text = ask(web, "why", "http://b.test/gone", days=14).stdout
        check_that("Of these 14 days only 8 days count: nobody looked" in text, text)
        known = check(web, ["http://b.test/gone"], "--new-since", "history.db", days=14).link("http://b.test/gone")
        equal(known["known_since"], first, "known since")


def test_a_certificate_that_is_no_longer_seen():
    """A link that went over https once, and is answered over plain http now, has none."""
    link = "http://a.test/x"
    with Web("""
        host b.test tls=good
        a.test /x redirect code=302 to=https://b.test/p first=1
        a.test /x redirect code=302 to=http://c.test/p
        b.test /p ok title="Page"
        c.test /p ok title="Page"
    """) as web:
        for days, known in ((0, True), (7, False)):
            check(web, [link], days=days)
            found = json.loads(ask(web, "status", "-f", "json", days=days).stdout)["links"][0]
            equal((found["final_url"][:6] == "https:", found["certificate_expires_at"] is not None), (known, known),
                  f"day {days}: {found}")


def test_one_bad_night_is_one_strike():
    """However often it is checked."""
    with Web(MIXED) as web:
        for _ in range(4):
            run = check(web, ["http://g.test/never"])
        equal(states(run), {"http://g.test/never": "suspect"}, "state")
        equal(rows(web, "SELECT strikes FROM v_link"), [(1,)], "strikes")
        equal(rows(web, "SELECT count(*) FROM v_check"), [(4,)], "checks")


def test_the_confirming_check_goes_another_way():
    """By a connection of its own and by GET, also where HEAD is learned: here it shows in the record."""
    with Web(MIXED) as web:
        check(web, ["http://g.test/never"])
        check(web, ["http://g.test/never"], days=7)
        why = ask(web, "why", "http://g.test/never", days=7).stdout
        check_that("by a second method" in why, f"why: {why}")


def test_it_comes_back():
    with Web("""
        a.test / status code=410 first=2
        a.test / ok title="Back"
    """) as web:
        equal(states(check(web, ["http://a.test/"])), {"http://a.test/": "suspect"}, "first")
        equal(states(check(web, ["http://a.test/"], days=2)), {"http://a.test/": "dead"}, "second")
        run = check(web, ["http://a.test/"], days=4)
        equal((states(run), run.status), ({"http://a.test/": "alive"}, 0), "third")
        equal(rows(web, "SELECT from_state, to_state FROM v_event WHERE to_state IS NOT NULL ORDER BY event_id"),
              [("unchecked", "suspect"), ("suspect", "dead"), ("dead", "alive")], "events")


def test_a_wall_keeps_what_was_known():
    with Web("""
        a.test / ok title="Fine" first=1
        a.test / challenge kind=cloudflare
    """) as web:
        check(web, ["http://a.test/"])
        link = check(web, ["http://a.test/"], days=3).link("http://a.test/")
        equal((link["state"], link["confirmed_state"]), ("gated", "alive"), "state")
        text = web.run(*QUICK, "--database", "history.db", "list.md", env=days_ahead(6)).stdout
        check_that("gated since" in text and "last known to be alive" in text, f"text: {text}")


def test_nobody_reads_any_more():
    """As in `linkrotd status | true`: no line of an error that is none."""
    with Web(MIXED) as web:
        check(web, LINKS)
        for words in (["status", "--format", "json"], ["report", "--since", "1d", "--format", "json"], ["why", LINKS[0]]):
            process = start(*words, "--database", "history.db", cwd=web.dir, env=days_ahead(0))
            process.stdout.close()
            equal(process.stderr.read(), b"", " ".join(words))
            process.stderr.close()
            process.wait()


def test_a_document_that_loses_its_last_link():
    """What was taken out stands there no more, whatever else the document holds."""
    with Web(MIXED) as web:
        check(web, ["http://b.test/gone"])
        equal(rows(web, "SELECT count(*) FROM v_occurrence"), [(1,)], "places")
        for _ in range(2):
            run = check(web, [], days=1)
            equal((run.status, run.links), (0, []), "the second run")
            equal(rows(web, "SELECT count(*) FROM v_occurrence"), [(0,)], "places without it")
        check_that("http://b.test/gone" not in ask(web, "status", days=1).stdout, "status without it")


WAY = """
    a.test /temporary redirect code=302 to=http://b.test/old
    b.test /old       redirect code=301 to=http://c.test/new
    c.test /new       ok title="New"
"""


def test_the_way_of_a_redirect_is_remembered():
    """Each hop in order, in all that shows a link."""
    url = "http://a.test/temporary"
    way = [{"status": 302, "url": "http://b.test/old"}, {"status": 301, "url": "http://c.test/new"}]
    with Web(WAY) as web:
        run = check(web, [url, "http://c.test/new"])
        equal(run.link(url)["redirects"], way, "check")
        status = json.loads(ask(web, "status", "--format", "json").stdout)
        equal([link["redirects"] for link in status["links"]], [way, []], "status")
        equal(json.loads(ask(web, "why", url, "--format", "json").stdout)["link"]["redirects"], way, "why, as JSON")
        why = ask(web, "why", url).stdout
        check_that("redirects (302) to http://b.test/old\n  redirects (301) to http://c.test/new\n" in why, why)
        equal(ask(web, "export", "site").status, 0, "export")
        with open(web.path("site/links/1.html"), encoding="utf-8") as file:
            page = file.read()
        check_that("<h2>Redirects</h2>" in page and page.count('<li><b class="code">30') == 2, page)
        with open(web.path("site/api/v1/links/1.json"), encoding="utf-8") as file:
            equal(json.load(file)["link"]["redirects"], way, "the API's file")


def test_short_commands_need_no_configuration():
    with Web(MIXED) as web:
        check(web, LINKS)
        check(web, LINKS, days=7)
        status = json.loads(ask(web, "status", "--format", "json", days=7).stdout)
        equal([link["url"] for link in status["links"]], LINKS, "status, in the order of the first occurrence")
        check_that("Dead (1)" in ask(web, "status", days=7).stdout, "status in text")
        why = ask(web, "why", "http://g.test/never", days=7)
        for words in ("dead", "list.md:6", "no check is planned"):
            check_that(words in why.stdout, f"why says {words!r}: {why.stdout}")
        for spelling in ("HTTP://me:secret@G.test:80/ne%76er", "http://me@g.test/never"):
            found = ask(web, "why", spelling, days=7)
            equal((spelling, found.status), (spelling, 0), found.stderr)
            check_that(found.stdout.startswith("http://g.test/never is dead"), found.stdout)
        report = json.loads(ask(web, "report", "--since", "30d", "--format", "json", days=7).stdout)
        equal([entry["url"] for entry in report["new"]], ["http://g.test/never"], "report")
        check_that("links          6" in ask(web, "db", "stats").stdout, "db stats")
        equal(ask(web, "db", "verify").status, 0, "db verify")
        equal(ask(web, "db", "backup", "copy.db").status, 0, "db backup")
        check_that("raw checks deleted" in ask(web, "db", "prune", days=100).stdout, "db prune")
        equal(rows(web, "SELECT count(*) FROM v_check"), [(0,)], "checks after 100 days")
        equal(states(check(web, LINKS, days=101))["http://g.test/never"], "dead", "states outlive the checks")


def test_a_database_where_nothing_may_be_written():
    """A repository mounted read-only, a disk with backups: whatever only reads works there."""
    with Web(MIXED) as web:
        check(web, LINKS)
        os.mkdir(web.path("closed"))
        os.rename(web.path("history.db"), web.path("closed/history.db"))
        os.chmod(web.path("closed"), 0o555)
        file = ("--database", "closed/history.db")
        env = {**days_ahead(0), "XDG_STATE_HOME": web.path("state")}
        try:
            for words in (("status",), ("why", "http://g.test/never"), ("report", "--since", "last"), ("export", "site"),
                          ("db", "stats"), ("db", "verify"), ("db", "backup", "copy.db"), ("fix", "list.md")):
                run = program(*words, *file, cwd=web.dir, env=env, prefix=POWERLESS)
                equal(run.status, 0, f"{words}: {run.stderr}")
            run = program("check", "--offline", "--new-since", file[1], "list.md", cwd=web.dir, prefix=POWERLESS)
            equal(run.status, 0, f"check: {run.stderr}")
            equal(os.listdir(web.path("closed")), ["history.db"], "what is there")
        finally:
            os.chmod(web.path("closed"), 0o755)
        web.write("closed/history.db-wal", "what was written last")
        os.chmod(web.path("closed"), 0o555)
        run = program("status", *file, cwd=web.dir, prefix=POWERLESS)
        os.chmod(web.path("closed"), 0o755)
        equal((run.status, run.stdout), (1, ""), "with a log")
        check_that("history.db-wal holds what was written last" in run.stderr, f"said: {run.stderr}")


def test_documents_that_change():
    """Links that leave keep their history, other documents stay, deleted ones leave."""
    with Web(HOSTS) as web:
        web.write("docs/a.md", "<http://a.test/>\n")
        web.write("docs/b.md", "<http://b.test/> [here](#nowhere)\n")
        web.write("c.md", "<http://c.test/>\n")

        def run(*inputs):
            done = web.run(*QUICK, "--database", "history.db", "--format", "json", *inputs).parse()
            return sorted(states(done))

        def watched():
            links = json.loads(ask(web, "status", "--format", "json").stdout)["links"]
            return sorted(link["url"] for link in links)

        equal(run("docs"), ["#nowhere", "http://a.test/", "http://b.test/"], "links")
        equal(run("c.md"), ["http://c.test/"], "links of another run")
        equal(watched(), ["#nowhere", "http://a.test/", "http://b.test/", "http://c.test/"], "both runs together")
        os.unlink(web.path("docs/a.md"))
        os.unlink(web.path("c.md"))
        run("docs")
        equal(watched(), ["#nowhere", "http://b.test/"], "after two documents went")
        check_that("no list" in ask(web, "why", "http://a.test/").stdout, "the history of what went")
        equal(rows(web, "SELECT count(*) FROM v_check"), [(6,)], "one check a link and run")


def test_what_left_the_list_is_no_backlog():
    """A dead link that was taken out is not among those of the example of SQL, and not known when it comes back."""
    gone = "http://g.test/never"
    queries = []
    for words in (("README.md",), ("config", "linkrotd-db.1")):
        with open(os.path.join(ROOT, *words), encoding="utf-8") as file:
            queries += re.findall(r'"(SELECT url, [^"]*FROM v_link[^"]*)"', file.read())
    equal(len(queries), 2, "examples")
    with Web(MIXED) as web:
        for day in (0, 7):
            check(web, LINKS, days=day)
        for query in queries:
            equal([row[0] for row in rows(web, query.replace("\\e", ""))], [gone], query)
        since = ["--new-since", "history.db", "--format", "json"]
        check_that(web.check(LINKS, *since).link(gone)["known"], "it is known while it is there")
        check(web, ["http://a.test/ok"], days=8)
        for query in queries:
            equal(rows(web, query.replace("\\e", "")), [], query)
        equal(web.check([gone], *since).link(gone)["known"], False, "it was taken out, and is back")


def test_an_unreadable_document_keeps_its_links():
    with Web(HOSTS) as web:
        web.write("docs/a.md", "<http://a.test/>\n")
        web.write("docs/b.md", "<http://b.test/>\n")
        web.run(*QUICK, "--database", "history.db", "docs")
        web.write("docs/b.md", b"\0" * 100)
        equal(web.run(*QUICK, "--database", "history.db", "docs").status, 1, "exit status")
        equal(rows(web, "SELECT count(*) FROM v_occurrence"), [(2,)], "occurrences")


def test_a_directory_that_cannot_be_listed_keeps_its_links():
    with Web(HOSTS) as web:
        for name in "ab":
            web.write(f"docs/closed/{name}.md", f"<http://{name}.test/>\n")
        web.write("docs/c.md", "<http://c.test/>\n")
        words = (*QUICK, "--database", "history.db", "docs")
        web.run(*words, prefix=POWERLESS)
        os.chmod(web.path("docs/closed"), 0)
        try:
            equal(web.run(*words, prefix=POWERLESS).status, 1, "exit status")
        finally:
            os.chmod(web.path("docs/closed"), 0o755)
        equal(rows(web, "SELECT count(*) FROM v_occurrence"), [(3,)], "occurrences")
        os.unlink(web.path("docs/closed/a.md"))
        equal(web.run(*words, prefix=POWERLESS).status, 0, "exit status when it is open again")
        equal(rows(web, "SELECT count(*) FROM v_occurrence"), [(2,)], "occurrences when it is open again")
        check_that("sources        2" in ask(web, "db", "stats").stdout, "the directory is no source any more")


def test_a_fetched_document():
    with Web("lists.test /list.md raw type=text/markdown body=\"- <http://a.test/>\"\n" + HOSTS) as web:
        run = web.run(*QUICK, "--database", "history.db", "--format", "json", "http://lists.test/list.md").parse()
        equal(states(run), {"http://a.test/": "alive"}, "states")
        equal(rows(web, "SELECT list, source FROM v_occurrence"), [("check", "http://lists.test/list.md")], "source")


def test_our_own_outage_is_not_recorded():
    """The name server is silent: what was alive is alive, what nobody has seen is unchecked."""
    hosts = [f"http://h{n}.example{n}.org/" for n in range(8)]
    with Web("".join(f"h{n}.example{n}.org / ok title=h{n}\n" for n in range(8))) as web:
        check(web, hosts[:7])
        web.change_option("--resolver", "127.0.0.1:9")
        run = check(web, hosts, days=7)
        equal(run.status, 1, "exit status")
        equal({link["reason"] for link in run.links}, {"offline"}, "reasons")
        equal([states(run)[host] for host in hosts], 7 * ["alive"] + ["unchecked"], "states")
        equal(rows(web, "SELECT count(*) FROM v_check"), [(7,)], "checks")


def test_offline_records_only_what_the_disk_says():
    with Web(HOSTS) as web:
        links = "<http://a.test/> [x](missing.md) [y](list.md)\n"
        check(web, links)
        run = check(web, links, "--offline", days=7)
        equal(states(run), {"http://a.test/": "alive", "missing.md": "suspect", "list.md": "alive"}, "states")
        equal(rows(web, "SELECT count(*) FROM v_check"), [(5,)], "checks")


def test_an_interrupted_run_records_what_is_known():
    """Neither the link that hangs nor the page whose made-up sibling has not answered."""
    with Web("""
        a.test /    ok title="Fine"
        b.test /    stall after=0
        c.test /d/p ok title="Welcome"
        c.test /*   stall after=0
    """) as web:
        web.write("list.md", "- <http://b.test/>\n- [Fine](http://a.test/)\n- [Some paper](http://c.test/d/p)\n")
        process = start("check", *web.options(), "--timeout", "30s", "--database", "history.db", "--format", "json",
                        "list.md", cwd=web.dir)
        web.wait_for(lambda log: {entry["host"] for entry in log if entry["event"] == "request"} >= {"a.test", "b.test"}
                     and web.siblings("c.test"))
        time.sleep(0.3)  # the good answer is read; nothing tells when
        web.interrupt(process)
        run = finish(process, time.monotonic()).parse()
        equal(run.status, 1, "exit status")
        equal(states(run), {"http://a.test/": "alive", "http://b.test/": "unchecked",
                            "http://c.test/d/p": "unchecked"}, "states")
        equal(rows(web, "SELECT url FROM v_check JOIN v_link USING (link_id)"), [("http://a.test/",)], "checks")


def test_an_interrupted_outage_is_not_recorded():
    """Whoever sees everything fail presses Ctrl-C: that, too, asks first whether it was us."""
    hosts = [f"http://h{n}.example{n}.org/" for n in range(8)]
    with Web("".join(f"h{n}.example{n}.org / ok title=h{n}\n" for n in range(8)) + "127.0.0.1 / stall after=0\n") as web:
        check(web, hosts)
        web.change_option("--resolver", "127.0.0.1:9")
        web.write("list.md", "".join(f"- <{link}>\n" for link in hosts + ["http://127.0.0.1/"]))
        process = start("check", *web.options(), "--timeout", "30s", "--max-retries", "0", "--database", "history.db",
                        "--format", "json", "list.md", cwd=web.dir, env=days_ahead(7))
        web.wait_for(lambda log: any(entry["event"] == "request" and entry["host"] == "127.0.0.1" for entry in log))
        time.sleep(4)  # names fail by themselves, and nobody sees it; too soon, and the test proves nothing
        web.interrupt(process)
        run = finish(process, time.monotonic()).parse()
        equal({link["reason"] for link in run.links}, {"offline", None}, "reasons")
        equal({states(run)[host] for host in hosts}, {"alive"}, "states")


def test_two_at_a_time():
    """A database that a daemon holds is refused before anything is asked."""
    with Web(HOSTS) as web, Daemon(web, "<http://a.test/>\n") as daemon:
        daemon.wait(lambda links: len(links) == 1)
        web.run(*QUICK, "--database", daemon.database, "list.md").one_line_error(daemon.database, "in use", status=1)
        equal(len(web.requests()), 0, "requests")


def test_a_daemons_database():
    """Its lists stay, and what a run saw counts for it, too."""
    with Web(MIXED) as web:
        daemon = Daemon(web, "<http://g.test/never>\n")
        with daemon:
            daemon.wait(lambda links: len(links) == 1)
        web.run(*QUICK, "--database", daemon.database, "list.md")
        with daemon:
            links = daemon.wait(lambda links: links["http://g.test/never"]["lists"] == ["links"])
            equal(links["http://g.test/never"]["state"], "suspect", "state")


def test_who_confirms_what_is_the_daemons():
    """Its numbers are not in the database: a run gives its links strikes, and calls none of them dead or moved."""
    with Web(MIXED) as web:
        daemon = Daemon(web, "<http://g.test/never> <http://c.test/old>\n")
        with daemon:
            daemon.wait(lambda links: len(links) == 2)
        both = ["http://g.test/never", "http://c.test/old", "http://b.test/gone"]
        for day in (2, 9, 16, 23):
            run = web.check(both, "--database", daemon.database, env=days_ahead(day))
        equal(states(run), {"http://g.test/never": "suspect", "http://c.test/old": "alive", "http://b.test/gone": "dead"}, "states")
        check_that(run.link("http://g.test/never")["strikes"] >= 4, "its strikes are counted")


def test_trouble_with_the_database():
    with Web(HOSTS) as web:
        web.write("list.md", "<http://a.test/>\n")
        web.run("--database", "/nowhere/at/all.db", "list.md").one_line_error("/nowhere/at/all.db", status=1)
        web.write("other.db", "no database at all, but a text that is longer than a page of one\n" * 100)
        web.run("--database", "other.db", "list.md").one_line_error("other.db", status=1)
        web.run("--database", "history.db", "--output", "history.db", "list.md").one_line_error("--output", status=3)
        web.run("--database").one_line_error("--database", status=3)
        equal(len(web.requests()), 0, "requests")
