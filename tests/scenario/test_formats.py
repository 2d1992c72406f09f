"""The formats that other programs read, judged by real parsers; the page; and --new-since."""

import csv
import html.parser
import io
import json
import os
import re
import urllib.parse
import xml.etree.ElementTree

from harness import QUICK, Web, alone, check_that, equal

EACH = """
    a.test /ok     ok title=Fine
    a.test /moved  redirect code=301 to=/elsewhere
    a.test /elsewhere ok
    a.test /broken status code=404
    a.test /unreachable status code=500
    a.test /gated  status code=403
"""
LIST = """# List

- Ünïcode and \U0001f600 before it [Broken](http://a.test/broken) [Good](http://a.test/ok)
- [Moved](http://a.test/moved) <http://a.test/unreachable>
- [Gated](http://a.test/gated) [Mail](mailto:a@a.test) [again][ref]
- [No file](b%20c/missing.md) [no heading](#nowhere)

[ref]: http://a.test/broken
"""
HOSTILE = [
    "<script>alert(1)</script>", "::error file=x::y", "##[error]x", "]]> <![CDATA[ x", "&lt; &amp; &#0; &nope;",
    "=HYPERLINK(1)", "+cmd|' /C calc'!A0", "-1", "@SUM(1)", "%0A::error::x", "\x1b[31m", "\u202egnp.exe", "\u200b\ufeff",
    "\" onmouseover=\"x", "' x='", "{0} [x](1)", "\x01\x0b\x7f\x85", "\u2028\u2029", "`a` <!-- --> ![x](y)", ",;\t|",
    "\ufffe\uffff\ufdd0\U0001ffff",
]


def run_as(web, form, *words, status=2, **more):
    run = web.run(*QUICK, "--format", form, *words, **more)
    equal((run.status, run.stderr), (status, ""), f"exit status and standard error as {form}")
    return run.stdout


def hostile_list(web):
    """Every word as a text, in a URL and as a file's name; and what the program says of it as JSON."""
    lines = []
    for number, word in enumerate(HOSTILE):
        text = word.replace("[", "(").replace("]", ")").replace("\\", "")
        lines.append(f"- {text} [{text}](<http://a.test/broken?{number}&{word.replace('<', '(').replace('>', ')')}>)")
    web.write("list.md", "\n".join(lines) + "\n")
    name = "a,b:c%0A'\"&<x>\x1b[1m=é ::error::\uffff.md"
    web.write(name, "- [x](<http://a.test/broken?=1+1> \"=1\")\n- [y](http://a.test/unreachable)\n")
    return ["list.md", name], web.run(*QUICK, "--format", "json", "list.md", name).parse()


def places_of(report, failing=("broken", "unreachable")):
    return [(o["source"], o["line"], link) for link in report["links"] for o in link["occurrences"]
            if link["outcome"] in failing]


# --- SARIF ---

LEVELS = {"none", "note", "warning", "error"}


def sarif_of(text):
    """The run in it; what the standard requires of everything that we use (sections 3.13 to 3.52)."""
    log = json.loads(text)
    equal((log["version"], len(log["runs"])), ("2.1.0", 1), "version and runs")
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    check_that(driver["name"] == "linkrotd" and re.match(r"\d+\.\d+", driver["version"]), f"driver {driver}")
    rules = driver["rules"]
    equal(len({rule["id"] for rule in rules}), len(rules), "different rules")
    for rule in rules:
        for key in ("shortDescription", "fullDescription", "help"):
            check_that(rule[key]["text"], f"{key} of {rule['id']}")
        check_that(rule["defaultConfiguration"]["level"] in LEVELS, "level of a rule")
    for invocation in run["invocations"]:
        check_that(isinstance(invocation["executionSuccessful"], bool), "executionSuccessful")
        check_that(invocation["startTimeUtc"] <= invocation["endTimeUtc"], "times")
    for result in run["results"]:
        equal(rules[result["ruleIndex"]]["id"], result["ruleId"], "the rule of a result")
        check_that(result["level"] in LEVELS and result["message"]["text"], "level and message")
        check_that(all(isinstance(v, str) for v in result["partialFingerprints"].values()), "fingerprints")
        for location in result["locations"]:
            place = location["physicalLocation"]
            uri = place["artifactLocation"]["uri"]
            check_that(re.fullmatch(r"[!#-;=?-\[\]_a-z~]+", uri) and "\\" not in uri, f"URI {uri!r}")
            check_that(place["region"]["startLine"] >= 1, "line")
    return run


def test_sarif():
    """Each region spells its URL, counted as the file says that it counts."""
    with Web(EACH) as web:
        web.write("docs/ä b.md", LIST)
        web.write("docs/sub.html", "<p>ö <a href='http://a.test/broken'>x</a>\n")
        run = sarif_of(run_as(web, "sarif", "docs", "./docs/ä b.md"))
        equal(run["columnKind"], "unicodeCodePoints", "what columns count")
        spelled = []
        for result in run["results"]:
            place = result["locations"][0]["physicalLocation"]
            equal(place["artifactLocation"]["uriBaseId"], "%SRCROOT%", "base")
            with open(web.path(urllib.parse.unquote(place["artifactLocation"]["uri"])), encoding="utf-8") as file:
                line = file.read().split("\n")[place["region"]["startLine"] - 1]
            spelled.append(line[place["region"]["startColumn"] - 1:place["region"]["endColumn"] - 1])
        equal(sorted(spelled), ["#nowhere", "b%20c/missing.md"] + ["http://a.test/broken"] * 3 +
              ["http://a.test/unreachable"], "what the regions span")
        absolute = sarif_of(run_as(web, "sarif", web.path("docs")))
        equal([[result["locations"], result["partialFingerprints"]] for result in absolute["results"]],
              [[result["locations"], result["partialFingerprints"]] for result in run["results"]], "by absolute names")
        levels = {result["properties"]["url"]: result["level"] for result in run["results"]}
        equal((levels["http://a.test/broken"], levels["http://a.test/unreachable"]), ("error", "warning"), "levels")
        prints = [result["partialFingerprints"]["linkIdentity/v1"] for result in run["results"]]
        equal(len(set(prints)), len(prints), "different fingerprints")
        nothing = sarif_of(run_as(web, "sarif", "--fail-on", "skipped", "docs/sub.html", status=0))
        equal(nothing["results"], [], "no results")
        equal(nothing["invocations"][0]["executionSuccessful"], True, "a run that did not fail")
        web.write("docs/z.md", b"\0")
        flawed = sarif_of(web.run(*QUICK, "--format", "sarif", "docs").stdout)
        equal(flawed["invocations"][0]["executionSuccessful"], False, "a run with a document that cannot be read")


def test_sarif_hostile():
    with Web(EACH) as web:
        names, found = hostile_list(web)
        run = sarif_of(run_as(web, "sarif", *names))
        equal(len(run["results"]), len(places_of(found.report)), "results")
        equal({result["properties"]["url"] for result in run["results"]},
              {link["url"] for _, _, link in places_of(found.report)}, "URLs")


# --- JUnit ---

def junit_of(text):
    """The suites; their sums are right."""
    root = xml.etree.ElementTree.fromstring(text)
    equal(root.tag, "testsuites", "root")
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in root:
        equal(suite.tag, "testsuite", "child of the root")
        found = {"tests": len(suite.findall("testcase")), "failures": len(suite.findall("testcase/failure")),
                 "errors": len(suite.findall("testcase/error")), "skipped": len(suite.findall("testcase/skipped"))}
        equal({key: int(suite.get(key)) for key in found}, found, f"sums of {suite.get('name')}")
        check_that(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp")), "timestamp")
        seconds = sum(float(case.get("time")) for case in suite)
        check_that(abs(seconds - float(suite.get("time"))) < 0.01, "time of a suite")
        for key in totals:
            totals[key] += found[key]
    equal({key: int(root.get(key)) for key in totals}, totals, "sums of all")
    return root


def test_junit():
    with Web(EACH) as web:
        web.write("a.md", LIST)
        web.write("b.md", "<http://a.test/ok>\n")
        root = junit_of(run_as(web, "junit", "a.md", "b.md"))
        equal([suite.get("name") for suite in root], ["a.md", "b.md"], "suites")
        cases = {case.get("name"): case for case in root[0]}
        equal(len(cases), 8, "cases of a.md")
        for url, child in (("http://a.test/broken", "failure"), ("http://a.test/unreachable", "failure"),
                           ("#nowhere", "failure"), ("http://a.test/gated", "skipped"),
                           ("mailto:a@a.test", "skipped"), ("http://a.test/moved", None), ("http://a.test/ok", None)):
            equal([found.tag for found in cases[url]], [child] if child else [], f"verdict on {url}")
        broken = cases["http://a.test/broken"]
        equal((broken.get("classname"), broken.get("file"), broken.get("line")), ("a.test", "a.md", "3"), "where")
        equal(broken[0].get("type"), "http_404", "type of a failure")


def test_junit_hostile():
    with Web(EACH) as web:
        names, found = hostile_list(web)
        root = junit_of(run_as(web, "junit", *names))
        pairs = {(o["source"], link["url"]) for link in found.links for o in link["occurrences"]}
        equal(len(root.findall("testsuite/testcase")), len(pairs), "cases")
        equal({child.tag for child in root.iter()}, {"testsuites", "testsuite", "testcase", "failure"}, "elements")


# --- CSV ---

def csv_of(text):
    check_that("\n" not in text.replace("\r\n", ""), "every record ends with CRLF")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_csv():
    """As many rows as places, and the same words as in JSON."""
    with Web(EACH) as web:
        web.write("a.md", LIST)
        rows = csv_of(run_as(web, "csv", "a.md"))
        report = web.run(*QUICK, "--format", "json", "a.md").parse().report
        wanted = sorted((o["source"], str(o["line"]), str(o["column"]), link["url"], link["outcome"], link["reason"],
                         str(link["http_status"] or ""), o["text"])
                        for link in report["links"] for o in link["occurrences"])
        keys = ("source", "line", "column", "url", "outcome", "reason", "http_status", "text")
        equal(sorted(tuple(row[key] for key in keys) for row in rows), wanted, "rows")
        moved = [row for row in rows if row["outcome"] == "moved"]
        equal(moved[0]["suggestion"], "http://a.test/elsewhere", "suggestion")
        fine = [row for row in rows if row["url"] == "http://a.test/ok"]
        equal(fine[0]["title"], "Fine", "title")


def test_csv_hostile():
    """No cell is computed by a spreadsheet."""
    with Web(EACH) as web:
        names, found = hostile_list(web)
        rows = csv_of(run_as(web, "csv", *names))
        equal(len(rows), found.report["summary"]["occurrences"], "rows")
        for row in rows:
            check_that(None not in row and None not in row.values(), f"fields of {row}")
            for key, value in row.items():
                check_that(not re.match(r"\s*[=+\-@|%]", value), f"{key} {value!r}")


# --- GitHub ---

COMMAND = re.compile(r"::(error|warning|notice) file=([^,:]*),line=(\d+)(?:,endLine=(\d+),col=(\d+),endColumn=(\d+))?"
                     r",title=([^,:]*)::(.*)")


def annotations_of(text):
    """As the runner reads them: a line that is no command but the last is one too many."""
    lines = text.split("\n")
    equal(lines.pop(), "", "the end")
    check_that(re.match(r"\d+ links? in \d+ source", lines.pop()), "a sum at the end")
    found = []
    for line in lines:
        match = COMMAND.fullmatch(line)
        check_that(match is not None, f"no command: {line!r}")
        data = [re.sub(r"%([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), part or "") for part in match.groups()]
        found.append(dict(zip(("kind", "file", "line", "endLine", "col", "endColumn", "title", "message"), data)))
    return found


def test_github():
    with Web(EACH) as web:
        web.write("a.md", LIST)
        web.write("summary.md", "from another step\n")
        found = annotations_of(run_as(web, "github", "./a.md", env={"GITHUB_STEP_SUMMARY": web.path("summary.md")}))
        equal([(one["kind"], one["file"], one["line"]) for one in found],
              [("error", "a.md", line) for line in ("3", "4", "6", "6", "8")], "annotations")
        line = LIST.split("\n")[2]
        equal(line[int(found[0]["col"]) - 1:int(found[0]["endColumn"]) - 1], "http://a.test/broken", "columns")
        with open(web.path("summary.md"), encoding="utf-8") as file:
            summary = file.read()
        check_that(summary.startswith("from another step\n## Link report\n"), f"summary {summary!r}")
        check_that("http://a.test/broken" in summary, "the summary names what fails")
        web.write("open.md", "without an end")
        run_as(web, "github", "./a.md", env={"GITHUB_STEP_SUMMARY": web.path("open.md")})
        with open(web.path("open.md"), encoding="utf-8") as file:
            check_that(file.read().startswith("without an end\n## Link report\n"), "a line of its own")
        kinds = [one["kind"] for one in annotations_of(run_as(web, "github", "-v", "a.md"))]
        equal((kinds.count("error"), kinds.count("warning")), (5, 2), "with -v what is moved or gated too")
        run_as(web, "github", "a.md", env={"GITHUB_STEP_SUMMARY": ""})
        failed = web.run(*QUICK, "--format", "github", "a.md", env={"GITHUB_STEP_SUMMARY": web.path("no/where.md")})
        equal(failed.status, 1, "exit status where the summary cannot be written")
        check_that("no/where.md" in failed.stderr, f"standard error {failed.stderr!r}")
        web.run(*QUICK, "--format", "text", "a.md", env={"GITHUB_STEP_SUMMARY": web.path("text.md")})
        check_that(not os.path.exists(web.path("text.md")), "other formats leave the summary alone")


def test_github_summary_is_not_too_long():
    """GitHub shows nothing of a summary above 1 MiB, whoever wrote the rest of it."""
    with Web("") as web:
        web.write("a.md", "".join(f"- [x](missing/and/a/longer/name-{i}.md)\n" for i in range(20000)))
        before = {"fresh.md": 0, "used.md": 900_000, "nearly.md": (1 << 20) - 10, "full.md": 1 << 20}
        for name, size in before.items():
            web.write(name, "x" * (size - 1) + "\n" if size else "")
            run_as(web, "github", "--offline", "a.md", env={"GITHUB_STEP_SUMMARY": web.path(name)})
            length = os.path.getsize(web.path(name))
            check_that(length <= 1 << 20, f"{name} has {length} bytes")
            with open(web.path(name), encoding="utf-8") as file:
                added = file.read()[size:]
            check_that(added == "" if size > 1_000_000 else added.endswith("has all of what fails.**\n"),
                       f"the end of {name}: {added[-200:]!r}")


def test_github_hostile():
    with Web(EACH) as web:
        names, found = hostile_list(web)
        annotations = annotations_of(run_as(web, "github", *names))
        equal(len(annotations), len(places_of(found.report)), "annotations")
        for one in annotations:
            check_that(one["title"] in ("Broken link", "Unreachable link"), f"title {one['title']!r}")


# --- HTML ---

VOID = {"meta", "br", "use", "path", "circle"}


class Page(html.parser.HTMLParser):
    """Its elements, where its links lead, and its text; every element is closed in its turn."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.links, self.attributes, self.open, self.said = [], [], set(), [], ""
        self.feed(text)
        self.close()
        equal(self.open, [], "elements left open")

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        equal(self.open.pop(), tag, "the element that ends")

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.said += data


def test_html():
    with Web(EACH) as web:
        web.write("a.md", LIST)
        text = run_as(web, "html", "a.md")
        page = Page(text)
        check_that(not set(page.tags) & {"script", "img", "link", "iframe", "object", "form"}, f"tags {set(page.tags)}")
        check_that("url(" not in text and "@import" not in text, "nothing is loaded")
        check_that("prefers-color-scheme" in text and "@media print" in text, "dark, and on paper")
        check_that("default-src 'none'" in text, "a policy that allows nothing")
        for url in ("http://a.test/broken", "http://a.test/unreachable"):
            check_that(url in page.said and url not in page.links, f"{url} is text and no link")
        for url in ("http://a.test/elsewhere", "http://a.test/gated"):
            check_that(url in page.links, f"{url} is a link")
        for word in ("broken", "unreachable", "moved", "gated"):
            check_that(word in page.said, f"the word {word}")
        check_that("http://a.test/ok" not in page.said, "what is well is only counted")
        check_that("http://a.test/ok" in Page(run_as(web, "html", "-v", "a.md")).links, "but for -v")


def test_html_hostile():
    with Web(EACH) as web:
        names, found = hostile_list(web)
        text = run_as(web, "html", "--host-stats", *names)
        page = Page(text)
        calm = Page(run_as(web, "html", "-v", "--host-stats", "list.md"))
        equal(set(page.tags) - set(calm.tags), set(), "elements")
        check_that(not any(name.startswith("on") for name in page.attributes), f"attributes {page.attributes}")
        check_that(all(link.startswith(("http://", "https://")) for link in page.links), f"links {page.links}")
        equal(page.tags.count("li"), len({(source, link["url"]) for source, _, link in places_of(found.report)}) + 3,
              "items, three of them sums")


# --- only what is new fails ---

def baseline(web, name="old.json", *words):
    run = web.run(*QUICK, "--format", "json", "-o", name, *words)
    equal(run.stderr, "", "standard error")
    return name


def test_new_since_report():
    with Web(EACH) as web:
        web.write("a.md", LIST)
        old = baseline(web, "old.json", "a.md")
        run = web.run(*QUICK, "--new-since", old, "a.md")
        equal(run.status, 0, "exit status when all of it was known")
        check_that(run.stdout.count("known since 20") == 4 and "4 failures were known before" in run.stdout, run.stdout)
        # Whatever way is named to it.
        for name in ("./a.md", ".", web.path("a.md"), "./*.md", f"../{os.path.basename(web.dir)}/a.md"):
            equal(web.run(*QUICK, "--new-since", old, name).status, 0, f"exit status of {name}")
        # A new link that fails; one that failed before, at a new place; one that was well and is not any more.
        web.write("b.md", "[new](missing-too.md) [old](http://a.test/broken)\n")
        run = web.run(*QUICK, "--new-since", old, "--format", "json", "a.md", "b.md").parse()
        equal(run.status, 2, "exit status with something new")
        known = {link["url"]: link["known"] for link in run.links}
        equal({url for url, is_known in known.items() if is_known},
              {"http://a.test/broken", "http://a.test/unreachable", "b%20c/missing.md", "#nowhere"}, "what is known")
        with open(web.path(old), encoding="utf-8") as file:
            text = file.read()
        for link in json.loads(text)["links"]:
            if link["url"] == "http://a.test/broken":
                equal(run.link(link["url"])["known_since"], link["checked_at"], "known since it was checked")
        report = json.loads(text)
        for link in report["links"]:
            if link["url"] == "http://a.test/broken":
                link.update(outcome="ok", reason="ok")
        web.write("well.json", json.dumps(report, indent=1))
        run = web.run(*QUICK, "--new-since", "well.json", "--format", "json", "a.md").parse()
        equal((run.status, run.link("http://a.test/broken")["known"]), (2, False), "newly dead")
        # What did not fail in the baseline's own terms is new under a stricter rule of this run's.
        run = web.run(*QUICK, "--new-since", old, "--fail-on", "moved", "--format", "json", "a.md").parse()
        equal((run.status, run.link("http://a.test/moved")["known"]), (0, True), "moved in both")


def test_new_since_in_each_format():
    with Web(EACH) as web:
        web.write("a.md", LIST)
        old = ["--new-since", baseline(web, "old.json", "a.md")]
        run = sarif_of(run_as(web, "sarif", *old, "a.md", status=0))
        equal({result["baselineState"] for result in run["results"]}, {"unchanged"}, "SARIF")
        root = junit_of(run_as(web, "junit", *old, "a.md", status=0))
        equal((root.get("failures"), root.get("skipped")), ("0", "6"), "JUnit")
        kinds = {one["kind"] for one in annotations_of(run_as(web, "github", *old, "a.md", status=0))}
        equal(kinds, {"notice"}, "GitHub")
        rows = csv_of(run_as(web, "csv", *old, "a.md", status=0))
        equal(sum(row["known_since"] != "" for row in rows), 5, "CSV")
        check_that("No link fails." in Page(run_as(web, "html", *old, "a.md", status=0)).said, "HTML")


def test_new_since_can_roll():
    """The report of one run is the baseline of the next, in one file; a link keeps its first day."""
    with Web(EACH) as web:
        web.write("a.md", LIST)
        words = ["-f", "json", "-o", "last.json", "--new-since", "last.json", "a.md"]
        baseline(web, "last.json", "a.md")
        with open(web.path("last.json"), encoding="utf-8") as file:
            text = file.read()
        web.write("last.json", re.sub(r'"checked_at": "[^"]*"', '"checked_at": "2026-01-02T03:04:05Z"', text))
        for _ in range(2):
            equal(web.run(*QUICK, *words).status, 0, "exit status")
        with open(web.path("last.json"), encoding="utf-8") as file:
            links = json.load(file)["links"]
        equal({link["known_since"] for link in links if link["url"].startswith("http") and link["known"]},
              {"2026-01-02T03:04:05Z"}, "known since")


def test_new_since_database():
    with Web(EACH) as web:
        web.write("a.md", "[x](http://a.test/broken)\n")
        equal(web.run(*QUICK, "--database", "links.db", "a.md").status, 2, "the first run")
        with open(web.path("links.db"), "rb") as file:
            before = file.read()
        web.write("a.md", LIST)
        run = web.run(*QUICK, "--new-since", "links.db", "--format", "json", "a.md").parse()
        equal((run.status, [link["url"] for link in run.links if link["known"]]), (2, ["http://a.test/broken"]),
              "what the history knows")
        with open(web.path("links.db"), "rb") as file:
            equal(file.read(), before, "the database afterwards")
        # One database is both; it counts as it was before this run.
        both = ["--database", "links.db", "--new-since", "links.db", "a.md"]
        equal(web.run(*QUICK, *both).status, 2, "exit status while there is something new")
        equal(web.run(*QUICK, *both).status, 0, "exit status when it is known")
        run = web.run(*QUICK, "--new-since", "links.db", "-o", "links.db", "a.md")
        run.one_line_error("links.db", "overwritten", status=3)


def test_new_since_errors():
    with Web(EACH) as web:
        web.write("a.md", LIST)
        web.write("garbage.json", "{\"schema\": 1, \"links\": [}")
        web.write("deep.json", "{\"schema\": 1, \"links\": [" + "[" * 200000)
        web.write("binary.json", b"\x00\x01\x02" * 100)
        web.write("broken.db", b"SQLite format 3\x00" + b"\xff" * 5000)
        web.write("other.json", json.dumps({"schema": 7, "links": []}))
        web.write("lines.json", json.dumps({"schema": 1, "links": [{"url": "\n\x1b[31m", "kind": "x"}]}))
        for name in ("missing.json", "garbage.json", "deep.json", "binary.json", "broken.db", "other.json",
                     "lines.json", "."):
            web.run(*QUICK, "--new-since", name, "a.md").one_line_error("--new-since", name, status=1)
        equal(web.requests(), [], "requests before the baseline was read")
        web.run(*QUICK, "--new-since=", "a.md").one_line_error("--new-since", status=3)
        web.run(*QUICK, "--new-since").one_line_error("--new-since", status=3)


# --- size ---

@alone
def test_large_reports():
    """20,000 failing links in every format: as much memory as the links themselves, and the report."""
    with Web("") as web:
        for number in range(20):
            web.write(f"docs/{number}.md", "".join(f"- Title {i} [[Paper]](missing/{number}-{i}.md)\n" for i in range(1000)))
        told = []
        for form in ("text", "json", "html", "csv", "junit", "sarif", "github"):
            run = web.run("--offline", "--format", form, "-o", "report", "docs")
            equal((run.status, run.stderr), (2, ""), f"exit status and standard error as {form}")
            size = os.path.getsize(web.path("report"))
            run.within_memory(40_000 + 2 * size // 1024)
            told.append(f"{form} {run.rss_kb // 1024} MB")
        return ", ".join(told)
