"""The main job: the bundled list, every link of it, against the local web; and what `make demo` shows."""

import os
import subprocess

from harness import BINARY, ROOT, Web, check_that, environment, equal, shared

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
NOTES = {ARXIV + "2302.02676": ["title_mismatch"], ARXIV + "2305.17926": ["title_mismatch"]}


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
            notes = [note for note in link["notes"] if note in ("title_mismatch", "retitled")]
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
        equal([link["url"] for link in run.links if link["notes"]], [], "links with notes")


def test_make_demo():
    done = subprocess.run([os.path.join(ROOT, "tests", "web", "demo"), "--binary", BINARY[0]], env=environment(),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=70, check=False)
    equal(done.returncode, 0, f"exit status (standard error: {done.stderr[-300:]!r})")
    for word in ("broken", "unreachable", "moved", "gated", "https://laion.ai/blog/oig-dataset/"):
        check_that(word in done.stdout, f"the demo shows {word!r}")
