"""Reading access logs, ordinary and hostile ones."""

import gzip
import io
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.demo.access_log import (
    BAD_LINES_SHOWN_MAX,
    LINE_BYTES_MAX,
    BadLine,
    BadLines,
    Line,
    is_page,
    iso_ms,
    parse_line,
    read_lines,
)

GOOD = (
    b'83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a?b=%20 HTTP/1.1" 200 2031 '
    b'"http://example.com/" "Mozilla/5.0 (X11)"\n'
)
PAGE = Line(1, 0, "192.0.2.1", "GET", "/", 200, 0, "", "")


def test_a_line_in_full() -> None:
    assert parse_line(7, GOOD) == Line(
        number=7,
        at_ms=1_431_857_103_000,
        address="83.149.9.216",
        method="GET",
        target="/a?b=%20",
        status=200,
        body_bytes=2031,
        referrer="http://example.com/",
        agent="Mozilla/5.0 (X11)",
    )


@pytest.mark.parametrize(
    ("before", "after", "field", "value"),
    [
        (b"+0000", b"+0530", "at_ms", 1_431_857_103_000 - 19_800_000),
        (b"+0000", b"-0800", "at_ms", 1_431_857_103_000 + 28_800_000),
        (b"83.149.9.216 - -", b"2001:db8::1 - frank", "address", "2001:db8::1"),
        (b"- - [", b"- frank smith [", "address", "83.149.9.216"),
        (b"2031", b"-", "body_bytes", 0),
        (b'"http://example.com/"', b'"-"', "referrer", ""),
        (b'"Mozilla/5.0 (X11)"', b'"-"', "agent", ""),
        (b'"Mozilla/5.0 (X11)"', b'""', "agent", ""),
        (b"Mozilla/5.0 (X11)", rb" say \"hi\" \\o ", "agent", 'say "hi" \\o'),
        (b"Mozilla/5.0 (X11)", b"caf\xc3\xa9 \xff", "agent", "caf\u00e9 \ufffd"),
        (b"http://example.com/", rb"http://\xe4/", "referrer", r"http://\xe4/"),
        (b"\n", b"\r\n", "agent", "Mozilla/5.0 (X11)"),
    ],
)
def test_what_lines_may_hold(before: bytes, after: bytes, field: str, value: object) -> None:
    assert getattr(parse_line(1, GOOD.replace(before, after, 1)), field) == value


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "combined format"),
        (b"\x00" * 40, "control character"),
        (GOOD[:-3], "combined format"),  # cut off, as real logs are
        (GOOD.replace(b"83.149.9.216", b"host.example"), "IP address"),
        (GOOD.replace(b"83.149.9.216", b"999.1.1.1"), "IP address"),
        (GOOD.replace(b"17/May", b"31/Feb"), "not a date"),
        (GOOD.replace(b"17/May", b"17/Mai"), "not a date"),
        (GOOD.replace(b"2015", b"1969"), "before 1970"),
        (GOOD.replace(b":10:05:03", b":24:05:03"), "time of day"),
        (GOOD.replace(b"GET /a?b=%20 HTTP/1.1", rb"\x16\x03\x01"), "METHOD"),
        (GOOD.replace(b"GET /a?b=%20 HTTP/1.1", b"GET /a b HTTP/1.1"), "METHOD"),
        (GOOD.replace(b" 200 ", b" OK "), "combined format"),
        (GOOD.replace(b"X11", b"X11\x1b[31m"), "control character"),
        (GOOD.replace(b"X11", b"x" * LINE_BYTES_MAX), "longer than"),
    ],
)
def test_bad_lines_say_why(raw: bytes, reason: str) -> None:
    with pytest.raises(BadLine, match=reason):
        parse_line(1, raw)


def test_bad_lines_are_counted_and_the_rest_is_read() -> None:
    bad = BadLines()
    endless = b"x" * (3 * LINE_BYTES_MAX) + b"\n"
    lines = list(read_lines(io.BytesIO(GOOD + endless + b"?\n" * 50 + GOOD), bad))
    assert [line.number for line in lines] == [1, 53]
    assert bad.count == 51
    assert len(bad.first) == BAD_LINES_SHOWN_MAX
    assert bad.first[0] == (2, f"longer than {LINE_BYTES_MAX} bytes")
    assert bad.first[1][0] == 3


def test_plain_and_gzipped_files_read_the_same(tmp_path: Path) -> None:
    plain, packed = tmp_path / "access.log", tmp_path / "access.log.1"
    plain.write_bytes(GOOD * 3)
    packed.write_bytes(gzip.compress(GOOD * 3))
    assert list(read_lines(plain, BadLines())) == list(read_lines(packed, BadLines()))
    assert len(list(read_lines(plain, BadLines()))) == 3


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/blog/",
        "/a.html",
        "/a.php?x=style.css",
        "/v1.2",
        "/css",
        "/feedback",
        "/?q=rss-reader",
        "//x",
        "/" + "x" * 1_799,
    ],
)
def test_pages(target: str) -> None:
    assert is_page(replace(PAGE, target=target))
    assert is_page(replace(PAGE, target=target, status=304))


@pytest.mark.parametrize(
    "target",
    [
        "/a.css",
        "/A.PNG",
        "/a.js?v=3",
        "/robots.txt",
        "/favicon.ico",
        "/feed",
        "/blog/feed/",
        "/index.xml",
        "/?flav=rss20",
        "/?feed=Atom&x=1",
        "*",
        "http://example.com/",
        "",
        '/"',
        "/\\x22",
        "/#top",
        "/\u00e9",
        "/" + "x" * 1_800,
    ],
)
def test_not_pages(target: str) -> None:
    assert not is_page(replace(PAGE, target=target))


@pytest.mark.parametrize(
    "change", [{"method": "HEAD"}, {"method": "POST"}, {"status": 301}, {"status": 206}]
)
def test_only_what_was_got(change: dict[str, str | int]) -> None:
    assert not is_page(replace(PAGE, **change))  # type: ignore[arg-type]


def test_times_keep_their_milliseconds() -> None:
    assert iso_ms(1_431_857_103_007) == "2015-05-17T10:05:03.007Z"
