"""Starts a local web and says how the program is pointed at it. For the demo and the scenario tests."""

import json
import os
import select
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))


class LocalWeb:
    """Runs `localweb` on table files; use as a context manager."""

    def __init__(self, tables, log=None, ready_within_s=15):
        command = [os.path.join(HERE, "localweb")]
        if log:
            command += ["--log", log]
        self._complaints = tempfile.TemporaryFile()
        # A session of its own: Ctrl-C is for the program under test.
        self._process = subprocess.Popen(command + list(tables), stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=self._complaints,
                                         start_new_session=True)
        ready, _, _ = select.select([self._process.stdout], [], [], ready_within_s)
        line = self._process.stdout.readline() if ready else b""
        if not line:
            raise OSError(self.stop() or "the local web did not start")
        for key, value in json.loads(line).items():
            setattr(self, key, value)

    def options(self, allow="127.0.0.0/8"):
        """The options that make linkrotd see this web instead of the world."""
        options = ["--resolver", f"127.0.0.1:{self.dns_port}",
                   "--connect-to", f":80::{self.http_port}",
                   "--connect-to", f":443::{self.https_port}",
                   "--cacert", self.ca_file]
        return options + (["--allow-address", allow] if allow else [])

    def signal(self, number):
        self._process.send_signal(number)

    def stop(self):
        """Its standard input ends, and so does it. Returns what it complained about."""
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._complaints.seek(0)
        text = self._complaints.read().decode("utf-8", "replace").strip()
        self._complaints.close()
        return text

    def __enter__(self):
        return self

    def __exit__(self, *_):
        text = self.stop()
        if text:
            print(text, file=sys.stderr)
