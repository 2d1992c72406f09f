"""`linkrotd report`: what has changed, in every format, from histories that real runs have made. Each run has a clock
of its own, days after the one before."""

import csv
import email
import email.policy
import html.parser
import io
import json
import os
import re
import subprocess
import xml.etree.ElementTree

from harness import QUICK, ROOT, Web, check_that, equal, program
from test_history import ask, check
from watch import DAY_S, Daemon, days_ahead

ATOM = "{http://www.w3.org/2005/Atom}"
WEB = """
    a.test /ok    ok title="Fine"
    b.test /gone  status code=404
    c.test /old   redirect code=301 to=http://d.test/new
    d.test /new   ok title="New"
    g.test /never status code=410
    h.test /back  status code=410 first=2
    h.test /back  ok title="Back"
"""
LIST = """# List

- [A fine page](http://a.test/ok)
- [A missing page](http://b.test/gone)
- [An old page](http://c.test/old)
- [A deleted page](http://g.test/never)
- [A page that returns](http://h.test/back)
"""
NAMES = {"new": "http://g.test/never", "recovered": "http://h.test/back", "moved": "http://c.test/old",
         "suspect": "http://b.test/gone"}


class History:
    """A list that is checked once a week: after the second week two are dead, after the third one of them is back."""

    def __init__(self, table=WEB, text=LIST):
        self.web = Web(table)
        self.text = text

    def __enter__(self):
        self.web.__enter__()
        return self

    def __exit__(self, *what):
        return self.web.__exit__(*what)

    def check(self, days):
        return check(self.web, self.text, days=days)

    def report(self, *words, days=0, form="text", status=0):
        run = ask(self.web, "report", "--format", form, *words, days=days)
        equal((run.status, run.stderr), (status, ""), f"report {words}")
        return run.stdout

    def json(self, *words, days=0):
        return json.loads(self.report(*words, days=days, form="json"))


def urls(report, section):
    return [entry["url"] for entry in report[section]]


def test_sections():
    with History() as history:
        history.check(0)
        report = history.json("--since", "1h")
        equal(sorted(urls(report, "suspect")), [NAMES["suspect"], NAMES["new"], NAMES["recovered"]], "first run")
        history.check(7)
        report = history.json("--since", "1d", days=7)
        equal(sorted(urls(report, "new")), [NAMES["new"], NAMES["recovered"]], "second run")
        history.check(14)
        report = history.json("--since", "1d", days=14)
        equal(urls(report, "new"), [NAMES["suspect"]], "third run: died")
        equal(urls(report, "recovered"), [NAMES["recovered"]], "third run: came back")
        equal(urls(report, "moved"), [NAMES["moved"]], "third run: moved")
        equal(urls(report, "still"), [NAMES["new"]], "third run: still dead")
        for section in ("new", "recovered", "moved", "still"):
            equal(report["summary"][section], len(report[section]), f"count of {section}")
        text = history.report("--since", "1d", days=14)
        for words in ("1 died, 1 moved, 1 recovered", "[404] http://b.test/gone (list.md:4)", "listed as A missing page",
                      "404 x3 over 14 d", "confirmed by a second method",
                      "list.md:5: http://c.test/old \u2192 http://d.test/new",
                      "linkrotd fix --database history.db list.md"):
            check_that(words in text, f"no {words!r} in {text}")


def test_still_dead_returns_weekly():
    """Asked every day, a dead link is told when it died and every seventh day since."""
    with History("a.test / status code=410\n", "- <http://a.test/>\n") as history:
        history.check(0)
        history.check(7)
        told = []
        for day in range(7, 36):  # at noon, because it died in the first moment of a day
            report = history.json("--since", "1d", days=day + 0.5)
            equal(len(report["still"] + report["new"]), 1, f"day {day}: links in {report['summary']}")
            if any(not entry["told_before"] for entry in report["new"] + report["still"]):
                told.append(day)
            text = history.report("--since", "1d", days=day + 0.5)
            equal("http://a.test/" in text, day in told, f"day {day}: {text}")
            equal(text.startswith("Nothing new"), day not in told, f"day {day}: {text}")
        equal(told, [7, 14, 21, 28, 35], "days")


def test_it_says_when_was_measured():
    with History() as history:
        history.check(0)
        text = history.report("--since", "1h")
        check_that("Checked 5 of 5 links" in text and "5 checks." in text, text)
        history.check(7)
        text = history.report("--since", "1d", days=9)
        check_that("Checked 0 of 5 links: no check was made in that time." in text, text)
        report = history.json("--since", "1d", days=9)
        equal((report["summary"]["checked"], report["summary"]["checks"], report["first_check_at"]), (0, 0, None),
              "nothing was checked")
        report = history.json("--since", "3000d", days=9)
        equal((report["summary"]["checked"], report["summary"]["checks"]), (5, 10), "two runs")
        check_that(report["first_check_at"] < report["last_check_at"] <= report["until"], f"{report}")
        seconds = [int(s) for s in re.findall(r"\d+", report["last_check_at"])]
        first = [int(s) for s in re.findall(r"\d+", report["first_check_at"])]
        check_that(seconds != first, "a week lies between them")


def test_since_last_is_each_readers_own():
    with History() as history:
        history.check(0)
        equal(len(history.json("--since", "last")["suspect"]), 3, "the first time it is everything")
        equal(history.json("--since", "last")["suspect"], [], "and then what is new")
        equal(len(history.json("--since", "last", "--recipient", "eve@a.test")["suspect"]), 3, "to somebody else")
        history.check(7)
        equal(len(history.json("--since", "last", days=7)["new"]), 2, "one run later")
        equal(len(history.json("--since", "last", "--recipient", "eve@a.test", days=7)["new"]), 2, "to both")
        history.check(14)
        equal(len(history.json("--since", "last", "--recipient", "eve@a.test", days=14)["new"]), 1, "to one of them")
        names = sorted(name for name in os.listdir(history.web.dir) if ".report" in name)
        equal(names, ["history.db.report", "history.db.report-eve@a.test"], "files")
        # A time alone is what earlier versions wrote.
        with open(history.web.path("history.db.report"), encoding="utf-8") as file:
            at, number = file.read().split()
        check_that(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", at) and int(number) > 0, f"{at} {number}")
        history.web.write("history.db.report", at + "\n")
        check_that(NAMES["suspect"] in urls(history.json("--since", "last", days=14), "new"), "from a time alone")
        history.web.write("history.db.report", "2026-01-01T00:00:00Z 99999999\n")
        check_that(history.json("--since", "last", days=14)["new"], "of another database: by its time")
        for name in ("../x", "a/b", "", ".x", "a" * 101, "a b"):
            ask(history.web, "report", "--since", "last", "--recipient", name).one_line_error("--recipient", status=3)
        ask(history.web, "report", "--recipient", "eve").one_line_error("--since last", status=3)


def test_since_last_is_each_lists_own():
    """Two lines of a crontab, one a list: what the first has told is still new to whom the second is for."""
    with History() as history:
        history.check(0)
        last = ("--since", "last")
        for words in (last, (*last, "--list", "check"), (*last, "--recipient", "eve", "--list", "check"), (*last, "--recipient", "eve")):
            counts = [len(history.json(*words)["suspect"]) for _ in "12"]
            equal(counts, [3, 0], f"links told {words}")
        ask(history.web, "report", *last, "--list", "nolist").one_line_error("nolist", status=1)
        names = sorted(name for name in os.listdir(history.web.dir) if ".report" in name)
        equal(names, ["history.db.report" + end for end in ("", "-eve", "-eve=check", "=check")], "files")


def test_what_was_written_late_is_told():
    """Doubt holds some events back: by their time they were told, by their number they were not."""
    with History() as history:
        history.check(0)
        history.report("--since", "last")
        with open(history.web.path("history.db.report"), encoding="utf-8") as file:
            number = file.read().split()[1]
        history.check(7)
        history.web.write("history.db.report", f"2037-01-01T00:00:00Z {number}\n")
        report = history.json("--since", "last", days=7)
        equal(sorted(urls(report, "new")), [NAMES["new"], NAMES["recovered"]], "links that died")
        history.web.write("history.db.report", "2037-01-01T00:00:00Z\n")
        equal(urls(history.json("--since", "last", days=7), "new"), [], "by their time")


def test_a_directory_that_cannot_be_written():
    """Then the mark is kept with the reader's own files."""
    if os.geteuid() == 0:
        # Root may write anywhere; a directory in the file's place stops him, too.
        block = lambda web: os.mkdir(web.path("history.db.report"))
    else:
        block = lambda web: os.chmod(web.dir, 0o500)
    with History() as history:
        history.check(0)
        block(history.web)
        try:
            env = {**days_ahead(0), "XDG_STATE_HOME": history.web.path("state")}
            os.environ["XDG_STATE_HOME"] = env["XDG_STATE_HOME"]
            if os.geteuid() == 0:
                os.makedirs(env["XDG_STATE_HOME"])
            words = ("report", "--since", "last", "--format", "json", "--database", "history.db")
            counts = [len(json.loads(program(*words, cwd=history.web.dir, env=env).stdout)["suspect"]) for _ in "12"]
            equal(counts, [3, 0], "links told")
        finally:
            del os.environ["XDG_STATE_HOME"]
            os.chmod(history.web.dir, 0o700)


def test_csv():
    with History(text=LIST + "- [Twice](http://g.test/never)\n") as history:
        for days in (0, 7, 14):
            history.check(days)
        text = history.report("--since", "1d", days=14, form="csv")
        check_that(text.count("\r\n") == text.count("\n"), "ends of lines")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        equal(list(rows[0]), "list file line url label state since last_ok checks strikes code class final_url "
              "replacement archive_url section".split(), "columns")
        places = [(row["url"], row["file"], row["line"], row["label"], row["section"]) for row in rows]
        check_that((NAMES["new"], "list.md", "6", "A deleted page", "still") in places, f"{places}")
        check_that((NAMES["new"], "list.md", "8", "Twice", "still") in places, f"{places}")
        row = next(row for row in rows if row["section"] == "moved")
        equal((row["state"], row["replacement"], row["archive_url"]), ("moved", "http://d.test/new", ""), "moved")
        row = next(row for row in rows if row["section"] == "new")
        equal((row["code"], row["class"], row["strikes"], row["checks"]), ("404", "http_404", "3", "3"), "new")
        report = history.json("--since", "1d", days=14)
        equal({(row["section"], row["url"]) for row in rows},
              {(section, url) for section in report["summary"] if isinstance(report.get(section), list)
               for url in urls(report, section)}, "the rows of JSON")


class Page(html.parser.HTMLParser):
    """What a browser would load, run or follow; and whether every element ends."""

    def __init__(self, text):
        super().__init__()
        self.open, self.hrefs, self.loads, self.text = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        self.hrefs += [names["href"]] if "href" in names else []
        self.loads += [tag] if tag in ("script", "img", "link", "iframe", "object", "form") or "src" in names else []
        self.loads += [name for name in names if name.startswith("on")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        equal(self.open.pop(), tag, "the element that ends")

    def handle_data(self, data):
        self.text.append(data)


def test_mail():
    """A whole mail: text and HTML of the same digest, for one recipient, and nothing that strangers could add."""
    with History(text=LIST + "- [Bcc: victim@example.org\r\n <b>x</b>](http://g.test/never)\n") as history:
        for days in (0, 7, 14):
            history.check(days)
        raw = history.report("--since", "1d", "--recipient", "ops@example.org", days=14, form="mail")
        check_that(raw.count("\r\n") == raw.count("\n"), "ends of lines")
        mail = email.message_from_string(raw, policy=email.policy.default)
        equal((mail["To"], mail["Bcc"], mail["Auto-Submitted"]), ("ops@example.org", None, "auto-generated"), "headers")
        check_that(mail["Subject"].startswith("[links] "), mail["Subject"])
        equal([part.get_content_type() for part in mail.walk()], ["multipart/alternative", "text/plain", "text/html"], "parts")
        text = mail.get_body(("plain",)).get_content()
        plain = [re.sub(r"[0-9T:Z-]{20}|\([^()]*\)", "", report).split() for report in (text, history.report("--since", "1d", days=14))]
        equal(plain[0], plain[1], "the text is that of --format text")
        check_that(NAMES["new"] in mail.get_body(("html",)).get_content(), "the page")
        ask(history.web, "report", "--format", "mail").one_line_error("--recipient", status=3)
        ask(history.web, "report", "--format", "mail", "--recipient", "nobody").one_line_error("address", status=3)


def test_a_mail_that_would_be_too_large():
    """It tells fewer links one by one: were it refused, the next one would have even more to tell."""
    hosts = [f"h{number}.test" for number in range(40)]
    table = "".join(f"    {host} /* status code=410\n" for host in hosts)
    urls = [f"http://{host}/{number}?{'&' * 900}" for host in hosts for number in range(8)]
    with History(table, "".join(f"- [{number}]({url})\n" for number, url in enumerate(urls))) as history:
        history.check(0)
        words = ["--since", "last", "--recipient", "ops@example.org"]
        check_that(len(history.report("--since", "1d", form="html")) > 1 << 20, "the whole page is larger than a mail")
        mail = email.message_from_string(history.report(*words, form="mail"), policy=email.policy.default)
        equal(mail["Subject"], f"[links] {len(urls)} suspect", "subject")
        page = mail.get_body(("html",)).get_content()
        check_that(len(page) < 512 * 1024, f"{len(page)} bytes")
        check_that(f"and {len(urls) - 100} more" in page, "what it does not tell is counted")
        mail = email.message_from_string(history.report(*words, days=1, form="mail"), policy=email.policy.default)
        equal(mail["Subject"], "[links] nothing new", "the next one")


def test_html():
    with History() as history:
        for days in (0, 7, 14):
            history.check(days)
        text = history.report("--since", "1d", days=14, form="html")
        page = Page(text)
        equal(page.open, [], "elements left open")
        equal(page.loads, [], "what is loaded or run")
        equal(page.hrefs, ["http://d.test/new"], "what may be followed: the new place alone")
        check_that("default-src 'none'" in text and "prefers-color-scheme" in text and "@media print" in text, "head")
        words = "".join(page.text)
        for url in NAMES.values():
            check_that(url in words, f"{url} in {words}")
        quiet = Page(history.report("--since", "1d", days=18, form="html"))
        check_that("Nothing new" in "".join(quiet.text) and "Checked 0 of 5" in "".join(quiet.text), "a quiet day")


def contrast(a, b):
    """WCAG 2.1, of two colours as #rgb or #rrggbb."""
    def luminance(colour):
        digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
        parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def test_html_can_be_read():
    """On screens light and dark and on paper: each colour of letters on each ground."""
    with History() as history:
        history.check(0)
        text = history.report("--since", "1d", form="html")
    schemes = [dict(re.findall(r"--(\w+):(#[0-9a-f]+)", block)) for block in re.findall(r":root\{([^}]*)\}", text)]
    equal(len(schemes), 3, "schemes")
    for scheme in schemes:
        for ink in ("ink", "soft", "bad", "warn", "good", "calm"):
            for ground in ("back", "card"):
                found = contrast(scheme[ink], scheme[ground])
                check_that(found >= 4.5, f"{ink} on {ground}: {found:.2f} in {scheme}")
        check_that(contrast(scheme["ink"], scheme["code"]) >= 4.5, f"ink on code in {scheme}")


def feed_of(text):
    """Valid by the grammar of RFC 4287, and by what stands in its prose."""
    run = subprocess.run(["xmllint", "--nonet", "--noout", "--relaxng",
                          os.path.join(ROOT, "tests/scenario/schema/atom.rng"), "-"],
                         input=text.encode(), capture_output=True, check=False)
    equal(run.returncode, 0, f"xmllint: {run.stderr.decode()[:2000]}")
    feed = xml.etree.ElementTree.fromstring(text)
    check_that(feed.find(f"{ATOM}author/{ATOM}name").text, "author")
    entries = feed.findall(f"{ATOM}entry")
    ids = [element.text for element in feed.iter(f"{ATOM}id")]
    equal(len(ids), len(set(ids)), f"ids are unique: {ids}")
    for one in ids:  # RFC 4151
        check_that(re.fullmatch(r"tag:[a-z0-9.-]+,2026:[A-Za-z0-9./:%-]+", one), f"id {one!r}")
    for element in list(feed.iter(f"{ATOM}updated")) + list(feed.iter(f"{ATOM}published")):
        check_that(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", element.text), f"time {element.text!r}")
    times = [entry.find(f"{ATOM}updated").text for entry in entries]
    check_that(not times or feed.find(f"{ATOM}updated").text >= max(times), "updated")
    for entry in entries:
        check_that(entry.find(f"{ATOM}content").text.strip() and entry.find(f"{ATOM}title").text.strip(), "words")
        rels = [link.get("rel") for link in entry.findall(f"{ATOM}link")]
        equal(len(rels), len(set(rels)), "one link of a kind")
    return entries


def test_the_grammar_can_refuse():
    good = ('<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:a,2026:x</id><title>x</title>'
            '<updated>2026-01-01T00:00:00Z</updated><author><name>n</name></author></feed>')
    feed_of(good)
    for old, new in (("<id>tag:a,2026:x</id>", ""), ("2026-01-01T00", "2026-01-01 00"), ("<title>", "<titel>"),
                     ("<name>n</name>", ""), ("</feed>", "<entry><id>tag:a,2026:y</id></entry></feed>")):
        try:
            feed_of(good.replace(old, new))
        except (AssertionError, xml.etree.ElementTree.ParseError):
            continue
        raise AssertionError(f"{new!r} for {old!r} is taken")


def test_atom():
    with History() as history:
        history.check(0)
        equal(feed_of(history.report("--since", "30d", form="atom")), [], "suspicions are no entries")
        history.check(7)
        early = feed_of(history.report("--since", "30d", days=7, form="atom"))
        history.check(14)
        late = feed_of(history.report("--since", "30d", days=14, form="atom"))
        titles = [entry.find(f"{ATOM}title").text for entry in late]
        equal(sorted(titles), sorted([f"Dead: {NAMES['new']}", f"Dead: {NAMES['recovered']}", f"Dead: {NAMES['suspect']}",
                                      f"Recovered: {NAMES['recovered']}", f"Moved: {NAMES['moved']}"]), "entries")
        told = {entry.find(f"{ATOM}id").text: xml.etree.ElementTree.tostring(entry) for entry in late}
        for entry in early:
            equal(told[entry.find(f"{ATOM}id").text], xml.etree.ElementTree.tostring(entry), "an entry never changes")
        times = [entry.find(f"{ATOM}updated").text for entry in late]
        equal(times, sorted(times, reverse=True), "newest first")
        dead = next(entry for entry in late if entry.find(f"{ATOM}title").text.startswith("Dead"))
        equal(dead.findall(f"{ATOM}link"), [], "what is dead is not linked to")
        equal({"dead", "check"}, {one.get("term") for one in dead.findall(f"{ATOM}category")}, "categories")


def test_hostile_words_in_every_format():
    """A list that wants to break out, through the whole program."""
    text = ("- [\\</title>\\<script>alert(1)\\</script>](http://b.test/gone)\n"
            "- [=HYPERLINK(\"http://evil.test\")](http://g.test/never)\n"
            "- [a\u202egnp.exe \u0007 ]]> &lt;b&gt;](<http://h.test/back>)\n")
    with History(text=text) as history:
        for days in (0, 7, 14):
            history.check(days)
        for form in ("text", "markdown", "html", "json", "csv", "atom"):
            out = history.report("--since", "30d", days=14, form=form)
            for bad in ("\u202e", "\u0007"):
                check_that(bad not in out or form == "json", f"{bad!r} in {form}")
        page = Page(history.report("--since", "30d", days=14, form="html"))
        equal((page.loads, page.open), ([], []), "the page")
        check_that("<script>alert(1)</script>" in "".join(page.text), "is a text")
        feed_of(history.report("--since", "30d", days=14, form="atom"))
        rows = list(csv.reader(io.StringIO(history.report("--since", "30d", days=14, form="csv"), newline=""), strict=True))
        for cell in (cell for row in rows for cell in row):
            check_that(cell.lstrip()[:1] not in ("=", "+", "-", "@"), f"cell {cell!r}")


def test_an_incident_stands_for_its_links():
    """A host that fails: the daemon tells one cause, not thirty links; and the feed has it, too."""
    pages = "".join(f"big.test /{n} ok title=\"Page {n}\" first=1\nbig.test /{n} status code=503\n" for n in range(12))
    text = "".join(f"- <http://big.test/{n}>\n" for n in range(12)) + "- <http://a.test/ok>\n"
    with Web(pages + 'a.test /ok ok title="Fine"\n') as web, Daemon(web, text, rate=DAY_S / 2) as daemon:
        def incidents():
            run = daemon.ask("report", "--since", "3000d", "--format", "json")
            return json.loads(run.stdout)["incidents"] if run.status == 0 else []
        daemon.wait(lambda links: len(incidents()) > 0 and
                    sum(link["state"] == "suspect" for link in links.values()) == 12)
        equal(daemon.stop().status, 0, "exit status")
        words = daemon.ask("report", "--since", "3000d").stdout
        check_that("Incidents (1):" in words and "told as part of an incident" in words, words)
        listed = words.count("] http://big.test/")
        check_that(listed < 12, f"{listed} of 12 links are told one by one: {words}")
        entries = feed_of(daemon.ask("report", "--since", "3000d", "--format", "atom").stdout)
        check_that(any(e.find(f"{ATOM}title").text.startswith("Incident: ") for e in entries), "the feed has it")


def test_unknown_formats_and_lists():
    with History() as history:
        history.check(0)
        ask(history.web, "report", "--format", "sarif").one_line_error("sarif", "atom", status=3)
        ask(history.web, "report", "--list", "nothing").one_line_error("nothing", status=1)
        equal(len(history.json("--since", "1h", "--list", "check")["suspect"]), 3, "the list of single runs")


def test_a_certificate_that_ends_soon():
    """What is coming is told with its day, from the history alone."""
    table = """
        host soon.test tls=soon
        soon.test /* ok title="Soon"
        g.test /* ok title="Never"
    """
    with History(table, "- [Soon](https://soon.test/)\n- [Never](http://g.test/never)\n") as history:
        history.check(0)
        day = history.json("--since", "1d")["upcoming"][0]["certificate_expires_at"]
        check_that(re.fullmatch(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T00:00:00Z", day), day)
        check_that(day[:10] in history.report("--since", "1d"), "the day, in words")
