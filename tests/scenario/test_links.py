"""What one answer can be: statuses, bodies, floods, and what is no HTTP at all."""

from harness import Web, check_that, equal


def test_soft_404_that_says_so():
    """A short page titled `not found`; a long article about it is an article."""
    with Web("""
        a.test /missing  soft-404
        a.test /missing2 soft-404 title="404 - Not Found"
        a.test /article  ok title="How to write a good 404 page" size=8000
    """) as web:
        web.judge("""
            http://a.test/missing   broken  soft_404
            http://a.test/missing2  broken  soft_404
            http://a.test/article   ok      ok
        """)


def test_statuses():
    """Every status has its word; what refuses robots is never broken."""
    expected = {400: "broken http_4xx", 402: "gated|broken *", 405: "gated refused_other",
                406: "gated refused_other", 407: "gated auth_required", 408: "* *",
                412: "gated refused_other", 418: "gated refused_other", 451: "gated legal_block",
                500: "unreachable http_5xx", 501: "unreachable http_5xx", 502: "unreachable http_5xx",
                503: "unreachable http_5xx", 504: "unreachable http_5xx", 520: "unreachable http_5xx",
                201: "ok ok", 203: "ok ok", 205: "ok ok"}
    table = "".join(f"s{code}.test /{code} status code={code}\n" for code in expected)
    with Web(table) as web:
        run = web.judge("".join(f"http://s{code}.test/{code} {words}\n" for code, words in expected.items()))
        for code in expected:
            equal(run.link(f"http://s{code}.test/{code}")["http_status"], code, f"http_status of {code}")


def test_answers_that_are_not_final():
    with Web("""
        o.test /304 no-body code=304
        o.test /300 status code=300
        o.test /301 status code=301
        o.test /hints interim count=2
        o.test /hints-only interim final=no
    """) as web:
        web.judge("""
            http://o.test/304         unreachable  http_other
            http://o.test/300         unreachable  http_other
            http://o.test/301         unreachable  http_other
            http://o.test/hints       ok           ok
            http://o.test/hints-only  unreachable  http_other
        """)


def test_no_http_at_all():
    """Garbage before the headers are complete is malformed; silence and resets are the network's."""
    with Web("""
        garbage.test      /garbage      garbage
        bad-status.test   /bad-status   bad-status
        http09.test       /http09       http09
        flood.test        /flood        header-flood lines=20000
        long.test         /long         long-header
        close.test        /close        close
        reset.test        /reset        reset
        reset-status.test /reset-status reset after=status
        hang.test         /hang         hang
        stall-status.test /stall-status stall after=status
        drip-head.test    /drip-head    drip what=head every=0.2
        host mute.test port=mute
        host rst.test  port=reset
        fine.test / ok
    """) as web:
        web.judge("""
            http://garbage.test/garbage             unreachable  http_malformed
            http://bad-status.test/bad-status       unreachable  http_malformed
            http://http09.test/http09               unreachable  http_malformed
            http://flood.test/flood                 unreachable  http_malformed
            http://long.test/long                   unreachable  http_malformed
            http://close.test/close                 unreachable  connect_reset|http_malformed
            http://reset.test/reset                 unreachable  connect_reset
            http://reset-status.test/reset-status   unreachable  connect_reset|http_malformed
            http://hang.test/hang                   unreachable  timeout
            http://stall-status.test/stall-status   unreachable  timeout
            http://drip-head.test/drip-head         unreachable  timeout
            http://mute.test/                       unreachable  timeout
            http://rst.test/                        unreachable  connect_reset
            http://fine.test/                       ok           ok
        """, "--timeout", "3s")


def test_bodies_never_make_a_link_bad():
    with Web("""
        t.test /reset-head   reset after=head
        t.test /reset-body   reset after=body
        t.test /stall-head   stall after=head
        t.test /stall-body   stall after=body
        t.test /cut          cut
        t.test /until-close  until-close title="To the end"
        t.test /chunked      chunked title="In four pieces"
        t.test /bad-chunking bad-chunking
        t.test /gzip         gzip title="Packed well"
        t.test /bad-gzip     bad-gzip
        t.test /six-layers   head-lines lines="HTTP/1.1 200 OK|Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip|Content-Type: text/html"
        t.test /drip         drip every=0.2
        t.test /latin1       ok charset=iso-8859-1 title="Café crème"
        t.test /pdf          pdf
    """) as web:
        run = web.judge("""
            http://t.test/reset-head    ok  *
            http://t.test/reset-body    ok  *
            http://t.test/stall-head    ok  *
            http://t.test/stall-body    ok  *
            http://t.test/cut           ok  *
            http://t.test/until-close   ok  ok
            http://t.test/chunked       ok  ok
            http://t.test/bad-chunking  ok  *
            http://t.test/gzip          ok  ok
            http://t.test/bad-gzip      ok  *
            http://t.test/six-layers    ok  ok
            http://t.test/drip          ok  *
            http://t.test/latin1        ok  ok
            http://t.test/pdf           ok  ok
        """, "--timeout", "3s", status=0)
        titles = {"until-close": "To the end", "chunked": "In four pieces", "gzip": "Packed well",
                  "latin1": "Café crème"}
        for path, title in titles.items():
            equal(run.link(f"http://t.test/{path}")["title"], title, f"title of /{path}")
        check_that(run.link("http://t.test/stall-head")["error"], "a stalled body is said in `error`")


def test_floods_are_cut_off():
    """Endless, huge and exploding bodies cost neither time nor memory, and are no fault of the link."""
    with Web("""
        z.test /endless  endless title="Without end"
        z.test /slow-endless endless pace=0.05
        z.test /bomb     gzip-bomb megabytes=300 title="Boom"
        z.test /download download
        z.test /no-head  ok size=3000000
    """) as web:
        run = web.judge("""
            http://z.test/endless       ok  *
            http://z.test/slow-endless  ok  *
            http://z.test/bomb          ok  *
            http://z.test/download      ok  *
            http://z.test/no-head       ok  *
        """, "--timeout", "3s", status=0)
        check_that(run.seconds < 8, f"took {run.seconds:.1f} s")
        run.within_memory(50_000)
        web.wait_for(lambda log: sum(entry["event"] == "done" for entry in log) >= len(web.requests()))
        for entry in web.log("done"):
            check_that(entry["bytes"] < 16_000_000, f"{entry['bytes']} bytes were sent for one answer")


def test_fields_of_the_report():
    """A link's row says what was measured."""
    with Web("""
        r.test /old redirect code=301 to=/new
        r.test /new ok title="The new place" delay=0.2
    """) as web:
        link = web.check(["https://r.test/old"]).link("https://r.test/old")
        equal(link["http_status"], 200, "http_status")
        equal(link["method"], "GET", "method")
        equal(link["final_url"], "https://r.test/new", "final_url")
        equal([(hop["status"], hop["url"]) for hop in link["redirects"]], [(301, "https://r.test/new")], "redirects")
        equal(link["title"], "The new place", "title")
        equal(link["suggestion"]["url"], "https://r.test/new", "suggestion.url")
        check_that(link["suggestion"]["why"], "a suggestion says why")
        check_that(200 <= link["elapsed_ms"] < 2000, f"elapsed_ms {link['elapsed_ms']}")
        check_that({"dns", "connect", "tls", "first_byte", "total"} <= set(link["timing_ms"]), "timing_ms")
        check_that(link["timing_ms"]["first_byte"] >= 190, f"first_byte {link['timing_ms']}")
        check_that(link["certificate_expires_at"], "certificate_expires_at of an https link")
        equal(web.check(["https://r.test/new"]).link("https://r.test/new")["error"], None, "error of a good link")
        gone = web.check(["http://unknown.test/"]).link("http://unknown.test/")
        equal(gone["http_status"], None, "http_status without an answer")
        check_that(gone["error"], "a link that failed below HTTP has an error text")


def test_same_request_once():
    """Links that differ only in the fragment are links of their own and share one request; other
    spellings of one URL are one link."""
    with Web("q.test /page ok ids=one,two") as web:
        run = web.check("[a](http://q.test/page) [b](http://q.test/page#one) [c](http://q.test/page#two)\n"
                        "[d](HTTP://Q.Test:80/page) [e](http://q.test/x/../page) [f](http://user:pw@q.test/page)\n")
        equal([link["url"] for link in run.links],
              ["http://q.test/page", "http://q.test/page#one", "http://q.test/page#two"], "links")
        equal(len(run.link("http://q.test/page")["occurrences"]), 4, "occurrences of the page")
        equal(len(web.requests()), 1, "requests")
        request = web.requests()[0]
        check_that("authorization" not in request["headers"], "userinfo is never sent")
        check_that("pw" not in run.stdout, "userinfo is never printed")
