"""Receivers of messages, for scenarios: what came in, and how to wait for it."""

import json
import os
import subprocess
import sys
import time

from harness import ROOT, check_that


class Receivers:
    """tests/web/receivers.py; got() is what came in so far."""

    def __init__(self, web):
        self.directory = web.path("receivers")
        os.makedirs(self.directory)
        self.process = subprocess.Popen([sys.executable, os.path.join(ROOT, "tests/web/receivers.py"), self.directory],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = dict(pair.split("=") for pair in self.process.stdout.readline().split())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def got(self):
        try:
            with open(os.path.join(self.directory, "log"), encoding="utf-8") as file:
                return [json.loads(line) for line in file]
        except FileNotFoundError:
            return []

    def wait(self, condition, seconds=40):
        end = time.monotonic() + seconds
        while True:
            got = self.got()
            if condition(got):
                return got
            check_that(time.monotonic() < end, f"what was waited for did not come: {json.dumps(got)[-1500:]}")
            time.sleep(0.1)


def hook(web, receivers, path, **more):
    """A webhook receiver as configuration."""
    url = web.write(f"url{path.replace('/', '-')}", f"http://127.0.0.1:{receivers.ports['http']}/{path}\n")
    keys = {"type": "webhook", "url_file": url, "on": "[dead, recovered, moved, incident]", "group_wait": "1h", **more}
    return "  - {" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}\n"


def bodies(got):
    return [json.loads(entry["body"]) if isinstance(entry.get("body"), str) else entry.get("body") for entry in got if "body" in entry]


def text_of(got):
    return json.dumps(got, ensure_ascii=False)


def wait_for_status(daemon, condition, seconds=20):
    end = time.monotonic() + seconds
    while True:
        text = daemon.ask("status").stdout
        if condition(text):
            return
        check_that(time.monotonic() < end, text)
        time.sleep(0.1)


def messages(got, path="/ok"):
    """The JSON of what was posted there, in order."""
    return [json.loads(entry["body"]) for entry in got if entry["kind"] == "http" and entry["path"] == path]


def mails(got):
    return [entry for entry in got if entry["kind"] == "mail"]
