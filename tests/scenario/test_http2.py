"""HTTP/2: spoken where a server offers it, left where it does not work."""

import os
import shutil
import socket
import subprocess
import time

from harness import Skip, Web, check_that, equal, is_sibling

NGINX = """
worker_processes 1;
daemon off;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 256; }}
http {{
    log_format short '$host $request_uri $server_protocol $status';
    access_log {dir}/access.log short;
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    server {{
        listen {address}:{port} ssl http2;
        ssl_certificate {ca}/good.pem;
        ssl_certificate_key {ca}/leaf.key;
        default_type text/html;
        location / {{ return 404 "<!doctype html><title>Gone</title>"; }}
        location ~ ^/([0-9]+|new)$ {{ return 200 "<!doctype html><title>Over HTTP/2</title>"; }}
        location /moved {{ return 301 /new; }}
    }}
}}
"""


class Nginx:
    """A well-behaved host on an address where the local web does not listen."""

    def __init__(self, web, address):
        self._path = shutil.which("nginx") or "/usr/sbin/nginx"
        if not os.access(self._path, os.X_OK):
            raise Skip("nginx is not installed")
        port = web.local.https_port
        self.dir = web.path("nginx")
        ca = os.path.dirname(web.local.ca_file)
        config = web.write("nginx/nginx.conf", NGINX.format(dir=self.dir, address=address, port=port, ca=ca))
        self._process = subprocess.Popen([self._path, "-e", web.path("nginx/error.log"), "-p", self.dir, "-c", config],
                                         stdin=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while socket.socket().connect_ex((address, port)) != 0:
            check_that(time.monotonic() < end and self._process.poll() is None, "nginx did not start")
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(timeout=10)

    def lines(self):
        """The requests for links."""
        with open(os.path.join(self.dir, "access.log"), encoding="utf-8") as file:
            return [line for line in file.read().splitlines() if not is_sibling({"path": line.split()[1]})]


def test_a_server_that_offers_it():
    with Web("host two.test address=127.1.77.1 port=refused\n") as web:
        with Nginx(web, "127.1.77.1") as nginx:
            run = web.check([f"https://two.test/{number}" for number in range(20)]
                            + ["https://two.test/gone", "https://two.test/moved"])
            run.expect("".join(f"https://two.test/{number} ok ok\n" for number in range(20)) + """
                https://two.test/gone   broken  http_404
                https://two.test/moved  moved   redirect_permanent
            """)
            equal(run.link("https://two.test/1")["title"], "Over HTTP/2", "title")
        lines = nginx.lines()
        equal(len(lines), 23, "requests")
        equal({line.split()[2] for line in lines}, {"HTTP/2.0"}, "protocols")


def test_a_server_that_only_says_so():
    """Asked again with HTTP/1.1, which works, where the failure can be told from a broken connection."""
    with Web("""
        host liar.test      tls=bad-h2
        host resetting.test tls=resetting-h2
        host refusing.test  tls=refusing-h2
        host wants.test     tls=wants-h1
        * / ok
    """) as web:
        web.judge("""
            https://resetting.test/  ok  ok
            https://refusing.test/   ok  ok
            https://wants.test/      ok  ok
            https://liar.test/       ok|unreachable  *
        """, "--max-retries", "1")


def test_a_server_that_speaks_nothing_else():
    """What it refuses is asked once by HTTP/1.1, in vain, and the next try is one of HTTP/2 again."""
    with Web("""
        host only.test     tls=only-h2
        host restless.test tls=restless-h2
        * / ok
    """) as web:
        run = web.judge("""
            https://only.test/      unreachable  http_malformed
            https://restless.test/  unreachable  http_malformed
        """, "--max-retries", "0")
        check_that("speaks no HTTP/1.1" in run.link("https://only.test/")["error"], "what is said")
    with Web("""
        host only.test tls=only-h2
        * / ok
    """) as web:
        web.judge("https://only.test/ ok ok", "--max-retries", "1")


def test_frames_without_end():
    """They must not hold up the others, nor outlive the request's own time."""
    with Web("""
        host flood.test tls=flooding-h2
        flood.test / ok
        good.test  / ok
    """) as web:
        run = web.judge("""
            https://flood.test/  unreachable  timeout
            https://good.test/   ok           ok
        """, "--timeout", "3s", "--max-retries", "0")
        check_that(run.seconds < 10, f"took {run.seconds:.1f} s")
