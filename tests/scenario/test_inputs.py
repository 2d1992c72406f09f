"""Where links come from: files, directories, globs, standard input, addresses; and what is wrong with some."""

import os
import json

from harness import POWERLESS, QUICK, Web, check_that, equal, program


def extract(*words, **more):
    run = program("extract", "--format", "json", *words, **more)
    equal(run.status, 0, f"exit status (standard error: {run.stderr[:200]!r})")
    return json.loads(run.stdout)


def test_places_are_exact():
    with Web("") as web:
        web.write("a.md", "# Top\n\nText [one](http://a.test/1) and <http://a.test/2>.\n\n"
                          "* ä [two *words*](<http://a.test/3> \"title\")\n\n[ref]: http://a.test/4\n\nSee [ref].\n\n"
                          "[unused]: http://a.test/5\n\n`http://a.test/6`\n\n<!-- http://a.test/7 -->\n\n"
                          "http://a.test/8\n![image](pic.png)\n<a href=\"http://a.test/9\">nine</a>\n")
        web.write("pic.png", "")
        report = extract("a.md", cwd=web.dir)
        equal(report["schema"], 1, "schema")
        found = [(link["url"], link["kind"], o["line"], o["column"], o["text"])
                 for link in report["links"] for o in link["occurrences"]]
        equal(found, [
            ("http://a.test/1", "http", 3, 12, "one"),
            ("http://a.test/2", "http", 3, 34, "http://a.test/2"),
            ("http://a.test/3", "http", 5, 21, "two words"),
            ("http://a.test/4", "http", 7, 8, "ref"),
            ("http://a.test/8", "http", 17, 1, "http://a.test/8"),
            ("pic.png", "file", 18, 10, "image"),
            ("http://a.test/9", "http", 19, 10, "nine"),
        ], "links")


def test_extract_for_people():
    """One line a place, as compilers write it."""
    with Web("") as web:
        web.write("a.md", "[one](http://a.test/1)\n\n[two](http://a.test/2) [again](http://a.test/1)\n")
        run = program("extract", "a.md", cwd=web.dir)
        equal(run.status, 0, "exit status")
        for place in ("a.md:1:7", "a.md:3:7", "a.md:3:32"):
            check_that(place in run.stdout, f"{place} in {run.stdout!r}")
        program("extract", "missing.md", cwd=web.dir).one_line_error("missing.md", status=1)


def test_a_list_is_not_overwritten_by_what_is_said_of_it():
    with Web("") as web:
        web.write("docs/a.md", "[x](htp://a.test/x)\n")
        os.symlink("docs/a.md", web.path("other.md"))
        for command in (["extract"], ["check", "--offline"], ["fix"]):
            for output, source in (("docs/a.md", "docs/a.md"), ("docs/a.md", "docs"), ("other.md", "docs/*.md"),
                                   ("./docs/a.md", "other.md")):
                run = program(*command, "-o", output, source, cwd=web.dir)
                run.one_line_error(f"--output {output}", "is also an input", status=3)
                with open(web.path("docs/a.md"), encoding="utf-8") as file:
                    equal(file.read(), "[x](htp://a.test/x)\n", f"the list after {command[0]}")
        run = program("extract", "-o", "docs/out.txt", "docs", cwd=web.dir)
        equal((run.status, run.stdout), (0, ""), "an output beside the list")
        # Standard output is no file of that name.
        web.write("-", "http://a.test/y\n")
        run = program("extract", "-o", "-", "./-", cwd=web.dir)
        equal(run.status, 0, f"standard output (standard error: {run.stderr[:200]!r})")


def test_marks_that_switch_off():
    with Web("") as web:
        web.write("a.md", "http://a.test/1\n\n<!-- linkrotd-disable -->\n\nhttp://a.test/2\n\n"
                          "<!-- linkrotd-enable -->\n\nhttp://a.test/3\n\n"
                          "<!-- linkrotd-disable-next-line -->\nhttp://a.test/4\nhttp://a.test/5\n\n"
                          "<!-- markdown-link-check-disable -->\n\nhttp://a.test/6\n\n"
                          "<!-- markdown-link-check-enable -->\n")
        equal([link["url"] for link in extract("a.md", cwd=web.dir)["links"]],
              ["http://a.test/1", "http://a.test/3", "http://a.test/5"], "links")


def test_files_directories_and_globs():
    with Web("") as web:
        for name in ("one.md", "two.html", "three.txt", "sub/four.md", "sub/deep/five.md", ".hidden/six.md",
                     "node_modules/seven.md", "photo.bin"):
            text = f"<a href=\"http://a.test/{name}\">x</a>\n" if name.endswith("html") else f"http://a.test/{name}\n"
            web.write(f"tree/{name}", text)

        def sources(*words):
            report = extract(*words, cwd=web.dir)
            return sorted({o["source"] for link in report["links"] for o in link["occurrences"]})

        equal(sources("tree"), ["tree/one.md", "tree/sub/deep/five.md", "tree/sub/four.md", "tree/three.txt",
                                "tree/two.html"], "files of a directory")
        equal(sources("tree/*.md"), ["tree/one.md"], "files of a glob")
        equal(sources("tree/one.md", "tree/two.html"), ["tree/one.md", "tree/two.html"], "files by name")


def test_what_the_disk_cannot_tell():
    """GitHub shows a README at /OWNER/REPO/blob/BRANCH/, and people link from there."""
    with Web("") as web:
        web.write("top/.git/HEAD", "ref: refs/heads/main\n")
        web.write("top/docs/a.md", "[i](../../../issues) [r](../../README.md) [m](../../main/x.md) [h](../b.md)\n")
        web.write("top/b.md", "x\n")
        run = program("check", "--offline", "--format", "json", "top/docs", cwd=web.dir)
        equal(run.status, 2, "exit status")
        found = {link["url"]: link for link in json.loads(run.stdout)["links"]}
        equal({url: (link["outcome"], link["reason"]) for url, link in found.items()},
              {"../../../issues": ("skipped", "excluded"), "../../README.md": ("broken", "missing_file"),
               "../../main/x.md": ("skipped", "excluded"), "../b.md": ("ok", "ok")}, "outcomes")
        check_that("repository" in found["../../../issues"]["error"], found["../../../issues"]["error"])


def test_the_top_of_a_site():
    """A built site stands in a directory of its own; GitHub shows Markdown from the top of the work tree."""
    page = "".join(f"<a href='{path}'>x</a>" for path in ("/css/a.css", "/about/", "/", "/nope/", "/etc/passwd"))
    with Web("") as web:
        for top in ("plain/site", "tree/site"):
            web.write(f"{top}/about/i.html", page)
            web.write(f"{top}/css/a.css", "x")
        web.write("tree/.git/HEAD", "ref: refs/heads/main\n")
        web.write("tree/site/a.md", "[a](/css/a.css) [b](/site/css/a.css)\n")
        web.write("etc/passwd", "above the work tree\n")

        def missing(where, *words):
            run = program("check", "--offline", "--format", "json", *words, cwd=web.path(where))
            return {link["url"] for link in json.loads(run.stdout)["links"] if link["reason"] == "missing_file"}

        nowhere = {"/nope/", "/etc/passwd"}
        for where, name in (("plain", "site"), ("plain/site", "."), ("plain/site/about", "../about/i.html"),
                            ("plain/site", "about/i.html"), ("tree/site/about", "i.html"), ("tree", web.path("tree/site/about")), ("tree/site", "about"),
                            (".", "tree/site/about/i.html")):
            equal(missing(where, name), nowhere, f"{name} in {where}")
        equal(missing("tree", "site/a.md"), {"/css/a.css"}, "Markdown")


def test_relative_paths_count_from_the_base():
    with Web("") as web:
        web.write("d/i.html", "<base href='sub%20x/?y'><a href=a.html>x</a>"
                              "<a href=b.html>x</a><a href='#z' id=z>x</a>\n")
        web.write("d/sub x/a.html", "x\n")
        web.write("d/b.html", "x\n")
        web.write("d/j.html", "<base href='/'><a href=b.html>x</a>\n")
        run = program("check", "--offline", "--format", "json", "d/i.html", "d/j.html", cwd=web.dir)
        equal([(link["url"], link["reason"], len(link["occurrences"])) for link in json.loads(run.stdout)["links"]],
              [("a.html", "ok", 1), ("b.html", "missing_file", 1), ("#z", "ok", 1), ("b.html", "ok", 1)], "links")


def test_standard_input():
    with Web("a.test /* ok") as web:
        run = web.run(*QUICK, "--format", "json", "-", text_in=b"see http://a.test/x and http://a.test/y\n").parse()
        run.expect("""
            http://a.test/x ok ok
            http://a.test/y ok ok
        """, status=0)
        equal(run.link("http://a.test/x")["occurrences"][0]["column"], 5, "column")


def test_standard_input_is_html_where_it_begins_like_html():
    links = b'<p id="a">\n\n    <a href="http://a.test/in_code">x</a>\n\n[y](http://a.test/inline)'
    for head, urls in {
            b"<!DOCTYPE html>\n": ["http://a.test/in_code"],
            b"\xef\xbb\xbf\n <!-- a --> <!-- b --><HTML lang=en>\n": ["http://a.test/in_code"],
            b"<?xml version='1.0'?><html>": ["http://a.test/in_code"],
            b"": ["http://a.test/inline"],
            b"<!-- html -->\n": ["http://a.test/inline"],
            b"<header>\n": ["http://a.test/inline"],
            b"<!-- <html>\n": []}.items():
        run = program("extract", "--format", "json", "-", text_in=head + links)
        equal([link["url"] for link in json.loads(run.stdout)["links"]], urls, f"links behind {head}")


def test_an_address_as_input():
    """A list on the web is fetched with the same care, and its relative links are its own."""
    with Web("""
        lists.test /list.html ok body="<a href=\\"/rel\\">r</a> <a href=\\"http://a.test/abs\\">a</a>"
        lists.test /raw/README.md raw type=text/markdown body="[x](http://a.test/md) [y](#nowhere) [z](#readme)"
        lists.test /rel       ok
        lists.test /gone.md   status code=404
        a.test     /*         ok
    """) as web:
        run = web.run(*QUICK, "--format", "json", "http://lists.test/list.html").parse()
        run.expect("""
            http://lists.test/rel  ok  ok
            http://a.test/abs      ok  ok
        """, status=0)
        equal(run.report["inputs"], ["http://lists.test/list.html"], "inputs")
        equal(run.link("http://a.test/abs")["occurrences"][0]["source"], "http://lists.test/list.html", "source")
        run = web.run(*QUICK, "--format", "json", "http://lists.test/raw/README.md").parse()
        equal({link["url"]: (link["kind"], link["reason"]) for link in run.links},
              {"http://a.test/md": ("http", "ok"), "#nowhere": ("anchor", "missing_anchor"), "#readme": ("anchor", "ok")},
              "links of a Markdown page")
        web.run(*QUICK, "http://lists.test/gone.md").one_line_error("http://lists.test/gone.md", status=1)


def test_a_page_in_place_of_a_list_is_none():
    """A bot wall, a login, an error and the front page have links, too: nothing would be looked at, and all be well."""
    with Web("""
        lists.test /wall.md    challenge kind=cloudflare code=200
        lists.test /private.md redirect code=302 to=/users/sign_in
        lists.test /users/sign_in raw type=text/html body="<title>Sign in</title><input type=password><a href=/explore>x</a>"
        lists.test /gone.md    raw type=text/html body="<title>404 Not Found</title><h1>Not Found</h1><a href=/>Home</a>"
        lists.test /a/old.md   redirect code=301 to=/
        lists.test /           ok title="Home" body="<a href=/rel>r</a>"
        lists.test /rel        ok
    """) as web:
        for path, words in {"wall.md": ["challenge"], "private.md": ["challenge", "login"], "gone.md": ["soft_404"],
                            "a/old.md": ["front page", "name it instead"]}.items():
            web.run(*QUICK, "http://lists.test/" + path).one_line_error("http://lists.test/" + path, *words, status=1)
        equal(web.run(*QUICK, "http://lists.test/").status, 0, "the front page by its name")


def test_an_address_is_what_its_server_sends():
    """A forge shows a page at an address that ends in .md; a plain server calls any file HTML."""
    body = '"<!doctype html><a href=\\"http://a.test/page\\">x</a> [y](http://a.test/md)"'
    with Web(f"""
        lists.test /blob/README.md raw type=text/html body={body}
        lists.test /blob/a.txt     raw type=application/xhtml+xml body={body}
        lists.test /raw/README.md  raw type=text/html body="# T [y](http://a.test/md)"
        lists.test /html.md        raw type=text/plain body={body}
        lists.test /x              raw type=text/x-markdown body="[y](http://a.test/md)"
        a.test     /*              ok
    """) as web:
        for path, urls in {"blob/README.md": ["page"], "blob/a.txt": ["page"], "raw/README.md": ["md"],
                           "html.md": ["page", "md"], "x": ["md"]}.items():
            run = web.run(*QUICK, "--format", "json", "http://lists.test/" + path).parse()
            equal([link["url"] for link in run.links], ["http://a.test/" + url for url in urls], path)


def test_several_inputs_share_a_link():
    with Web("a.test /* ok") as web:
        web.write("one.md", "[first](http://a.test/x)\n")
        web.write("two.md", "\n\n[again](http://a.test/x)\n")
        run = web.run(*QUICK, "--format", "json", "one.md", "two.md").parse()
        equal(len(web.requests()), 1, "requests")
        places = [(o["source"], o["line"], o["column"]) for o in run.links[0]["occurrences"]]
        equal(places, [("one.md", 1, 9), ("two.md", 3, 9)], "occurrences")
        equal(run.report["inputs"], ["one.md", "two.md"], "inputs")


def test_bad_inputs():
    """One line that names the file; exit status 1; nothing printed, nothing asked."""
    with Web("a.test / ok") as web:
        web.write("binary.md", b"\x00\x01\x02" * 100)
        web.write("noread.md", "http://a.test/\n")
        os.makedirs(web.path("void"))
        for name in ("missing.md", "binary.md", "no*match.md"):
            web.run(*QUICK, name).one_line_error(name, status=1)
        if os.geteuid() != 0:
            os.chmod(web.path("noread.md"), 0)
            web.run(*QUICK, "noread.md").one_line_error("noread.md", status=1)
        web.run(*QUICK, "void").one_line_error("void", status=1)
        equal(web.log(), [], "what the web saw")


def test_documents_without_links():
    """Nothing failed: there is a report of nothing, in every format, and the next step of a job finds its file. A page
    without links may be a wall before the list, and is an error."""
    with Web("lists.test /bare.md ok body=words\n") as web:
        web.write("empty.md", "")
        web.write("nolinks.md", "# Only words\n")
        for inputs in (["empty.md"], ["nolinks.md"], ["empty.md", "nolinks.md"]):
            for offline in ([], ["--offline"]):
                run = web.run(*QUICK, *offline, "--format", "json", *inputs).parse()
                equal((run.status, run.links, run.report["summary"]["links"]), (0, [], 0), f"{inputs} {offline}")
                check_that(run.stderr.startswith(f"linkrotd: {inputs[0]}") and "no links found" in run.stderr
                           and run.stderr.count("\n") == 1, run.stderr)
        for name, word in (("junit", 'tests="0"'), ("sarif", '"results": []'), ("html", "No links found."), ("csv", '"source"')):
            run = web.run(*QUICK, "--format", name, "-o", "report", "empty.md")
            equal((run.status, run.stdout), (0, ""), name)
            with open(web.path("report"), encoding="utf-8") as file:
                check_that(word in file.read(), f"{word} in {name}")
        quiet = web.run(*QUICK, "--format", "text", "--quiet", "empty.md")
        equal((quiet.status, quiet.stdout, quiet.stderr), (0, "", ""), "quiet")
        text = web.run(*QUICK, "--format", "text", "empty.md")
        equal((text.status, text.stdout, text.stderr), (0, "No links found in 1 input.\n", ""), "text")
        equal(web.log(), [], "what the web saw")
        web.run(*QUICK, "http://lists.test/bare.md").one_line_error("http://lists.test/bare.md", "no links found", status=1)


def test_a_directory_that_cannot_be_listed():
    """It is named, and the others are checked all the same."""
    with Web("a.test /* ok") as web:
        for name in ("a", "b/b", "closed/c", "d/d"):
            web.write(f"docs/{name}.md", f"<http://a.test/{name[-1]}>\n")
        os.chmod(web.path("docs/closed"), 0)
        try:
            for inputs in ("docs", "docs/*", "docs/**/*.md"):
                run = web.run(*QUICK, "--format", "json", inputs, prefix=POWERLESS).parse()
                equal(sorted(link["url"] for link in run.links), [f"http://a.test/{name}" for name in "abd"], f"links of {inputs}")
                equal((run.status, run.stderr), (1, "linkrotd: docs/closed: cannot be listed: Permission denied\n"), inputs)
            run = web.run(*QUICK, "--exclude-path", "/closed/", "docs", prefix=POWERLESS)
            equal((run.status, run.stderr), (0, ""), "one that nobody wants")
            run = program("extract", "docs/*/*.md", cwd=web.dir, prefix=POWERLESS)
            equal((run.status, run.stdout.count("http:")), (1, 2), f"extract: {run.stderr}")
            os.chmod(web.path("docs/closed"), 0o644)
            for inputs in ("docs", "docs/**/*.md"):
                run = web.run(*QUICK, inputs, prefix=POWERLESS)
                equal((run.status, run.stderr.count("\n")), (1, 1), run.stderr)
                check_that("docs/closed/c.md" in run.stderr and "Permission denied" in run.stderr, run.stderr)
        finally:
            os.chmod(web.path("docs/closed"), 0o755)


def test_odd_bytes_are_no_obstacle():
    """Invalid UTF-8, CRLF, a byte order mark, very long lines, deep nesting."""
    with Web("a.test /* ok") as web:
        web.write("odd.md", b"\xef\xbb\xbf[bom](http://a.test/1)\r\n\r\n\xff\xfe [bad](http://a.test/2) \xc3\r\n\r\n"
                  + b"x" * 200_000 + b" <http://a.test/3>\n\n" + b"> " * 2000 + b"[deep](http://a.test/4)\n\n"
                  + b"[" * 20_000 + b"\n\n<http://a.test/5>\n")
        run = web.run(*QUICK, "--format", "json", "odd.md", seconds_max=20).parse()
        for number in (1, 2, 3, 5):
            equal(run.link(f"http://a.test/{number}")["outcome"], "ok", f"link {number}")
        equal(run.link("http://a.test/1")["occurrences"][0]["line"], 1, "line behind a byte order mark")
        equal(run.link("http://a.test/2")["occurrences"][0]["column"], 10, "column counts bytes")


def test_urls_that_are_none():
    with Web("a.test /* ok") as web:
        run = web.check("[a](http://) [b](http://a.test:99999/) [c](http://exa%20mple/) [d](ftp://a.test/x) "
                        "[e](tel:+1) [f](javascript:void(0)) [g](www.example.org/x)\n")
        run.expect("""
            http://                broken   bad_url
            http://a.test:99999/   broken   bad_url
            http://exa%20mple/     broken   bad_url
            ftp://a.test/x         skipped  unsupported_scheme
            tel:+1                 skipped  unsupported_scheme
            javascript:void(0)     skipped  unsupported_scheme
            www.example.org/x      broken   missing_scheme
        """)
        equal(web.requests(), [], "requests")
