"""Notes: advice beside the outcome, which it never changes."""

import json
import shlex

from harness import QUICK, Web, check_that, equal, program
from watch import Daemon, days_ahead

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


def test_what_a_link_is_not_called():
    """The names of neighbours and the cells of a row prove a page right, and never wrong: of a check and of the daemon's
    memory."""
    with Web("""
        a.test /old   redirect code=301 to=http://a.test/handbook
        a.test /handbook  ok title="Acme Handbook"
        a.test /paper ok title="The RefinedWeb Dataset for Falcon LLM"
        a.test /other ok title="Cheap flights to Rome"
        a.test *      ok title="Another Page Altogether"
    """) as web:
        text = """
[Docs](http://a.test/old) | [Getting Started Tutorial](http://a.test/1) | [API Reference Manual](http://a.test/2)

[Docs](http://a.test/handbook) | [Contribution Guidelines for Everybody](http://a.test/3)

[Home](http://a.test/handbook) | [Frequently Asked Questions](http://a.test/4)

| Model | Date | Paper | Size | Licence |
|--|--|--|--|--|
| Falcon | 2023/05 | [Paper](http://a.test/paper) | 7, 40, 180 | [Apache 2.0](http://a.test/5) |

- A Survey of Models [[Paper](http://a.test/other)]
"""
        web.write("list.md", text)
        run = web.run(*QUICK, "--format", "json", "list.md").parse()
        found = {url[len("http://a.test/"):]: of for url, of in notes(run).items()}
        equal({name: of for name, of in found.items() if not name.isdigit() and of != ["duplicate"]},
              {"other": ["title_mismatch"]}, "notes")
        equal(run.link("http://a.test/old")["suggestion"]["url"], "http://a.test/handbook", "suggestion")
        equal(run.link("http://a.test/old")["expected_title"], "Getting Started Tutorial | API Reference Manual", "expected_title")
        with Daemon(web, text) as daemon:
            daemon.wait(lambda links: len(links) == 9)
            daemon.ask("recheck", "--list", "links")
            links = daemon.wait(lambda links: all(link["checked_at"] for link in links.values()))
        noted = [url for url, link in links.items() if "title_mismatch" in link["notes"] and not url[-1].isdigit()]
        equal(noted, ["http://a.test/other"], "the daemon's notes")


BANNER = '<div class="flash flash-warn flash-full border-top-0 text-center text-bold py-2">This repository was archived ' \
         'by the owner on Feb 3, 2025. It is now read-only.</div>'
STALE = '<div hidden class="js-stale flash flash-warn flash-full"><span>You signed in with another tab.</span></div>'
MENU = "<p>" + "Write better code. " * 160 + "</p>"
QUOTED = "<article><div>This repository was archived by the owner on Feb 3, 2025. It is now read-only.</div></article>"


def arxiv(above, abstract="We measure."):
    return f"<div id='abs'>{above}<h1 class='title'>Title: Links</h1><blockquote class='abstract'>{abstract}</blockquote></div>"


def shown(title, body):
    """A line's behaviour: a page with this body."""
    return f"ok title={shlex.quote(title)} body={shlex.quote(body)}"


def test_papers():
    """What arXiv itself says above the abstract, and not what an author writes in it."""
    gone = "<span class='error'>This paper has been withdrawn by Ann Author</span>"
    newer = "<span class='error'>A newer version of this paper has been withdrawn by Ann Author</span>"
    latest = "<div class='dateline'>[Submitted on 1 Jan 2026 (this version), <em>latest version 2 Feb 2026</em> (<a href='#'>v3</a>)]</div>"
    last = "<div class='dateline'>[Submitted on 1 Jan 2026 (v1), last revised 2 Feb 2026 (this version, v3)]</div>"
    words = "This paper has been withdrawn by its publisher: a study of withdrawn papers."
    with Web(f"""
        arxiv.org /abs/2601.00001         {shown("[2601.00001] Links", arxiv(gone))}
        export.arxiv.org /abs/2601.00001  {shown("[2601.00001] Links", arxiv(gone))}
        doi.org /10.48550/arXiv.2601.00001  redirect code=302 to=http://arxiv.org/abs/2601.00001
        arxiv.org /abs/2601.00001v1       {shown("[2601.00001v1] Links", arxiv(newer + latest))}
        arxiv.org /abs/2601.00002v1       {shown("[2601.00002v1] Links", arxiv(latest))}
        arxiv.org /abs/2601.00002v3       {shown("[2601.00002v3] Links", arxiv(last))}
        arxiv.org /abs/2601.00002         {shown("[2601.00002] Links", arxiv(last))}
        arxiv.org /abs/2601.00003         {shown("[2601.00003] This paper has been withdrawn", arxiv(last, words))}
        mirror.test /abs/2601.00001v1     {shown("[2601.00001] Links", arxiv(gone + latest))}
    """) as web:
        paths = ["1", "1v1", "2v1", "2v3", "2", "3"]
        links = ["http://export.arxiv.org/abs/2601.00001", "http://doi.org/10.48550/arXiv.2601.00001",
                 "http://mirror.test/abs/2601.00001v1", *(f"http://arxiv.org/abs/2601.0000{path}" for path in paths)]
        run = web.check(links)
        found = {url: [note for note in of if note != "duplicate"] for url, of in notes(run).items()}
        equal(found, {
            "http://arxiv.org/abs/2601.00001": ["withdrawn"],
            "http://doi.org/10.48550/arXiv.2601.00001": ["withdrawn"],
            "http://export.arxiv.org/abs/2601.00001": ["withdrawn"],
            "http://arxiv.org/abs/2601.00001v1": ["withdrawn"],
            "http://arxiv.org/abs/2601.00002v1": ["superseded"],
        }, "notes")
        equal({link["outcome"] for link in run.links}, {"ok"}, "outcomes")
        text = web.run(*QUICK, "list.md").stdout
        check_that("superseded by a newer version" in text, text)


def test_a_newer_version_in_a_header():
    """RFC 5829, of the last hop."""
    header = "header=" + shlex.quote('Link: </style.css>; rel=preload, </v2>; rel="successor-version"')
    with Web(f"""
        a.test /v1      ok title="One" {header}
        a.test /v2      ok title="Two" {header}
        a.test /early   redirect code=302 to=http://a.test/v3 {header}
        a.test /v3      ok title="Three" header="Link: </v2>; rel=predecessor-version"
        a.test /gone    status code=404 {header}
    """) as web:
        run = web.check([f"http://a.test/{path}" for path in ("v1", "v2", "early", "v3", "gone")])
        found = {url: [note for note in of if note != "duplicate"] for url, of in notes(run).items()}
        equal({url for url, of in found.items() if of}, {"http://a.test/v1"}, "superseded")
        equal(found["http://a.test/v1"], ["superseded"], "notes")


def test_archived_repositories():
    """GitHub's own banner, behind its long menu; a README cannot have its classes."""
    with Web(f"""
        github.com /a/archived           {shown("GitHub - a/archived", MENU + STALE + BANNER)}
        github.com /a/archived/issues/1  {shown("Issue 1", MENU + STALE + BANNER)}
        github.com /a/quotes             {shown("GitHub - a/quotes", MENU + STALE + QUOTED)}
        github.com /a                    {shown("a", MENU + BANNER)}
        forge.test /a/archived           {shown("a/archived", MENU + BANNER)}
    """) as web:
        hub = "http://github.com/a"
        run = web.check([f"{hub}/archived", f"{hub}/archived/issues/1", f"{hub}/quotes", hub, "http://forge.test/a/archived"])
        equal(notes(run), {url: ["repository_archived"] for url in (f"{hub}/archived", f"{hub}/archived/issues/1")}, "notes")
        equal({link["outcome"] for link in run.links}, {"ok"}, "outcomes")


def repository(number, owner):
    """GitHub's page of that repository."""
    page = f"<title>GitHub - a/b</title><meta name=octolytics-dimension-user_id content={owner}>" \
           f"<meta name=octolytics-dimension-repository_id content={number}><body><h1>a/b</h1>"
    return f"raw type=text/html body={shlex.quote(page)}"


def test_another_owner():
    """A name that was given up and taken by somebody else; not one that its owner made anew, and only with a history."""
    hub = "http://github.com/a"
    links = [f"{hub}/taken", f"{hub}/anew", f"{hub}/given", f"{hub}/same"]
    rows = {"taken": (1, 10), "anew": (2, 10), "given": (3, 10), "same": (4, 10)}
    later = {"taken": (71, 80), "anew": (72, 10), "given": (3, 80), "same": (4, 10)}

    def table(of):
        return "".join(f"github.com /a/{name} {repository(*numbers)}\n" for name, numbers in of.items())

    with Web(table(rows)) as first, Web(table(later)) as second:
        history = ["--database", first.path("h.db")]
        equal(notes(first.check(links, *history, env=days_ahead(0))), {}, "notes of the first day")
        equal(notes(second.check(links)), {}, "notes without a history")
        equal(notes(second.check(links, *history, env=days_ahead(1))), {links[0]: ["usurped"]}, "notes of the second day")
        run = second.check(links, *history, env=days_ahead(2))
        equal(notes(run), {links[0]: ["usurped"]}, "notes of the third day")
        equal({link["outcome"] for link in run.links}, {"ok"}, "outcomes")
        out = program("report", *history, "--since", "30d", cwd=first.dir, env=days_ahead(2)).stdout
        check_that("another owner" in out and links[0] in out and links[1] not in out, out)
