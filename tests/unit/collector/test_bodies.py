"""Packed bodies: read within their limit, refused when broken, never more memory than allowed."""

import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable

import cramjam
import pytest

from collector.bodies import unpack
from collector.errors import Rejected
from collector.http import TooLarge

LIMIT = 1_000_000
PLAIN = b'{"n":"pageview"}' * 100


def brotli(data: bytes) -> bytes:
    return bytes(cramjam.brotli.compress(data))


PACKERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("br", brotli),
    ("", bytes),
    ("identity", bytes),
]


@pytest.mark.parametrize(("encoding", "pack"), PACKERS)
@pytest.mark.parametrize("data", [b"", PLAIN, b"x" * LIMIT], ids=len)
def test_what_was_packed_comes_out(
    encoding: str, pack: Callable[[bytes], bytes], data: bytes
) -> None:
    assert unpack(pack(data), encoding, LIMIT) == data


@pytest.mark.parametrize(("encoding", "pack"), PACKERS[:3])
def test_more_than_the_limit_is_too_large(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    for size in (LIMIT + 1, 20 * LIMIT):
        with pytest.raises(TooLarge):
            unpack(pack(b"x" * size), encoding, LIMIT)


def huge_window(window_bits: int) -> bytes:
    """Brotli as its "large window" dialect writes it: one byte within a window of 2**bits."""
    head = 0x11 | window_bits << 8 | 1 << (14 + 19)  # 19 bits of a block of length 1, then "plain"
    return head.to_bytes(5, "little") + b"a" + b"\x03"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b""),
        ("gzip", b"nonsense"),
        ("gzip", zlib.compress(PLAIN)),
        ("gzip", gzip.compress(PLAIN)[:-1]),
        ("gzip", gzip.compress(PLAIN)[:-4] + b"\0\0\0\0"),  # another length than it says
        ("gzip", gzip.compress(PLAIN) * 2),
        ("br", b""),
        ("br", b"nonsense"),
        ("br", brotli(PLAIN)[:-1]),
        ("br", huge_window(30)),
        ("deflate", zlib.compress(PLAIN)),
        ("gzip, br", PLAIN),
        ("zstd", PLAIN),
    ],
)
def test_what_cannot_be_unpacked_is_refused(encoding: str, body: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        unpack(body, encoding, LIMIT)
    assert refused.value.field in ("request", "content-encoding")


def test_the_huge_window_is_one_that_the_library_would_take() -> None:
    """So that the guard before it is known to be needed."""
    assert cramjam.brotli.decompress_into(huge_window(30), bytearray(10)) == 1


BOMBS = """
import gzip, resource, sys
import cramjam
from collector.bodies import unpack
from collector.http import TooLarge
bombs = sys.stdin.buffer.read()
size = int(sys.argv[1])
unpack(gzip.compress(b"warm"), "gzip", 100)
unpack(bytes(cramjam.brotli.compress(b"warm")), "br", 100)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for encoding, bomb in (("gzip", bombs[:size]), ("br", bombs[size:])) * 3:
    try:
        unpack(bomb, encoding, 1_000_000)
    except TooLarge:
        continue
    raise SystemExit("not too large")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
MEGABYTES_MAX = 1 + 16 + 4  # the limit, brotli's window, and what the allocator rounds up


def test_bombs_take_no_more_memory_than_the_limit_and_a_window() -> None:
    """300 MB in bodies of an allowed size, in a process of its own whose peak is looked at."""
    gzipped, brotlied = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS), cramjam.brotli.Compressor(1)
    packed = b""
    for _ in range(30):
        packed += gzipped.compress(bytes(10_000_000))
        brotlied.compress(bytes(10_000_000))
    packed += gzipped.flush()
    bomb = bytes(brotlied.finish())
    assert len(packed) < LIMIT and len(bomb) < LIMIT
    answer = subprocess.run(
        [sys.executable, "-c", BOMBS, str(len(packed))],
        input=packed + bomb,
        capture_output=True,
        timeout=30,
    )
    assert answer.returncode == 0, answer.stderr
    assert int(answer.stdout) <= MEGABYTES_MAX
