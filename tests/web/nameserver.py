"""A DNS server (UDP and TCP) for the hosts of the table, with all that can go wrong.

Knows A and AAAA; everything else about a known name is NODATA. Reads one question a message.
"""

import asyncio
import ipaddress
import struct

NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
TYPES = {1: "A", 28: "AAAA", 5: "CNAME", 6: "SOA", 65: "HTTPS"}


def read_question(message):
    """(id, flags, name, type, the question's bytes)."""
    number, flags, questions = struct.unpack_from("!HHH", message)
    if questions != 1:
        raise ValueError("not one question")
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode("ascii"))
        at += 1 + message[at]
    kind, _ = struct.unpack_from("!HH", message, at + 1)
    return number, flags, ".".join(labels).lower(), kind, message[12:at + 5]


def encode_name(name):
    return b"".join(bytes([len(l)]) + l.encode("ascii") for l in name.split(".") if l) + b"\0"


def resource(name, kind, ttl, data):
    return encode_name(name) + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def reply(number, flags, question, code, answers=(), authority=(), truncated=False):
    # QR, AA and RA; RD as asked.
    bits = 0x8480 | (flags & 0x0100) | (0x0200 if truncated else 0) | code
    head = struct.pack("!HHHHHH", number, bits, 1, len(answers), len(authority), 0)
    return head + question + b"".join(answers) + b"".join(authority)


def start_of_authority(name, ttl):
    numbers = struct.pack("!IIIII", 1, 3600, 600, 86400, ttl)
    zone = name.rpartition(".")[2] or name
    return resource(zone, 6, ttl, encode_name("ns." + zone) + encode_name("root." + zone) + numbers)


class NameServer(asyncio.DatagramProtocol):
    def __init__(self, site, journal):
        self._site = site
        self._journal = journal
        self._udp = None
        self._tcp = None
        self.port = 0

    async def start(self, address="127.0.0.1"):
        loop = asyncio.get_running_loop()
        for _ in range(20):
            self._udp, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(address, 0))
            self.port = self._udp.get_extra_info("sockname")[1]
            try:
                self._tcp = await asyncio.start_server(self._serve_stream, address, self.port)
                return
            except OSError:  # somebody has the TCP port of that number
                self._udp.close()
        raise OSError("no port is free for both UDP and TCP")

    def close(self):
        self._udp.close()
        self._tcp.close()

    def datagram_received(self, data, addr):
        loop = asyncio.get_running_loop()
        answer, delay = self._answer(data, stream=False)
        if answer is not None:
            loop.call_later(delay, self._udp.sendto, answer, addr)

    async def _serve_stream(self, reader, writer):
        try:
            while True:
                size = struct.unpack("!H", await reader.readexactly(2))[0]
                answer, delay = self._answer(await reader.readexactly(size), stream=True)
                await asyncio.sleep(delay)
                if answer == b"":
                    break
                if answer is not None:
                    writer.write(struct.pack("!H", len(answer)) + answer)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    def _answer(self, message, stream):
        """(bytes, none of them to hang up, or None for silence; seconds to wait)."""
        try:
            number, flags, name, kind, question = read_question(message)
        except (ValueError, IndexError, struct.error, UnicodeDecodeError):
            return None, 0
        host = self._site.host(name)
        word = host.dns_word(kind) if host else "nxdomain"
        self._journal.dns(name, TYPES.get(kind, str(kind)), word)
        delay = host.dns_delay if host else 0
        soa = [start_of_authority(name, 60)]
        if word == "silent":
            return None, 0
        if word == "nxdomain":
            return reply(number, flags, question, NXDOMAIN, authority=soa), delay
        if word == "servfail":
            return reply(number, flags, question, SERVFAIL), delay
        if word == "refused":
            return reply(number, flags, question, REFUSED), delay
        if word == "garbage":
            return struct.pack("!HH", number, 0x8180) + b"\xff" * 20, delay
        if word == "echo":
            return message, delay
        if word == "cut" and stream:
            return b"", delay
        if word in ("truncated", "cut") and not stream:
            return reply(number, flags, question, NOERROR, truncated=True), delay
        answers = [] if word == "nodata" else self._records(host, name, kind)
        return reply(number, flags, question, NOERROR, answers, [] if answers else soa), delay

    def _records(self, host, name, kind):
        records = []
        if host.cname:
            records.append(resource(name, 5, host.ttl, encode_name(host.cname)))
            name = host.cname
            host = self._site.host(name)
            if host is None or host.dns != "ok":
                return records
        for text in host.answer(kind):
            address = ipaddress.ip_address(text)
            if (kind, address.version) in ((1, 4), (28, 6)):
                records.append(resource(name, kind, host.ttl, address.packed))
        return records
