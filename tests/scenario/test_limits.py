"""What a server may cost: time, bytes and memory have an end, and its neighbours notice nothing."""

from harness import Web, check_that, equal

# The body is wanted to its end where ids are asked for.
WHOLE = ["--fragments"]
GOOD = "\n".join(f"good.test /{n} ok title=\"Good {n}\"" for n in range(8))
MEMORY_KB = 64 * 1024


def beside(web, hostile, *options, **more):
    """Checks the hostile links and, in the same run, good ones of another host; those must be quick."""
    good = [f"http://good.test/{n}" for n in range(8)]
    run = web.check([*hostile, *good], "--timeout", "3s", "--max-retries", "0", *options, **more)
    for url in good:
        link = run.link(url)
        equal((link["outcome"], link["reason"]), ("ok", "ok"), url)
        equal(link["title"], "Good " + url[-1], f"title of {url}")
        check_that(link["elapsed_ms"] < 2500, f"{url} took {link['elapsed_ms']} ms beside a hostile host")
    return run


def test_headers_that_drip():
    """A byte now and then keeps nobody beyond the whole time of a request."""
    with Web(GOOD + """
        slow.test /head   drip what=head every=0.05
        slow.test /status stall after=status
        slow.test /hang   hang
    """) as web:
        run = beside(web, [f"http://slow.test/{path}" for path in ("head", "status", "hang")])
        run.expect("""
            http://slow.test/head    unreachable  timeout
            http://slow.test/status  unreachable  timeout
            http://slow.test/hang    unreachable  timeout
        """)
        check_that(run.seconds < 8, f"took {run.seconds:.1f} s")


def test_a_body_that_drips():
    """The headers were complete, so it is alive; the body is given up long before the whole time is over."""
    with Web(GOOD + "\nslow.test /body drip every=0.2 title=\"Dripping\"") as web:
        run = beside(web, ["http://slow.test/body"], "--timeout", "30s")
        link = run.link("http://slow.test/body")
        equal((link["outcome"], link["reason"]), ("ok", "ok"), "a body that drips")
        check_that("in time" in link["error"], f"error: {link['error']}")
        check_that(run.seconds < 25, f"took {run.seconds:.1f} s of 30")


def test_a_slow_start_is_not_slowness():
    """Whoever thinks before the answer has the whole time for it."""
    with Web("late.test / ok title=\"Late\" delay=4") as web:
        run = web.check(["http://late.test/"], "--timeout", "7s")
        equal(run.link("http://late.test/")["title"], "Late", "title")
        equal(run.link("http://late.test/")["error"], None, "error")


def test_headers_without_end():
    """64 KiB count over all that comes before the body: lines, one line, and interim answers."""
    with Web(GOOD + """
        flood.test /lines   header-flood lines=100000
        flood.test /line    long-header size=50000000
        flood.test /interim interim count=200000
        flood.test /few     interim count=50 title="After fifty"
    """) as web:
        run = beside(web, [f"http://flood.test/{path}" for path in ("lines", "line", "interim", "few")])
        run.expect("""
            http://flood.test/lines    unreachable  http_malformed
            http://flood.test/line     unreachable  http_malformed
            http://flood.test/interim  unreachable  http_malformed
            http://flood.test/few      ok           ok
        """)
        run.within_memory(MEMORY_KB)
        for done in web.log("done"):
            check_that(done["bytes"] < 8 << 20, f"{done['bytes']} bytes were taken of a flood")


def test_lines_that_begin_with_a_blank():
    """They go on with the line before them. Where there is none, libcurl 7.88 wrote behind that of an earlier answer."""
    with Web(GOOD + """
        fold.test /moved   head-lines lines="HTTP/1.1 302 Found|Location:| http://good.test/0|Content-Length: 0"
        fold.test /first/* head-lines lines="HTTP/1.1 200 OK| folded: first|Content-Length: 0"
    """) as web:
        first = [f"http://fold.test/first/{number}" for number in range(4)]
        run = beside(web, ["http://fold.test/moved", *first], "--max-concurrency", "1")
        equal(run.link("http://fold.test/moved")["reason"], "redirect_temporary", "a folded Location")
        for url in first:  # the word is that of the version of libcurl
            check_that(run.link(url)["outcome"] in ("ok", "unreachable"), run.link(url)["outcome"])


def test_bombs():
    """What is small on the wire and large when unpacked stops at the cap of decoded bytes."""
    with Web(GOOD + """
        bomb.test /gzip   gzip-bomb megabytes=400 title="Gzip"
        bomb.test /brotli brotli-bomb megabytes=2000 title="Brotli"
        bomb.test /twice  packed-twice megabytes=40
        bomb.test /coded  packed-twice megabytes=40 with=Transfer-Encoding
    """) as web:
        for options in ([], WHOLE):
            urls = [f"http://bomb.test/{path}" for path in ("gzip", "brotli", "twice", "coded")]
            text = "".join(f"- <{url}{'#id' if options else ''}>\n" for url in urls)
            run = web.check(text + "- <http://good.test/0>\n", "--timeout", "10s", *options)
            for link in run.links:
                check_that(link["outcome"] == "ok", f"{link['url']}: {link}")
            run.within_memory(MEMORY_KB)
            check_that(run.seconds < 6, f"took {run.seconds:.1f} s")
        titles = {link["url"].rpartition("/")[2].partition("#")[0]: link["title"] for link in run.links}
        equal((titles["gzip"], titles["brotli"], titles["twice"]), ("Gzip", "Brotli", None), "titles")
        check_that("more than once" in run.link("http://bomb.test/twice#id")["error"], "a body packed twice")
        check_that("more than once" in run.link("http://bomb.test/coded#id")["error"], "a body coded twice")


def test_bombs_beside_others():
    with Web(GOOD + """
        bomb.test /gzip   gzip-bomb megabytes=400 title="Gzip"
        bomb.test /brotli brotli-bomb megabytes=2000 title="Brotli"
        bomb.test /end    endless
    """) as web:
        run = beside(web, [f"http://bomb.test/{path}#id" for path in ("gzip", "brotli", "end")], *WHOLE)
        run.within_memory(MEMORY_KB)


def test_bodies_that_are_sources():
    """A bomb among the inputs ends the run with a sentence, not with the machine's memory."""
    with Web("bomb.test /list.md gzip-bomb megabytes=400 title=\"Boom\"") as web:
        run = web.run("--format", "json", "http://bomb.test/list.md")
        run.within_memory(2 * MEMORY_KB)
        equal(run.status, 1, f"exit status ({run.stderr[:200]})")
