"""Calls that fail under the program (tests/faults/preload.c): our own trouble is never a link's, and is said.

Of ALL links TRUTH is what they are when nothing fails.
"""

import datetime
import json
import os
import re
import subprocess
import time

from harness import PRELOAD, QUICK, Skip, Web, check_that, equal, program, sanitized
from watch import DAY_S, Daemon

TABLE = """
    a.test /ok    ok
    a.test /gone  status code=404
    a.test /moved redirect code=301 to=/cookie
    a.test /cookie ok header="Set-Cookie: a=1"
    b.test /ok    ok
"""
LINK, GONE, NOWHERE, SECURE = "http://a.test/ok", "http://a.test/gone", "http://nowhere.test/", "https://a.test/ok"
OTHER = "http://b.test/ok"
ALL = [LINK, GONE, NOWHERE, SECURE]
TRUTH = ["ok/ok", "broken/http_404", "broken/dns_nxdomain", "ok/ok"]


# libuv's own epoll_ctl ends the process where it fails; it is left alone.
def run(web, fault, *options, links=(LINK,), status=None, leads=None, **more_env):
    """A run in which these calls fail. It ends by itself, with a status of the contract."""
    if not PRELOAD[0]:
        raise Skip("no library that makes calls fail")
    if sanitized():
        raise Skip("a sanitizer's program cannot be preloaded")
    web.write("list.md", "".join(f"- <{link}>\n" for link in links))
    log = web.path("faults.log")
    if os.path.exists(log):
        os.unlink(log)
    env = {"LD_PRELOAD": PRELOAD[0], "FAULT": fault, "FAULT_LOG": log, "FAULT_SKIP": "libuv", **more_env}
    words = ["check", *(web.options() if leads is None else leads), *QUICK, *options, "--format", "json", "list.md"]
    done = program(*words, cwd=web.dir, env=env)
    check_that(done.status in (0, 1, 2), f"{fault}: exit status {done.status}: {done.stderr[-300:]}")
    with open(log, encoding="utf-8") as file:
        check_that(not fault or "hit " in file.read(), f"{fault}: the call was never made")
    if status is not None:
        equal(done.status, status, f"{fault}: exit status (standard error: {done.stderr[:200]!r})")
    check_that(done.status != 1 or done.stderr, f"{fault}: exit status 1 without a word")
    done.report = json.loads(done.stdout) if done.stdout else None
    return done


def outcome(done, url):
    link = done.link(url)
    return f"{link['outcome']}/{link['reason']}"


def test_calls_that_end_the_run():
    """Without these nothing can be asked: one line that says so, and no report."""
    with Web(TABLE) as web:
        for fault in ("uv_loop_init:-24:1", "uv_loop_init:-12:1", "uv_signal_init:-24:1", "uv_signal_init:-24:2",
                      "uv_signal_start_oneshot:-22:1", "uv_signal_start_oneshot:-22:2", "uv_poll_init:-1:1",
                      "epoll_create1:EMFILE:1+", "timerfd_create:EMFILE:1", "epoll_ctl:ENOMEM:1", "epoll_ctl:ENOSPC:*",
                      "curl_global_init:27:*", "ares_init_options:15:1", "ares_library_init:15:*",
                      "ares_set_servers_ports:15:1", "X509_STORE_new:ENOMEM:1", "X509_STORE_load_file:0:1",
                      "curl_slist_append:ENOMEM:1"):
            done = run(web, fault, status=1)
            equal(done.stdout, "", f"{fault}: standard output")
            equal(len(done.stderr.splitlines()), 1, f"{fault}: lines on standard error {done.stderr!r}")


def test_no_sockets_left():
    """Descriptors, memory of the kernel: this machine's trouble, whichever socket it was."""
    with Web(TABLE) as web:
        for fault in ("socket:EMFILE:*", "socket:ENFILE:*", "socket:ENOBUFS:*", "socket:ENOMEM:*"):
            done = run(web, fault, links=ALL, status=1)
            for link in ALL:
                equal(outcome(done, link), "skipped/offline", f"{fault}: {link}")
        # The resolver has its socket (and the question about IPv6 was asked), the connections get none.
        done = run(web, "socket:EMFILE:3+", links=[LINK, SECURE], status=1)
        for link in (LINK, SECURE):
            equal(outcome(done, link), "skipped/offline", f"no socket to connect with: {link}")


def test_no_way_out():
    """A network that is not there proves nothing about anybody."""
    with Web(TABLE) as web:
        for error in ("ENETUNREACH", "EHOSTUNREACH", "ENETDOWN"):
            done = run(web, f"connect:{error}:*", links=ALL, status=None)
            for link in ALL:
                check_that(outcome(done, link).split("/")[0] in ("unreachable", "skipped"),
                           f"connect {error}: {link} is {outcome(done, link)}")
        done = run(web, "connect:ENETUNREACH:3+", links=[LINK, SECURE], status=2)
        for link in (LINK, SECURE):
            equal(outcome(done, link), "unreachable/network_unreachable", f"{link} without a route")
        equal(outcome(run(web, "connect:ECONNREFUSED:3+", status=2), LINK), "unreachable/connect_refused", "refused")


def test_a_peer_that_is_gone_before_it_is_asked():
    """Reset before we could look who it is: that is a reset, and no address that is forbidden."""
    with Web(TABLE) as web:
        done = run(web, "getpeername:ENOTCONN:1+", status=2)
        equal(outcome(done, LINK), "unreachable/connect_reset", LINK)
        equal(outcome(run(web, "getpeername:ENOTCONN:1", "--max-retries", "1", status=0), LINK), "ok/ok", "another try")


def test_one_failure_of_each_kind_passes():
    """One call in a run: another try, another way, or our own fault; a good link is never called bad."""
    with Web(TABLE) as web:
        for name, errors in (("socket", ["ENOMEM"]), ("connect", ["ENOMEM", "EINTR"]), ("getsockopt", ["ENOBUFS"]),
                             ("epoll_ctl", ["ENOMEM"]), ("timerfd_settime", ["EINVAL"]), ("send", ["EIO", "EINTR"]),
                             ("recv", ["EIO", "EINTR"]), ("read", ["EIO", "EINTR"]), ("write", ["EIO"])):
            for error in errors:
                for call in (1, 2, 3, 4):
                    try:
                        done = run(web, f"{name}:{error}:{call}", "--max-retries", "1", links=[LINK, SECURE])
                    except AssertionError as problem:
                        if "never made" in str(problem):
                            break
                        raise
                    for link in (LINK, SECURE) if done.report else ():
                        check_that(outcome(done, link).split("/")[0] in ("ok", "unreachable", "skipped"),
                                   f"{name} {error} {call}: {link} is {outcome(done, link)}")


def test_watching_sockets_fails():
    """A socket that cannot be watched ends by its time, and the run with it."""
    with Web(TABLE) as web:
        for error, first in (("ENOSPC", 2), ("ENOMEM", 2), ("ENOSPC", 3)):
            done = run(web, f"epoll_ctl:{error}:{first}+", links=ALL)
            check_that(done.seconds < 20, f"took {done.seconds:.1f} s")
            for link, truth in zip(ALL, TRUTH):
                check_that(outcome(done, link) in (truth, "skipped/offline"), f"{error}: {link} is {outcome(done, link)}")
            check_that(done.status == (1 if "offline" in done.stdout else 2), f"exit status {done.status}")


def test_the_alarm_cannot_be_set_once():
    """The next turn of the loop tries again. (The kernel has no reason to refuse it for ever.)"""
    with Web(TABLE) as web:
        for when in ("1", "2", "3", "4"):
            done = run(web, f"timerfd_settime:EINVAL:{when}", links=ALL)
            check_that(done.seconds < 20, f"took {done.seconds:.1f} s")
            for link, wanted in zip(ALL, TRUTH):
                equal(outcome(done, link), wanted, f"call {when}: {link}")


def test_libcurl_fails():
    with Web(TABLE) as web:
        for fault in ("curl_easy_init:ENOMEM:*", "curl_multi_init:ENOMEM:*", "curl_multi_add_handle:3:*",
                      "curl_easy_setopt@10002:27:*", "curl_easy_setopt@10266:27:*"):  # URL, REQUEST_TARGET
            done = run(web, fault, links=ALL, status=1)
            for link in (LINK, GONE, SECURE):
                equal(outcome(done, link), "skipped/offline", f"{fault}: {link}")
            equal(outcome(done, NOWHERE), "broken/dns_nxdomain", f"{fault}: {NOWHERE}")


def test_settings_that_libcurl_cannot_copy():
    """A request leaves as it should be, or not at all."""
    with Web(TABLE) as web:
        for option, number in (("PROXY", 10004), ("USERAGENT", 10018), ("ACCEPT_ENCODING", 10102),
                               ("COOKIE", 10022), ("PROTOCOLS_STR", 10318)):
            before = len(web.requests())
            done = run(web, f"curl_easy_setopt@{number}:27:*", links=[LINK], status=1)
            equal(outcome(done, LINK), "skipped/offline", option)
            equal(len(web.requests()), before, f"requests without {option}")


def test_the_resolver_fails():
    """c-ares' own words, given to every question about one name; the other shows that it is not us."""
    with Web(TABLE) as web:
        for code, wanted in ((15, "skipped/offline"), (11, "unreachable/dns_servfail"), (12, "unreachable/dns_timeout"),
                             (10, "unreachable/dns_servfail"), (3, "unreachable/dns_servfail"), (8, "broken/bad_url")):
            done = run(web, f"ares_query@a.test:{code}:*", links=[LINK, OTHER])
            equal(outcome(done, LINK), wanted, f"c-ares says {code}")
            equal(outcome(done, OTHER), "ok/ok", "another name")
        equal(outcome(run(web, "ares_parse_a_reply:15:*", links=[LINK], status=1), LINK), "skipped/offline",
              "no memory to read the answer with")


def test_the_hosts_file_cannot_be_opened():
    """What it knows is not asked of name servers, who do not know it."""
    with Web(TABLE) as web:
        for error in ("EMFILE", "ENFILE", "ENOMEM"):
            done = run(web, f"fopen@/etc/hosts:{error}:*", links=[LINK], status=1, leads=["--allow-address", "127.0.0.0/8"])
            equal(outcome(done, LINK), "skipped/offline", f"/etc/hosts: {error}")


def test_a_certificate_cannot_be_opened():
    """The authority is known; there is only no descriptor left to read its certificate with."""
    with Web(TABLE) as web:
        leads = web.options()
        at = leads.index("--cacert")
        leads, ca = leads[:at] + leads[at + 2:], leads[at + 1]
        path = web.path("authorities")
        os.mkdir(path)
        name = subprocess.run(["openssl", "x509", "-noout", "-hash", "-in", ca], check=True, capture_output=True,
                              text=True).stdout.strip()
        os.symlink(ca, os.path.join(path, f"{name}.0"))
        done = run(web, "", links=[SECURE], leads=leads, FAULT_CA_PATH=path)
        if outcome(done, SECURE) == "broken/tls_untrusted":
            raise Skip("this system's certificates are not in a directory of hashes")
        equal(outcome(done, SECURE), "ok/ok", "with its certificate")
        done = run(web, f"fopen@{name}.0:EMFILE:*,socket:EMFILE:4+", links=[SECURE], leads=leads, status=1, FAULT_CA_PATH=path)
        equal(outcome(done, SECURE), "skipped/offline", "without a descriptor for it")


def test_output_that_cannot_be_written():
    """The old report stays, nothing is left beside it, and the error names the file."""
    with Web(TABLE) as web:
        # The dot: only the temporary file beside it. The first is made to see that one can be.
        for fault in ("open@report.json.:EACCES:*", "open@report.json.:ENOSPC:2", "fchmod:EPERM:*", "fsync:EIO:1",
                      "rename@report:EROFS:1"):
            web.write("report.json", "the old one")
            done = run(web, fault, "-o", "report.json", status=1)
            with open(web.path("report.json"), encoding="utf-8") as file:
                equal(file.read(), "the old one", f"{fault}: the old report")
            left = [name for name in os.listdir(web.dir) if name.startswith("report.json")]
            equal(left, ["report.json"], f"{fault}: files")
            check_that("report.json" in done.stderr, f"{fault}: standard error {done.stderr!r}")


def test_a_report_that_cannot_be_printed():
    with Web(TABLE) as web:
        for error in ("EIO", "ENOSPC"):
            done = run(web, f"fwrite:{error}:*", status=1)
            check_that("standard output" in done.stderr, f"standard error {done.stderr!r}")


def test_a_list_that_cannot_be_read():
    with Web(TABLE) as web:
        for error in ("EMFILE", "EIO", "ENOMEM", "EACCES"):
            done = run(web, f"open@list.md:{error}:1", status=1)
            check_that("list.md" in done.stderr, f"standard error {done.stderr!r}")
            equal(done.stdout, "", "standard output")


def test_a_clock_that_is_set_back():
    """What was planned by a clock that ran ahead by a year is not waited for, nor by one that did by days."""
    for days in (400, 5):
        set_a_clock_back(days)


def set_a_clock_back(days):
    if not PRELOAD[0] or sanitized():
        raise Skip("no library that sets a clock")
    with Web('a.test /* ok title="Page"\n') as web:
        clock = web.write("clock", str(days * DAY_S))
        daemon = Daemon(web, "[some page](http://a.test/)\n", interval="1d")
        ordinary = daemon.environment()
        daemon.environment = lambda: {**ordinary, "LD_PRELOAD": PRELOAD[0], "FAULT_CLOCK": clock}
        with daemon:
            daemon.wait(lambda links: len(links) == 1)
            daemon.ask("recheck", "http://a.test/")
            daemon.wait(lambda links: links["http://a.test/"]["state"] == "alive")
            check_that(next_check_in_days(daemon) > days - 1, "the next check is by its clock")
            web.write("clock", "0")
            end = time.monotonic() + 10
            while not -1 < next_check_in_days(daemon) < 3:
                check_that(time.monotonic() < end, f"the next check is still {next_check_in_days(daemon)} days away")
                time.sleep(0.1)


def next_check_in_days(daemon):
    found = re.search(r"next check at (\S+)", daemon.ask("status").stdout)
    check_that(found, "the daemon says when the next check is")
    at = datetime.datetime.fromisoformat(found[1].replace("Z", "+00:00"))
    return (at - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / DAY_S
