"""Requests as bytes on a connection: drawn ones, broken ones, and those that never end."""

import random
from dataclasses import dataclass
from typing import Final

from tests.fuzz.drawing import Case, make_case
from tests.fuzz.mutating import mutate

GOOD: Final = (
    b"POST /api/event HTTP/1.1\r\nHost: a\r\nUser-Agent: Firefox/121.0\r\n"
    b'Content-Length: 44\r\nConnection: close\r\n\r\n{"n":"pageview","u":"https://example.com/a"}'
)
HEAD: Final = b"POST /api/event HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
CHUNKED: Final = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Talk:
    """What is written, and whether the client then says that it will write no more.

    `stalls`: the request is sound as far as it goes and never ends; the collector must end it.
    """

    data: bytes
    half_closed: bool = False
    stalls: bool = False


SPECIAL: Final = (
    Talk(HEAD + b"".join(b"X-%d: y\r\n" % i for i in range(5_000)) + b"\r\n"),
    Talk(HEAD + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n"),
    Talk(HEAD + b"User-Agent: " + b"A" * 100_000 + b"\r\nContent-Length: 2\r\n\r\n{}"),
    Talk(HEAD + b"User-Agent: \x1b[31m\x07\xff\r\nContent-Length: 2\r\n\r\n{}"),
    Talk(HEAD + b"X-Forwarded-For: a\x00b\r\nContent-Length: 2\r\n\r\n{}"),
    Talk(HEAD + b"Content-Length: 100\r\n\r\n{", stalls=True),
    Talk(HEAD + b"Content-Length: 100\r\n\r\n{", half_closed=True),
    Talk(CHUNKED + b"5\r\n{", stalls=True),
    Talk(CHUNKED + b"5\r\n{", half_closed=True),
    Talk(CHUNKED + b"ffffffffffffffff\r\n{}", stalls=True),
    Talk(CHUNKED + b"-1\r\n{}\r\n0\r\n\r\n"),
    Talk(CHUNKED + b"1;" + b"x" * 100_000 + b"\r\n{\r\n0\r\n\r\n"),
    Talk(CHUNKED + b"1\r\nx\r\n" * 20_000 + b"0\r\n" + b"T: x\r\n" * 5_000 + b"\r\n"),
    Talk(CHUNKED + b"10000\r\n" + b" " * 65_536 + b"\r\n"),
    Talk(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    Talk(HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"),
    Talk(HEAD + b"Content-Length: 1000001\r\n\r\n"),
    Talk(HEAD + b"Expect: 100-continue\r\nContent-Length: 10\r\n\r\n", stalls=True),
    Talk(GOOD.replace(b"Connection: close\r\n", b"") * 50),
    Talk(b"GET /api/pixel.gif?u=" + b"%41" * 25_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    Talk(b"GET /api/pixel.gif?\xff\xfe=\x80 HTTP/1.1\r\nHost: a\r\n\r\n"),
    Talk(b"GET /" + b"a" * 500_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    Talk(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" * 2_000),
    Talk(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)),
    Talk(b"GET /healthz\r\n\r\n"),
    Talk(b"\r\n" * 10_000),
    Talk(b""),
    Talk(b"", half_closed=True),
)


def render(rng: random.Random, case: Case) -> bytes:
    """The case as HTTP/1.1, header injection and all; its length told, told wrong, or in chunks."""
    target = case.path + (f"?{case.query}" if case.query else "")
    lines = [f"{case.method} {target} HTTP/1.1", "Host: a", "Connection: close"]
    lines += [f"{name}: {text}" for name, text in case.headers if name != "content-length"]
    head = "\r\n".join(lines).encode("utf-8", "surrogatepass")
    match rng.randrange(10):
        case 0:
            piece = b"%x\r\n%s\r\n" % (len(case.body), case.body) if case.body else b""
            return head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + piece + b"0\r\n\r\n"
        case 1:
            wrong = rng.choice((b"-1", b"1e3", b"99", b"18446744073709551616", b"0", b"+2"))
            return head + b"\r\nContent-Length: " + wrong + b"\r\n\r\n" + case.body
        case _:
            return head + b"\r\nContent-Length: %d\r\n\r\n%s" % (len(case.body), case.body)


def make_talk(seed: int) -> Talk:
    rng = random.Random(seed)
    kind = rng.randrange(10)
    if kind == 0:
        return rng.choice(SPECIAL)
    if kind < 3:
        return Talk(mutate(rng, GOOD), half_closed=rng.random() < 0.2)
    data = render(rng, make_case(seed))
    if kind == 3:
        data = data[: rng.randrange(len(data))]
    return Talk(data, half_closed=rng.random() < 0.1)
