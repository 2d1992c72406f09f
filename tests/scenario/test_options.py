"""What each option promises."""

from harness import QUICK, Web, check_that, equal, program

EACH = """
    a.test /ok     ok
    a.test /moved  redirect code=301 to=/elsewhere
    a.test /elsewhere ok
    a.test /broken status code=404
    a.test /unreachable status code=500
    a.test /gated  status code=403
"""


def test_exit_status():
    with Web(EACH) as web:
        for path, options, status in (
                ("ok", [], 0), ("moved", [], 0), ("gated", [], 0), ("broken", [], 2), ("unreachable", [], 2),
                ("moved", ["--fail-on", "moved"], 2), ("gated", ["--fail-on", "moved,gated"], 2),
                ("broken", ["--fail-on", "gated"], 0), ("unreachable", ["--fail-on", "broken"], 0)):
            run = web.check([f"http://a.test/{path}"], *options)
            equal(run.status, status, f"exit status for /{path} with {options}")


def test_accept():
    with Web(EACH + "a.test /206 ok code=206\na.test /204 no-body code=204\n") as web:
        web.judge("""
            http://a.test/ok      ok      ok
            http://a.test/204     ok      ok
            http://a.test/gated   ok      ok
            http://a.test/broken  broken  http_404
        """, "--accept", "200..=204,403")
        web.judge("http://a.test/broken ok ok", "--accept", "200,404", status=0)


def test_include_and_exclude():
    with Web("a.test /* ok\nb.test /* ok") as web:
        urls = ["http://a.test/1", "http://a.test/2", "http://b.test/1"]
        web.check(urls, "--exclude", "/2$", "--exclude", "^http://b\\.").expect("""
            http://a.test/1  ok       ok
            http://a.test/2  skipped  excluded
            http://b.test/1  skipped  excluded
        """, status=0)
        equal([entry["host"] + entry["path"] for entry in web.requests()], ["a.test/1"], "requests")
        equal([entry["name"] for entry in web.log("dns")].count("b.test"), 0, "questions about an excluded host")
        web.check(urls, "--exclude", "a\\.test", "--include", "/2$").expect("""
            http://a.test/1  skipped  excluded
            http://a.test/2  ok       ok
            http://b.test/1  ok       ok
        """)


def test_exclude_path():
    with Web("a.test /* ok") as web:
        web.write("docs/keep.md", "<http://a.test/keep>\n")
        web.write("docs/vendor/drop.md", "<http://a.test/drop>\n")
        run = web.run(*QUICK, "--exclude-path", "vendor/", "--format", "json", "docs").parse()
        equal([link["url"] for link in run.links], ["http://a.test/keep"], "links")


def test_offline():
    """Static findings only: not a packet leaves."""
    with Web("a.test /* ok") as web:
        web.write("other.md", "# There\n")
        run = web.check("# Here\n[a](http://a.test/x) [b](#here) [c](#gone) [d](other.md) [e](nowhere.md) "
                        "[f](other.md#there) [g](other.md#gone) [h](example.org/page) [i](mailto:a@a.test)\n",
                        "--offline")
        run.expect("""
            http://a.test/x   skipped  offline
            #here             ok       ok
            #gone             broken   missing_anchor
            other.md          ok       ok
            nowhere.md        broken   missing_file
            other.md#there    ok       ok
            other.md#gone     broken   missing_anchor
            example.org/page  broken   missing_scheme
            mailto:a@a.test   skipped  unsupported_scheme
        """, status=2)
        equal(run.link("example.org/page")["suggestion"]["url"], "https://example.org/page", "suggestion")
        equal(web.log(), [], "what the web saw")


def test_anchors_of_documents():
    """GitHub's, those that headings name themselves, and a README's own."""
    with Web("") as web:
        for name in ("README.md", "readme.zh.md", "other.md"):
            web.write(name, "# ![logo](http://a.test/x.png) A Title\n\n## Own {#own}\n\n[top](#readme)\n")
        web.write("list.md", "[a](README.md#readme) [b](other.md#readme) [c](other.md#own) [d](other.md#own-own) "
                             "[e](other.md#-a-title) [f](other.md#a-title) [g](other.md#logo-a-title)\n")
        for name, reason in (("README.md", "ok"), ("readme.zh.md", "ok"), ("other.md", "missing_anchor")):
            run = web.run(*QUICK, "--offline", "--format", "json", name).parse()
            equal(run.link("#readme")["reason"], reason, f"#readme of {name}")
        run = web.run(*QUICK, "--offline", "--format", "json", "list.md").parse()
        run.expect("""
            README.md#readme       ok      ok
            other.md#readme        broken  missing_anchor
            other.md#own           ok      ok
            other.md#own-own       ok      ok
            other.md#-a-title      ok      ok
            other.md#a-title       broken  missing_anchor
            other.md#logo-a-title  broken  missing_anchor
        """, status=2)


def test_headers_and_user_agent():
    with Web("a.test /* ok") as web:
        web.check(["http://a.test/1"])
        agent = web.requests()[0]["headers"]["user-agent"]
        check_that(agent.startswith("linkrotd/"), f"user agent {agent!r}")
        web.check(["http://a.test/2"], "-u", "Somebody/1.0 (+https://example.org)", "-H", "X-One: 1",
                  "-H", "Accept-Language: de")
        headers = web.requests(path="/2")[0]["headers"]
        equal(headers["user-agent"], "Somebody/1.0 (+https://example.org)", "user agent")
        equal((headers.get("x-one"), headers.get("accept-language")), ("1", "de"), "headers")
        check_that("referer" not in headers, "no Referer is sent")


def test_the_request_keeps_the_spelling():
    """Identity is canonical, the request is as written."""
    with Web("a.test /* ok") as web:
        web.check(["http://a.test/%7euser/a%2fb?b=2&a=1&utm_source=x#frag"])
        equal(web.requests()[0]["path"], "/%7euser/a%2fb?b=2&a=1&utm_source=x", "request target")


def test_timeout():
    with Web("a.test /slow ok delay=1.5\na.test /fast ok") as web:
        web.judge("""
            http://a.test/slow  unreachable  timeout
            http://a.test/fast  ok           ok
        """, "-t", "500ms")
        web.judge("http://a.test/slow ok ok", "--timeout", "4s")


def test_max_concurrency():
    with Web("* /* ok delay=0.05\n" + "".join(f"host h{n}.test\n" for n in range(12))) as web:
        web.check([f"http://h{n}.test/{m}" for n in range(12) for m in range(2)], "--max-concurrency", "3")
        active = most = 0
        for entry in web.log():
            active += {"request": 1, "done": -1}.get(entry["event"], 0)
            most = max(most, active)
        check_that(2 <= most <= 3, f"{most} requests at a time")


def test_proxies_of_the_environment_are_not_used():
    with Web("a.test / ok") as web:
        web.judge("http://a.test/ ok ok", env={"http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"})


def test_quiet_and_verbose():
    with Web(EACH) as web:
        web.write("good.md", "<http://a.test/ok>\n")
        web.write("bad.md", "<http://a.test/broken> <http://a.test/ok>\n")
        equal(web.run(*QUICK, "-q", "good.md").stdout, "", "quiet output where all is well")
        out = web.run(*QUICK, "-q", "bad.md").stdout
        check_that("http://a.test/broken" in out and "http://a.test/ok" not in out, f"quiet output {out!r}")
        check_that("http://a.test/ok" in web.run(*QUICK, "-v", "good.md").stdout, "verbose output lists good links")


BAD_OPTIONS = [
    (["--exclude", "("], "--exclude"), (["--include", "[a"], "--include"),
    (["--timeout", "soon"], "soon"), (["--timeout", "5"], "--timeout"), (["--host-request-interval", "-1s"], "-1s"),
    (["--max-retries", "x"], "--max-retries"), (["--max-concurrency", "0"], "--max-concurrency"),
    (["--max-concurency", "3"], "--max-concurrency"), (["--nonsense"], "--nonsense"), (["-Z"], "-Z"),
    (["--fail-on", "dead"], "dead"), (["--accept", "20x"], "20x"), (["--format", "yaml"], "yaml"),
    (["--header", "no colon"], "no colon"), (["--resolver", "not-an-address"], "not-an-address"),
    (["--connect-to", "a:b"], "a:b"), (["--allow-address", "10.0.0.0/99"], "10.0.0.0/99"),
    (["-q", "-v"], "verbose"),
    (["--offline", "--suggest"], "--suggest"),
]


def test_bad_options():
    """One line that names it, exit status 3, nothing on standard output."""
    with Web("a.test / ok") as web:
        web.write("list.md", "<http://a.test/>\n")
        misses = []
        for words, name in BAD_OPTIONS:
            try:
                program("check", *words, "list.md", cwd=web.dir).one_line_error(name, status=3)
            except AssertionError as error:
                misses.append(f"{' '.join(words)}: {error}")
        check_that(not misses, "\n    ".join(misses))
        run = web.run("--cacert", "/nonexistent.pem", "list.md")
        check_that(run.status in (1, 3) and "/nonexistent.pem" in run.stderr, f"{run.status}, {run.stderr!r}")
        equal(web.log(), [], "what the web saw")


def test_no_input_and_no_command():
    equal(program("check").status, 3, "exit status without an input")
    check_that(program("check").stderr.strip(), "says what is missing")
    equal(program().status, 3, "exit status without a command")
    program("chekc", "x.md").one_line_error("chekc", status=3)


def test_help_and_version():
    for words in (["--help"], ["check", "--help"], ["extract", "--help"]):
        run = program(*words)
        equal((run.status, run.stderr), (0, ""), f"{words}")
        check_that("usage" in run.stdout.lower(), f"{words} shows the usage")
        check_that(max(map(len, run.stdout.splitlines())) <= 100, f"{words} fits a terminal")
    version = program("--version")
    equal(version.status, 0, "exit status of --version")
    check_that(version.stdout.startswith("linkrotd "), f"--version says {version.stdout!r}")
