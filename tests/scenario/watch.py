"""A running daemon and what it says: `linkrotd run` on a local web, with a clock that may run fast."""

import json
import os
import signal
import time

from harness import check_that, finish, program, start

DAY_S = 86400


def days_ahead(days):
    """A clock that is so many days ahead, for one short command. Only one that runs faster can be set, so it does, twice as
    fast: a run that is slow to begin is later still, which a minute more for each day makes up for."""
    return {"LINKROTD_CLOCK_RATE": f"2@{time.time() - days * (DAY_S + 60)}"}


class Daemon:
    """`linkrotd run` for the lists of a web. A context manager; ends by SIGTERM.

        with Web("a.test / ok") as web, Daemon(web, "- <http://a.test/>", rate=DAY_S) as daemon:
            daemon.wait(lambda links: links["http://a.test/"]["state"] == "alive")
    """

    def __init__(self, web, text="", rate=1, extra="", interval="1d", refresh="1h", check="", sources=None, name="links",
                 prefix=()):
        self.web = web
        self.prefix = prefix
        self.rate = rate
        self.process = None
        self.began = 0
        if text or not sources:
            web.write("list.md", text)
        sources = sources or ["list.md"]
        self.database = web.path("linkrotd.db")
        self.config = self.write_config(interval, refresh, check, extra, sources, name)

    def write_config(self, interval="1d", refresh="1h", check="", extra="", sources=("list.md",), name="links"):
        local = self.web.local
        return self.web.write("linkrotd.yaml", f"""
contact: mailto:ops@example.org
database: {self.database}
lists:
  - name: {name}
    sources: {json.dumps([s if "://" in s else self.web.path(s) for s in sources])}
    refresh: {refresh}
    interval: {interval}
check: {{timeout: 3s, max_retries: 0, host_request_interval: 1ms, host_concurrency: 16, robots: ignore, first_spread: 1d{check}}}
network:
  resolver: 127.0.0.1:{local.dns_port}
  connect_to: [":80::{local.http_port}", ":443::{local.https_port}"]
  cacert: {local.ca_file}
  allow_addresses: [127.0.0.0/8]
  canaries: []
{extra}
""")

    # --- life ---

    def environment(self):
        runtime = self.web.path("runtime")
        os.makedirs(runtime, exist_ok=True)
        return {"LINKROTD_CLOCK_RATE": str(self.rate), "RUNTIME_DIRECTORY": runtime}

    def start(self):
        self.began = time.monotonic()
        self.process = start("run", "-c", self.config, cwd=self.web.dir, env=self.environment(), prefix=self.prefix)
        return self

    def stop(self, number=signal.SIGTERM, seconds_max=15):
        """Ends it and returns the run."""
        os.kill(self.process.pid, number)
        run = finish(self.process, self.began, seconds_max)
        self.process = None
        return run

    def ended(self, seconds_max=15):
        """It is expected to end of itself."""
        run = finish(self.process, self.began, seconds_max)
        self.process = None
        return run

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if self.process is None:
            return
        if kind is not None:
            self.process.kill()
            finish(self.process, self.began)
            return
        run = self.stop()
        check_that(run.status == 0, f"exit status {run.status}: {run.stderr[-1500:]}")

    # --- questions ---

    def ask(self, command, *words, **more):
        """A short command about this daemon; its clock is the daemon's where that is fast."""
        return program(command, *words, "-c", self.config, cwd=self.web.dir,
                       env={"RUNTIME_DIRECTORY": self.web.path("runtime")}, **more)

    def status(self):
        """All links by URL; None while there is no database yet."""
        run = self.ask("status", "--format", "json")
        if run.status != 0:
            return None
        return {link["url"]: link for link in json.loads(run.stdout)["links"]}

    def ready(self):
        """Waits until the daemon answers."""
        self.wait(lambda _: "running since" in self.ask("status").stdout)
        return self

    def wait(self, condition, seconds=30):
        """Polls the status until the condition holds for its links; returns them."""
        end = time.monotonic() + seconds
        while True:
            check_that(self.process is None or self.process.poll() is None, "the daemon has ended")
            links = self.status()
            if links is not None:
                try:
                    if condition(links):
                        return links
                except KeyError:
                    pass
            check_that(time.monotonic() < end, f"what was waited for did not come: {brief(links)}")
            time.sleep(0.05)


def brief(links):
    return {url: (link["state"], link["reason"]) for url, link in (links or {}).items()}
