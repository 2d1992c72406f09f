#!/usr/bin/python3
"""Receivers of messages on loopback that fail in every way: tests/web/receivers.py DIRECTORY

HTTP, HTTPS and SMTP servers for tests of notify/. Prints one line, "NAME=PORT ...", and then serves until its standard input ends.
Every request and mail that came in whole is a line of JSON in DIRECTORY/log; the certificate authority is in DIRECTORY/root.pem.

HTTP by path (the query and what stands in front of it does not matter):
  .../ok  .../status/NNN[/RETRY_AFTER]  .../hang  .../close  .../half  .../halfhead  .../garbage  .../redirect  .../endless
  .../slowbody (a whole head, and then nothing)  .../echo (403, and the request's own secrets as the answer)
  /repos/...: one repository with issues, in memory

SMTP by the local part of the first recipient, after the greeting:
  ok  rcpt450  rcpt550  data451  data552  data554  close (after the mail)  hang (likewise)  garbage (instead of a reply)
  twice (a mail is taken when it comes again; both are in the log)  slow (a second after it is in the log)
Ports: http https https_bad smtp smtp_tls (STARTTLS) smtp_tls_bad smtps smtp_busy (421) smtp_never (554) smtp_silent, and
  real: aiosmtpd (Debian's python3-aiosmtpd), 0 where it is not installed.
"""

import email
import email.policy
import http.server
import json
import os
import socket
import socketserver
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import certificates  # noqa: E402

USER, PASSWORD = "u", "geheim wort"
LOCK = threading.Lock()
ENDED = threading.Event()  # what hangs, hangs until then


def log(directory, **facts):
    with LOCK, open(os.path.join(directory, "log"), "a", encoding="utf-8") as file:
        file.write(json.dumps(facts, ensure_ascii=False) + "\n")


# --- HTTP ------------------------------------------------------------------------------------------


class Repository:
    """As much of GitHub as a living issue needs."""

    def __init__(self):
        self.issues, self.labels = [], set()

    def answer(self, method, path, body):
        parts = path.split("?")[0].strip("/").split("/")[3:]  # behind repos/OWNER/NAME
        if method == "GET" and parts == ["issues"]:
            page = int(path.split("&page=")[1]) if "&page=" in path else 1
            return 200, self.issues[100 * (page - 1):100 * page]
        if method == "POST" and parts == ["labels"]:
            if body["name"] in self.labels:
                return 422, {"message": "already_exists"}
            self.labels.add(body["name"])
            return 201, {}
        if method == "POST" and parts == ["issues"]:
            issue = {"number": len(self.issues) + 1, "state": "open", **body}
            self.issues.append(issue)
            return 201, issue
        if method == "PATCH" and parts[0] == "issues" and len(parts) == 2:
            issue = self.issues[int(parts[1]) - 1]
            issue.update(body)
            return 200, issue
        return 404, {"message": "Not Found"}


class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    directory, repository = None, Repository()

    def log_message(self, *_):
        pass

    def say(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def raw(self, data):
        self.wfile.write(data)
        self.wfile.flush()
        self.close_connection = True

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        log(self.directory, kind="http", method=self.command, path=self.path, body=body.decode("utf-8", "replace"),
            headers={name.lower(): value for name, value in self.headers.items()})
        if self.path.startswith("/repos/"):
            status, value = self.repository.answer(self.command, self.path, json.loads(body or b"null"))
            return self.say(status, json.dumps(value).encode())
        words = self.path.split("?")[0].strip("/").split("/")
        if "status" in words:
            at = words.index("status")
            wish = {"Retry_After": words[at + 2]} if len(words) > at + 2 else {}
            return self.say(int(words[at + 1]), b"no\x1b[31m such\r\nthing", **wish)
        return getattr(self, "do_" + words[-1], self.do_ok)()

    do_GET = do_POST = do_PUT = do_PATCH = answer

    def do_ok(self):
        self.say(200, b"ok")

    def do_hang(self):
        ENDED.wait()
        self.close_connection = True

    def do_close(self):
        self.close_connection = True

    def do_half(self):
        self.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")

    def do_halfhead(self):
        self.raw(b"HTTP/1.1 2")

    def do_garbage(self):
        self.raw(b"\x00\xff\x80 garbage\r\n\r\n")

    def do_redirect(self):
        self.say(302, Location="/stolen/ok")

    def do_slowbody(self):
        self.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        ENDED.wait()

    def do_endless(self):
        self.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        try:
            while not ENDED.is_set():
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass

    def do_echo(self):
        self.say(403, (self.path + " " + (self.headers.get("Authorization") or "")).encode())


class WebServer(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    context = None

    def finish_request(self, request, client_address):
        if self.context is not None:
            try:
                request = self.context.wrap_socket(request, server_side=True)
            except OSError:
                return
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        pass


# --- SMTP ------------------------------------------------------------------------------------------


def facts_of(data):
    mail = email.message_from_bytes(data, policy=email.policy.default)
    parts = [{"type": part.get_content_type(), "text": part.get_content()} for part in mail.walk()
             if not part.is_multipart()]
    return {"headers": {name.lower(): str(value) for name, value in mail.items()}, "parts": parts,
            "defects": [str(defect) for part in mail.walk() for defect in part.defects]}


class Mail(socketserver.StreamRequestHandler):
    """One mail after the other, as the first recipient wants it."""

    def reply(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def start_tls(self):
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def setup(self):
        super().setup()
        self.wfile = self.connection.makefile("wb", 0)
        self.secure = self.logged_in = False
        self.sender, self.recipients = None, []

    def handle(self):
        manner = self.server.manner
        try:
            if manner == "implicit":
                self.start_tls()
                self.secure = True
            if manner == "silent":
                return ENDED.wait()
            self.reply({"busy": "421 busy", "never": "554 never"}.get(manner, "220 here"))
            while self.server.manner not in ("busy", "never") and self.command():
                pass
        except OSError:
            pass
        return None

    def command(self):
        line = self.rfile.readline().decode("utf-8", "replace").strip()
        verb = line.split(" ")[0].split(":")[0].upper()
        if not line or verb == "QUIT":
            return bool(line) and self.reply("221 bye")
        return getattr(self, "on_" + verb, self.on_unknown)(line)

    def on_unknown(self, _):
        self.reply("500 what?")
        return True

    def on_EHLO(self, _):
        words = ["here", "8BITMIME", "SIZE 10000000", "AUTH PLAIN"]
        if self.server.manner == "starttls" and not self.secure:
            words.append("STARTTLS")
        for word in words[:-1]:
            self.reply("250-" + word)
        self.reply("250 " + words[-1])
        return True

    def on_STARTTLS(self, _):
        self.reply("220 go ahead")
        self.start_tls()
        self.secure = True
        return True

    def on_AUTH(self, line):
        import base64
        words = line.split(" ")
        if len(words) < 3:
            self.reply("334 ")
            words.append(self.rfile.readline().decode().strip())
        said = base64.b64decode(words[2]).split(b"\0")
        self.logged_in = said[1:] == [USER.encode(), PASSWORD.encode()]
        self.reply("235 welcome" if self.logged_in else "535 who? " + said[-1].decode())
        return True

    def on_MAIL(self, line):
        self.sender, self.recipients = line.split(":", 1)[1].split(" ")[0], []
        self.reply("250 ok")
        return True

    def wish(self):
        return self.recipients[0].strip("<>").split("@")[0]

    def on_RCPT(self, line):
        self.recipients.append(line.split(":", 1)[1])
        wish = self.wish()
        self.reply({"rcpt450": "450 later", "rcpt550": "550 nobody"}.get(wish, "250 ok"))
        return True

    def on_RSET(self, _):
        self.reply("250 ok")
        return True

    def on_DATA(self, _):
        self.reply("354 go ahead")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        wish = self.wish()
        if line == b"":
            return False
        if wish == "hang":
            ENDED.wait()
        if wish in ("close", "hang"):
            return False
        if wish in ("ok", "twice", "slow"):
            log(self.server.directory, kind="mail", sender=self.sender, recipients=self.recipients, secure=self.secure,
                logged_in=self.logged_in, longest=max(map(len, lines)), **facts_of(b"".join(lines)))
        if wish == "slow":
            ENDED.wait(1)
        again = self.server.seen(b"".join(lines))
        if wish == "twice" and not again:
            wish = "data451"
        self.reply({"data451": "451 later", "data552": "552 too large", "data554": "554 spam",
                    "garbage": "\x00\x01 nonsense"}.get(wish, "250 taken"))
        return True


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    context = manner = directory = None

    def __init__(self, *words):
        super().__init__(*words)
        self.mails = set()

    def seen(self, data):
        """Whether it came before."""
        before = data in self.mails
        self.mails.add(data)
        return before

    def handle_error(self, request, client_address):
        pass


# --- a server that others wrote ------------------------------------------------------------------------


def start_real(directory):
    try:
        from aiosmtpd.controller import Controller
    except ImportError:
        return 0

    class Handler:
        async def handle_DATA(self, _, session, envelope):
            log(directory, kind="real", sender=envelope.mail_from, recipients=envelope.rcpt_tos,
                client=session.host_name, **facts_of(envelope.content))
            return "250 taken"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    Controller(Handler(), hostname="127.0.0.1", port=port).start()
    return port


def start(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    directory = sys.argv[1]
    authority = certificates.Authority(directory)
    authority.prepare("good", ["localhost"])
    authority.prepare("self-signed", ["localhost"])
    good, bad = authority.context("good"), authority.context("self-signed")
    Web.directory = directory
    ports = {}
    for name, context in (("http", None), ("https", good), ("https_bad", bad)):
        server = WebServer(("127.0.0.1", 0), Web)
        server.context = context
        ports[name] = start(server)
    for name, manner, context in (("smtp", "plain", None), ("smtp_tls", "starttls", good), ("smtp_tls_bad", "starttls", bad),
                                  ("smtps", "implicit", good), ("smtp_busy", "busy", None), ("smtp_never", "never", None),
                                  ("smtp_silent", "silent", None)):
        server = MailServer(("127.0.0.1", 0), Mail)
        server.directory, server.manner, server.context = directory, manner, context
        ports[name] = start(server)
    ports["real"] = start_real(directory)
    print(" ".join(f"{name}={port}" for name, port in ports.items()), flush=True)
    sys.stdin.read()
    ENDED.set()
    os._exit(0)  # threads of servers may be within a write


if __name__ == "__main__":
    main()
