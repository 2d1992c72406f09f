"""The request log: one JSON object a line, written at once, so that a test may wait for it.

    {"event": "accept",  "at": µs, "connection": N, "address": "127.0.0.1", "port": 4711, "tls": false}
    {"event": "request", "at": µs, "connection": N, "request": N, "host": ..., "path": ..., "method": ...,
     "scheme": ..., "headers": {...}, "address": ..., "tls_version": ...}
    {"event": "done",    "at": µs, "request": N, "status": 200, "bytes": N, "aborted": false}
    {"event": "dns",     "at": µs, "name": ..., "type": "A", "answer": "ok"}

Times are monotonic microseconds. A request's time is the kernel's, of the arrival of its last
byte: a busy server does not distort it. `done` is taken before the last byte leaves, so that a
client can never begin its next request earlier.
"""

import json
import os
import time


def now_us():
    return time.monotonic_ns() // 1000


class Clocks:
    """The kernel stamps packets with CLOCK_REALTIME; this puts a stamp on the scale of now_us().

    The distance of the two clocks is measured again every second, in case the wall clock is moved, and only
    believed when the reading was not interrupted.
    """

    def __init__(self):
        self._distance_ns = 0
        self._measured_ns = None

    def to_us(self, seconds, nanoseconds):
        now_ns = time.monotonic_ns()
        if self._measured_ns is None or now_ns - self._measured_ns > 1_000_000_000:
            self._measure()
        return (seconds * 1_000_000_000 + nanoseconds - self._distance_ns) // 1000

    def _measure(self):
        for _ in range(1000):
            before = time.monotonic_ns()
            wall = time.time_ns()
            after = time.monotonic_ns()
            if after - before < 5_000:
                break
        self._distance_ns = wall - (before + after) // 2
        self._measured_ns = after


class Journal:
    def __init__(self, path):
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._connections = 0
        self._requests = 0

    def _write(self, entry):
        os.write(self._file, (json.dumps(entry) + "\n").encode())

    def accept(self, address, port, tls):
        self._connections += 1
        self._write({"event": "accept", "at": now_us(), "connection": self._connections,
                     "address": address, "port": port, "tls": tls})
        return self._connections

    def request(self, request, wire):
        self._requests += 1
        self._write({"event": "request", "at": request.at, "connection": wire.number,
                     "request": self._requests, "host": request.host, "path": request.target,
                     "method": request.method, "scheme": request.scheme,
                     "headers": request.headers, "address": wire.address,
                     "tls_version": wire.tls_version()})
        return self._requests

    def done(self, number, at, status, size, aborted):
        self._write({"event": "done", "at": at, "request": number, "status": status,
                     "bytes": size, "aborted": aborted})

    def dns(self, name, kind, answer):
        self._write({"event": "dns", "at": now_us(), "name": name, "type": kind, "answer": answer})

    def close(self):
        os.close(self._file)
