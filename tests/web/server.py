"""The listeners of a local web and the HTTP/1.1 of its hosts."""

import asyncio
import re
import socket
import time
from dataclasses import dataclass
from email.utils import formatdate

from journal import now_us
from table import TLS_CERTIFICATES
from wire import SO_TIMESTAMPNS, Wire, reset_socket

HEAD_MAX = 65536
BODY_MAX = 1 << 20
BACKLOG = 4096
REASONS = {200: "OK", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently",
           302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
           308: "Permanent Redirect", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 410: "Gone", 418: "I'm a teapot", 429: "Too Many Requests",
           451: "Unavailable For Legal Reasons", 500: "Internal Server Error",
           503: "Service Unavailable", 511: "Network Authentication Required"}
# What a TLS port answers that does not speak it.
NO_TLS = {"plain": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
          "garbage": b"\x00this is neither TLS nor HTTP\r\n" * 4,
          "farewell": b"\x15\x03\x03\0\2\1\0",  # close_notify
          # HelloRequests, which a client ignores as long as the handshake is not over.
          "endless": b"\x16\x03\x03\0\x04\0\0\0\0" * 4096}
# What a server sends that offered HTTP/2: no frames at all; or settings, and then the first stream
# is reset with PROTOCOL_ERROR, REFUSED_STREAM, HTTP_1_1_REQUIRED or (the first time) INTERNAL_ERROR, or
# thousands of settings or window updates without end follow.
BAD_HTTP2 = {"bad-h2": b"HTTP/2.0 what?\r\n" * 8,
             "resetting-h2": b"\0\0\0\4\0\0\0\0\0" + b"\0\0\4\3\0\0\0\0\1" + b"\0\0\0\1",
             "refusing-h2": b"\0\0\0\4\0\0\0\0\0" + b"\0\0\4\3\0\0\0\0\1" + b"\0\0\0\7",
             "wants-h1": b"\0\0\0\4\0\0\0\0\0" + b"\0\0\4\3\0\0\0\0\1" + b"\0\0\0\x0d",
             "only-h2": b"\0\0\0\4\0\0\0\0\0" + b"\0\0\4\3\0\0\0\0\1" + b"\0\0\0\2",
             "restless-h2": b"\0\0\0\4\0\0\0\0\0" * 5000,
             "flooding-h2": b"\0\0\0\4\0\0\0\0\0"}
NO_HTTP1 = {"only-h2", "restless-h2"}
# Settings, and ":status: 200" as the whole answer to the first stream.
GOOD_HTTP2 = b"\0\0\0\4\0\0\0\0\0" + b"\0\0\1\1\5\0\0\0\1" + b"\x88"
WINDOW_UPDATES = (b"\0\0\4\x08\0\0\0\0\0" + b"\0\0\0\1") * 20000  # nothing that a client could answer
HTTP2_PREFACE_SIZE = 24


@dataclass
class Request:
    at: int
    scheme: str
    host: str
    method: str
    target: str
    headers: dict

    @property
    def url(self):
        return f"{self.scheme}://{self.host}{self.target}"


def parse_request(head, scheme, at):
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    headers = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    host = headers.get("host", "")
    name = host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host
    return Request(at, scheme, name.lower().rstrip("."), method, target, headers)


def is_ours(address):
    """Whether we may listen there: loopback, IPv6 only where the machine has it."""
    if address != "::1":
        return address.startswith("127.")
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
            sock.bind((address, 0))
    except OSError:
        return False
    return True


UNITS_S = {"": 1, "m": 60, "h": 3600, "d": 86400}
PLACE = re.compile(r"\{(?:(url|host|target)|(date|epoch)([+-]\d+)([mhd]?))\}")


def expand(value, request):
    """{url} {host} {target} {date+S} {epoch-3d} in a value of the table."""
    if not isinstance(value, str) or "{" not in value:
        return value

    def put(match):
        if match[1]:
            return getattr(request, match[1])
        at = int(time.time() + int(match[3]) * UNITS_S[match[4]])
        return formatdate(at, usegmt=True) if match[2] == "date" else str(at)

    return PLACE.sub(put, value)


class Exchange:
    """One request and what is done about it; what a behaviour works with.

    A behaviour is `async def name(exchange, params)` and returns true to keep the connection.
    """

    def __init__(self, wire, request):
        self.wire = wire
        self.request = request
        self.headers_more = []  # of the table's line; every head has them
        self.status = 0
        self.sent = 0
        self.finished_at = None

    async def raw(self, data, last=False):
        """Bytes onto the wire, whatever they are. The time of the last ones counts."""
        if last:
            self.finished_at = now_us()
        self.sent += len(data)
        await self.wire.send(data)

    def head(self, status, headers, reason=None):
        self.status = status
        lines = [f"HTTP/1.1 {status} {reason or REASONS.get(status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in [*headers, *self.headers_more]]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def answer(self, status, headers, body=b"", keep=True):
        """A whole and correct response."""
        headers = list(headers)
        if status != 304 and status != 204 and status >= 200:
            headers.append(("Content-Length", len(body)))
        if not keep:
            headers.append(("Connection", "close"))
        bodiless = self.request.method == "HEAD" or status in (204, 304)
        await self.raw(self.head(status, headers) + (b"" if bodiless else body), last=True)
        return keep


class Server:
    def __init__(self, site, behaviours, journal, authority):
        self._site = site
        self._behaviours = behaviours
        self._journal = journal
        self._authority = authority
        self._sockets = []
        self._fillers = []
        self._wires = set()
        self._tried = set()  # words that have failed once
        self.ports = {"http": 0, "https": 0}

    # --- listening ---

    def start(self):
        """Binds both ports on every loopback address of the table."""
        wanted = self._wanted()
        for scheme in ("http", "https"):
            for _ in range(20):
                bound = self._bind_all(wanted)
                if bound is not None:
                    break
            else:
                raise OSError("no port is free on every address")
            self.ports[scheme] = bound[0][1].getsockname()[1]
            for address, sock in bound:
                self._listen(sock, scheme, wanted[address])

    def _wanted(self):
        """address -> (port word, tls word); those that nobody listens on are left out."""
        wanted = {"127.0.0.1": ("open", "good")}
        for host in self._site.hosts.values():
            for address in sum(host.then, host.addresses):
                if is_ours(address):
                    tls = "good" if host.tls in TLS_CERTIFICATES else host.tls
                    if wanted.get(address, ("open", "good")) == ("open", "good"):
                        wanted[address] = (host.port, tls)
        return {address: words for address, words in wanted.items() if words[0] != "refused"}

    def _bind_all(self, wanted):
        """Sockets bound to the same free port on all addresses, or None."""
        bound, port = [], 0
        for address, (word, _) in wanted.items():
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind((address, port))
                sock.listen(0 if word == "blackhole" else BACKLOG)
            except OSError:
                for _, other in [*bound, (address, sock)]:
                    other.close()
                return None
            port = sock.getsockname()[1]
            bound.append((address, sock))
        return bound

    def _listen(self, sock, scheme, words):
        self._sockets.append(sock)
        port_word, tls_word = words
        if port_word == "blackhole":
            self._fill(sock)
            return
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        context = None
        if scheme == "https":
            context = self._tls_context(tls_word)
        asyncio.get_running_loop().add_reader(
            sock.fileno(), self._accept, sock, scheme, port_word, tls_word, context)

    def _fill(self, sock):
        """A queue that is full answers no SYN any more."""
        for _ in range(3):
            filler = socket.socket(sock.family, socket.SOCK_STREAM)
            filler.setblocking(False)
            filler.connect_ex(sock.getsockname())
            self._fillers.append(filler)

    def _tls_context(self, word):
        if word == "tls1.0":
            return self._authority.old_context()
        if word in BAD_HTTP2:
            return self._authority.http2_context(word in NO_HTTP1)
        if word.startswith("wants-ours"):
            return self._authority.asking_context(word.endswith("1.2"))
        context = self._authority.context("good")

        def choose(connection, name, _):
            host = self._site.host((name or "").lower())
            if host is not None and host.tls in TLS_CERTIFICATES:
                connection.context = self._authority.context(host.tls)

        context.sni_callback = choose
        return context

    def _accept(self, sock, scheme, port_word, tls_word, context):
        for _ in range(64):
            try:
                accepted, _ = sock.accept()
            except OSError:
                return
            accepted.setblocking(False)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            address, port = accepted.getsockname()[:2]
            number = self._journal.accept(address, port, scheme == "https")
            if port_word == "reset" or (scheme == "https" and tls_word == "reset"):
                reset_socket(accepted)
                continue
            silent = port_word == "mute" or (scheme == "https" and tls_word == "silent")
            plain = scheme == "https" and tls_word in NO_TLS
            wire = Wire(accepted, number, None if silent or plain else context)
            self._wires.add(wire)
            wire.task = asyncio.ensure_future(
                self._serve(wire, scheme, "silent" if silent else tls_word))

    # --- one connection ---

    async def _serve(self, wire, scheme, word):
        try:
            if word == "silent":
                await asyncio.Event().wait()
            elif scheme == "https" and word in NO_TLS:
                await wire.more()
                await wire.send(NO_TLS[word])
                while word == "endless":
                    await wire.send(NO_TLS[word])
            elif scheme == "http" or await wire.handshake():
                if wire.speaks_http2():
                    await self._fail_http2(wire, word)
                elif word in NO_HTTP1 and scheme == "https":
                    return
                while await self._one_request(wire, scheme):
                    pass
        except (asyncio.CancelledError, OSError):
            pass
        finally:
            wire.close()
            self._wires.discard(wire)

    async def _fail_http2(self, wire, word):
        """It was announced, but does not work; stays until the client has had enough."""
        await wire.take(HTTP2_PREFACE_SIZE)
        await asyncio.sleep(0.05)  # for the request, which is not read
        tried = word == "only-h2" and word in self._tried
        self._tried.add(word)
        await wire.send(GOOD_HTTP2 if tried else BAD_HTTP2[word])
        while word == "flooding-h2":
            await wire.send(WINDOW_UPDATES)
        await asyncio.Event().wait()

    async def _one_request(self, wire, scheme):
        head = await wire.take_until(b"\r\n\r\n", HEAD_MAX)
        if head is None:
            return False
        try:
            request = parse_request(head, scheme, wire.last_at)
            size = min(int(request.headers.get("content-length", "0")), BODY_MAX)
        except ValueError:
            await wire.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return False
        await wire.take(size)
        exchange = Exchange(wire, request)
        number = self._journal.request(request, wire)
        finished = False
        try:
            keep = await self._behave(exchange)
            finished = True
        finally:
            self._journal.done(number, exchange.finished_at or now_us(), exchange.status,
                               exchange.sent, not finished)
        return keep and request.headers.get("connection", "").lower() != "close"

    async def _behave(self, exchange):
        rule = self._site.match(exchange.request)
        if rule is None:
            return await exchange.answer(
                404, [("Content-Type", "text/html")],
                b"<!doctype html><title>404 Not Found</title><h1>Not Found</h1>")
        if "delay" in rule.params:
            await asyncio.sleep(float(rule.params["delay"]))
        params = {key: expand(value, exchange.request) for key, value in rule.params.items() if key != "headers"}
        exchange.headers_more = [(name, expand(value, exchange.request)) for name, value in rule.params["headers"]]
        return await self._behaviours[rule.behaviour](exchange, params)

    async def close(self):
        loop = asyncio.get_running_loop()
        for sock in self._sockets:
            loop.remove_reader(sock.fileno())
        for sock in self._sockets + self._fillers:
            sock.close()
        tasks = [wire.task for wire in self._wires]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
