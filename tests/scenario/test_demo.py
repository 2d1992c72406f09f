"""The main job: the bundled list, every link of it, against the local web; and what `make demo` shows."""

import json
import os
import signal
import subprocess
import tempfile

from harness import BINARY, ROOT, Web, alone, check_that, environment, equal, limited, shared

LIST = os.path.join(ROOT, "config", "lists", "awesome-align-llm-human.md")
TABLE = os.path.join(ROOT, "tests", "web", "sites", "demo.web")
OPTIONS = ["--host-request-interval", "5ms", "--timeout", "4s", "--max-retries", "1",
           "--exclude", "^https://arxiv\\.org/abs/2108\\."]
ARXIV = "https://arxiv.org/abs/"
FORUM = "https://openreview.net/forum?id="
# Everything that is not `ok` with reason `ok`; the table says why.
EXPECTED = {
    "https://laion.ai/blog/oig-dataset/": ("broken", "dns_nxdomain"),
    "https://www.databricks.com/blog/2023/04/12/dolly-first-open-commercially-viable-instruction-tuned-llm":
        ("broken", "tls_expired"),
    ARXIV + "2304.12986": ("broken", "http_404"),
    ARXIV + "2307.06290": ("broken", "http_410"),
    "https://aclanthology.org/2023.nlp4convai-1.5/": ("broken", "http_404"),
    FORUM + "XSRSWxyJIC": ("broken", "soft_404"),
    "arxiv.org/abs/2307.12966": ("broken", "missing_scheme"),
    ARXIV + "2305.14233": ("unreachable", "http_5xx"),
    ARXIV + "2305.15011": ("unreachable", "timeout"),
    "https://aclanthology.org/2021.emnlp-main.243/": ("unreachable", "connect_reset"),
    "https://lmsys.org/blog/2023-03-30-vicuna/": ("moved", "redirect_permanent"),
    "https://github.com/sahil280114/codealpaca": ("moved", "redirect_permanent"),
    "https://direct.mit.edu/tacl/article/doi/10.1162/tacl_a_00370/100680/"
    "Did-Aristotle-Use-a-Laptop-A-Question-Answering": ("gated", "forbidden"),
    FORUM + "0qSOodKmJaN": ("gated", "challenge"),
    FORUM + "lq62uWRJjiY": ("gated", "challenge"),
    ARXIV + "2305.10263": ("gated", "rate_limited"),
    ARXIV + "2108.07732": ("skipped", "excluded"),
    "https://kaistai.github.io/SelFee/": ("ok", "redirect_temporary"),
    "https://aclanthology.org/N19-1421/": ("ok", "redirect_permanent"),
}
SUGGESTIONS = {
    "arxiv.org/abs/2307.12966": "https://arxiv.org/abs/2307.12966",
    "https://lmsys.org/blog/2023-03-30-vicuna/": "https://lmsys.org/posts/2023/vicuna/",
    "https://github.com/sahil280114/codealpaca": "https://github.com/code-alpaca-org/code-alpaca",
}
NOTES = {ARXIV + "2302.02676": ["title_mismatch"], ARXIV + "2305.17926": ["title_mismatch"],
         "https://lmsys.org/blog/2023-03-30-vicuna/": ["two_labels"]}  # "ShareGPT" and "Vicuna"


def test_every_link_of_the_list():
    with Web("", files=[TABLE]) as web:
        run = web.run(*OPTIONS, "--format", "json", LIST).parse()
        equal(run.status, 2, "exit status")
        summary = run.report["summary"]
        equal((summary["occurrences"], summary["links"]), (132, 117), "occurrences and links")
        wrong = []
        for link in run.links:
            found = (link["outcome"], link["reason"])
            wanted = EXPECTED.get(link["url"], ("ok", "ok"))
            if found != wanted:
                wrong.append(f"{link['url']}: expected {'/'.join(wanted)}, found {'/'.join(found)} ({link['error']})")
            notes = [note for note in link["notes"] if note in ("title_mismatch", "retitled", "two_labels")]
            if notes != NOTES.get(link["url"], []):
                wrong.append(f"{link['url']}: expected notes {NOTES.get(link['url'], [])}, found {notes} "
                             f"({link['title']!r} where {link['expected_title']!r} was expected)")
        check_that(not wrong, "\n    ".join(wrong))
        equal({link["outcome"] for link in run.links},
              {"ok", "moved", "broken", "unreachable", "gated", "skipped"}, "outcomes seen")
        for url, better in SUGGESTIONS.items():
            equal((run.link(url)["suggestion"] or {}).get("url"), better, f"suggestion for {url}")


def test_every_place_of_the_list():
    """A link's line and column point at its first byte, for all 132."""
    with Web("", files=[TABLE]) as web:
        run = web.run("--offline", "--format", "json", LIST).parse()
        with open(LIST, "rb") as file:
            lines = file.read().split(b"\n")
        places = set()
        for link in run.links:
            for place in link["occurrences"]:
                written = lines[place["line"] - 1][place["column"] - 1:]
                check_that(written.startswith(link["url"].encode() + b")"), f"{link['url']} is not at {place}")
                places.add((place["line"], place["column"]))
        equal(len(places), 132, "places")
        equal(web.log(), [], "what the web saw")


def test_the_list_it_was_made_from():
    """Where the original is at hand: as many occurrences and links, all of them well but the one without scheme."""
    seed = shared("seeds/awesome-align-llm-human.md")
    with Web(f"list {seed}\n") as web:
        run = web.run(*OPTIONS[:6], "--format", "json", seed).parse()
        summary = run.report["summary"]
        equal((summary["occurrences"], summary["links"], summary["ok"]), (132, 117, 116), "occurrences, links, ok")
        equal([link["reason"] for link in run.links if link["outcome"] != "ok"], ["missing_scheme"], "faults")
        equal([link["url"] for link in run.links if link["notes"]], ["https://lmsys.org/blog/2023-03-30-vicuna/"], "links with notes")


DEMO = [os.path.join(ROOT, "tests", "web", "demo"), "--binary"]
# What the timetable of month.web leaves dead; every other link must have survived it.
DEAD_AFTER_A_MONTH = {
    "arxiv.org/abs/2307.12966": "missing_scheme",
    "https://laion.ai/blog/oig-dataset/": "dns_nxdomain",
    ARXIV + "2304.12986": "http_404",
    ARXIV + "2307.06290": "http_410",
    "https://www.databricks.com/blog/2023/04/12/dolly-first-open-commercially-viable-instruction-tuned-llm":
        "parked_domain",
    "https://lmsys.org/blog/2023-03-30-vicuna/": "soft_404",
}


def demo(*words):
    return subprocess.run([*DEMO, BINARY[0], *words], env=environment(), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=70, check=False)


def test_make_demo_check():
    done = demo("--part", "check")
    equal(done.returncode, 0, f"exit status (standard error: {done.stderr[-300:]!r})")
    for word in ("broken", "unreachable", "moved", "gated", "https://laion.ai/blog/oig-dataset/"):
        check_that(word in done.stdout, f"the demo shows {word!r}")


@alone
def test_make_demo():
    """After the month the dead are dead and nobody else: not the host that was down, not those behind a wall, not
    those that we could not reach."""
    with tempfile.TemporaryDirectory(prefix="linkrotd-scenario-") as directory:
        status = os.path.join(directory, "status.json")
        done = demo("--status", status)
        equal(done.returncode, 0, f"exit status (standard error: {done.stderr[-300:]!r})")
        with open(status, encoding="utf-8") as file:
            links = {link["url"]: link for link in json.load(file)["links"]}
    equal(len(links), 117, "links")
    equal({url: link["reason"] for url, link in links.items() if link["state"] == "dead"}, DEAD_AFTER_A_MONTH, "dead")
    equal([url for url, link in links.items() if link["state"] == "moved"],
          ["https://github.com/sahil280114/codealpaca"], "moved")
    equal(links[ARXIV + "2305.11206"]["state"], "alive", "the one that came back")
    suspects = [url for url, link in links.items() if link["state"] == "suspect"]
    check_that(not suspects, f"held against: {suspects}")
    for word in ("is dead (http_404); it was suspect", ARXIV + "2305.11206 is alive (ok); it was dead",
                 "aclanthology.org unreachable", "aclanthology.org is back", "comes and goes",
                 "This machine's network seems to fail", "by a second method", "Newly dead (6)"):
        check_that(word in done.stdout, f"the demo shows {word!r}")


@alone
def test_the_demo_interrupted():
    """Ctrl-C: one word, and nothing is left running."""
    with tempfile.TemporaryDirectory(prefix="linkrotd-scenario-") as directory:
        process = subprocess.Popen([*DEMO, BINARY[0]], env=environment(TMPDIR=directory), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with limited(process, 20):
            for line in process.stdout:
                if " watches 1 list" in line:
                    break
            process.send_signal(signal.SIGINT)
            process.stdout.read()
            stderr = process.stderr.read()
            process.wait()
        process.stdout.close()
        process.stderr.close()
        equal((process.returncode, stderr), (1, "demo: interrupted\n"), "exit status and last word")
        equal(os.listdir(directory), [], "what is left in the temporary directory")
