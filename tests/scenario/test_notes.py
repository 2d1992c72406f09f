"""Notes: advice beside the outcome, which it never changes."""

import json

from harness import QUICK, Web, check_that, equal, program
from watch import days_ahead

SUNSET = "Thu, 31 Dec 2099 23:59:59 GMT"
TITLE = "Vicuna: An Open-Source Chatbot Impressing GPT-4"


def notes(run):
    return {link["url"]: link["notes"] for link in run.links if link["notes"]}


def test_what_will_end():
    """Of the last hop; a date that is none says nothing; and the history keeps the day."""
    with Web(f"""
        a.test /ends    ok title="Ends" header="Sunset: {SUNSET}"
        a.test /sent    redirect code=302 to=http://a.test/ends
        a.test /soon    ok title="Soon" header="Sunset: soon"
        a.test /stays   ok title="Stays"
    """) as web:
        urls = [f"http://a.test/{path}" for path in ("ends", "soon", "stays")]
        run = web.check([*urls, "http://a.test/sent"], "--database", "h.db", env=days_ahead(0))
        found = {url: [note for note in of if note != "duplicate"] for url, of in notes(run).items()}
        equal(found, {url: ["sunset_announced"] for url in (urls[0], "http://a.test/sent")}, "notes")
        equal(run.link(urls[0])["sunset_at"], "2099-12-31T23:59:59Z", "sunset_at")
        equal(run.link(urls[1])["sunset_at"], None, "sunset_at of a date that is none")
        text = web.run(*QUICK, "list.md").stdout
        check_that("will end, on 2099-12-31" in text, text)
        out = program("report", "--database", "h.db", "--since", "30d", "--format", "json", cwd=web.dir, env=days_ahead(0)).stdout
        upcoming = json.loads(out)["upcoming"]
        check_that(urls[0] in json.dumps(upcoming) and urls[2] not in json.dumps(upcoming), f"upcoming: {upcoming}")
        out = program("report", "--database", "h.db", "--since", "30d", cwd=web.dir, env=days_ahead(0)).stdout
        check_that("will end, on 2099-12-31" in out, out)


def test_one_page_twice():
    with Web("""
        a.test /new     ok title="New"
        a.test /old     redirect code=301 to=http://a.test/new
        a.test /other   ok title="Other"
        a.test /gone1   redirect code=302 to=http://a.test/
        a.test /gone2   redirect code=302 to=http://a.test/
        a.test /        ok title="Home"
    """) as web:
        run = web.check([f"http://a.test/{path}" for path in ("new", "old", "other", "new#part", "gone1", "gone2")])
        equal(sorted(url for url, of in notes(run).items() if "duplicate" in of),
              ["http://a.test/new", "http://a.test/new#part", "http://a.test/old"], "duplicates")


def test_two_labels():
    """As in the seed list: one URL, of which one of two entries must be wrong. Repeating a title is nothing."""
    with Web(f'a.test /x ok title="{TITLE}"\na.test /y ok title="{TITLE}"\na.test /gone status code=404\n') as web:
        web.write("list.md", f"""
- ShareGPT [[Blog](http://a.test/x)]
- {TITLE} [[Blog](http://a.test/x)]
- {TITLE} [[Blog](http://a.test/y)]
- {TITLE} with 90%* quality [[Blog](http://a.test/y)], see http://a.test/y
- Cheap flights to Rome [[Blog](http://a.test/gone)]
- {TITLE} [[Blog](http://a.test/gone)]
""")
        run = web.run(*QUICK, "--format", "json", "list.md").parse()
        equal(notes(run), {"http://a.test/x": ["two_labels"], "http://a.test/gone": ["two_labels"]}, "notes")
        equal((run.link("http://a.test/x")["outcome"], run.link("http://a.test/gone")["outcome"]), ("ok", "broken"), "outcomes")
