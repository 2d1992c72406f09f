"""Chains of redirects: what is followed, what is worth a rewrite, what is refused."""

from harness import Web, check_that, equal


def test_what_is_worth_a_rewrite():
    with Web("""
        a.test /path           redirect code=301 to=/elsewhere/path
        a.test /elsewhere/*    ok
        a.test /host           redirect code=301 to=http://b.test/host
        b.test /host           ok
        a.test /two            redirect code=301 to=/two-b
        a.test /two-b          redirect code=301 to=/two-c
        a.test /two-c          redirect code=302 to=/two-d
        a.test /two-d          ok
        a.test /temporary      redirect code=302 to=/temporary-b
        a.test /temporary-b    redirect code=301 to=/temporary-c
        a.test /temporary-c    ok
        a.test /303            redirect code=303 to=/end
        a.test /307            redirect code=307 to=/end
        a.test /308            redirect code=308 to=/end
        a.test /end            ok
        a.test /scheme         redirect code=301 to=https://a.test/scheme over=http
        a.test /scheme         ok
        www.c.test /www        redirect code=301 to=http://c.test/www
        c.test /www            ok
        a.test /slash          redirect code=301 to=/slash/
        a.test /slash/         ok
        a.test /Case           redirect code=301 to=/case
        a.test /case           ok
        a.test /page           redirect code=301 to=/en/page
        a.test /en/page        ok
        a.test /track          redirect code=301 to=/track?utm_source=x
        a.test /dead           redirect code=301 to=/nothing-here
        a.test /wall           redirect code=301 to=/forbidden
        a.test /forbidden      status code=403
    """) as web:
        run = web.judge("""
            http://a.test/path       moved   redirect_permanent
            http://a.test/host       moved   redirect_permanent
            http://a.test/two        moved   redirect_permanent
            http://a.test/temporary  ok      redirect_temporary
            http://a.test/303        ok      redirect_temporary
            http://a.test/307        ok      redirect_temporary
            http://a.test/308        moved   redirect_permanent
            http://a.test/scheme     ok      redirect_permanent
            http://www.c.test/www    ok      redirect_permanent
            http://a.test/slash      ok      redirect_permanent
            http://a.test/Case       ok      redirect_permanent
            http://a.test/page       ok      redirect_permanent
            http://a.test/dead       broken  http_404
            http://a.test/wall       gated   forbidden
        """)
        wanted = {"http://a.test/path": "http://a.test/elsewhere/path", "http://a.test/host": "http://b.test/host",
                  "http://a.test/two": "http://a.test/two-c", "http://a.test/308": "http://a.test/end"}
        for url, target in wanted.items():
            equal((run.link(url)["suggestion"] or {}).get("url"), target, f"suggestion for {url}")
        for url in ("http://a.test/temporary", "http://a.test/303", "http://a.test/dead", "http://a.test/wall"):
            equal(run.link(url)["suggestion"], None, f"suggestion for {url}")
        equal([hop["status"] for hop in run.link("http://a.test/two")["redirects"]], [301, 301, 302], "hops")
        equal(run.link("http://a.test/wall")["http_status"], 403, "http_status is the last hop's")
        check_that("https_available" in run.link("http://a.test/scheme")["notes"], "note https_available")


def test_what_is_never_worth_one():
    """Permanent by their status, and yet the link is the better address."""
    with Web("""
        doi.org      /10.1000/182          redirect code=301 to=http://press.test/article/182
        press.test   /article/182          ok
        github.com   /o/r/releases/latest  redirect code=301 to=https://github.com/o/r/releases/tag/v2
        github.com   /o/r/releases/tag/v2  ok
        a.test       /page                 redirect code=301 to=/login?next=/page
        a.test       /login                login
        b.test       /page                 redirect code=301 to=/de/page
        b.test       /de/page              ok
        c.test       /page                 redirect code=301 to=/page?utm_source=x&utm_medium=y
        c.test       /page?utm_source=x&utm_medium=y ok
        d.test       /page                 redirect code=301 to=/page;jsessionid=0123456789ABCDEF
        d.test       /page;jsessionid=*    ok
        e.test       /page                 redirect code=301 to=/consent?return=/page
        e.test       /consent              ok title="Before you continue"
        f.test       /page                 redirect code=308 to=/cdn-cgi/challenge
        f.test       /cdn-cgi/challenge    challenge kind=cloudflare
    """) as web:
        run = web.judge("""
            https://doi.org/10.1000/182                    ok     redirect_permanent
            https://github.com/o/r/releases/latest         ok     redirect_permanent
            http://a.test/page                             gated  challenge
            http://b.test/page                             ok     redirect_permanent
            http://d.test/page                             ok     redirect_permanent
            http://e.test/page                             gated  challenge
            http://f.test/page                             gated  challenge
        """, status=0)
        for link in run.links:
            equal(link["suggestion"], None, f"suggestion for {link['url']}")


def test_refresh_is_a_temporary_redirect():
    with Web("""
        a.test /meta      meta-refresh to=/end
        a.test /meta-5    meta-refresh to=/end after=5
        a.test /meta-30   meta-refresh to=/end after=30 title="A clock"
        a.test /header    refresh-header to=/end
        a.test /meta-gone meta-refresh to=/nothing
        a.test /dir/based raw type=text/html body='<base href="/"><meta http-equiv=refresh content="0;url=end"><p>On.'
        a.test /end       ok title="The end"
    """) as web:
        run = web.judge("""
            http://a.test/dir/based  ok      redirect_temporary
            http://a.test/meta       ok      redirect_temporary
            http://a.test/meta-5     ok      redirect_temporary
            http://a.test/meta-30    ok      ok
            http://a.test/header     ok      redirect_temporary
            http://a.test/meta-gone  broken  http_404
        """)
        equal(run.link("http://a.test/meta")["final_url"], "http://a.test/end", "final_url")
        equal(run.link("http://a.test/meta-30")["title"], "A clock", "title")


def test_loops_and_limits():
    with Web("""
        a.test /self     redirect to=self
        a.test /ping     redirect to=/pong
        a.test /pong     redirect to=/ping
        a.test /meta     meta-refresh to=self
        a.test /cookie   redirect to=self unless_cookie=seen header="Set-Cookie: seen=1; Path=/"
        a.test /cookie   ok title="Inside"
        a.test /count/*  count-down
        b.test /count/*  count-down code=301
    """) as web:
        run = web.judge("""
            http://a.test/self      broken  redirect_loop
            http://a.test/ping      broken  redirect_loop
            http://a.test/cookie    ok      redirect_temporary
            http://a.test/count/10  ok      redirect_temporary
            http://a.test/count/11  broken  redirect_limit
            http://b.test/count/11  broken  redirect_limit
        """)
        equal(run.link("http://a.test/cookie")["title"], "Inside", "title behind the cookie")
        check_that(len(web.requests(path="/self")) <= 3, "a loop is seen at once")
        web.judge("""
            http://a.test/count/3  ok      redirect_temporary
            http://a.test/count/4  broken  redirect_limit
        """, "--max-redirects", "3")
        web.judge("http://a.test/count/1 broken redirect_limit", "-m", "0")


def test_refreshes_in_circles():
    """An instant refresh shows no page; one that waits shows slides, one to itself a live page."""
    with Web("""
        a.test /meta       meta-refresh to=/meta-2
        a.test /meta-2     meta-refresh to=/meta
        a.test /header     refresh-header to=/header-2
        a.test /header-2   refresh-header to=/header
        a.test /mixed      redirect to=/mixed-2
        a.test /mixed-2    meta-refresh to=/mixed
        a.test /self       meta-refresh to=self title="News of the second"
        a.test /self-1     refresh-header to=self after=1
        a.test /slide      meta-refresh to=/slide-2 after=4 title="The sea"
        a.test /slide-2    meta-refresh to=/slide after=4 title="The hills"
        a.test /visitor    meta-refresh to=/count-me unless_cookie=seen
        a.test /visitor    ok title="Inside"
        a.test /count-me   meta-refresh to=/visitor header="Set-Cookie: seen=1; Path=/"
        a.test /wall       meta-refresh to=/wall-2
        a.test /wall-2     meta-refresh to=/wall title="Just a moment..."
    """ + "".join(f"a.test /{n} meta-refresh to=/{n + 1}\na.test /s{n} meta-refresh to=/s{n + 1} after=3\n"
                  for n in range(15))) as web:
        run = web.judge("""
            http://a.test/meta       broken  redirect_loop
            http://a.test/header     broken  redirect_loop
            http://a.test/mixed      broken  redirect_loop
            http://a.test/self       ok      ok
            http://a.test/self-1     ok      ok
            http://a.test/slide      ok      redirect_temporary
            http://a.test/visitor    ok      redirect_temporary
            http://a.test/wall       gated   challenge
            http://a.test/0          broken  redirect_limit
            http://a.test/s0         ok      redirect_temporary
        """)
        equal(run.link("http://a.test/visitor")["title"], "Inside", "title behind the cookie")


def test_refreshes_out_of_the_web():
    """What no browser opens from a page is forbidden; an application leaves the page where it is."""
    with Web("""
        a.test /file    meta-refresh to=file:///etc/passwd
        a.test /file-h  refresh-header to=file:///etc/passwd
        a.test /data    meta-refresh to=data:text/html,hi
        a.test /app     meta-refresh to=myapp://open/1
        a.test /mail    refresh-header to=mailto:a@b.test
        a.test /script  meta-refresh to=javascript:void(0)
        a.test /ftp     meta-refresh to=ftp://a.test/x.tgz
    """) as web:
        web.judge("""
            http://a.test/file    broken  redirect_forbidden
            http://a.test/file-h  broken  redirect_forbidden
            http://a.test/data    broken  redirect_forbidden
            http://a.test/app     ok      ok
            http://a.test/mail    ok      ok
            http://a.test/script  ok      ok
            http://a.test/ftp     ok      ok
        """)


def test_cookies_stay_in_their_chain():
    with Web("""
        a.test /one ok header="Set-Cookie: seen=1; Path=/"
        a.test /two ok
        b.test /two ok
    """) as web:
        web.check(["http://a.test/one", "http://a.test/two", "http://b.test/two"], "--max-concurrency", "1")
        for request in web.requests():
            check_that("cookie" not in request["headers"], f"a cookie was carried to {request['path']}")


def test_targets_that_are_never_followed():
    with Web("""
        a.test /file   redirect to=file:///etc/passwd
        a.test /ftp    redirect to=ftp://a.test/x
        a.test /mail   redirect to=mailto:a@a.test
        a.test /script redirect to="javascript:alert(1)"
        a.test /data   redirect code=301 to=data:text/plain,x
        a.test /none   redirect to="http://"
    """) as web:
        web.judge("""
            http://a.test/file    broken  redirect_forbidden
            http://a.test/ftp     broken  redirect_forbidden
            http://a.test/mail    broken  redirect_forbidden
            http://a.test/script  broken  redirect_forbidden
            http://a.test/data    broken  redirect_forbidden
            http://a.test/none    broken|unreachable  redirect_forbidden|bad_url|http_other
        """)


def test_forms_of_location():
    with Web("""
        a.test /d/relative  redirect to=arrived
        a.test /d/dots      redirect to=../d/arrived
        a.test /d/query     redirect to=?x=1
        a.test /d/protocol  redirect to=//b.test/arrived
        a.test /d/blank     redirect to="/d/with blank"
        a.test /d/raw       redirect to=/d/ärger
        a.test /d/arrived   ok
        a.test /d/query?x=1 ok
        a.test /d/with%20blank ok
        a.test /d/%C3%A4rger ok
        b.test /arrived     ok
    """) as web:
        run = web.judge("""
            http://a.test/d/relative  ok  redirect_temporary
            http://a.test/d/dots      ok  redirect_temporary
            http://a.test/d/query     ok  redirect_temporary
            http://a.test/d/protocol  ok  redirect_temporary
            http://a.test/d/blank     ok  redirect_temporary
        """)
        equal(run.link("http://a.test/d/protocol")["final_url"], "http://b.test/arrived", "final_url")


def test_a_chain_that_ends_badly():
    with Web("""
        host nowhere.test dns=nxdomain
        host refused.test port=refused
        host old.test     tls=expired
        a.test /dns     redirect code=301 to=http://nowhere.test/
        a.test /refused redirect code=301 to=http://refused.test/
        a.test /tls     redirect code=301 to=https://old.test/
        a.test /hang    redirect code=302 to=/hangs
        a.test /hangs   hang
    """) as web:
        run = web.judge("""
            http://a.test/dns      broken       dns_nxdomain
            http://a.test/refused  unreachable  connect_refused
            http://a.test/tls      broken       tls_expired
            http://a.test/hang     unreachable  timeout
        """, "--timeout", "3s")
        for link in run.links:
            equal(link["suggestion"], None, f"suggestion for {link['url']}")


def test_secrets_do_not_follow_to_other_hosts():
    with Web("""
        a.test /away redirect to=http://b.test/there
        a.test /near redirect to=/here
        a.test /here ok
        b.test /there ok
    """) as web:
        web.check(["http://a.test/away", "http://a.test/near"], "-H", "X-Secret: 42")
        equal(web.requests("a.test", "/here")[0]["headers"].get("x-secret"), "42", "header on the same host")
        check_that("x-secret" not in web.requests("b.test")[0]["headers"], "header on another host")


def test_questions_of_our_own_carry_no_secrets_to_other_hosts():
    """Its robots.txt, and files that are made up, are asked for where a redirect leads: to whoever a page names."""
    files = range(12)
    with Web("".join(f"a.test /{n}.pdf redirect to=http://b.test/{n}.pdf\nb.test /{n}.pdf pdf size=2000 delay=0.1\n" for n in files)
             + "b.test /* status code=404") as web:
        web.check([f"http://a.test/{n}.pdf" for n in files], "-H", "X-Secret: 42", "--polite",
                  "--host-request-interval", "1ms", "--host-concurrency", "1")
        check_that(web.robots("b.test") and web.siblings("b.test"), "nothing was asked on our own account")
        told = [entry["path"] for entry in web.log("request") if entry["host"] == "b.test" and "x-secret" in entry["headers"]]
        equal(told, [], "header on another host")
        equal(web.robots("a.test")[0]["headers"].get("x-secret"), "42", "header to the host of the link")
