"""Lines of the combined format, ordinary and hostile ones, and what all formats share."""

import pytest

from deploy.importing.lines import LINE_BYTES_MAX, BadLine, Line, iso_ms
from deploy.importing.templates import COMBINED

GOOD = (
    b'83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a?b=%20 HTTP/1.1" 200 2031 '
    b'"http://example.com/" "Mozilla/5.0 (X11)"\n'
)


def parse_line(number: int, raw: bytes) -> Line:
    line = COMBINED.parse(number, raw)
    assert line is not None
    return line


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


def test_times_keep_their_milliseconds() -> None:
    assert iso_ms(1_431_857_103_007) == "2015-05-17T10:05:03.007Z"
