"""The reports: JSON as promised, text for people, files that are whole or not there, and Ctrl-C."""

import os
import pty
import re
import signal
import subprocess
import time

from harness import BINARY, QUICK, Web, check_that, environment, equal, finish, limited, start

EACH = """
    a.test /ok     ok
    a.test /moved  redirect code=301 to=/elsewhere
    a.test /elsewhere ok
    a.test /broken status code=404
    a.test /unreachable status code=500
    a.test /gated  status code=403
"""
LIST = """# List

- [Good](http://a.test/ok)
- [Moved](http://a.test/moved)
- [Broken](http://a.test/broken)
- [Unreachable](http://a.test/unreachable)
- [Gated](http://a.test/gated)
- [Mail](mailto:a@a.test)
- [Broken again](http://a.test/broken)
"""
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
LINK_KEYS = {"url", "outcome", "state", "reason", "notes", "http_status", "method", "final_url", "redirects", "title",
             "expected_title", "error", "elapsed_ms", "timing_ms", "certificate_expires_at", "suggestion",
             "checked_at", "occurrences"}


def test_json():
    with Web(EACH) as web:
        run = web.check(LIST)
        report = run.report
        equal(report["schema"], 1, "schema")
        check_that(re.match(r"^linkrotd \d+\.\d+\.\d+", report["generator"]), f"generator {report['generator']!r}")
        for key in ("started_at", "finished_at"):
            check_that(STAMP.match(report[key]), f"{key} {report[key]!r}")
        equal(report["inputs"], ["list.md"], "inputs")
        equal(report["summary"], {"occurrences": 7, "links": 6, "ok": 1, "moved": 1, "broken": 1, "unreachable": 1,
                                  "gated": 1, "skipped": 1}, "summary")
        equal([link["url"] for link in run.links],
              ["http://a.test/ok", "http://a.test/moved", "http://a.test/broken", "http://a.test/unreachable",
               "http://a.test/gated", "mailto:a@a.test"], "order of links")
        for link in run.links:
            check_that(LINK_KEYS <= set(link), f"keys missing in {link['url']}: {LINK_KEYS - set(link)}")
        places = [(o["source"], o["line"], o["column"], o["text"], o["context"] or "")
                  for o in run.link("http://a.test/broken")["occurrences"]]
        equal(places, [("list.md", 5, 12, "Broken", ""), ("list.md", 9, 18, "Broken again", "")], "occurrences")
        states = {link["url"].rpartition("/")[2]: link["state"] for link in run.links}
        equal((states["ok"], states["gated"]), ("alive", "gated"), "states")


def test_text():
    """Failures with their places, worst first, one line of counts at the end."""
    with Web(EACH) as web:
        web.write("docs/a.md", LIST)
        web.write("docs/b.md", "<http://a.test/ok>\n")
        run = web.run(*QUICK, "docs")
        out = run.stdout
        equal(run.status, 2, "exit status")
        check_that("docs/a.md" in out, "the source is named")
        for place in ("5:12", "6:17", "9:18"):
            check_that(place in out, f"place {place} in\n{out}")
        for url in ("http://a.test/broken", "http://a.test/unreachable", "http://a.test/moved", "http://a.test/gated"):
            check_that(url in out, f"{url} in\n{out}")
        order = [out.index(f"a.test/{path}") for path in ("broken", "unreachable", "gated")]
        equal(order, sorted(order), "places in the output: worst first")
        last = out.rstrip("\n").splitlines()[-1]
        for word in ("broken", "unreachable"):
            check_that(word in last, f"last line {last!r}")
        check_that("\x1b" not in out + run.stderr, "no colour where there is no terminal")
        equal(run.stderr, "", "standard error where there is no terminal")


def test_markdown():
    with Web(EACH + "a.test /t status code=404 title=x\n") as web:
        web.write("a.md", LIST + "- [pipe | and `tick` <b>](http://a.test/t)\n")
        run = web.run(*QUICK, "--format", "markdown", "a.md")
        check_that("http://a.test/broken" in run.stdout and "a.md" in run.stdout, run.stdout)
        check_that("<b>" not in run.stdout, "HTML of a label is escaped")


def run_on_terminal(words, cwd, **env):
    """The program with its two outputs on a terminal; what it wrote there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([BINARY[0], *words], cwd=cwd, env=environment(**env), stdin=subprocess.DEVNULL,
                               stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    out = b""
    with limited(process, 20):
        try:
            while True:
                out += os.read(ours, 65536)
        except OSError:
            pass  # the terminal's end, as Linux tells it
        process.wait()
    os.close(ours)
    return out.decode("utf-8", "replace")


def test_colour():
    """On a terminal only, and not with NO_COLOR."""
    with Web(EACH) as web:
        web.write("a.md", LIST)
        words = ["check", *web.options(), *QUICK, "a.md"]
        check_that("\x1b[" in run_on_terminal([*words, "--no-progress"], web.dir), "colour on a terminal")
        plain = run_on_terminal([*words, "--no-progress"], web.dir, NO_COLOR="1")
        check_that("\x1b" not in plain, f"NO_COLOR: {plain[:200]!r}")
        check_that("a.test/broken" in plain, "the report comes all the same")
        with_bar = run_on_terminal(words, web.dir)
        check_that("a.test/broken" in with_bar, "the report comes with the progress bar too")


def test_output_file():
    with Web(EACH) as web:
        web.write("a.md", LIST)
        web.write("report.json", "the old one")
        run = web.run(*QUICK, "--format", "json", "-o", "report.json", "a.md")
        equal((run.status, run.stdout), (2, ""), "exit status and standard output")
        with open(web.path("report.json"), encoding="utf-8") as file:
            run.stdout = file.read()
        equal(run.parse().report["summary"]["links"], 6, "links in the file")
        left = sorted(os.listdir(web.dir))
        equal(left, ["a.md", "report.json", "web"], "nothing else is left behind")
        web.run(*QUICK, "-o", "report.json", "missing.md").one_line_error("missing.md", status=1)
        with open(web.path("report.json"), encoding="utf-8") as file:
            equal(file.read(), run.stdout, "a failed run leaves the old report")
        failed = web.run(*QUICK, "-o", "nowhere/report.json", "a.md")
        equal(failed.status, 1, "exit status where the directory is missing")
        check_that("nowhere/report.json" in failed.stderr, f"standard error {failed.stderr!r}")


SLOW = """
    a.test /ok    ok
    a.test /hang  hang
    a.test /later ok
"""


def interrupted(web, *options):
    """Presses Ctrl-C when the second of three links is being asked: one at a time, so the first is known."""
    web.write("a.md", "<http://a.test/ok>\n<http://a.test/hang>\n<http://a.test/later>\n")
    process = start("check", *web.options(), *QUICK, "--timeout", "60s", "--host-concurrency", "1", *options, "a.md",
                    cwd=web.dir)
    began = time.monotonic()
    web.wait_for(lambda log: any(entry["event"] == "request" and entry["path"] == "/hang" for entry in log))
    web.interrupt(process, signal.SIGINT)
    return finish(process, began, seconds_max=10)


def test_interrupt_gives_the_partial_report():
    with Web(SLOW) as web:
        run = interrupted(web)
        check_that(run.seconds < 10, f"took {run.seconds:.1f} s to end")
        check_that("partial" in run.stdout.lower(), f"says that it is partial: {run.stdout!r}")
        check_that(run.status != 0, f"exit status {run.status}")


def test_interrupt_gives_partial_json():
    with Web(SLOW) as web:
        run = interrupted(web, "--format", "json").parse()
        equal(run.report["summary"]["links"], 3, "links")
        outcomes = {link["url"]: link["outcome"] for link in run.links}
        equal(outcomes.get("http://a.test/ok"), "ok", "what was known before")
        check_that(outcomes.get("http://a.test/later") not in ("ok", "broken", "unreachable"),
                   f"what was never asked: {outcomes}")


def test_a_reader_that_goes_away():
    """`| head` closes our output: no message, no crash."""
    with Web(EACH) as web:
        web.write("a.md", LIST)
        process = start("check", *web.options(), *QUICK, "--format", "json", "a.md", cwd=web.dir)
        process.stdout.close()
        process.stdout = subprocess.Popen(["true"], stdout=subprocess.PIPE).stdout
        run = finish(process, time.monotonic())
        check_that(run.status in (0, 1, 2, -signal.SIGPIPE), f"exit status {run.status}")


def test_output_that_is_full():
    if not os.path.exists("/dev/full"):
        return
    with Web(EACH) as web:
        web.write("a.md", LIST)
        run = web.run(*QUICK, "-o", "/dev/full", "a.md")
        equal(run.status, 1, "exit status")
        check_that("/dev/full" in run.stderr, f"standard error {run.stderr!r}")
