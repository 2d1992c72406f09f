"""Behaviours below HTTP, or hostile to whoever reads: silence, resets, lies, floods. One function each."""

import asyncio
import time
import zlib

from pages import HTML, behaviour, document

BUCKETS = {}  # when each host's next request is welcome
CHUNK = b"<p>" + b"x" * 4089 + b"</p>"


def head_with_length(exchange, length, *headers):
    return exchange.head(200, [HTML, ("Content-Length", length), *headers])


@behaviour("hang")
async def hang(exchange, params):
    """Takes the request and never answers."""
    await asyncio.Event().wait()


@behaviour("close")
async def close(exchange, params):
    """Takes the request and closes without a byte."""
    return False


@behaviour("reset")
async def reset(exchange, params):
    """after=request|status|head|body: resets the connection there."""
    after = params.get("after", "request")
    if after == "status":
        await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-")
    elif after == "head":
        await exchange.raw(head_with_length(exchange, 100000))
    elif after == "body":
        text = document(params.get("title", "Cut off")).encode()
        await exchange.raw(head_with_length(exchange, 100000) + text)
    if after != "request":
        await asyncio.sleep(float(params.get("pause", "0.2")))  # the peer should read it first
    exchange.wire.close(reset=True)
    return False


@behaviour("stall")
async def stall(exchange, params):
    """after=status|head|body: nothing more comes."""
    after = params.get("after", "head")
    if after == "status":
        await exchange.raw(b"HTTP/1.1 200 OK\r\n")
    else:
        await exchange.raw(head_with_length(exchange, 100000))
        if after == "body":
            await exchange.raw(document(params.get("title", "Stalled")).encode())
    await asyncio.Event().wait()


@behaviour("cut")
async def cut(exchange, params):
    """title=: Content-Length promises more than comes before the end."""
    text = document(params.get("title", "Cut short")).encode()
    await exchange.raw(head_with_length(exchange, len(text) + 5000) + text, last=True)
    return False


@behaviour("until-close")
async def until_close(exchange, params):
    """title=: no length at all; the end of the connection ends the page."""
    text = document(params.get("title", "Until the end")).encode()
    await exchange.raw(exchange.head(200, [HTML, ("Connection", "close")]) + text, last=True)
    return False


@behaviour("chunked")
async def chunked(exchange, params):
    """title= pieces=4"""
    text = document(params.get("title", "In pieces")).encode()
    step = max(1, len(text) // int(params.get("pieces", "4")))
    await exchange.raw(exchange.head(200, [HTML, ("Transfer-Encoding", "chunked")]))
    for at in range(0, len(text), step):
        piece = text[at:at + step]
        await exchange.raw(b"%x\r\n%s\r\n" % (len(piece), piece))
    await exchange.raw(b"0\r\n\r\n", last=True)
    return True


@behaviour("bad-chunking")
async def bad_chunking(exchange, params):
    """title=: begins well, then a chunk size that is none."""
    text = document(params.get("title", "Badly cut")).encode()
    await exchange.raw(exchange.head(200, [HTML, ("Transfer-Encoding", "chunked")]))
    await exchange.raw(b"%x\r\n%s\r\nzz top\r\n" % (len(text), text), last=True)
    return False


@behaviour("garbage")
async def garbage(exchange, params):
    """Something that is no status line."""
    await exchange.raw(b"\x00\x01\x02 SSH-2.0-not http at all\r\n\r\n\xff\xfe", last=True)
    return False


@behaviour("bad-status")
async def bad_status(exchange, params):
    """line=: a status line as given."""
    line = params.get("line", "HTTP/1.1 abc Whatever").encode()
    await exchange.raw(line + b"\r\nContent-Length: 0\r\n\r\n", last=True)
    return False


@behaviour("head-lines")
async def head_lines(exchange, params):
    """lines=: the lines of a head as given, between bars."""
    head = params["lines"].replace("|", "\r\n").encode()
    await exchange.raw(head + b"\r\nConnection: close\r\n\r\n", last=True)
    return False


@behaviour("http09")
async def http09(exchange, params):
    """A page without a head, as in 1991."""
    await exchange.raw(b"<title>Old times</title><p>No head.</p>\n", last=True)
    return False


@behaviour("header-flood")
async def header_flood(exchange, params):
    """lines=5000: headers without end in sight."""
    await exchange.raw(b"HTTP/1.1 200 OK\r\n")
    for number in range(int(params.get("lines", "5000"))):
        await exchange.raw(b"X-Flood-%d: %s\r\n" % (number, b"y" * 100))
    await exchange.raw(b"Content-Length: 0\r\n\r\n", last=True)
    return True


@behaviour("long-header")
async def long_header(exchange, params):
    """size=1000000: one header line of that size."""
    size = int(params.get("size", "1000000"))
    await exchange.raw(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(0, size, len(CHUNK)):
        await exchange.raw(CHUNK)
    await exchange.raw(b"\r\nContent-Length: 0\r\n\r\n", last=True)
    return True


@behaviour("interim")
async def interim(exchange, params):
    """count=1 final=yes: 103 answers before the real one, or instead of it."""
    for _ in range(int(params.get("count", "1"))):
        await exchange.raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
    if params.get("final", "yes") != "yes":
        return False
    return await exchange.answer(200, [HTML], document(params.get("title", "After hints")).encode())


@behaviour("drip")
async def drip(exchange, params):
    """what=body|head every=0.1 size=100000 title=: a byte at a time."""
    every = float(params.get("every", "0.1"))
    size = int(params.get("size", "100000"))
    text = document(params.get("title", "Dripping")).encode()
    text += b"." * max(0, size - len(text))
    head = head_with_length(exchange, len(text))
    if params.get("what", "body") == "body":
        await exchange.raw(head)
    else:
        text = head + text
    for at in range(len(text)):
        await exchange.raw(text[at:at + 1])
        await asyncio.sleep(every)
    return True


@behaviour("endless")
async def endless(exchange, params):
    """title= pace=0: a body that never ends, chunked."""
    pace = float(params.get("pace", "0"))
    await exchange.raw(exchange.head(200, [HTML, ("Transfer-Encoding", "chunked")]))
    text = document(params.get("title", "Endless")).replace("</body>\n</html>\n", "").encode()
    await exchange.raw(b"%x\r\n%s\r\n" % (len(text), text))
    while True:
        await exchange.raw(b"%x\r\n%s\r\n" % (len(CHUNK), CHUNK))
        await asyncio.sleep(pace)


@behaviour("download")
async def download(exchange, params):
    """size=10000000000: a large file of no particular kind."""
    size = int(params.get("size", "10000000000"))
    await exchange.raw(exchange.head(200, [("Content-Type", "application/zip"),
                                           ("Content-Length", size)]))
    if exchange.request.method == "HEAD":
        return True
    for _ in range(0, size, len(CHUNK)):
        await exchange.raw(CHUNK)
        await asyncio.sleep(0)
    return False


def gzip_bomb(megabytes, title):
    """A gzip stream of that many MiB of blanks after a title, made in small memory."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield packer.compress(document(title).encode())
    blanks = b" " * (1 << 20)
    for _ in range(megabytes):
        yield packer.compress(blanks)
    yield packer.flush()


@behaviour("gzip-bomb")
async def bomb(exchange, params):
    """megabytes=200 title=: small on the wire, large when unpacked."""
    await exchange.raw(exchange.head(200, [HTML, ("Content-Encoding", "gzip"),
                                           ("Connection", "close")]))
    for piece in gzip_bomb(int(params.get("megabytes", "200")), params.get("title", "Boom")):
        if piece:
            await exchange.raw(piece)
        await asyncio.sleep(0)
    return False


def bits(*fields):
    """(count, value) packed in the order of RFC 7932: the least bit of a byte first."""
    packed, filled = 0, 0
    for count, value in fields:
        packed |= value << filled
        filled += count
    return packed.to_bytes((filled + 7) // 8, "little")


# A meta-block of Brotli that is 16 MiB of blanks: every prefix code has one symbol, which then takes no bits.
# One literal is inserted, and copied up to the end.
BLANKS = 1 << 24
BLANK_BLOCK = ((1, 0), (2, 2), (24, BLANKS - 1), (1, 0),  # not the last; its length; compressed
               (3, 0), (6, 0), (2, 0), (2, 0),            # one type of block and one tree of each kind
               (4, 1), (8, ord(" ")), (4, 1), (10, 399), (4, 1), (6, 16),
               (24, BLANKS - 1 - 2118), (1, 0))           # the length of the copy; a distance of 1


def brotli_bomb(megabytes, title):
    """A Brotli stream of a title and that many MiB of blanks, by hand: Python brings no packer."""
    text = document(title).encode()
    plain = bits((1, 0), (1, 0), (2, 0), (16, len(text) - 1), (1, 1))  # 64 KiB window; not the last; as it is
    return plain + text + bits(*BLANK_BLOCK * ((megabytes + 15) // 16), (2, 3))


@behaviour("brotli-bomb")
async def bomb_of_brotli(exchange, params):
    """megabytes=200 title="""
    data = brotli_bomb(int(params.get("megabytes", "200")), params.get("title", "Boom"))
    await exchange.raw(exchange.head(200, [HTML, ("Content-Encoding", "br"), ("Content-Length", len(data))]) + data,
                       last=True)
    return True


@behaviour("packed-twice")
async def packed_twice(exchange, params):
    """megabytes=40 with=Content-Encoding|Transfer-Encoding: gzip within gzip, a bomb within a bomb."""
    outer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(outer.compress(piece) for piece in gzip_bomb(int(params.get("megabytes", "40")), "Twice"))
    data += outer.flush()
    name = params.get("with", "Content-Encoding")
    value = "gzip, gzip" if name == "Content-Encoding" else "gzip, gzip, chunked"
    headers = [HTML, (name, value)]
    if name == "Content-Encoding":
        headers.append(("Content-Length", len(data)))
    else:
        data = b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)
    await exchange.raw(exchange.head(200, headers) + data, last=True)
    return True


@behaviour("bad-gzip")
async def bad_gzip(exchange, params):
    """Says gzip and is not."""
    text = document(params.get("title", "Not packed")).encode()
    return await exchange.answer(200, [HTML, ("Content-Encoding", "gzip")], text)


@behaviour("two-lengths")
async def two_lengths(exchange, params):
    """Two Content-Length headers that contradict each other."""
    text = document("Two lengths").encode()
    await exchange.raw(head_with_length(exchange, len(text), ("Content-Length", len(text) + 7)) + text,
                       last=True)
    return False


@behaviour("talkative")
async def talkative(exchange, params):
    """title=: a good page, and on the kept connection soon after it an answer to nothing: 410."""
    text = document(params.get("title", "A page")).encode()
    await exchange.raw(exchange.head(200, [HTML, ("Content-Length", len(text))]) + text, last=True)
    await asyncio.sleep(0.03)
    await exchange.raw(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")
    return True


@behaviour("bucket")
async def bucket(exchange, params):
    """seconds=: a good page to one request in so many seconds of the whole host; 429 with Retry-After to the others."""
    seconds = float(params.get("seconds", "1"))
    host = exchange.request.host
    if time.monotonic() < BUCKETS.get(host, 0):
        return await exchange.answer(429, [("Retry-After", str(round(seconds)))])
    BUCKETS[host] = time.monotonic() + seconds
    return await exchange.answer(200, [HTML], document("A page").encode())
