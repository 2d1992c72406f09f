"""What a server does to a service: disks that fill, clocks that jump, kills, floods. Nothing recorded is lost."""

import contextlib
import ctypes
import os
import random
import re
import resource
import signal
import socket
import sqlite3
import subprocess
import time

import harness
from harness import Skip, Web, check_that, equal, long
from watch import DAY_S, Daemon

HOSTS = "".join(f'{name}.test /* ok title="Page of {name}"\n' for name in "abc")
CHECKS_KEPT = "retention: {checks: 3650d}"


def listing(links):
    return "".join(f"- [Some page]({link})\n" for link in links)


def links_of(count, hosts=10):
    return [f"http://h{n % hosts}.example{n % hosts}.org/page/{n}" for n in range(count)]


def clock(shift_s=0):
    """A fast clock, a day a second, that shows the machine's time and so much more now."""
    return f"{DAY_S}@{time.time() - shift_s / (DAY_S - 1):.6f}"


def web_of(hosts=10, line="ok"):
    return "".join(f'h{n}.example{n}.org /* {line} title="Site {n}"\n' for n in range(hosts))


def rows(daemon, query):
    with contextlib.closing(sqlite3.connect(f"file:{daemon.database}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute(query).fetchall()


def number(daemon, query):
    return rows(daemon, query)[0][0]


def until(condition, seconds=30, what="what was waited for"):
    """Polls; a database that is not there yet is no yet."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = condition()
            if found:
                return found
        except (sqlite3.Error, OSError):
            pass
        check_that(time.monotonic() < end, f"{what} did not come within {seconds} s")
        time.sleep(0.05)


def say(daemon, word="status", seconds=10):
    """Asks at the control socket itself; returns the answer and how long it took."""
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(seconds)
        line.connect(daemon.web.path("runtime/control"))
        line.sendall(word.encode() + b"\n")
        answer = b""
        while not re.search(rb"^(ok|error .*)\n\Z", answer, re.M):
            more = line.recv(65536)
            if not more:
                raise OSError("it hung up")
            answer += more
    return answer.decode(), time.monotonic() - began


def has_ended(daemon):
    """Without taking note of its end, which is stop()'s or ended()'s."""
    return os.waitid(os.P_PID, daemon.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def recorded(daemon):
    """Checks that the daemon says it has recorded since its start."""
    return int(re.search(r"(\d+) checks recorded", say(daemon)[0])[1])


def file_descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def memory_kb(daemon, name="VmRSS"):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii", errors="replace") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))


def is_sound(daemon):
    equal(rows(daemon, "PRAGMA integrity_check"), [("ok",)], "integrity")
    verify = daemon.ask("db", "verify")
    equal(verify.status, 0, f"db verify: {verify.stdout} {verify.stderr}")


class Disk:
    """A file system of its own, small, in the web's directory; needs root."""

    def __init__(self, web, kib):
        self.path = web.path("disk")
        os.makedirs(self.path, exist_ok=True)
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "linkrotd-test", self.path],
                              capture_output=True, check=False)
        if made.returncode != 0:
            raise Skip("no file system can be mounted here")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        ctypes.CDLL(None).umount2(self.path.encode(), 2)  # lazily

    def remount(self, word):
        subprocess.run(["mount", "-o", f"remount,{word}", self.path], check=True)

    def fill(self):
        with contextlib.suppress(OSError), open(os.path.join(self.path, "ballast"), "wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)

    def empty(self):
        os.unlink(os.path.join(self.path, "ballast"))


def moved_to(daemon, path, **more):
    """Its database is there."""
    daemon.database = path
    daemon.config = daemon.write_config(**more)
    return daemon


# --- the disk ---

def keeps_all_through(daemon, trouble, relief):
    """Under load: it pauses, says so, goes on by itself, and every check it counted is there."""
    until(lambda: recorded(daemon) > 50)
    trouble()
    until(lambda: "linkrotd.db: the disk" in say(daemon)[0], what="a word of trouble in the status")
    time.sleep(1.5)
    check_that(not has_ended(daemon), "it has ended")
    during = recorded(daemon)
    relief()
    until(lambda: recorded(daemon) > during + 50 and "the disk" not in say(daemon)[0], 50, "going on")
    time.sleep(1.5)  # the journal hears of it once a second
    counted = recorded(daemon)
    run = daemon.stop()
    equal(run.status, 0, f"exit status ({run.stderr[-500:]})")
    check_that(number(daemon, "SELECT count(*) FROM v_check") >= counted, f"all {counted} checks are there")
    check_that("nothing was lost" in run.stderr, f"the journal tells of the end: {run.stderr}")
    is_sound(daemon)
    return run


def test_a_full_disk():
    with Web(web_of()) as web, Disk(web, 4096) as disk:
        daemon = Daemon(web, listing(links_of(60)), rate=2 * DAY_S)
        with moved_to(daemon, disk.path + "/linkrotd.db", extra=CHECKS_KEPT):
            run = keeps_all_through(daemon, disk.fill, disk.empty)
        check_that("full" in run.stderr, f"the journal says why: {run.stderr}")


def test_a_file_that_may_not_grow():
    """The limit of a user or unit on the size of files; its signal does not end the daemon."""
    with Web(web_of()) as web, Daemon(web, listing(links_of(60)), rate=2 * DAY_S, extra=CHECKS_KEPT) as daemon:
        def limit(size):
            _, hard = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (size, hard))

        keeps_all_through(daemon, lambda: limit(4096), lambda: limit(resource.RLIM_INFINITY))


def test_a_disk_that_is_full_at_the_start():
    with Web(HOSTS) as web, Disk(web, 256) as disk:
        daemon = moved_to(Daemon(web, listing(["http://a.test/"]), rate=DAY_S), disk.path + "/linkrotd.db")
        disk.fill()
        run = daemon.start().ended()
        equal(run.status, 1, "exit status")
        check_that("linkrotd.db" in run.stderr and "full" in run.stderr, f"it says why: {run.stderr}")


def test_a_disk_that_may_not_be_written():
    with Web(HOSTS) as web, Disk(web, 4096) as disk:
        daemon = moved_to(Daemon(web, listing(["http://a.test/"]), rate=DAY_S), disk.path + "/linkrotd.db")
        disk.remount("ro")
        run = daemon.start().ended()
        equal(run.status, 1, "exit status without a database")
        check_that("linkrotd.db" in run.stderr and "ead-only" in run.stderr, f"it says why: {run.stderr}")
        disk.remount("rw")
        with daemon:
            daemon.wait(lambda links: links["http://a.test/"]["state"] == "alive")
        disk.remount("ro")
        run = daemon.start().ended()
        equal(run.status, 1, "exit status with a database")
        check_that("linkrotd.db" in run.stderr and "ead-only" in run.stderr, f"it says why: {run.stderr}")


def test_damage_in_the_middle():
    """Found whenever it is come upon: never a crash, never another file in its place."""
    with Web(web_of()) as web:
        daemon = Daemon(web, listing(links_of(3000)), rate=1)
        with daemon:
            until(lambda: number(daemon, "SELECT count(*) FROM v_link") == 3000)
        with open(daemon.database, "r+b") as file:
            size = os.fstat(file.fileno()).st_size
            random.seed(7)
            for at in range(size // 8 // 4096 * 4096, size // 8 * 7, 3 * 4096):
                file.seek(at)
                file.write(random.randbytes(4096))
        verify = daemon.ask("db", "verify")
        check_that(verify.status != 0, f"db verify: {verify.stdout}")
        inode = os.stat(daemon.database).st_ino
        daemon.start()
        time.sleep(3)
        run = daemon.ended() if has_ended(daemon) else daemon.stop()
        check_that("damaged" in run.stderr and "backup" in run.stderr, f"it says so: {run.stderr}")
        check_that("goes on by itself" not in run.stderr, f"it cannot: {run.stderr}")
        equal(os.stat(daemon.database).st_ino, inode, "the file")
        equal(os.path.getsize(daemon.database) >= size, True, "its size")


# --- clocks ---

def test_a_clock_set_forward():
    """A year in one step: slots are missed, no link is worse for it."""
    with Web(web_of(5)) as web:
        daemon = Daemon(web, listing(links_of(20, 5)), rate=clock(), extra=CHECKS_KEPT)
        with daemon:
            daemon.wait(lambda links: len(links) == 20 and {link["state"] for link in links.values()} == {"alive"})
        daemon.rate = clock(400 * DAY_S)
        with daemon:
            until(lambda: recorded(daemon) >= 20)
            equal({link["state"] for link in daemon.status().values()}, {"alive"}, "states")
            check_that("missed" in say(daemon)[0], "status")


def test_a_clock_set_back():
    """Half a year: links do not wait until the old time has come again."""
    with Web(web_of(5) + "gone.test / status code=404\n") as web:
        links = [*links_of(20, 5), "http://gone.test/"]
        daemon = Daemon(web, listing(links), rate=clock(), extra=CHECKS_KEPT)
        with daemon:
            daemon.wait(lambda links: len(links) == 21 and all(link["state"] != "unchecked" for link in links.values()))
        daemon.rate = clock(-180 * DAY_S)
        with daemon:
            until(lambda: recorded(daemon) >= 30)
            states = {url: link["state"] for url, link in daemon.status().items()}
            equal({states[url] for url in links_of(20, 5)}, {"alive"}, "states of those that are well")
            equal(states["http://gone.test/"] in ("suspect", "dead"), True, "state of the one that is not")
            daemon.wait(lambda links: links["http://gone.test/"]["state"] == "dead", seconds=40)


# --- kills ---

def kill_under_load(times, patience_s):
    random.seed(times)
    with Web(web_of()) as web:
        daemon = Daemon(web, listing(links_of(400)), rate=f"{2 * DAY_S}@{time.time():.3f}", extra=CHECKS_KEPT,
                        check=", max_interval: 1d")
        before = 0
        for _ in range(times):
            daemon.start()
            seen = []
            end = time.monotonic() + patience_s + random.random() / 3
            while time.monotonic() < end or not seen or seen[-1][1] == 0:
                with contextlib.suppress(OSError):
                    asked = time.monotonic()
                    seen.append((asked, recorded(daemon)))
                check_that(not has_ended(daemon), "it has ended")
                time.sleep(0.02)
            killed = time.monotonic()
            daemon.stop(signal.SIGKILL)
            equal(rows(daemon, "PRAGMA integrity_check"), [("ok",)], "integrity")
            there = number(daemon, "SELECT count(*) FROM v_check")
            told = max([count for at, count in seen if at < killed - 1], default=0)
            check_that(there >= before + told, f"{there} checks of {before} and {told} since")
            before = there
        is_sound(daemon)
        with daemon:
            until(lambda: recorded(daemon) > 0)
        return f"{before} checks"


def test_killed_twenty_times():
    return kill_under_load(20, 0.8)


@long
def test_killed_a_hundred_times():
    return kill_under_load(100, 0.5)


def test_killed_while_it_reads():
    """Half a reading is none: at the end every link is there once."""
    with Web(HOSTS) as web:
        count = 60000
        web.write("many.txt", "".join(f"http://a.test/{n}\n" for n in range(count)))
        daemon = Daemon(web, sources=["many.txt"], interval="90d")
        for n in range(6):
            daemon.start()
            time.sleep(0.3 + n / 5)
            daemon.stop(signal.SIGKILL)
            if os.path.exists(daemon.database):
                equal(rows(daemon, "PRAGMA integrity_check"), [("ok",)], "integrity")
        with daemon:
            until(lambda: f"{count} links" in say(daemon)[0])
            equal(rows(daemon, "SELECT count(*), count(DISTINCT link_id) FROM v_occurrence"), [(count, count)], "places")
        is_sound(daemon)


def test_an_end_while_it_reads():
    with Web(HOSTS) as web:
        web.write("many.txt", "".join(f"http://a.test/{n}\n" for n in range(300000)))
        daemon = Daemon(web, sources=["many.txt"], interval="90d")
        for wait_s in (0.2, 0.6, 2):
            daemon.start()
            until(lambda: say(daemon, "ping"))
            time.sleep(wait_s)
            began = time.monotonic()
            equal(daemon.stop().status, 0, "exit status")
            check_that(time.monotonic() - began < 3 or harness.sanitized(), f"{time.monotonic() - began:.1f} s")


def test_an_end_under_load():
    """SIGTERM while servers are slow and results come: seconds, and what is known is written."""
    with Web(web_of(8) + web_of(2).replace("h", "s", 1).replace(" ok", " ok delay=2")) as web, \
            Daemon(web, listing(links_of(200, 8)), rate=2 * DAY_S, extra=CHECKS_KEPT) as daemon:
        until(lambda: recorded(daemon) > 100)
        counted, began = recorded(daemon), time.monotonic()
        run = daemon.stop()
        check_that(time.monotonic() - began < 5, f"it took {time.monotonic() - began:.1f} s")
        equal(run.status, 0, "exit status")
        check_that(number(daemon, "SELECT count(*) FROM v_check") >= counted, "what was counted is there")
        is_sound(daemon)


def test_interrupted_twice():
    """The second Ctrl-C does not wait; the database is sound."""
    with Web(web_of()) as web:
        daemon = Daemon(web, listing(links_of(200)), rate=2 * DAY_S, extra=CHECKS_KEPT).start()
        until(lambda: recorded(daemon) > 100)
        os.kill(daemon.process.pid, signal.SIGINT)
        time.sleep(0.002)
        with contextlib.suppress(ProcessLookupError):
            os.kill(daemon.process.pid, signal.SIGINT)
        run = daemon.ended(seconds_max=5)
        check_that(run.status in (0, -signal.SIGINT), f"exit status {run.status}: {run.stderr}")
        is_sound(daemon)


# --- reloads ---

def test_reloads_under_load():
    """Fifty, half of them with a list more: all links of the last one are watched, nothing leaks."""
    with Web(web_of(20)) as web:
        web.write("more.md", listing(links_of(40, 20)[20:]))
        daemon = Daemon(web, listing(links_of(20, 20)), rate=DAY_S, extra=CHECKS_KEPT)
        with daemon:
            until(lambda: recorded(daemon) > 20)
            say(daemon, "reload")
            time.sleep(1)
            descriptors, kb = file_descriptors(daemon), memory_kb(daemon)
            for n in range(50):
                sources = ["list.md", "more.md"] if n % 2 else ["list.md"]
                daemon.write_config(extra=CHECKS_KEPT, sources=sources)
                os.kill(daemon.process.pid, signal.SIGHUP)
                if n % 3 == 0:
                    web.write("more.md", listing(links_of(40, 20)[20:]) + f"\n{n}\n")
                time.sleep(0.05 + n % 5 / 50)
            links = daemon.wait(lambda links: len(links) == 40)
            daemon.wait(lambda links: all(link["state"] == "alive" for link in links.values()))
            counted = recorded(daemon)
            # All of them are still asked.
            since = rows(daemon, "SELECT max(at) FROM v_check")[0][0]
            until(lambda: number(daemon, f"SELECT count(DISTINCT link_id) FROM v_check WHERE at > '{since}'") == 40)
            time.sleep(1)
            check_that(file_descriptors(daemon) <= descriptors + 8,
                       f"{file_descriptors(daemon)} descriptors, {descriptors} before")
            check_that(harness.sanitized() or memory_kb(daemon) < kb + 16 * 1024,
                       f"{memory_kb(daemon)} kB, {kb} before")
            check_that(number(daemon, "SELECT count(*) FROM v_check") >= counted, "nothing is lost")
        equal(len(links), 40, "links")
        is_sound(daemon)


# --- sources ---

def test_a_source_that_changes_every_second():
    with Web(web_of(10)) as web, Daemon(web, listing(links_of(10)), rate=DAY_S) as daemon:
        until(lambda: recorded(daemon) > 5)
        for n in range(40):
            web.write("new.md", listing(links_of(10 + n % 7)))
            os.replace(web.path("new.md"), web.path("list.md"))
            time.sleep(0.2)
        web.write("list.md", listing(links_of(12)))
        daemon.wait(lambda links: sorted(links) == sorted(links_of(12))
                    and {link["state"] for link in links.values()} == {"alive"})


def test_a_line_of_a_million_bytes():
    """Whatever is made of it, the links around it are found and the daemon stays."""
    with Web(HOSTS) as web:
        text = "<http://a.test/>\n\n" + "x" * 1000000 + "\n\n" + "[" * 1000000 + "\n\n<http://b.test/>\n"
        with Daemon(web, text, rate=DAY_S) as daemon:
            daemon.wait(lambda links: sorted(links) == ["http://a.test/", "http://b.test/"]
                        and {link["state"] for link in links.values()} == {"alive"})


def test_a_directory_of_ten_thousand_files():
    with Web(HOSTS) as web:
        os.makedirs(web.path("docs"))
        for n in range(10000):
            with open(web.path(f"docs/{n}.md"), "w", encoding="ascii") as file:
                file.write(f"<http://a.test/{n}>\n")
        with Daemon(web, sources=["docs"], interval="90d") as daemon:
            until(lambda: number(daemon, "SELECT count(*) FROM v_link") == 10000, 40)
            until(lambda: "10000 links" in say(daemon)[0])
            os.unlink(web.path("docs/77.md"))
            until(lambda: number(daemon, "SELECT count(DISTINCT link_id) FROM v_occurrence") == 9999)
            check_that(say(daemon, "ping")[1] < 2, "it answers")


def test_five_hundred_sources():
    with Web(HOSTS) as web:
        sources = [f"s{n}.md" for n in range(500)]
        for n, name in enumerate(sources):
            web.write(name, f"<http://a.test/{n}>\n")
        with Daemon(web, sources=sources, interval="90d") as daemon:
            until(lambda: number(daemon, "SELECT count(*) FROM v_link") == 500, 20)
            until(lambda: "500 links" in say(daemon)[0])


def test_a_source_that_may_not_be_read():
    """A directory without the right to it, and a pipe where nobody writes: said, and no more."""
    with Web(HOSTS) as web:
        web.write("closed/a.md", "<http://b.test/>\n")
        os.chmod(web.path("closed"), 0)
        os.mkfifo(web.path("pipe.md"))
        web.write("list.md", listing(["http://a.test/"]))
        daemon = Daemon(web, rate=DAY_S, sources=["closed", "pipe.md", "list.md"], prefix=harness.POWERLESS).start()
        try:
            daemon.wait(lambda links: links["http://a.test/"]["state"] == "alive")
            run = daemon.stop(seconds_max=5)
        finally:
            os.chmod(web.path("closed"), 0o700)
        equal(run.status, 0, "exit status")
        for word in ("closed", "pipe.md"):
            check_that(word in run.stderr, f"the journal names {word}: {run.stderr}")


def test_a_link_mentioned_a_hundred_thousand_times():
    with Web(HOSTS) as web:
        text = "".join(f"- [Name {n % 50}](http://a.test/)\n" for n in range(100000))
        with Daemon(web, text + "<http://b.test/>\n", rate=DAY_S) as daemon:
            until(lambda: number(daemon, "SELECT count(*) FROM v_occurrence") == 100001)
            until(lambda: recorded(daemon) > 4)
            why = daemon.ask("why", "http://a.test/")
            equal(why.status, 0, f"why ({why.stderr})")
            check_that(why.seconds < 5 and len(why.stdout) < 100000, f"why: {why.seconds} s, {len(why.stdout)} bytes")
            began = time.monotonic()
            equal(daemon.ask("status").status, 0, "status")
            check_that(time.monotonic() - began < 5, "status is quick")


@long
def test_a_million_links():
    """It answers while it reads, costs little at rest, is back at once, and ends at once."""
    with Web(HOSTS) as web:
        with open(web.path("million.txt"), "w", encoding="ascii") as file:
            file.writelines(f"http://h{n % 50000}.example{n % 50000}.org/dir/page{n}.html\n" for n in range(1000000))
        daemon = Daemon(web, sources=["million.txt"], interval="90d")
        said = []
        with daemon:
            slowest, began = 0, time.monotonic()
            # Some are always being asked.
            while int(re.search(r"(\d+) links", until(lambda: say(daemon))[0])[1]) < 999000:
                slowest = max(slowest, say(daemon, "ping")[1])
                check_that(time.monotonic() - began < 200, "it was read in time")
                time.sleep(0.05)
            said.append(f"read in {time.monotonic() - began:.0f} s, peak {memory_kb(daemon, 'VmHWM') // 1024} MB, "
                        f"slowest ping {slowest:.2f} s")
            check_that(slowest < 5, f"the slowest answer took {slowest:.1f} s")
            daemon.stop(seconds_max=20)
        with daemon:
            until(lambda: say(daemon, "ping"))
            said.append(f"started in {time.monotonic() - daemon.began:.1f} s")
            time.sleep(5)
            said.append(f"at rest {memory_kb(daemon) // 1024} MB")
            check_that(harness.sanitized() or memory_kb(daemon) < 150 * 1024, f"at rest {memory_kb(daemon)} kB")
            began = time.monotonic()
            equal(daemon.ask("status").status, 0, "status")
            said.append(f"status {time.monotonic() - began:.2f} s")
    return ", ".join(said)
