"""Messages over days and accidents: one for many, none lost, none twice, none at night."""

import json
import os
import random
import re
import signal
import time
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from harness import Web, check_that, equal, sanitized
from told import Receivers, hook, mails, messages, text_of, wait_for_status
from watch import DAY_S, Daemon

SOON = "confirm: {strikes: 2, span: 2h}\n"  # so that days are not needed for a death
HOUR_S = 3600


def gone(name, when=""):
    """Two answers alike would look like a portal that answers for everybody."""
    words = " ".join(f"{name}{i}" for i in range(40))
    return f'    {name}.test /x status code=404 title="{name} is gone" body="<p>{words}</p>" {when}\n'


GOOD = "".join(f'    good{i}.test /x ok title="Good {i}"\n' for i in range(3))


def links_of(names):
    return "".join(f"- [Link {name}](http://{name}.test/x)\n" for name in [*names, "good0", "good1", "good2"])


def urls_of(names):
    return [f"http://{name}.test/x" for name in names]


def items(message, topic=None):
    return [item["url"] for item in message["items"] if topic in (None, item["topic"])]


def moment(message):
    return datetime.fromisoformat(message["at"].replace("Z", "+00:00")).astimezone(timezone.utc)


def rss_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))


def died(told):
    return sum(group["died"] for message in told for group in message["groups"])


def test_a_thousand_of_one_host_are_one_message():
    """They die in one night on one host; who wants deaths gets one message, who wants incidents one of that and one of the deaths."""
    count = 1000
    web_text = "    big.test /* ok until=6\n    big.test /* status code=404\n"  # a day and a half
    links = "".join(f"- [Link {i}](http://big.test/{i})\n" for i in range(count))
    with Web(web_text) as web, Receivers(web) as receivers:
        extra = "confirm: {strikes: 2, span: 2d}\nnotify:\n" + hook(web, receivers, "dead/ok", group_wait="10m", on="[dead]") \
            + hook(web, receivers, "all/ok", group_wait="10m", on="[dead, incident]") \
            + hook(web, receivers, "mine/ok", group_wait="10m", on="[incident]", lists="[links]")
        with Daemon(web, links, rate=6 * HOUR_S, extra=extra) as daemon:
            daemon.wait(lambda links: sum(link["state"] == "dead" for link in links.values()) == count, seconds=45)
            got = receivers.wait(lambda got: all(died(messages(got, f"/{path}/ok")) for path in ("dead", "all")), seconds=25)
            dead, everything = messages(got, "/dead/ok"), messages(got, "/all/ok")

            # One, where time is real (tests/unit/message/test_plan.c). Here a busy half second is a pause of three hours, after which
            # deaths are told; the rest then waits for the incident's end.
            check_that(len(dead) <= 2 and count / 2 <= died(dead) <= count, f"{[m['subject'] for m in dead]}")
            check_that(len(everything) <= 3 and count / 2 <= died(everything) <= count, f"{[m['subject'] for m in everything]}")
            equal((everything[0]["groups"][0]["died"], "big.test" in everything[0]["subject"]), (0, True), "the incident comes first")
            equal(len(messages(got, "/mine/ok")), 1, "the incident, to who wants only that list")
            return f"{dead[0]['subject']!r}; with the incident: {[m['subject'] for m in everything]}"


test_a_thousand_of_one_host_are_one_message.alone = True  # a pause of half a second is one of three hours


def test_a_week_without_a_mail_server():
    """The server refuses for a week in which links die: all of them arrive once, and memory is flat."""
    names = [f"h{i}" for i in range(60)]
    table = GOOD + "".join(map(gone, names))
    with Web(table) as web, Receivers(web) as receivers:
        def extra(to):
            return SOON + f"""notify:
  - {{type: mail, to: [{to}@example.org], from: links@example.org, server: "smtp://127.0.0.1:{receivers.ports['smtp']}", on: [dead], repeat: 0}}
"""
        with Daemon(web, links_of(names[:5]), rate=DAY_S // 2, interval="6h", extra=extra("rcpt450")) as daemon:
            wait_for_status(daemon, lambda text: "messages for mail#1" in text and "450" in text, seconds=30)
            began, before = time.monotonic(), rss_kib(daemon.process)
            for upto in range(10, len(names) + 1, 10):
                web.write("list.md", links_of(names[:upto]))
                daemon.wait(lambda links: sum(link["state"] == "dead" for link in links.values()) >= upto, seconds=30)
            time.sleep(max(0.0, 14 - (time.monotonic() - began)))  # seven days
            after = rss_kib(daemon.process)
            equal(mails(receivers.got()), [], "nothing came through")
            waiting = re.search(r"messages for mail#1: (\d+) waiting", daemon.ask("status").stdout)
            daemon.write_config("6h", extra=extra("ok"))
            os.kill(daemon.process.pid, signal.SIGHUP)
            got = receivers.wait(lambda got: all(url in text_of(mails(got)) for url in urls_of(names)), seconds=30)
            for url in urls_of(names):
                equal(sum(url + '"' in text_of([m]) or url + "\\n" in text_of([m]) or url + "\\r" in text_of([m]) for m in mails(got)), 1,
                      f"mails about {url}")
            check_that(after - before < 4096 or sanitized(), f"memory grew from {before} to {after} KiB")
            return f"{before} -> {after} KiB, {waiting.group(1)} messages waited, {len(mails(got))} mails then"


def test_killed_twenty_times():
    """kill -9 while messages flow: every death is told, and told twice only with the same id."""
    chance = random.Random(20261126)
    names = [f"k{i}" for i in range(60)]
    table = GOOD + "".join(map(gone, names))
    with Web(table) as web, Receivers(web) as receivers:
        extra = SOON + "notify:\n" + hook(web, receivers, "ok", group_wait="0s", group_interval="1m", max_per_hour=60, repeat="0", on="[dead]")
        daemon = Daemon(web, links_of(names[:3]), rate=f"{2 * DAY_S}@{int(time.time())}", interval="6h", extra=extra)
        for life in range(20):
            web.write("list.md", links_of(names[:3 * (life + 1)]))
            daemon.start()
            time.sleep(chance.uniform(0.3, 1.5))
            check_that(daemon.process.poll() is None, "it lives until it is killed")
            os.kill(daemon.process.pid, signal.SIGKILL)
            daemon.process.wait()
            daemon.process = None
        killed = len(receivers.got())
        with daemon:
            got = receivers.wait(lambda got: all(url in text_of(got) for url in urls_of(names)), seconds=30)
            wait_for_status(daemon, lambda text: "messages for" not in text)
            got = receivers.got()
        told, ids = {}, []
        for message in messages(got):
            ids.append(message["id"])
            for url in items(message):
                told.setdefault(url, set()).add(message["id"])
        equal(sorted(told), sorted(urls_of(names)), "what was told")
        check_that(all(len(one) == 1 for one in told.values()), f"told in two messages: {[u for u, one in told.items() if len(one) > 1]}")
        check_that(killed >= 3, f"only {killed} messages before the last life")
        return f"{len(set(ids))} messages, {killed} of them in the lives that were killed, {len(ids) - len(set(ids))} came again with their id"


def test_quiet_hours_cap_recovery_and_repeat():
    """Each receiver its own: nothing at night, one an hour, a death and its end, and a reminder each day."""
    names = [f"q{i}" for i in range(24)]
    table = GOOD + "".join(f"    {name}.test /x ok until={2 + i // 3} title={name}\n" + gone(name) for i, name in enumerate(names)) \
        + "    back.test /x status code=404 until=15\n    back.test /x ok\n"
    with Web(table) as web, Receivers(web) as receivers:
        extra = SOON + "notify:\n" \
            + hook(web, receivers, "quiet/ok", on="[dead]", group_wait="0s", group_interval="1m", repeat="0", quiet='"20:00-08:00"', max_per_hour=60) \
            + hook(web, receivers, "cap/ok", on="[dead]", group_wait="0s", group_interval="1m", repeat="0", max_per_hour=1) \
            + hook(web, receivers, "back/ok", on="[dead, recovered]", group_wait="0s", group_interval="1m", repeat="0") \
            + hook(web, receivers, "again/ok", on="[dead]", group_wait="0s", group_interval="1m", repeat="1d")
        began = time.monotonic()
        with Daemon(web, links_of([*names, "back"]), rate=4 * HOUR_S, interval="4h", extra=extra) as daemon:
            daemon.wait(lambda links: all(links[url]["state"] == "dead" for url in urls_of(names)), seconds=40)
            time.sleep(max(0.0, 15 - (time.monotonic() - began)))
            equal(daemon.ask("recheck", "http://back.test/x").status, 0, "asked again")
            dead = set(urls_of(names))
            got = receivers.wait(lambda got: all(dead <= {u for m in messages(got, f"/{path}/ok") for u in items(m)} for path in ("quiet", "cap", "back", "again"))
                                 and any(items(m, "recovered") for m in messages(got, "/back/ok"))
                                 and sum(len(items(m, "still_dead")) >= 20 for m in messages(got, "/again/ok")) >= 2, seconds=40)
        night = [m["at"] for m in messages(got, "/quiet/ok") if not 8 <= moment(m).hour < 20]
        equal(night, [], "messages in quiet hours")
        times = [moment(m) for m in messages(got, "/cap/ok")]
        check_that(all((b - a).total_seconds() >= HOUR_S for a, b in zip(times, times[1:])), f"above the cap: {times}")
        for path in ("quiet", "cap", "back"):
            told = [u for m in messages(got, f"/{path}/ok") for u in items(m, "died")]
            equal(len(told), len(set(told)), f"deaths are told once to {path}")
        back = [m for m in messages(got, "/back/ok") if "http://back.test/x" in items(m)]
        equal([items(m, "died").count("http://back.test/x") - items(m, "recovered").count("http://back.test/x") for m in back], [1, -1], "a death and its end")
        reminders = [moment(m) for m in messages(got, "/again/ok") if items(m, "still_dead")]
        check_that(all((b - a).total_seconds() >= DAY_S for a, b in zip(reminders, reminders[1:])), f"reminders: {reminders}")
        return f"{len(times)} under the cap, {len(reminders)} reminders"


def test_one_wrong_address_holds_up_nobody():
    """One recipient is refused for ever; the other is told of each death, and once. Taken out, its mail is given up."""
    names = [f"w{i}" for i in range(6)]
    table = GOOD + "".join(map(gone, names))
    with Web(table) as web, Receivers(web) as receivers:
        def extra(to):
            return SOON + f"""notify:
  - {{type: mail, to: [{to}], from: links@example.org, server: "smtp://127.0.0.1:{receivers.ports['smtp']}", on: [dead], group_wait: 0s, group_interval: 1m, repeat: 0}}
"""
        with Daemon(web, links_of(names[:2]), rate=DAY_S // 2, interval="6h", extra=extra("rcpt550@example.org, ok@example.org")) as daemon:
            for upto in (2, 4, 6):
                web.write("list.md", links_of(names[:upto]))
                receivers.wait(lambda got: all(url in text_of(mails(got)) for url in urls_of(names[:upto])), seconds=25)
            wait_for_status(daemon, lambda text: "550" in text)
            got = mails(receivers.got())
            equal({r for m in got for r in m["recipients"]}, {"<ok@example.org>"}, "recipients")
            daemon.write_config("6h", extra=extra("ok@example.org"))
            os.kill(daemon.process.pid, signal.SIGHUP)
            wait_for_status(daemon, lambda text: "0 waiting" in text and "not among its recipients" in text, seconds=20)
            equal(len(mails(receivers.got())), len(got), "nobody gets the other's mail")


def test_a_mail_as_mail_programs_see_it():
    """Headers of a notice, and the same Message-ID when it comes again."""
    with Web(GOOD + gone("m") + gone("n")) as web, Receivers(web) as receivers:
        extra = SOON + f"""notify:
  - {{type: mail, to: [twice@example.org], from: links@example.org, server: "smtp://127.0.0.1:{receivers.ports['smtp']}", on: [dead, digest], group_wait: 0s, group_interval: 1m, repeat: 0}}
"""
        with Daemon(web, links_of("m"), rate=DAY_S // 2, interval="6h", extra=extra) as daemon:
            got = mails(receivers.wait(lambda got: len(mails(got)) >= 2))
            first, second = got[0]["headers"], got[1]["headers"]
            equal(first["message-id"], second["message-id"], "Message-ID of the second attempt")
            equal(got[0]["parts"], got[1]["parts"], "what it says")
            wait_for_status(daemon, lambda text: "messages for" not in text)
            web.write("list.md", links_of("mn"))
            got = mails(receivers.wait(lambda got: len(mails(got)) >= 4))
            third = got[2]["headers"]
            check_that(third["message-id"] != first["message-id"], "another mail, another id")
            for mail in got:
                headers = mail["headers"]
                equal(mail["defects"], [], "defects")
                equal([part["type"] for part in mail["parts"]], ["text/plain", "text/html"], "parts")
                check_that(re.fullmatch(r"<[A-Za-z0-9.@-]+>", headers["message-id"]), headers["message-id"])
                equal(headers["auto-submitted"], "auto-generated", "Auto-Submitted")
                check_that(headers["list-id"].endswith(">"), headers["list-id"])
                check_that(parsedate_to_datetime(headers["date"]) is not None, headers["date"])
                check_that(mail["longest"] <= 998, "length of lines")
                check_that("1 died" in headers["subject"], headers["subject"])
            equal(first.get("references"), third.get("references"), "mails about one list are one thread")
            check_that(third.get("references"), f"no thread: {third}")
            return f"{first['subject']!r} {first['list-id']} {first['references']}"


def test_a_digest_that_would_be_too_large():
    """It tells fewer links one by one, and arrives."""
    hosts = [f"h{number}.test" for number in range(40)]
    urls = [f"http://{host}/{number}?{'&' * 900}" for host in hosts for number in range(2)]
    with Web(GOOD + "".join(gone(f"h{number}") for number in range(40)).replace(" /x ", " /* ")) as web, \
            Receivers(web) as receivers:
        extra = SOON + f"""notify:
  - {{type: mail, to: [ok@example.org], from: links@example.org, server: "smtp://127.0.0.1:{receivers.ports['smtp']}", on: [digest]}}
"""
        text = links_of([]) + "".join(f"- [{number}]({url})\n" for number, url in enumerate(urls))
        with Daemon(web, text, rate=DAY_S // 8, interval="6h", extra=extra) as daemon:
            daemon.wait(lambda links: all(links[url]["state"] == "dead" for url in urls))
            equal(daemon.ask("report", "--send").status, 0, "asked")
            mail = mails(receivers.wait(lambda got: len(mails(got)) >= 1))[0]
            check_that(f"and {len(urls) - 20} more" in mail["parts"][1]["text"], "what it does not tell is counted")


def test_a_digest_by_mail():
    """report --send: text and HTML, a subject that says what matters; then only what is new, then nothing."""
    with Web(GOOD + gone("m") + gone("n")) as web, Receivers(web) as receivers:
        extra = SOON + f"""notify:
  - {{type: mail, to: [ok@example.org], from: links@example.org, server: "smtp://127.0.0.1:{receivers.ports['smtp']}", on: [digest]}}
"""
        with Daemon(web, links_of("m"), rate=DAY_S // 8, interval="6h", extra=extra) as daemon:
            daemon.wait(lambda links: links["http://m.test/x"]["state"] == "dead")
            equal(daemon.ask("report", "--send").status, 0, "asked")
            first = mails(receivers.wait(lambda got: len(mails(got)) >= 1))[0]
            equal([part["type"] for part in first["parts"]], ["text/plain", "text/html"], "parts")
            check_that("http://m.test/x" in first["parts"][0]["text"], first["parts"][0]["text"])
            check_that("http://m.test/x" in first["parts"][1]["text"] and "<html" in first["parts"][1]["text"], "the page")
            check_that("1 died" in first["headers"]["subject"], first["headers"]["subject"])
            wait_for_status(daemon, lambda text: "messages for" not in text)
            web.write("list.md", links_of("mn"))
            daemon.wait(lambda links: links["http://n.test/x"]["state"] == "dead")
            equal(daemon.ask("report", "--send").status, 0, "asked again")
            second = mails(receivers.wait(lambda got: len(mails(got)) >= 2))[1]
            check_that("http://n.test/x" in second["parts"][0]["text"], second["parts"][0]["text"])
            check_that("http://m.test/x" not in second["parts"][0]["text"], "what was told is told again: " + second["parts"][0]["text"])
            wait_for_status(daemon, lambda text: "messages for" not in text)
            equal(daemon.ask("report", "--send").status, 0, "asked a third time")
            run = daemon.stop()
            equal(len(mails(receivers.got())), 2, "nothing new, no mail")
            return f"{first['headers']['subject']!r}, {second['headers']['subject']!r}" + ("" if run.status == 0 else run.stderr)


def test_a_mail_that_is_taken_while_it_stops():
    """SIGTERM while the server thinks: it is waited for, so that the mail does not come twice."""
    with Web(GOOD + gone("m")) as web, Receivers(web) as receivers:
        extra = SOON + f"""notify:
  - {{type: mail, to: [slow@example.org], from: links@example.org, server: "smtp://127.0.0.1:{receivers.ports['smtp']}", on: [dead], group_wait: 0s, repeat: 0}}
"""
        daemon = Daemon(web, links_of("m"), rate=f"{DAY_S // 2}@{int(time.time())}", interval="6h", extra=extra)
        with daemon:
            receivers.wait(lambda got: len(mails(got)) == 1)  # it is in the log before it is answered
        with daemon:
            daemon.ready()
            time.sleep(2)  # a day: its lease is over
            equal(len(mails(receivers.got())), 1, "mails")


def test_removed_and_back_while_it_waits():
    """A list that is read half written loses a link for an hour; its death, not yet told, is told. One that stays away is not."""
    with Web(GOOD + gone("m") + gone("n")) as web, Receivers(web) as receivers:
        extra = SOON + "notify:\n" + hook(web, receivers, "ok", on="[dead]", group_wait="1d", repeat="0")
        with Daemon(web, links_of("mn"), rate=DAY_S // 6, interval="6h", extra=extra) as daemon:
            daemon.wait(lambda links: all(links[url]["state"] == "dead" for url in urls_of("mn")))
            web.write("list.md", links_of(""))
            daemon.wait(lambda links: not set(urls_of("mn")) & set(links))
            equal(messages(receivers.got()), [], "told so far")
            web.write("list.md", links_of("m"))
            daemon.wait(lambda links: "http://m.test/x" in links)
            equal(messages(receivers.got()), [], "told until it was back")
            got = receivers.wait(lambda got: messages(got), seconds=15)
            equal([(items(m), m["groups"][0]["died"]) for m in messages(got)], [(urls_of("m"), 1)], "what is told")


def test_what_left_its_list_is_not_still_dead():
    """The dead that were taken off the list are counted no more; those that are on it, are."""
    with Web(GOOD + "".join(map(gone, "abcd"))) as web, Receivers(web) as receivers:
        extra = SOON + "notify:\n" + hook(web, receivers, "ok", on="[dead]", group_wait="0s", group_interval="1m", repeat="0")
        with Daemon(web, links_of("abc"), rate=DAY_S // 6, interval="6h", extra=extra) as daemon:
            receivers.wait(lambda got: died(messages(got)) == 3)
            web.write("list.md", links_of("ad"))
            got = receivers.wait(lambda got: died(messages(got)) == 4)
            last = messages(got)[-1]
            equal((items(last), last["groups"][0]["died"], last["groups"][0]["still_dead"]), (urls_of("d"), 1, 1), "what the last one says")


def test_an_issue_of_each_list():
    """A link on two lists is dead on both: both issues say so, whichever the death is told under."""
    with Web(GOOD + gone("m")) as web, Receivers(web) as receivers:
        token = web.write("gh-token", "secret-token\n")
        web.write("other.md", links_of("m"))
        extra = SOON + f"""notify:
  - {{type: github_issue, repository: me/list, token_file: {token}, server: "http://127.0.0.1:{receivers.ports['http']}", on: [dead, recovered, incident], group_wait: 0s, repeat: 0}}
"""
        daemon = Daemon(web, links_of("m"), rate=DAY_S // 2, interval="6h", extra=extra)
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        web.write("linkrotd.yaml", text.replace("lists:\n", f"lists:\n  - {{name: other, sources: [{web.path('other.md')}], refresh: 1h, interval: 6h}}\n"))
        with daemon:
            got = receivers.wait(lambda got: sum(e["method"] == "POST" and e["path"].endswith("/issues") for e in got) >= 2)
            created = [e["body"] for e in got if e["method"] == "POST" and e["path"].endswith("/issues")]
            equal(len(created), 2, "issues")
            check_that(all("m.test/x" in body for body in created), str(created))
            check_that("secret-token" not in text_of(daemon.ask("status").stdout), "no secret")


def test_a_message_has_the_words_of_its_list():
    """Of a link that two lists hold: the place and the title that stand in the one that a receiver wants."""
    with Web(GOOD + gone("m")) as web, Receivers(web) as receivers:
        web.write("other.md", "# Other\n\n- [Others call it so](http://m.test/x)\n")
        extra = SOON + "notify:\n" + "".join(hook(web, receivers, f"{name}/ok", on="[dead]", lists=f"[{name}]") for name in ("links", "other"))
        daemon = Daemon(web, links_of("m"), rate=DAY_S // 2, interval="6h", extra=extra)
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        web.write("linkrotd.yaml", text.replace("lists:\n", f"lists:\n  - {{name: other, sources: [{web.path('other.md')}], refresh: 1h, interval: 6h}}\n", 1))
        with daemon:
            got = receivers.wait(lambda got: all(messages(got, f"/{name}/ok") for name in ("links", "other")))
            for name, place in (("links", "list.md:1"), ("other", "other.md:3")):
                item = messages(got, f"/{name}/ok")[0]["items"][0]
                equal((item["list"], os.path.basename(item["place"]), item["title"] == "Others call it so"), (name, place, name == "other"), name)


def test_alerts_are_held_by_news():
    """An alert that is not sent again ends; on a list with news there is no repetition, so the news bring what is still dead."""
    with Web(GOOD + gone("m") + gone("n")) as web, Receivers(web) as receivers:
        extra = SOON + f"""notify:
  - {{type: alertmanager, server: "http://127.0.0.1:{receivers.ports['http']}", on: [dead, recovered], group_wait: 0s, group_interval: 1m}}
"""

        def alerts(got):
            return [sorted(alert["labels"]["url"] for alert in json.loads(e["body"])) for e in got]

        with Daemon(web, links_of("m"), rate=DAY_S // 6, interval="6h", extra=extra):
            receivers.wait(lambda got: alerts(got) == [urls_of("m")])
            web.write("list.md", links_of("mn"))
            got = receivers.wait(lambda got: any("http://n.test/x" in one for one in alerts(got)))
            equal(sorted(set(alerts(got)[-1])), urls_of("mn"), "the alerts beside the new one")


def test_the_alert_of_an_incident_lasts():
    """It is sent again before it ends by itself, though nothing dies, and ends with the incident; no death is told to who wants none."""
    down = "".join(f"- [B {i}](http://b.test/{i})\n" for i in range(4))
    web_text = '    b.test /* status code=503 since=2 until=14\n    b.test /* ok title="B"\n' + GOOD
    with Web(web_text) as web, Receivers(web) as receivers:
        extra = f"""notify:
  - {{type: alertmanager, server: "http://127.0.0.1:{receivers.ports['http']}", on: [incident], group_wait: 1h, repeat: 3d}}
"""

        def alerts(got):
            return [alert for e in got if "alerts" in e["path"] for alert in json.loads(e["body"])]

        def instant(alert):
            return datetime.fromisoformat(alert["endsAt"].replace("Z", "+00:00"))

        with Daemon(web, links_of("") + down, rate=DAY_S, interval="1d", extra=extra):
            told = alerts(receivers.wait(lambda got: len(alerts(got)) >= 3))
            equal({alert["labels"]["alertname"] for alert in told}, {"LinkIncident"}, "alerts")
            equal(len({alert["labels"]["incident"] for alert in told}), 1, "incidents")
            check_that(all("b.test" in alert["annotations"]["summary"] for alert in told), str(told))
            ends = [instant(alert) for alert in told]
            check_that(all(0 < (b - a).days < 6 for a, b in zip(ends, ends[1:])), f"each before the one before has ended: {ends}")
            told = alerts(receivers.wait(lambda got: instant(alerts(got)[-1]) < instant(alerts(got)[-2])))
            equal(told[-1]["labels"], told[0]["labels"], "the end")


def test_an_issue_whose_dead_left_the_list():
    """It is closed when the dead were taken off the list, and opened when they are back, whatever else its receiver wants."""
    with Web(GOOD + gone("m")) as web, Receivers(web) as receivers:
        token = web.write("gh-token", "secret-token\n")
        extra = SOON + f"""notify:
  - {{type: github_issue, repository: me/list, token_file: {token}, server: "http://127.0.0.1:{receivers.ports['http']}", on: [dead], group_wait: 0s, group_interval: 1m, repeat: 0}}
"""

        def states(got):
            return ["m.test/x" in e["body"] for e in got if e["method"] in ("POST", "PATCH") and "/issues" in e["path"]]

        with Daemon(web, links_of("m"), rate=DAY_S // 6, interval="6h", extra=extra):
            receivers.wait(lambda got: states(got) == [True])
            web.write("list.md", links_of(""))
            got = receivers.wait(lambda got: states(got) == [True, False])
            closed = json.loads([e["body"] for e in got if e["method"] == "PATCH"][-1])
            equal(closed["state"], "closed", "the issue")
            web.write("list.md", links_of("m"))
            got = receivers.wait(lambda got: states(got) == [True, False, True])
            opened = json.loads([e["body"] for e in got if e["method"] == "PATCH"][-1])
            equal(opened["state"], "open", "the issue")


def test_an_issue_of_a_list_that_is_gone():
    """It is closed when its list is taken out of the configuration, and opened when it is back."""
    with Web(GOOD + gone("m")) as web, Receivers(web) as receivers:
        token = web.write("gh-token", "secret-token\n")
        web.write("other.md", links_of("m"))
        extra = SOON + f"""notify:
  - {{type: github_issue, repository: me/list, token_file: {token}, server: "http://127.0.0.1:{receivers.ports['http']}", on: [dead], group_wait: 0s, group_interval: 1m, repeat: 0}}
"""
        daemon = Daemon(web, links_of(""), rate=DAY_S // 2, interval="6h", extra=extra)
        with open(daemon.config, encoding="utf-8") as file:
            alone = file.read()
        both = alone.replace("lists:\n", f"lists:\n  - {{name: other, sources: [{web.path('other.md')}], refresh: 1h, interval: 6h}}\n")
        web.write("linkrotd.yaml", both)
        with daemon:
            receivers.wait(lambda got: any(e["method"] == "POST" and e["path"].endswith("/issues") for e in got))
            web.write("linkrotd.yaml", alone)
            os.kill(daemon.process.pid, signal.SIGHUP)
            got = receivers.wait(lambda got: any(e["method"] == "PATCH" for e in got))
            closed = json.loads([e["body"] for e in got if e["method"] == "PATCH"][-1])
            equal((closed["state"], closed["title"]), ("closed", "Links of other: 0 dead"), "the issue")
            web.write("linkrotd.yaml", both)
            os.kill(daemon.process.pid, signal.SIGHUP)
            got = receivers.wait(lambda got: sum(e["method"] == "PATCH" for e in got) >= 2)
            opened = json.loads([e["body"] for e in got if e["method"] == "PATCH"][-1])
            equal((opened["state"], opened["title"]), ("open", "Links of other: 1 dead"), "the issue")


def test_a_template_is_looked_at_by_config_check():
    for content, wrong in (('{"text": "{{subject}}"}', False), ('{"text": "{{subjekt}}"}', True), (None, True)):
        with Web("    a.test /ok ok\n") as web:
            path = web.write("template.json", content) if content else web.path("none.json")
            url = web.write("url", "http://127.0.0.1:9/\n")
            daemon = Daemon(web, links_of("a"), extra=f"notify:\n  - {{type: webhook, url_file: {url}, template_file: {path}, on: [dead]}}\n")
            run = daemon.ask("config", "check")
            equal(run.status, 3 if wrong else 0, f"exit status with {content}: {run.stderr}")
            check_that(not wrong or "template_file of webhook#1" in run.stderr, run.stderr)
