"""`fix`: what it proposes and why, and that git and patch take it; never more than is proven."""

import os
import re
import shutil
import stat
import subprocess
import time

from harness import QUICK, Web, check_that, equal, finish, program, start
from watch import days_ahead

MOVING = """
    a.test /old      redirect code=301 to=http://b.test/new
    a.test /old2     redirect code=308 to=http://b.test/new?x=1&y=(2
    a.test /old_3    redirect code=301 to=http://b.test/new?x=1&y_z
    a.test /temp     redirect code=302 to=http://b.test/new
    a.test /back     redirect code=301 to=http://b.test/gone
    a.test /login    redirect code=301 to=http://b.test/login?next=/x
    a.test /plain    redirect code=301 to=https://a.test/plain over=http
    a.test /plain    ok title="Plain"
    a.test /other    redirect code=302 to=https://a.test/elsewhere over=http
    a.test /elsewhere ok title="Elsewhere"
    a.test /gone     status code=404
    b.test /new      ok title="New"
    b.test /gone     status code=404
    doi.org /10.1000/182 redirect code=301 to=http://b.test/new
"""
GONE_COPY = "https://web.archive.org/web/20200102030405/http://a.test/gone"
ARCHIVE = f"""
    web.archive.org /web/http://a.test/gone*  redirect to={GONE_COPY}
    web.archive.org /web/20200102030405/*     ok title="An old page"
    web.archive.org /*                        status code=404
"""


def fix(web, *words, status=0, **more):
    """`fix` with the options that lead it here."""
    run = web.run(*QUICK, *words, command="fix", **more)
    equal(run.status, status, f"exit status (standard error: {run.stderr[:400]!r})")
    return run


def read(web, name):
    with open(web.path(name), "rb") as file:
        return file.read()


def call(web, *words, data):
    done = subprocess.run(words, cwd=web.dir, input=data, capture_output=True, check=False)
    equal(done.returncode, 0, f"{' '.join(words)}: {done.stdout + done.stderr!r}; the patch: {data!r}; exit status")


def encoded(text):
    return text.encode("utf-8", "surrogateescape")


def both_take(web, run, files):
    """The patch of `run` applied by git and by patch gives `files` (name: bytes)."""
    patch = encoded(run.stdout)
    before = {name: read(web, name) for name in files}
    for words in (["git", "apply", "--check"], ["git", "apply"], ["patch", "-s", "-p1"]):
        call(web, *words, data=patch)
        if words[-1] == "--check":
            continue
        for name, wanted in files.items():
            equal(read(web, name), wanted, f"{name} after {words[0]}")
            if words[0] == "git":
                web.write(name, before[name])


def twice(web, *words, text, wanted, name="list.md", **more):
    """The patch turns text into wanted, and a second one is empty."""
    text, wanted = (one if isinstance(one, bytes) else one.encode() for one in (text, wanted))
    web.write(name, text)
    run = fix(web, *words, name, **more)
    both_take(web, run, {name: wanted})
    equal(fix(web, *words, name, **more).stdout, "", "a second patch")
    return run


def test_one_check_is_believed_when_told():
    """Permanent targets with the fragment, https where the same page is; nothing temporary, dead, of a login or a DOI."""
    with Web(MOVING) as web:
        run = twice(web, "--now", text="""# Links
- [old](http://a.test/old) and [again](http://a.test/old#part)
- [temporary](http://a.test/temp), [gone](http://a.test/gone), [back](http://a.test/back)
- [login](http://a.test/login), [doi](http://doi.org/10.1000/182)
- [Plain](HTTP://A.test/plain#x) <http://a.test/plain> [not the same](http://a.test/other)
""", wanted="""# Links
- [old](http://b.test/new) and [again](http://b.test/new#part)
- [temporary](http://a.test/temp), [gone](http://a.test/gone), [back](http://a.test/back)
- [login](http://a.test/login), [doi](http://doi.org/10.1000/182)
- [Plain](https://A.test/plain#x) <https://a.test/plain> [not the same](http://a.test/other)
""")
        check_that("list.md:2:9: http://a.test/old -> http://b.test/new: The server redirects permanently" in run.stderr,
                   f"reasons: {run.stderr}")


def test_without_being_told_only_spellings():
    """No request is made, and a line says how to get more."""
    with Web(MOVING) as web:
        run = twice(web, text="[a](http://a.test/old) [b](b.test/new) [c](htps://b.test/new)\n",
                    wanted="[a](http://a.test/old) [b](b.test/new) [c](https://b.test/new)\n")
        check_that("--now" in run.stderr and "--database" in run.stderr, f"what to do for more: {run.stderr}")
        equal(web.log("request"), [], "requests")
        equal(fix(web, "-q", "list.md").stderr, "", "standard error with -q")


def test_what_may_be_a_file_is_no_host():
    with Web("") as web:
        web.write("a.md", "[a](Main.java) [b](model.pt) [c](notes.org) [d](notes.org#x) [e](a.org/x) "
                          "[f](Foo.app/Contents/Info.plist)\n")
        fix(web, "--write", "a.md")
        equal(read(web, "a.md"), b"[a](Main.java) [b](model.pt) [c](notes.org) [d](notes.org#x) "
                                 b"[e](https://a.org/x) [f](Foo.app/Contents/Info.plist)\n", "the file")


def test_forms_of_markdown():
    """Every syntax has its own escapes; what comes out is the target and nothing else."""
    target = "http://b.test/new?x=1&y=(2"
    with Web(MOVING) as web:
        twice(web, "--now", text="""
[a](http://a.test/old2 "title") [b](<http://a.test/old2>) <http://a.test/old2>
http://a.test/old2 (http://a.test/old2) **http://a.test/old2**. <a href=http://a.test/old2>x</a>
<img src='http://a.test/old2'> ![i](http://a.test/old2) [r] [s][r] [r][]

[![i](http://a.test/old2)](http://a.test/old2)

| table |
|-------|
| [a](http://a.test/old2) http://a.test/old2 |

> [r]: http://a.test/old2
""", wanted=f"""
[a](http://b.test/new?x=1&y=\\(2 "title") [b](<{target}>) <{target}>
{target} (<{target}>) **{target}**. <a href=http://b.test/new?x&#61;1&amp;y&#61;(2>x</a>
<img src='http://b.test/new?x=1&amp;y=(2'> ![i](http://b.test/new?x=1&y=\\(2) [r] [s][r] [r][]

[![i](http://b.test/new?x=1&y=\\(2)](http://b.test/new?x=1&y=\\(2)

| table |
|-------|
| [a](http://b.test/new?x=1&y=\\(2) {target} |

> [r]: http://b.test/new?x=1&y=\\(2
""")


def test_a_definition_is_written_once():
    """However often it is used; a hundred uses are one change."""
    uses = "".join(f"- [number {i}][d]\n" for i in range(100))
    with Web(MOVING) as web:
        run = twice(web, "--now", text=f"{uses}\n[d]: http://a.test/old\n", wanted=f"{uses}\n[d]: http://b.test/new\n")
        equal(len(run.stderr.splitlines()), 1, "places that are told")


def test_other_formats():
    with Web(MOVING) as web:
        twice(web, "--now", name="page.html",
              text="<a href=\"http://a.test/old2\">x</a>\r\n<a href = http://a.test/old >\r\n",
              wanted="<a href=\"http://b.test/new?x=1&amp;y=(2\">x</a>\r\n<a href = http://b.test/new >\r\n")
        twice(web, "--now", name="refs.bib", text="url = {http://a.test/old},\nnote = \"http://a.test/old\"\n",
              wanted="url = {http://b.test/new},\nnote = \"http://b.test/new\"\n")
        twice(web, "--now", name="list.csv", text="1,http://a.test/old\n2,\"http://a.test/old\",y\n",
              wanted="1,http://b.test/new\n2,\"http://b.test/new\",y\n")
        twice(web, "--now", name="cells.csv", text="1,http://a.test/old,x\n", wanted="1,http://b.test/new,x\n")
        twice(web, "--now", name="text.adoc", text="http://a.test/old[old] http://a.test/old\n",
              wanted="http://b.test/new[old] http://b.test/new\n")
        twice(web, "--now", name="paper.tex", text="\\href{http://a.test/old\\_3}{x} % http://a.test/old\n",
              wanted="\\href{http://b.test/new?x=1\\&y\\_z}{x} % http://a.test/old\n")
        web.write("half.tex", "\\url{http://a.test/old\\textbf{x}}\n")
        equal(fix(web, "--now", "half.tex").stdout, "", "a patch for half a URL")


def test_bytes_that_are_no_text():
    """CRLF, no line at the end, bytes that are no UTF-8, a name that needs quotes."""
    with Web(MOVING) as web:
        for name in ("a b.md", "\u00e4\"q\".md", "docs/deep/x.md", "-x.md"):
            twice(web, "--now", "--", name=name, text=b"\x80\xff\r\n\r\n[x](http://a.test/old)\r\n\xc3\n<http://a.test/old>",
                  wanted=b"\x80\xff\r\n\r\n[x](http://b.test/new)\r\n\xc3\n<http://b.test/new>")


def test_many_files_and_how_they_are_named():
    """A directory, a glob, an absolute path, one with ./ and a link: the patch names all of them from here."""
    with Web(MOVING) as web:
        for name in ("docs/a.md", "docs/b.md", "c.md", "d.md", "e/f.md"):
            web.write(name, "<http://a.test/old>\n")
        os.symlink("e/f.md", web.path("link.md"))
        run = fix(web, "--now", "docs", "./c.md", web.path("d.md"), "link.md")
        both_take(web, run, {name: b"<http://b.test/new>\n" for name in ("docs/a.md", "docs/b.md", "c.md", "d.md", "e/f.md")})
        web.write("c.md", "<http://a.test/old>\n")


def test_a_file_outside_of_the_directory():
    """git apply would refuse the whole patch for it: said before anybody is asked. With --write there is no patch."""
    with Web(MOVING) as web:
        for name in ("docs/a.md", "c.md"):
            web.write(name, "<http://a.test/old>\n")
        os.symlink("../c.md", web.path("docs/link.md"))
        docs = web.path("docs")
        web.write("docs/sub/b.md", "<http://a.test/old>\n")
        for name in ("../c.md", "..", "../*.md", web.path("c.md"), "link.md", "./../*.md", "sub/../../*.md",
                     web.path("*.md"), "../missing/*.md"):
            run = fix(web, "--now", "a.md", name, cwd=docs, status=3)
            run.one_line_error(name, "outside of this directory", "at the top of the tree", "--write", status=3)
            equal(run.stdout, "", "patch")
        equal(web.requests(), [], "requests")
        os.remove(web.path("docs/link.md"))
        inside = fix(web, "--now", "../docs/a.md", ".", web.path("docs/a.md"), web.path("docs/*.md"), "sub/../*.md", cwd=docs)
        check_that("+++ b/a.md" in inside.stdout, f"other names of what is here: {inside.stdout}")
        fix(web, "--now", "--write", "../c.md", cwd=docs)
        equal(read(web, "c.md"), b"<http://b.test/new>\n", "c.md")


def test_a_link_that_leads_outside_of_the_directory():
    """What a directory or a pattern brings is left out of the patch, which git takes; where nothing is wrong, nothing is said."""
    with Web(MOVING) as web:
        for name in ("other/o.md", "tree/docs/a.md", "tree/docs/z.md"):
            web.write(name, "<http://a.test/old>\n")
        web.write("other/fine.md", "<http://b.test/new>\n")
        os.symlink("../../other/o.md", web.path("tree/docs/m.md"))
        os.symlink("../../other/fine.md", web.path("tree/docs/n.md"))
        tree = web.path("tree")
        subprocess.run(["git", "init", "-q", "."], cwd=tree, check=True)
        for name in (".", "docs", "docs/*.md"):
            run = fix(web, "--now", name, cwd=tree, status=1)
            check_that("docs/m.md: leads outside of this directory" in run.stderr, run.stderr)
            check_that("n.md" not in run.stderr, run.stderr)
            equal(run.stdout.count("+++ b/"), 2, f"files in {run.stdout}")
        done = subprocess.run(["git", "apply"], cwd=tree, input=encoded(run.stdout), check=False)
        equal((done.returncode, read(web, "tree/docs/a.md"), read(web, "tree/docs/z.md"), read(web, "other/o.md")),
              (0, b"<http://b.test/new>\n", b"<http://b.test/new>\n", b"<http://a.test/old>\n"), "git apply")
        fix(web, "--now", "--write", ".", cwd=tree)
        equal(read(web, "other/o.md"), b"<http://b.test/new>\n", "what --write changes")


def test_git_takes_it_below_the_top():
    """Names count from the directory where fix was run, wherever the repository begins."""
    with Web(MOVING) as web:
        subprocess.run(["git", "init", "-q", "."], cwd=web.dir, check=True)
        web.write("docs/a.md", "<http://a.test/old>\n")
        run = fix(web, "--now", "a.md", cwd=web.path("docs"))
        done = subprocess.run(["git", "apply"], cwd=web.path("docs"), input=encoded(run.stdout), check=False)
        equal((done.returncode, read(web, "docs/a.md")), (0, b"<http://b.test/new>\n"), "git apply in docs/")


def test_what_would_break_the_document_stays():
    """A heading keeps its id; the neighbours are changed all the same."""
    with Web(MOVING) as web:
        run = twice(web, "--now", text="# About http://a.test/old\n\n<http://a.test/old>\n",
                    wanted="# About http://a.test/old\n\n<http://b.test/new>\n")
        check_that("left as it is" in run.stderr, f"said: {run.stderr}")
        run = twice(web, "--now", text="[a](http://joe:secret@a.test/old) [b](http://a.test/old)\n",
                    wanted="[a](http://joe:secret@a.test/old) [b](http://b.test/new)\n")
        check_that("secret" not in run.stderr, f"a password is never told: {run.stderr}")


def test_the_sentence_around_a_bare_url_stays():
    """GitHub takes marks of full width, quotes and square brackets for a part of it."""
    tails = ["\u3002", "\uff0c\u66f4\u591a\u5185\u5bb9\u3002", "\u201d and so on", "\u00bb", "]", "\uff09\u3002", "\u201d,"]
    changed = [0, 2, 3, 4, 5, 6]
    with Web("a.test /p ok\na.test /* status code=404") as web:
        text = "".join(f"{n} see http://a.test/p{tail}\n\n" for n, tail in enumerate(tails))
        wanted = "".join(f"{n} see {'<http://a.test/p>' if n in changed else 'http://a.test/p'}{tail}\n\n"
                         for n, tail in enumerate(tails))
        twice(web, "--now", text=text, wanted=wanted)


def test_excluded_links_and_marks():
    with Web(MOVING) as web:
        text = "<http://a.test/old>\n<!-- linkrotd-disable -->\n<http://a.test/plain>\n<!-- linkrotd-enable -->\n"
        web.write("list.md", text)
        equal(fix(web, "--now", "--exclude", "old", "list.md").stdout, "", "a patch")
        equal(fix(web, "--exclude", "htp", "-").stdout, "", "a patch of nothing")


def test_names_of_users_stay_and_are_not_told():
    """A name and a password in a link, however it is misspelt, stay where they are and come into no terminal."""
    spellings = ["http://http://user:pw@a.test/old", "http://https://user:pw@a.test/old", "htp://user:pw@a.test/old",
                 "https//user:pw@a.test/old", "//user:pw@a.test/old", "http://user:pw@a.test/old", "http:user:pw@a.test/old",
                 r"http:\\user:pw@a.test\old", "http:&#47;&#47;user:pw@a.test/old", "http:/user&#58;pw&#64;a.test/old"]
    markdown = "".join(f"- [x]({spelling})\n" for spelling in spellings).encode()
    page = "".join(f"<a href=\"{spelling}\">x</a>\n" for spelling in spellings).encode()
    with Web(MOVING) as web:
        web.write("a.md", markdown)
        web.write("a.html", page)
        for words in ([], ["--now"]):
            run = fix(web, *words, "a.md", "a.html")
            equal(run.stdout, "", "patch")
            for secret in ("pw", "user:", "user&"):
                check_that(secret not in run.stderr, f"{secret} in {run.stderr}")
            fix(web, "--write", *words, "a.md", "a.html")
            equal((read(web, "a.md"), read(web, "a.html")), (markdown, page), "documents")
        equal(run.stderr.count(": left as it is: it holds a user's name"), 2 * len(spellings), f"lines in {run.stderr}")


def test_a_history_is_believed_when_it_is_long_enough():
    """State moved needs three checks in two weeks; fix itself asks nobody and writes nothing."""
    with Web(MOVING) as web:
        web.write("list.md", "<http://a.test/old> <http://a.test/plain> <http://b.test/new>\n")
        for days in (0, 7):
            web.run(*QUICK, "--database", "links.db", "list.md", env=days_ahead(days))
        asked = len(web.log("request"))
        run = fix(web, "--database", "links.db", "list.md", env=days_ahead(7))
        check_that("+<http://a.test/old> <https://a.test/plain>" in run.stdout, f"after a week only https: {run.stdout}")
        equal(len(web.log("request")), asked, "requests of fix")
        web.run(*QUICK, "--database", "links.db", "list.md", env=days_ahead(15))
        before = read(web, "links.db")
        twice(web, "--database", "links.db", text="<http://a.test/old#x> <http://a.test/old> <http://a.test/plain>\n",
              wanted="<http://b.test/new#x> <http://b.test/new> <https://a.test/plain>\n")
        equal(read(web, "links.db"), before, "the database")
        web.write("linkrotd.yaml", f"contact: mailto:a@b.test\ndatabase: {web.path('links.db')}\n"
                                   "lists: [{name: l, sources: [list.md]}]\n")
        web.write("list.md", "<http://a.test/old>\n")
        check_that("+<http://b.test/new>" in fix(web, "-c", "linkrotd.yaml", "list.md").stdout, "by the configuration")


def test_archived_copies_when_asked():
    """With --now for what is broken; with a history for what is dead and is so still."""
    with Web(MOVING + ARCHIVE) as web:
        text = "<http://a.test/gone> <http://b.test/gone> <http://b.test/new>\n"
        web.write("list.md", text)
        equal(fix(web, "--now", "list.md").stdout, "", "a patch without --archived")
        for days in (0, 7, 14):
            equal(fix(web, "--archived", "--database", "links.db", "list.md").stdout if days else "", "", f"after {days} days")
            web.run(*QUICK, "--database", "links.db", "list.md", env=days_ahead(days))
        shutil.copy(web.path("list.md"), web.path("copy.md"))
        wanted = text.replace("http://a.test/gone", GONE_COPY)
        twice(web, "--now", "--archived", text=text, wanted=wanted)
        asked = len(web.requests("b.test", "/new"))
        twice(web, "--archived", "--database", "links.db", text=text, wanted=wanted)
        equal(len(web.requests("b.test", "/new")), asked, "requests for what is alive")
        fix(web, "--archived", "list.md", status=3)


def test_what_is_dead_and_came_back_is_no_longer():
    """A history that says dead is asked once more."""
    with Web("""
        a.test /gone status code=410 first=2
        a.test /gone ok title="Back"
    """ + ARCHIVE) as web:
        web.write("list.md", "<http://a.test/gone>\n")
        for days in (0, 7):
            web.run(*QUICK, "--database", "links.db", "list.md", env=days_ahead(days))
        equal(fix(web, "--archived", "--database", "links.db", "list.md").stdout, "", "a patch")
        equal(len(web.requests("a.test")), 3, "requests")


def test_standard_input_and_the_web():
    with Web(MOVING + """
        lists.test /raw/README.md raw type=text/markdown body="[x](http://a.test/old)"
    """) as web:
        run = fix(web, "--now", "-", text_in=b"[x](http://a.test/old)\n")
        equal(run.stdout, "--- a/stdin\n+++ b/stdin\n@@ -1 +1 @@\n-[x](http://a.test/old)\n+[x](http://b.test/new)\n", "a patch")
        run = fix(web, "--now", "http://lists.test/raw/README.md")
        check_that(run.stdout.startswith("--- a/lists.test/raw/README.md\n"), f"a patch: {run.stdout}")
        asked = len(web.requests("a.test"))
        fix(web, "http://lists.test/raw/README.md")
        equal(len(web.requests("a.test")), asked, "without --now only the list itself is fetched")
        for word in ("-", "http://lists.test/raw/README.md"):
            fix(web, "--write", word, status=3).one_line_error("--write", status=3)


def test_write():
    """In place, through a link, with its mode; twice is once."""
    with Web(MOVING) as web:
        web.write("real/list.md", "<http://a.test/old> <http://a.test/plain>\n")
        os.chmod(web.path("real/list.md"), 0o640)
        os.symlink("real/list.md", web.path("list.md"))
        run = fix(web, "--now", "--write", "list.md")
        equal(run.stdout, "list.md: 2 links rewritten\n", "said")
        equal(read(web, "real/list.md"), b"<http://b.test/new> <https://a.test/plain>\n", "the file")
        check_that(os.path.islink(web.path("list.md")), "the link is still one")
        equal(stat.S_IMODE(os.stat(web.path("real/list.md")).st_mode), 0o640, "mode")
        equal(sorted(os.listdir(web.path("real"))), ["list.md"], "no other file is left")
        equal(fix(web, "--now", "--write", "list.md").stdout, "", "a second time")


def test_write_keeps_the_owner():
    if os.geteuid() != 0:
        return
    with Web(MOVING) as web:
        web.write("list.md", "<http://a.test/old>\n")
        os.chown(web.path("list.md"), 1234, 4321)
        fix(web, "--now", "--write", "list.md")
        found = os.stat(web.path("list.md"))
        equal((found.st_uid, found.st_gid), (1234, 4321), "owner")


def test_write_refuses_what_is_not_to_be_written():
    """The others are written all the same; the status says that one was not."""
    with Web(MOVING) as web:
        web.write("a.md", "<http://a.test/old>\n")
        web.write("b.md", "<http://a.test/old>\n")
        os.chmod(web.path("a.md"), 0o444)
        run = fix(web, "--now", "--write", "a.md", "b.md", status=1)
        check_that("a.md: may not be written" in run.stderr, f"said: {run.stderr}")
        equal((read(web, "a.md"), read(web, "b.md")), (b"<http://a.test/old>\n", b"<http://b.test/new>\n"), "files")


def test_a_file_that_changes_meanwhile_is_left_alone():
    with Web("""
        a.test /old  redirect code=301 to=http://b.test/new
        b.test /new  ok title="New" delay=1
    """) as web:
        for runs, word in ((1, "--write"), (2, "--no-progress")):
            web.write("list.md", "<http://a.test/old>\n")
            began = time.monotonic()
            process = start("fix", *web.options(), *QUICK, "--now", word, "list.md", cwd=web.dir)
            web.wait_for(lambda log, runs=runs: len([e for e in log if e["event"] == "request" and e["host"] == "b.test"]) == runs)
            web.write("list.md", "<http://a.test/old> and more\n")
            run = finish(process, began)
            equal((run.status, run.stdout), (1, ""), f"{word}: {run.stderr}")
            check_that("list.md: has changed" in run.stderr, f"said: {run.stderr}")
            equal(read(web, "list.md"), b"<http://a.test/old> and more\n", "the file")


def test_an_interrupt_changes_nothing():
    with Web("""
        a.test /old   redirect code=301 to=http://b.test/new
        b.test /new   ok title="New"
        a.test /slow  hang
    """) as web:
        text = b"<http://a.test/old> <http://a.test/slow> <htps://b.test/x>\n"
        for word in ("--write", "--no-progress"):
            web.write("list.md", text)
            began = time.monotonic()
            before = len(web.requests("a.test", "/slow"))
            process = start("fix", *web.options(), *QUICK, "--now", word, "list.md", cwd=web.dir)
            web.wait_for(lambda _, before=before: len(web.requests("a.test", "/slow")) > before)
            web.interrupt(process)
            run = finish(process, began)
            equal((run.status, run.stdout, read(web, "list.md")), (1, "", text), f"{word}: {run.stderr}")


def test_an_outage_of_our_own_proposes_nothing():
    """Nobody answers: the run doubts itself."""
    with Web("host * dns=silent\n") as web:
        text = "".join(f"- <http://h{i}.test/x>\n" for i in range(12))
        web.write("list.md", text)
        run = web.run(*QUICK, "--timeout", "1s", "--now", "--archived", "list.md", command="fix")
        equal((run.status, run.stdout), (1, ""), f"said: {run.stderr}")


def test_a_full_disk_leaves_the_file_whole():
    with Web(MOVING) as web:
        if os.geteuid() != 0 or not hasattr(os, "mount") and shutil.which("mount") is None:
            return
        os.mkdir(web.path("small"))
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", web.path("small")],
                          capture_output=True, check=False).returncode != 0:
            return
        try:
            text = b"<http://a.test/old>\n" + b"x" * 40000
            web.write("small/list.md", text)
            run = fix(web, "--now", "--write", "small/list.md", status=1)
            check_that("No space left" in run.stderr, f"said: {run.stderr}")
            equal((read(web, "small/list.md"), os.listdir(web.path("small"))), (text, ["list.md"]), "the file")
        finally:
            subprocess.run(["umount", web.path("small")], check=True)


def test_the_sentence_around_a_bare_url():
    """Marks and brackets that a bare URL takes along belong to the sentence; where it has swallowed more, it stays."""
    with Web("lab.test /p7 ok\n") as web:
        text = "参见 http://lab.test/p7。\n\n参见 http://lab.test/p7，更多内容在后面。\n\n（见 http://lab.test/p7）\n\n" \
            "“http://lab.test/p7” and «http://lab.test/p7» and “see http://lab.test/p7,” he said\n\n" \
            "(see http://lab.test/p7）。\n"
        web.write("zh.md", text)
        fix(web, "--now", "--write", "zh.md")
        wanted = re.sub("http://lab.test/p7(?!，)", "<http://lab.test/p7>", text)
        equal(read(web, "zh.md").decode(), wanted, "the document")
        report = web.run(*QUICK, "--format", "json", "zh.md").parse()
        equal([link["suggestion"] for link in report.links if link["outcome"] == "broken"], [None], "the one that stays")


def test_options_that_do_not_go_together():
    with Web(MOVING) as web:
        web.write("list.md", "<http://a.test/old>\n")
        for words in (["--write", "--output", "p"], ["--archived"], ["--database", "x", "-c", "y"], ["--suggest"],
                      ["--database", "d", "--now", "-o", "d"]):
            run = program("fix", *words, "list.md", cwd=web.dir)
            equal((run.status, run.stdout), (3, ""), f"{words}: {run.stderr}")
        equal(program("fix", cwd=web.dir).status, 3, "no input")
        equal(program("fix", "nothing.md", cwd=web.dir).status, 1, "an input that is not there")
        web.write("empty.md", "no links\n")
        equal(program("fix", "empty.md", cwd=web.dir).status, 0, "a document without links")
        equal(program("fix", "--database", "none.db", "list.md", cwd=web.dir).status, 1, "a database that is not there")
        fix(web, "--now", "-o", "p", "list.md")
        check_that(read(web, "p").startswith(b"--- a/list.md\n"), "the patch in a file")


def test_help():
    run = program("fix", "--help")
    check_that(run.status == 0 and "--now" in run.stdout and "--suggest" not in run.stdout, run.stdout)
