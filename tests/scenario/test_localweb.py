"""The local web itself: what the other tests rest on, seen with a client that is not ours."""

import http.client
import os
import socket
import ssl
import struct
import time
from email.utils import parsedate_to_datetime

from harness import ROOT, Web, check_that, equal
from pages import BEHAVIOURS
import falsepages  # noqa: F401  its functions enter BEHAVIOURS
import trouble  # noqa: F401


def get(web, host, path, method="GET", headers=None):
    client = http.client.HTTPConnection("127.0.0.1", web.local.http_port, timeout=5)
    client.request(method, path, headers={"Host": host, **(headers or {})})
    answer = client.getresponse()
    body = answer.read()
    client.close()
    return answer.status, answer, body


def test_conditions_of_a_line():
    with Web("""
        a.test /x status code=503 first=2
        a.test /x status code=405 method=HEAD
        a.test /x redirect to=self unless_cookie=seen
        a.test /x ok title="Inside"
        a.test /x/y* status code=410
        a.test /x/* ok
        * /any ok title="Anybody"
    """) as web:
        equal([get(web, "a.test", "/x")[0] for _ in range(3)], [503, 503, 302], "first=, unless_cookie=")
        equal(get(web, "a.test", "/x", "HEAD")[0], 405, "method=")
        status, _, body = get(web, "a.test", "/x?query", headers={"Cookie": "seen=1"})
        check_that(status == 200 and b"Inside" in body, f"{status} {body!r}")
        equal([get(web, "a.test", path)[0] for path in ("/x/z", "/x/yz", "/nothing")], [200, 410, 404], "prefixes")
        equal(get(web, "b.test", "/any")[0], 200, "any host")
        starts = [entry["request"] for entry in web.log("request")]
        equal(starts, list(range(1, len(starts) + 1)), "numbers of the log")


def test_resets_are_resets():
    with Web("a.test /r reset\na.test /c close\nhost rst.test port=reset\nhost no.test port=refused") as web:
        for path, wanted in (("/r", ConnectionResetError), ("/c", http.client.RemoteDisconnected)):
            try:
                get(web, "a.test", path)
                found = None
            except OSError as error:
                found = type(error)
            equal(found, wanted, path)


def ask(web, name, kind=1):
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    message = struct.pack("!HHHHHH", 9, 0x100, 1, 0, 0, 0) + question + struct.pack("!HH", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        sock.sendto(message, ("127.0.0.1", web.local.dns_port))
        try:
            answer = sock.recv(2048)
        except TimeoutError:
            return None, 0, b""
    flags, _, count = struct.unpack_from("!HHH", answer, 2)
    return flags & 15, count, answer[-4:]


def test_names():
    with Web("""
        host a.test address=127.0.0.5 then=127.0.0.6
        host nx.test dns=nxdomain
        host empty.test dns=nodata
        host bad.test dns=servfail
        host no.test dns=refused
        host silent.test dns=silent
        host steps.test address=127.0.0.5 then=127.0.0.6/127.0.0.7 dns6=refused
        host once.test dns_once=servfail
    """) as web:
        equal([ask(web, "a.test"), ask(web, "a.test")], [(0, 1, bytes([127, 0, 0, 5])), (0, 1, bytes([127, 0, 0, 6]))],
              "answers that change")
        equal([ask(web, "steps.test")[2][3] for _ in range(4)], [5, 6, 7, 7], "answers that change again")
        equal(ask(web, "steps.test", 28)[0], 5, "the other family")
        equal([ask(web, "once.test")[0] for _ in range(2)], [2, 0], "the first query")
        names = ("nx.test", "unlisted.test", "empty.test", "bad.test", "no.test", "silent.test")
        equal([ask(web, name)[:2] for name in names], [(3, 0), (3, 0), (0, 0), (2, 0), (5, 0), (None, 0)], "answers")


def test_names_that_nobody_listed():
    with Web("host * dns=silent\nhost a.test") as web:
        equal([ask(web, name)[0] for name in ("a.test", "b.test")], [0, None], "answers")
    with Web("host * address=127.0.0.9\n* /* redirect to=\"http://portal.test/?from={url}\"") as web:
        equal(ask(web, "any.thing"), (0, 1, bytes([127, 0, 0, 9])), "answer")
        equal(get(web, "any.thing", "/x?y")[1].headers["Location"], "http://portal.test/?from=http://any.thing/x?y",
              "where everybody is sent")


def test_dates_and_numbers_from_now():
    with Web("""
        a.test / ok header="Date: {date-2d}" header="RateLimit-Reset: {epoch+90}" header="X-Plain: {not this}"
    """) as web:
        headers = get(web, "a.test", "/")[1].headers
        ago = time.time() - parsedate_to_datetime(headers["Date"]).timestamp()
        check_that(abs(ago - 2 * 86400) < 60, f"Date is {ago} s ago")
        check_that(abs(int(headers["RateLimit-Reset"]) - time.time() - 90) < 60, "RateLimit-Reset")
        equal(headers["X-Plain"], "{not this}", "what is no place")


def test_many_pages_and_one_page():
    """`ok` on many paths is many pages; the false ones are one page, whatever is asked."""
    with Web("""
        a.test /pages/* ok
        a.test /same/*  catch-all
        a.test /app/*   app-shell
        a.test /sold/*  parked kind=script
        a.test /echo/*  echo
    """) as web:
        for base, same in (("pages", False), ("same", True), ("app", True), ("sold", True), ("echo", False)):
            first, second = (get(web, "a.test", f"/{base}/{name}")[2] for name in ("one", "two"))
            equal(first == second, same, f"whether /{base}/one is /{base}/two")
            equal(get(web, "a.test", f"/{base}/one")[2] == first, base != "echo", f"whether /{base}/one stays")


def test_certificates_are_verified():
    with Web("""
        host good.test
        host old.test   tls=expired
        host leaf.test  tls=incomplete
        host chain.test tls=chain
        host past.test  tls=chain-expired
        host root.test  tls=untrusted-root
        * /* ok
    """) as web:
        context = ssl.create_default_context(cafile=web.local.ca_file)

        def shake(name):
            with socket.create_connection(("127.0.0.1", web.local.https_port), timeout=5) as sock:
                try:
                    with context.wrap_socket(sock, server_hostname=name):
                        return "good"
                except ssl.SSLCertVerificationError as error:
                    return error.verify_message

        equal(shake("good.test"), "good", "a good certificate")
        equal(shake("old.test"), "certificate has expired", "an expired certificate")
        equal(shake("leaf.test"), "unable to get local issuer certificate", "a leaf alone")
        equal(shake("chain.test"), "good", "a leaf and its signer")
        equal(shake("past.test"), "certificate has expired", "a signer whose time is over")
        equal(shake("root.test"), "self-signed certificate in certificate chain", "a root that nobody knows")


def test_a_blackhole_swallows():
    with Web("host hole.test port=blackhole address=127.1.8.1") as web:
        with socket.socket() as sock:
            sock.settimeout(0.3)
            began = time.monotonic()
            try:
                sock.connect(("127.1.8.1", web.local.http_port))
                found = "connected"
            except TimeoutError:
                found = "nothing"
            equal(found, "nothing", "answer to a SYN")
            check_that(time.monotonic() - began > 0.25, "the time was spent waiting")


def test_a_table_with_a_fault_is_refused():
    for text, word in (("a.test / dance", "dance"), ("host a.test tls=old", "old"), ("a.test", "expected")):
        try:
            with Web(text):
                found = "it started"
        except OSError as error:
            found = str(error)
        check_that(word in found and "inline.web:1" in found, f"{text!r}: {found!r}")


def taste(web, host, path):
    """The first bytes of an answer, or of the silence."""
    with socket.create_connection(("127.0.0.1", web.local.http_port), timeout=0.3) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        try:
            return sock.recv(4096)
        except (TimeoutError, ConnectionResetError):
            return b""


def test_every_behaviour_can_be_tried():
    """hostile.web shows all of them, and the web survives them all."""
    table = os.path.join(ROOT, "tests", "web", "sites", "hostile.web")
    with open(table, encoding="utf-8") as file:
        lines = [line.split() for line in file if line.startswith(("hostile.test", "openreview.net"))]
    equal(sorted(set(BEHAVIOURS) - {line[2] for line in lines}), [], "behaviours that the table lacks")
    with Web("", files=[table]) as web:
        for host, path, *_ in lines:
            taste(web, host, path.replace("*", "1"))
        check_that(taste(web, "hostile.test", "/ok").startswith(b"HTTP/1.1 200 OK"), "still there")
