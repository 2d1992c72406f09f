"""What a scenario test works with: a local web made from a table, the program run against it, its report and
the web's own log.

    with Web(\"\"\"
        alpha.test /gone status code=410
    \"\"\") as web:
        web.judge(\"\"\"
            http://alpha.test/gone   broken   http_410
        \"\"\")

Expectations come from the program's contract (manual page, README), never from what it printed last time.
"""

import contextlib
import fnmatch
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "web"))

from local import LocalWeb  # pylint: disable=wrong-import-position,import-error

BINARY = [None]  # set by the runner
PRELOAD = [None]  # likewise; tests/faults/preload.so
ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", ".."))
# Fast where the pace is not what is tested.
QUICK = ["--host-request-interval", "0ms", "--host-concurrency", "16", "--timeout", "4s",
         "--max-retries", "0"]
RUN_SECONDS_MAX = 45  # less than the runner grants a test


class Skip(Exception):
    """The test cannot be run here, or its rule is not due yet; it says which and is counted apart."""


class Crash(Exception):
    """The program died of itself, or a sanitizer complained: no matter of a slow machine."""


def later(reason):
    """Marks a test whose rule is not due yet."""
    def mark(function):
        def skip():
            raise Skip(reason)
        skip.__name__ = function.__name__
        skip.__doc__ = function.__doc__
        return skip
    return mark


def alone(function):
    """Marks a test that measures time: it runs when no other does."""
    function.alone = True
    return function


def long(function):
    """Marks a test that runs only with --long."""
    function.long = True
    return alone(function)


def shared(relative):
    """The path of something among other people's data beside the work tree; skips the test where it is not."""
    places = [os.environ.get("LINKROTD_SHARED", ""), os.path.join(ROOT, "..", "shared"),
              os.path.join(ROOT, "..", "..", "shared")]
    for place in filter(None, places):
        if os.path.exists(os.path.join(place, relative)):
            return os.path.realpath(os.path.join(place, relative))
    raise Skip(f"{relative} is not here")


def check_that(fact, message):
    """assert that stays on and says what was found."""
    if not fact:
        raise AssertionError(message)


def equal(found, wanted, what):
    check_that(found == wanted, f"{what}: expected {wanted!r}, found {found!r}")


def sanitized():
    """Whether the program was built with a sanitizer, which costs memory and time of its own."""
    with open(BINARY[0], "rb") as file:
        program_bytes = file.read()
    return b"__asan_init" in program_bytes or b"__tsan_init" in program_bytes


class Run:
    """One finished run of the program."""

    def __init__(self, status, stdout, stderr, seconds, rss_kb):
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
        self.seconds = seconds
        self.rss_kb = rss_kb
        self.report = None

    def parse(self):
        try:
            self.report = json.loads(self.stdout)
        except ValueError as error:
            raise AssertionError(f"no JSON on standard output ({error}); exit status {self.status}, "
                                 f"standard error: {self.stderr[:300]!r}") from error
        return self

    @property
    def links(self):
        return self.report["links"]

    def link(self, url):
        found = [link for link in self.links if link["url"] == url]
        equal(len(found), 1, f"links with the url {url}")
        return found[0]

    def within_memory(self, most_kb):
        check_that(self.rss_kb <= most_kb or sanitized(), f"peak of memory {self.rss_kb} kB, allowed {most_kb} kB")

    def expect(self, text, status=None):
        """Lines of `URL outcome reason`; a word may be `a|b`, `*` is any. All misses are told at once."""
        misses = []
        for line in text.splitlines():
            words = line.split()
            if not words or words[0] == "#":
                continue
            url, outcome, reason = words[:3]
            found = [link for link in self.links if link["url"] == url]
            if not found:
                misses.append(f"{url}: not in the report")
            elif not (_word(found[0]["outcome"], outcome) and _word(found[0]["reason"], reason)):
                misses.append(f"{url}: expected {outcome}/{reason}, found {found[0]['outcome']}/"
                              f"{found[0]['reason']} (error: {found[0].get('error')})")
        if status is not None and self.status != status:
            misses.append(f"exit status: expected {status}, found {self.status}")
        check_that(not misses, "\n    ".join(misses))
        return self

    def one_line_error(self, *words, status):
        """The program refused: one line that names what is wrong, and nothing on standard output."""
        equal(self.status, status, f"exit status (standard error: {self.stderr[:200]!r})")
        equal(self.stdout, "", "standard output")
        lines = self.stderr.rstrip("\n").split("\n")
        equal(len(lines), 1, f"lines on standard error {self.stderr!r}")
        for word in words:
            check_that(word in self.stderr, f"standard error names {word!r}: {self.stderr!r}")


def _word(found, pattern):
    return any(fnmatch.fnmatchcase(str(found), one) for one in pattern.split("|"))


def is_sibling(entry):
    """A name of 25 random letters (field notes, rot-and-papers 1.6)."""
    return re.search(r"[A-Za-z]{25}", entry["path"]) is not None


def environment(**more):
    """Ours, without what would change the program's behaviour."""
    kept = {name: value for name, value in os.environ.items()
            if name not in ("NO_COLOR", "GITHUB_TOKEN", "CLICOLOR", "CLICOLOR_FORCE")
            and not name.lower().endswith("_proxy")}
    kept.update(LC_ALL="C.UTF-8", TERM="xterm", **more)
    return kept


# Root without its powers, for whom the modes of files count as for everybody.
POWERLESS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


def start(*words, cwd=None, env=None, stdin=subprocess.DEVNULL, prefix=()):
    return subprocess.Popen([*prefix, BINARY[0], *words], cwd=cwd, env=environment(**(env or {})), stdin=stdin,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


class Peak(threading.Thread):
    """The most memory a running process had (VmHWM, kB). Not from getrusage: what that
    counts begins before exec and so is never less than this Python's own."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.path, self.kb, self.over = f"/proc/{pid}/status", 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.01):
            try:
                with open(self.path, encoding="ascii", errors="replace") as status:
                    lines = [line for line in status if line.startswith("VmHWM:")]
            except OSError:
                return
            self.kb = max([self.kb] + [int(line.split()[1]) for line in lines])


def finish(process, began, seconds_max=RUN_SECONDS_MAX, text_in=None):
    """Waits for the end."""
    peak = Peak(process.pid)
    with limited(process, seconds_max):
        if text_in is not None:
            process.stdin.write(text_in)
            process.stdin.close()
        stdout, stderr = _drain(process)
        _, status = os.waitpid(process.pid, 0)
    peak.over.set()
    process.returncode = os.waitstatus_to_exitcode(status)
    ended = time.monotonic()
    for complaint in ("Sanitizer", "runtime error:", "Assertion"):
        if complaint in stderr:
            raise Crash(stderr[-1500:])
    if process.returncode in (-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGABRT, -signal.SIGILL, -signal.SIGFPE):
        raise Crash(f"the program died of signal {-process.returncode}: {stderr[-1500:]}")
    return Run(process.returncode, stdout, stderr, ended - began, peak.kb)


def _drain(process):
    """Both outputs to their ends, side by side."""
    parts = {}

    def read(name):
        parts[name] = getattr(process, name).read().decode("utf-8", "surrogateescape")

    threads = [threading.Thread(target=read, args=(name,)) for name in ("stdout", "stderr")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process.stdout.close()
    process.stderr.close()
    return parts["stdout"], parts["stderr"]


@contextlib.contextmanager
def limited(process, seconds):
    """Kills the process when it takes longer, and says so."""
    hit = []
    timer = threading.Timer(seconds, lambda: (hit.append(True), process.kill()))
    timer.start()
    try:
        yield
    except BaseException:
        process.kill()
        raise
    finally:
        timer.cancel()
    check_that(not hit, f"the program did not end within {seconds} s")


def program(*words, cwd=None, env=None, text_in=None, seconds_max=RUN_SECONDS_MAX, prefix=()):
    """Runs the program with these words and nothing else."""
    began = time.monotonic()
    process = start(*words, cwd=cwd, env=env, prefix=prefix,
                    stdin=subprocess.DEVNULL if text_in is None else subprocess.PIPE)
    return finish(process, began, seconds_max, text_in)


class Web:
    """A local web and a directory for the lists that lead to it."""

    def __init__(self, table, files=()):
        self._table = table
        self._files = files

    def __enter__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="linkrotd-scenario-")
        self.dir = self._directory.name
        tables = list(self._files)
        if self._table or not tables:
            tables.append(self.write("web/inline.web", self._table))
        self.log_file = self.path("web/requests.jsonl")
        os.makedirs(self.path("web"), exist_ok=True)
        try:
            self.local = LocalWeb(tables, log=self.log_file)
        except OSError:
            self._directory.cleanup()
            raise
        return self

    def __exit__(self, kind, *_):
        complaints = self.local.stop()
        self._directory.cleanup()
        check_that(kind is not None or not complaints, f"the local web broke: {complaints}")

    # --- files ---

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        data = text if isinstance(text, bytes) else text.encode()
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    # --- running ---

    def options(self, allow="127.0.0.0/8"):
        return self.local.options(allow)

    def change_option(self, name, value):
        """From now on this option has this value; None leaves it out."""
        words = self.options(None)
        at = words.index(name)
        words[at:at + 2] = [] if value is None else [name, value]
        self.options = lambda allow="127.0.0.0/8": words + (["--allow-address", allow] if allow else [])

    def run(self, *words, allow="127.0.0.0/8", command="check", **more):
        """The program with the options that lead it here and these words."""
        return program(command, *self.options(allow), *words, cwd=more.pop("cwd", self.dir), **more)

    def check(self, links, *options, allow="127.0.0.0/8", quick=True, **more):
        """Checks links (URLs, or whole Markdown text) and returns the run with its report."""
        text = links if isinstance(links, str) else "".join(f"- <{link}>\n" for link in links)
        self.write("list.md", text)
        words = [*(QUICK if quick else []), *options, "--format", "json", "list.md"]
        return self.run(*words, allow=allow, **more).parse()

    def judge(self, expectations, *options, status=None, **more):
        """Checks the URLs of the expectations and compares."""
        urls = [line.split()[0] for line in expectations.splitlines()
                if line.split() and line.split()[0] != "#"]
        return self.check(urls, *options, **more).expect(expectations, status)

    # --- the web's side of it ---

    def log(self, event=None):
        with open(self.log_file, encoding="utf-8") as file:
            entries = [json.loads(line) for line in file if line.endswith("\n")]
        return [entry for entry in entries if event in (None, entry["event"])]

    def requests(self, host=None, path=None):
        """Those for links. What the program asks on its own account, siblings() and robots() have."""
        return [entry for entry in self.log("request")
                if host in (None, entry["host"]) and path in (None, entry["path"])
                and not is_sibling(entry) and entry["path"] != "/robots.txt"]

    def siblings(self, host=None):
        """Requests for pages that nobody wrote down: does that server know what it has not?"""
        return [entry for entry in self.log("request") if host in (None, entry["host"]) and is_sibling(entry)]

    def robots(self, host=None):
        return self.requests_of_any_kind(host, "/robots.txt")

    def requests_of_any_kind(self, host=None, path=None):
        return [entry for entry in self.log("request")
                if host in (None, entry["host"]) and path in (None, entry["path"])]

    def wait_for(self, condition, seconds=10):
        """Polls the log until the condition holds for its entries."""
        end = time.monotonic() + seconds
        while not condition(self.log()):
            check_that(time.monotonic() < end, "the web never saw what was waited for")
            time.sleep(0.01)

    def pause(self):
        """As if the cable were pulled out: nobody answers any more."""
        self.local.signal(signal.SIGSTOP)

    def go_on(self):
        self.local.signal(signal.SIGCONT)

    def interrupt(self, process, number=signal.SIGINT):
        os.kill(process.pid, number)
