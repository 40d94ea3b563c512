"""Access logs in the combined format, of any site and any age: hostile input, read strictly.

    ADDRESS - USER [17/May/2015:10:05:03 +0000] "GET /a?b HTTP/1.1" 200 512 "REFERRER" "AGENT"

Source: https://httpd.apache.org/docs/2.4/logs.html#combined
"""

import gzip
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final, cast

LINE_BYTES_MAX: Final = 16_384
BAD_LINES_SHOWN_MAX: Final = 20
TARGET_CHARS_MAX: Final = 1_800  # with scheme and host it stays under the collector's 2,000 bytes

_QUOTED: Final = r'"((?:[^"\\]|\\.)*)"'
_LINE: Final = re.compile(
    rf"(\S+) \S+ .*?\[(\d\d/[A-Z][a-z]{{2}}/\d{{4}}):(\d\d):(\d\d):(\d\d) ([+-]\d{{4}})\] "
    rf"{_QUOTED} (\d{{3}}) (\d{{1,18}}|-) {_QUOTED} {_QUOTED}",
    re.ASCII,
)
_REQUEST: Final = re.compile(r"([A-Z]{1,20}) (\S+) HTTP/\d(?:\.\d)?", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPE: Final = re.compile(r'\\(["\\])')  # others, such as \xe4, stay as they were logged
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}

_ASSETS: Final = """
    css js mjs map json wasm webmanifest
    png jpg jpeg gif svg ico webp avif bmp tif tiff woff woff2 ttf otf eot
    mp3 mp4 m4a webm ogg ogv wav avi mov swf flv
    pdf doc docx xls xlsx ppt pptx odt ods ps tex csv txt log conf md diff patch
    zip gz tgz bz2 xz zst tar 7z rar jar deb rpm exe msi dmg iso bin apk gem whl
    xml rss atom rdf xsl
"""
ASSET_EXTENSIONS: Final = frozenset(_ASSETS.split())
_FEED_SEGMENTS: Final = frozenset({"feed", "feeds", "rss", "atom"})
_FEED_QUERY: Final = re.compile(r"=(?:rss|atom|rdf)[\d.]*(?:&|$)", re.IGNORECASE)
_PAGE_TARGET: Final = re.compile(rf"/[!$-\[\]-~]{{0,{TARGET_CHARS_MAX - 1}}}", re.ASCII)


class BadLine(ValueError):
    """The line is not of the combined format; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One request. Texts a client did not send, logged as "-", are ""."""

    number: int  # from 1
    at_ms: int  # epoch milliseconds, UTC
    address: str
    method: str
    target: str  # as sent: path and query, still percent-encoded
    status: int
    body_bytes: int
    referrer: str
    agent: str


@dataclass(slots=True)
class BadLines:
    """What could not be read: how many lines, and why the first of them."""

    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)  # (line number, reason)

    def add(self, number: int, reason: str) -> None:
        """Count line `number`."""
        self.count += 1
        if len(self.first) < BAD_LINES_SHOWN_MAX:
            self.first.append((number, reason))


def read_lines(source: Path | BinaryIO, bad: BadLines) -> Iterator[Line]:
    """The readable lines of a log, plain or gzipped; the others are counted in `bad`.

    Raises OSError (gzip.BadGzipFile, EOFError for a cut one) if the file itself can't be read.
    """
    if isinstance(source, Path):
        with _open(source) as file:
            yield from read_lines(file, bad)
        return
    for number, raw in enumerate(_bounded(source), 1):
        try:
            yield parse_line(number, raw)
        except BadLine as error:
            bad.add(number, str(error))


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if gzipped else path.open("rb")


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    """Lines of a file; of one that is too long only as much as shows that it is."""
    while raw := file.readline(LINE_BYTES_MAX + 1):
        yield raw
        while raw and not raw.endswith(b"\n") and len(raw) > LINE_BYTES_MAX:
            raw = file.readline(LINE_BYTES_MAX + 1)


def parse_line(number: int, raw: bytes) -> Line:
    """The request on line `number`. Raises BadLine for what is none of the combined format."""
    if len(raw) > LINE_BYTES_MAX:
        raise BadLine(f"longer than {LINE_BYTES_MAX} bytes")
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    if _CONTROL.search(text):
        raise BadLine("holds a control character")
    found = _LINE.fullmatch(text)
    if found is None:
        raise BadLine("not of the combined format")
    address, day, hour, minute, second, zone, request, status, size, referrer, agent = (
        found.groups()
    )
    asked = _REQUEST.fullmatch(request)
    if asked is None:
        raise BadLine("the request is not METHOD TARGET HTTP/VERSION")
    if not _is_address(address):
        raise BadLine("does not begin with an IP address")
    return Line(
        number=number,
        at_ms=_day_ms(day, zone) + _clock_ms(hour, minute, second),
        address=address,
        method=asked[1],
        target=asked[2],
        status=int(status),
        body_bytes=0 if size == "-" else int(size),
        referrer=_text(referrer),
        agent=_text(agent),
    )


@lru_cache(maxsize=512)
def _day_ms(day: str, zone: str) -> int:
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
    sign = -1 if zone[0] == "-" else 1
    try:
        start = datetime(
            int(day[7:]), _MONTHS[day[3:6]], int(day[:2]), tzinfo=timezone(sign * offset)
        )
    except (ValueError, KeyError):
        raise BadLine("not a date") from None
    at_ms = int(start.timestamp()) * 1000
    if at_ms < 0:
        raise BadLine("a date before 1970")
    return at_ms


def _clock_ms(hour: str, minute: str, second: str) -> int:
    h, m, s = int(hour), int(minute), int(second)
    if h > 23 or m > 59 or s > 60:  # 60: a leap second
        raise BadLine("not a time of day")
    return ((h * 60 + m) * 60 + s) * 1000


@lru_cache(maxsize=65_536)
def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _text(logged: str) -> str:
    return "" if logged == "-" else _ESCAPE.sub(r"\1", logged).strip()


def is_page(line: Line) -> bool:
    """Whether a person who sent this request would have seen a page, so that it is a pageview.

    1. The method is GET and the status 200 or 304 (seen again from the browser's cache).
    2. The target is a path of at most 1,800 printable ASCII characters without ", # and backslash.
    3. The path's last segment has none of ASSET_EXTENSIONS, in any case of letters.
    4. It is no feed: no segment at its end is feed, feeds, rss or atom, and no value in the query
       is rss, atom or rdf, with or without a version (`?flav=rss20`).
    Whether a robot sent it is not asked here: that is the collector's rule.
    """
    if line.method != "GET" or line.status not in (200, 304):
        return False
    if not _PAGE_TARGET.fullmatch(line.target):
        return False
    path, _, query = line.target.partition("?")
    last = path.rstrip("/").rpartition("/")[2].lower()
    _, dot, extension = last.rpartition(".")
    if dot and extension in ASSET_EXTENSIONS:
        return False
    return last not in _FEED_SEGMENTS and not _FEED_QUERY.search(query)


def iso_ms(at_ms: int) -> str:
    """ISO 8601 in UTC with milliseconds, as in 2015-05-17T10:05:03.000Z."""
    at = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"
