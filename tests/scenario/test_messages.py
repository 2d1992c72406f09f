"""Who is told of what: a running daemon and receivers that take, refuse or hang."""

import os
import signal
import time

from harness import Web, check_that, equal, program
from told import Receivers, hook, text_of, wait_for_status
from watch import DAY_S, Daemon, days_ahead

WEB = """
    a.test /ok   ok title="Fine"
    b.test /gone status code=404
    c.test /old  redirect code=301 to=http://d.test/new
    d.test /new  ok title="New"
"""
LIST = "- [The good one](http://a.test/ok)\n- [The lost one](http://b.test/gone)\n- [The moved one](http://c.test/old)\n"


def test_a_death_is_told_once():
    """One message for the dead link, one or the same for the moved one; none for bad nights; none again."""
    with Web(WEB) as web, Receivers(web) as receivers:
        extra = "notify:\n" + hook(web, receivers, "ok", repeat="0")
        with Daemon(web, LIST, rate=2 * DAY_S, extra=extra) as daemon:
            daemon.wait(lambda links: links["http://b.test/gone"]["state"] == "dead")
            receivers.wait(lambda got: "http://b.test/gone" in text_of(got))
            daemon.wait(lambda links: links["http://c.test/old"]["state"] == "moved")
            got = receivers.wait(lambda got: "http://c.test/old" in text_of(got))
            equal(sum("http://b.test/gone" in text_of([entry]) for entry in got), 1, "the death is told once")
            check_that("http://a.test/ok" not in text_of(got), "nothing of the good one")
            wait_for_status(daemon, lambda text: "messages for" not in text)


def test_many_of_one_host_are_one_message():
    """A host that dies with its links in one night."""
    count = 60
    links = "".join(f"- [Link {i}](http://big.test/{i})\n" for i in range(count)) + LIST
    with Web(WEB + "    big.test /* status code=404\n") as web, Receivers(web) as receivers:
        extra = "notify:\n" + hook(web, receivers, "ok", group_wait="12h")
        with Daemon(web, links, rate=2 * DAY_S, extra=extra) as daemon:
            daemon.wait(lambda links: all(links[f"http://big.test/{i}"]["state"] == "dead" for i in range(count)), seconds=60)
            got = receivers.wait(lambda got: "big.test" in text_of(got))
            time.sleep(3)  # six days in which nothing may follow
            got = receivers.got()
            told = [entry for entry in got if "big.test" in text_of([entry])]
            check_that(len(told) <= 2, f"{len(told)} messages about one host")


def test_a_broken_receiver_gets_it_later():
    """Nothing is lost while it fails, and nothing comes twice after kill -9."""
    with Web(WEB) as web, Receivers(web) as receivers:
        extra = "notify:\n" + hook(web, receivers, "status/503")
        # One clock for both lives.
        daemon = Daemon(web, LIST, rate=f"{2 * DAY_S}@{int(time.time())}", extra=extra)
        with daemon:
            daemon.wait(lambda links: links["http://b.test/gone"]["state"] == "dead")
            receivers.wait(lambda got: "http://b.test/gone" in text_of(got))
            wait_for_status(daemon, lambda text: "messages for" in text and "503" in text)
            os.kill(daemon.process.pid, signal.SIGKILL)
            daemon.process.wait()
            daemon.process = None
        before = len(receivers.got())
        url = web.path("urlstatus-503")
        with open(url, "w", encoding="utf-8") as file:
            file.write(f"http://127.0.0.1:{receivers.ports['http']}/ok\n")
        with daemon:
            got = receivers.wait(lambda got: any("/ok" in text_of([e]) and "http://b.test/gone" in text_of([e]) for e in got[before:]))
            arrived = [e for e in got[before:] if "http://b.test/gone" in text_of([e])]
            equal(len(arrived), 1, "it arrived once")


def test_another_authority_after_a_reload():
    """network.cacert is for messages, too: a receiver whose certificate was not trusted is told after a reload with a file that has it."""
    with Web(WEB) as web, Receivers(web) as receivers:
        url = web.write("url-tls", f"https://localhost:{receivers.ports['https']}/ok\n")
        daemon = Daemon(web, LIST, rate=2 * DAY_S, extra="notify:\n" + hook(web, receivers, "ok", url_file=url, on="[dead]", repeat="0"))
        with daemon:
            daemon.wait(lambda links: links["http://b.test/gone"]["state"] == "dead")
            wait_for_status(daemon, lambda text: "messages for webhook#1" in text and "certificate" in text)
            equal(receivers.got(), [], "nothing is sent to who cannot show who he is")
            with open(daemon.config, encoding="utf-8") as file:
                text = file.read()
            web.write("linkrotd.yaml", text.replace(web.local.ca_file, os.path.join(receivers.directory, "root.pem")))
            os.kill(daemon.process.pid, signal.SIGHUP)
            receivers.wait(lambda got: "http://b.test/gone" in text_of(got))


def test_a_mail_is_sent():
    """Over SMTP, to each recipient by itself, with text and HTML; what strangers wrote stays text."""
    evil = LIST.replace("The lost one", "Bcc: victim@example.org <script>x</script>")
    with Web(WEB) as web, Receivers(web) as receivers:
        extra = f"""notify:
  - {{type: mail, to: [ok@example.org, rcpt550@example.org], from: links@example.org, server: "smtp://127.0.0.1:{receivers.ports['smtp']}", on: [dead], group_wait: 1h}}
"""
        with Daemon(web, evil, rate=2 * DAY_S, extra=extra) as daemon:
            daemon.wait(lambda links: links["http://b.test/gone"]["state"] == "dead")
            got = receivers.wait(lambda got: any("b.test/gone" in text_of([e]) for e in got))
            mail = text_of([e for e in got if "b.test/gone" in text_of([e])])
            check_that("multipart/alternative" in mail and "ok@example.org" in mail, mail[:1500])
            check_that("\\nBcc:" not in mail, "no header of theirs")


def test_digests_are_sent_when_asked_for():
    """report --send: who wants digests gets one; a second one only of what is new."""
    with Web(WEB) as web, Receivers(web) as receivers:
        extra = "notify:\n" + hook(web, receivers, "ok", on="[digest]")
        with Daemon(web, LIST, rate=2 * DAY_S, extra=extra) as daemon:
            daemon.wait(lambda links: links["http://b.test/gone"]["state"] == "dead")
            run = daemon.ask("report", "--send")
            equal((run.status, run.stderr), (0, ""), "accepted")
            check_that("1 receiver" in run.stdout, run.stdout)
            receivers.wait(lambda got: "b.test/gone" in text_of(got))
            equal(daemon.ask("report", "--send", "--since", "24h").status, 3, "it goes alone")


def test_no_daemon_no_sending():
    with Web(WEB) as web:
        daemon = Daemon(web, LIST, rate=1)
        with daemon:
            daemon.ready()
            run = daemon.ask("report", "--send")
            check_that(run.status == 0 and "nobody wants digests" in run.stdout, run.stdout + run.stderr)
        run = daemon.ask("report", "--send")
        equal(run.status, 1, "exit status")
        check_that("daemon" in run.stderr, run.stderr)


def test_a_living_issue():
    """One issue for the list, with its label, open while something is dead."""
    with Web(WEB) as web, Receivers(web) as receivers:
        token = web.write("gh-token", "secret-token\n")
        extra = f"""notify:
  - {{type: github_issue, repository: me/list, token_file: {token}, server: "http://127.0.0.1:{receivers.ports['http']}", on: [dead, recovered], group_wait: 1h, group_interval: 1h}}
"""
        with Daemon(web, LIST, rate=2 * DAY_S, extra=extra) as daemon:
            daemon.wait(lambda links: links["http://b.test/gone"]["state"] == "dead")
            created = [lambda e: e.get("method") == "POST" and e.get("path", "").endswith("/issues")]
            got = receivers.wait(lambda got: any(created[0](e) for e in got))
            check_that("b.test/gone" in text_of(got), text_of(got)[-800:])
            wait_for_status(daemon, lambda text: "messages for" not in text)
            equal(sum(created[0](e) for e in receivers.got()), 1, "one issue")


def counted(daemon):
    """`db stats` as a dictionary."""
    run = daemon.ask("db", "stats")
    equal((run.status, run.stderr), (0, ""), "db stats")
    return {line[:14].strip(): line[14:].strip() for line in run.stdout.splitlines()}


def test_the_outbox_is_counted_and_pruned():
    """db stats counts what waits and what has gone; db prune takes the latter alone, after its days."""
    with Web(WEB) as web, Receivers(web) as receivers:
        extra = "notify:\n" + hook(web, receivers, "ok", on="[dead]", repeat="0") + \
            hook(web, receivers, "status/503", on="[dead]", repeat="0")
        daemon = Daemon(web, LIST, rate=2 * DAY_S, extra=extra)
        with daemon:
            daemon.wait(lambda links: links["http://b.test/gone"]["state"] == "dead")
            receivers.wait(lambda got: sum("http://b.test/gone" in text_of([entry]) for entry in got) >= 2)
            wait_for_status(daemon, lambda text: "messages for webhook#1" not in text and "messages for webhook#2" in text)
        found = counted(daemon)
        equal((found["messages"], found["waiting"]), ("2", "1"), "messages, waiting")
        check_that(int(found["tallies"]) > 0, f"tallies: {found}")
        later = days_ahead(1000)
        run = program("db", "prune", "-c", daemon.config, cwd=web.dir, env=later)
        check_that("1 old messages deleted" in run.stdout, run.stdout + run.stderr)
        found = counted(daemon)
        equal((found["messages"], found["waiting"]), ("1", "1"), "what waits is kept")
