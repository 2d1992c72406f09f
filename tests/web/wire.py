"""One accepted connection, with or without TLS, down to where misbehaviour is possible.

Not asyncio's streams: those hide the kernel's time stamps, the reset of a connection and what
lies below TLS. Whoever serves a wire is a task; it is cancelled when the peer goes away.
"""

import asyncio
import socket
import ssl
import struct

from journal import Clocks, now_us

SO_TIMESTAMPNS = 35  # Linux; not among Python's names
READ_MAX = 65536
CLOCKS = Clocks()


def reset_socket(sock):
    """Closes with RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def _stamp(ancillary):
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS and len(data) >= 16:
            return CLOCKS.to_us(*struct.unpack_from("qq", data))
    return now_us()


class Wire:
    def __init__(self, sock, number, tls_context=None):
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._fd = sock.fileno()
        self._arrived = asyncio.Event()
        self._plain = bytearray()
        self._tls = None
        self.number = number
        self.address = sock.getsockname()[0]
        self.last_at = now_us()
        self.task = None
        self.closed = False
        if tls_context is not None:
            self._from_peer, self._to_peer = ssl.MemoryBIO(), ssl.MemoryBIO()
            self._tls = tls_context.wrap_bio(self._from_peer, self._to_peer, server_side=True)
        self._loop.add_reader(self._fd, self._readable)

    def tls_version(self):
        return self._tls.version() if self._tls is not None else None

    def speaks_http2(self):
        return self._tls is not None and self._tls.selected_alpn_protocol() == "h2"

    def _readable(self):
        try:
            data, ancillary, _, _ = self._sock.recvmsg(READ_MAX, 64)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        self.last_at = _stamp(ancillary)
        if self._tls is None:
            self._plain += data
        else:
            self._from_peer.write(data)
            if self._tls.version() is not None:
                self._decrypt()
        self._arrived.set()

    def _decrypt(self):
        try:
            while True:
                data = self._tls.read(READ_MAX)
                if not data:
                    break
                self._plain += data
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:  # close_notify, or an alert
            self._lost()

    def _lost(self):
        """The peer is gone: nobody is left to behave for."""
        if not self.closed:
            self._loop.remove_reader(self._fd)
            if self.task is not None:
                self.task.cancel()

    async def handshake(self):
        """False when the peer does not like us."""
        while True:
            try:
                self._tls.do_handshake()
                await self._flush()
                self._decrypt()
                return True
            except ssl.SSLWantReadError:
                await self._flush()
                self._arrived.clear()
                await self._arrived.wait()
            except ssl.SSLError:
                await self._flush()
                return False

    async def more(self):
        self._arrived.clear()
        await self._arrived.wait()

    async def take_until(self, mark, most):
        """Bytes up to and including `mark`; None when `most` bytes hold none."""
        while True:
            at = self._plain.find(mark)
            if at >= 0:
                found = bytes(self._plain[:at + len(mark)])
                del self._plain[:at + len(mark)]
                return found
            if len(self._plain) > most:
                return None
            await self.more()

    async def take(self, size):
        while len(self._plain) < size:
            await self.more()
        found = bytes(self._plain[:size])
        del self._plain[:size]
        return found

    async def send(self, data):
        if self._tls is not None:
            self._tls.write(data)
            data = self._to_peer.read()
        await self._send_raw(data)

    async def _flush(self):
        if self._to_peer.pending:
            await self._send_raw(self._to_peer.read())

    async def _send_raw(self, data):
        view = memoryview(data)
        while view:
            try:
                view = view[self._sock.send(view):]
            except BlockingIOError:
                writable = self._loop.create_future()
                self._loop.add_writer(self._fd, _wake, writable)
                try:
                    await writable
                finally:
                    self._loop.remove_writer(self._fd)

    def close(self, reset=False):
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._fd)
        try:
            if reset:
                reset_socket(self._sock)
                return
            if self._tls is not None and self._tls.version() is not None:
                self._goodbye()
            self._sock.close()
        except OSError:
            pass

    def _goodbye(self):
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            pass  # the peer's own close_notify is not waited for
        if self._to_peer.pending:
            self._sock.send(self._to_peer.read())


def _wake(future):
    if not future.done():
        future.set_result(None)
