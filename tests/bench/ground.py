"""What the bench stands on: a network of its own, servers, and processes measured.

One nginx worker, the DNS servers and the slow server share core 0; what is measured runs
alone on core 1. Every host has a name and an address of its own, because libcurl's linear
scans do not show otherwise. Domains: hN.test is a registrable domain of its own, hN.t.test
belongs to t.test, hN.co.uk is its own domain and has a certificate that covers it (no
client takes a wildcard directly below a top-level domain)."""
import dataclasses
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
SYSTEM_CA = "/etc/ssl/certs/ca-certificates.crt"
OWN, SHARED, OWN_TLS = "test", "t.test", "co.uk"
SLOW_PORT, LATE_DNS_PORT, LATE_DNS_MS, STATUS_PORT = 8080, 5300, 100, 82

NGINX = """
worker_processes 1; worker_cpu_affinity 01; worker_rlimit_nofile 20000;
daemon off; pid nginx.pid; error_log stderr crit;
events {{ worker_connections 19000; multi_accept on; }}
http {{
  access_log off; keepalive_requests 100000000; default_type text/html; server_tokens off;
  ssl_certificate leaf.pem; ssl_certificate_key leaf.key;
  ssl_session_cache off; ssl_session_tickets off;
  server {{
    listen 0.0.0.0:80 backlog=16384; listen 0.0.0.0:443 ssl backlog=16384;
    location / {{ {page} }}
    location ~ ^/d[0-9] {{
      proxy_pass http://127.0.0.1:{slow_port}; proxy_set_header Host $host;
      proxy_buffers 4 1k; proxy_buffer_size 1k; proxy_busy_buffers_size 2k;
    }}
    location = /list.html {{ root {root}; }}
    location /limited {{
      default_type ''; add_header Retry-After 3600 always; return 429;
    }}
  }}
  server {{ listen 127.0.0.1:{status_port}; location / {{ stub_status; }} }}
}}
"""

PAGE = """return 200 "<!doctype html><html><head><title>Page of $host</title>\
<meta name=description content='A small page, as static sites have them.'></head>\
<body><h1>Page</h1><p>{text}</p></body></html>";"""

# A short SYN queue would measure the kernel's one second of waiting for the next SYN.
NETWORK = {"core/somaxconn": "16384", "ipv4/tcp_max_syn_backlog": "16384",
           "ipv4/ip_local_port_range": "1024 65535"}


def call(*command, cwd=None):
    subprocess.run(command, cwd=cwd, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def enter_namespace(script):
    """Again, inside: only lo, and a resolv.conf that names the local DNS server."""
    inside = ["unshare", "--net", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    os.execvp("unshare", inside + [sys.executable, script, "--inside"] + sys.argv[1:])


def make_certificates(where):
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    call("openssl", "req", "-x509", *ec, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
         "-subj", "/CN=bench CA", "-addext", "basicConstraints=critical,CA:TRUE", cwd=where)
    call("openssl", "req", "-x509", *ec, "-keyout", "leaf.key", "-out", "leaf.pem", "-days",
         "30", "-subj", "/CN=t.test", "-CA", "ca.pem", "-CAkey", "ca.key",
         "-addext", f"subjectAltName=DNS:*.{SHARED},DNS:*.{OWN_TLS}", "-addext",
         "basicConstraints=critical,CA:FALSE", cwd=where)
    bundle = pathlib.Path(SYSTEM_CA).read_bytes() + (where / "ca.pem").read_bytes()
    (where / "bundle.pem").write_bytes(bundle)


@dataclasses.dataclass
class Run:
    """One process from exec to exit, as the kernel accounts it."""
    wall_s: float
    cpu_s: float
    rss_kib: int
    threads: int
    requests: int  # that the servers counted, the slow one's excepted
    questions: int  # to the DNS servers
    out: bytes
    err: bytes
    code: int
    checks: int = 0

    def cpu_us(self):
        return self.cpu_s / max(self.checks, 1) * 1e6

    def rate(self):
        return self.checks / self.wall_s


class Ground:
    """Opened once, closed at the end whatever happens."""

    def __init__(self):
        self.where = pathlib.Path(tempfile.mkdtemp(prefix="linkrotd-bench-"))
        self.servers = []

    def open(self):
        os.environ["PATH"] += ":/usr/sbin"
        call("ip", "link", "set", "lo", "up")
        for name, value in NETWORK.items():
            try:
                (pathlib.Path("/proc/sys/net") / name).write_text(value)
            except OSError as error:
                print(f"{name} stays as it is: {error.strerror}", file=sys.stderr)
        resource.setrlimit(resource.RLIMIT_NOFILE,
                           (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        os.chmod(self.where, 0o755)
        (self.where / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        call("mount", "--bind", str(self.where / "resolv.conf"),
             os.path.realpath("/etc/resolv.conf"))
        make_certificates(self.where)
        self.start_own("dns", "53")
        self.start_own("dns", str(LATE_DNS_PORT), str(LATE_DNS_MS))
        self.start_own("slow", str(SLOW_PORT))
        self.start_nginx()

    def start_own(self, name, *arguments):
        program = self.where / name
        if not program.exists():
            call("gcc", "-O2", "-D_GNU_SOURCE", "-o", str(program),
                 str(TOP / "tests/bench" / (name + ".c")))
        server = subprocess.Popen(["taskset", "-c", "0", str(program), *arguments],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.servers.append(server)
        if server.stdout.readline() != b"ready\n":
            sys.exit(f"{name} did not start")

    def start_nginx(self):
        (self.where / "nginx.conf").write_text(NGINX.format(
            page=PAGE.format(text="word " * 200), slow_port=SLOW_PORT,
            status_port=STATUS_PORT, root=self.where))
        nginx = subprocess.Popen(["nginx", "-p", str(self.where), "-c", "nginx.conf"],
                                 stdin=subprocess.DEVNULL)
        self.servers.append(nginx)
        pid = self.where / "nginx.pid"
        while not pid.exists() or not pid.read_text():
            if nginx.poll() is not None:
                sys.exit("nginx did not start")
            time.sleep(0.02)

    def close(self):
        for server in self.servers:
            server.send_signal(signal.SIGTERM)
            server.wait()
        shutil.rmtree(self.where, ignore_errors=True)

    def requests_served(self):
        """By nginx so far; this question is one of them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{STATUS_PORT}/") as status:
            return int(status.read().split(b"\n")[2].split()[2])

    def questions_asked(self):
        """Of the DNS servers so far, who alone get datagrams here and answer each of them."""
        udp = [line.split() for line in pathlib.Path("/proc/net/snmp").read_text().split("\n")
               if line.startswith("Udp:")]
        return int(udp[1][udp[0].index("InDatagrams")]) // 2

    def peak_at_slow(self):
        """Connections that the slow server had open at a time since this was last asked."""
        with urllib.request.urlopen(f"http://127.0.0.1:{SLOW_PORT}/peak") as peak:
            return int(peak.read())

    def measure(self, command, environment=None):
        """Runs it alone on core 1."""
        before, questions = self.requests_served(), self.questions_asked()
        start = time.monotonic()
        with tempfile.TemporaryFile(dir=self.where) as out, \
                tempfile.TemporaryFile(dir=self.where) as err:
            child = subprocess.Popen(["taskset", "-c", "1"] + command, stdout=out, stderr=err,
                                     stdin=subprocess.DEVNULL,
                                     env={**os.environ, **(environment or {})})
            over, peak = threading.Event(), {"VmHWM": 0, "Threads": 0}
            threading.Thread(target=watch, args=(child.pid, over, peak)).start()
            _, status, used = os.wait4(child.pid, 0)
            wall = time.monotonic() - start
            over.set()
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            return Run(wall, used.ru_utime + used.ru_stime, peak["VmHWM"], peak["Threads"],
                       self.requests_served() - before - 1,
                       self.questions_asked() - questions, out.read(), err.read(),
                       child.returncode)

    # --- who is measured ---

    def linkrotd(self, binary, links, in_flight, *extra, labels=True, good=None):
        """`links` are (url, host); a label is the title of the host's page."""
        listing = self.where / "list.md"
        listing.write_text("".join(
            f"- [Page of {host}]({url})\n" if labels else f"- <{url}>\n"
            for url, host in links))
        pace = ["--host-request-interval", "0", "--host-concurrency", str(min(in_flight, 1000))]
        # Like the others, who read no certificates before they need one: a named bundle is
        # read at the start, 15 ms, and the system's directory is not.
        trust = ["--cacert", str(self.where / "bundle.pem")] if links[0][0].startswith(
            "https:") else []
        run = self.measure(
            [*binary, "check", "--no-progress", "--max-retries", "0", "--suggest",
             "--fragments", "--max-concurrency", str(in_flight),
             "--resolver", "127.0.0.1", *trust, "--allow-address", "127.0.0.0/8",
             "--format", "json", *pace, *extra, str(listing)])
        run.checks = len(links)
        found = len(re.findall(rb'"outcome": ?"ok"', run.out))
        if found != (len(links) if good is None else good):
            print(f"linkrotd: {found} of {len(links)} ok (exit {run.code}) "
                  f"{run.err.decode()[:300]}", file=sys.stderr)
        run.out = b""
        return run

    def curl(self, links, in_flight):
        config = self.where / "curl.conf"
        config.write_text("".join(f'url = "{u}"\noutput = "/dev/null"\n' for u, _ in links))
        run = self.measure(["curl", "--silent", "--parallel", "--parallel-max",
                            str(in_flight), "--cacert", str(self.where / "bundle.pem"),
                            "-K", str(config)])
        run.checks = len(links)
        return run

    def wrk(self, url, in_flight, seconds, new_connections):
        extra = ["-H", "Connection: close"] if new_connections else []
        run = self.measure(["wrk", "-t1", f"-c{in_flight}", f"-d{seconds}s", *extra, url])
        run.checks = int(re.search(rb"(\d+) requests in", run.out).group(1))
        return run

    def write_page_of(self, links):
        """An HTML page of links, for the peers that start from one."""
        items = "".join(f'<p><a href="{u}">Page of {h}</a></p>\n' for u, h in links)
        page = self.where / "list.html"
        page.write_text(f"<!doctype html><title>List</title>\n{items}")
        page.chmod(0o644)
        return "http://127.0.0.1/list.html"

    def linkinator(self, program, links, in_flight):
        run = self.measure([program, self.write_page_of(links), "--format", "json",
                            "--concurrency", str(in_flight), "--timeout", "20000"])
        run.checks = len(re.findall(rb'"state": ?"OK"', run.out)) - 1
        return run

    def linkchecker(self, program, links, in_flight):
        config = self.where / "linkcheckerrc"
        config.write_text(f"[checking]\nthreads={in_flight}\nmaxrequestspersecond=1000\n"
                          "[filtering]\ncheckextern=1\n[output]\nstatus=0\n")
        run = self.measure([program, "--config", str(config), "--no-robots", "--check-extern",
                            "--recursion-level", "1", "--verbose", "--output", "csv",
                            self.write_page_of(links)], {"HOME": str(self.where)})
        run.checks = run.out.count(b";200 OK;") - 1
        return run


def watch(pid, over, peak):
    """Samples: what getrusage counts begins before exec, with this Python's memory."""
    while not over.wait(0.01):
        try:
            with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
                text = status.read()
        except OSError:
            return
        for name in peak:
            found = re.search(name + r":\s+(\d+)", text)
            if found:
                peak[name] = max(peak[name], int(found.group(1)))


def links_of(scheme, domain, hosts, count=None, path="/p", port=""):
    """(url, host), `count` of them on so many hosts in turn."""
    return [(f"{scheme}://h{i % hosts}.{domain}{port}{path}{i}", f"h{i % hosts}.{domain}")
            for i in range(hosts if count is None else count)]
