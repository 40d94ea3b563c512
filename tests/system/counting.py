"""What must have been counted: read from the log that was played and the player's notes alone.

Imports nothing of Pawprint: it has its own reader, its own rules and its own arithmetic.
"""

import bisect
import functools
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import crawleruseragents
import ua_parser.basic
import ua_parser.loaders

RULES = """\
A line is read if it is in the combined format, at most 16 KiB, without control characters, and
  begins with an IP address.
A page is a GET answered 200 to 203 or 304 whose target is plain ASCII, at most 1,800 characters,
  and names neither a file for browsers, machines or the disk (css, png, pdf, zip, xml, ...) nor a
  feed.
A robot is left out: no user agent at all, one of the crawler-user-agents list, one in which
  ua-parser's list finds no browser, or a browser that names itself headless (first 512 characters);
  and so is a referrer of the list of spammers, or below one of them.
A path is percent-decoded, white space cut from its end, control characters shown as U+FFFD, the
  query dropped; nothing left is /.
History counts in its line's minute plus one shift. A live hit counts in the minute in which it was
  sent and answered; if these are two, in either; if it was never answered, perhaps not at all."""

NAMED_FILES = """
    css js mjs map json wasm webmanifest png jpg jpeg gif svg ico webp avif bmp tif tiff woff
    woff2 ttf otf eot mp3 mp4 m4a webm ogg ogv wav avi mov swf flv pdf doc docx xls xlsx ppt pptx
    odt ods ps tex csv txt log conf md diff patch zip gz tgz bz2 xz zst tar 7z rar jar deb rpm exe
    msi dmg iso bin apk gem whl xml rss atom rdf xsl"""
NOT_PAGES = set(NAMED_FILES.split())
QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
HEADLESS = re.compile(r"(?i:headless)|SlimerJS|Cypress/|jsdom/|HtmlUnit")
SPAMMERS = Path(__file__).parents[2] / "collector" / "referrer_spammers.txt"
MINUTE_S = 60


class Page(NamedTuple):
    """A pageview in the log."""

    at_ms: int
    line: int
    path: str
    robot: bool


class Hit(NamedTuple):
    """A pageview that was sent: it counts in one of the minutes from first to last (epoch s)."""

    page: Page
    first: int
    last: int
    sure: bool  # acknowledged; otherwise it may not have counted at all


class Cell(NamedTuple):
    path: str
    minute: int


@dataclass
class Bounds:
    """How often something must at least and may at most have been counted."""

    least: Counter[Any] = field(default_factory=Counter)
    most: Counter[Any] = field(default_factory=Counter)

    def holds(self, key: object, count: int) -> bool:
        return self.least[key] <= count <= self.most[key]

    def text(self, key: object) -> str:
        low, high = self.least[key], self.most[key]
        return f"{low}" if low == high else f"{low} to {high}"


@dataclass
class Tally:
    """What the log says about the minutes before a cut."""

    cells: Bounds = field(default_factory=Bounds)
    paths: Bounds = field(default_factory=Bounds)
    totals: Bounds = field(default_factory=Bounds)  # of "counted" and "robots"


def read_pages(path: Path) -> list[Page]:
    """The pageviews of a log in the order they are played: by time, then by line."""
    opener = gzip.open if path.read_bytes()[:2] == b"\x1f\x8b" else open
    with opener(path, "rb") as file:
        found = (read_page(number, raw) for number, raw in enumerate(file, 1))
        return sorted(page for page in found if page)


def read_page(number: int, raw: bytes) -> Page | None:
    text = raw.decode("utf-8", errors="replace").rstrip("\r\n")
    if len(raw) > 16_384 or any(ord(char) < 32 or ord(char) == 127 for char in text):
        return None
    quoted = [part[1:-1] for part in QUOTED.findall(text)]
    frame = QUOTED.sub("Q", text).split("[", 1)
    address = frame[0].split(" ")[0]
    if len(quoted) != 3 or len(frame) != 2 or not ADDRESS.fullmatch(address):
        return None
    when, _, rest = frame[1].partition("] ")
    words = rest.split(" ")
    if len(words) != 5 or words[0] != "Q" or words[3:] != ["Q", "Q"]:
        return None
    try:
        at = datetime.strptime(when, "%d/%b/%Y:%H:%M:%S %z")
        status = int(words[1])
        method, target, protocol = quoted[0].split(" ")
    except ValueError:
        return None
    if not protocol.startswith("HTTP/") or not is_page(method, target, status):
        return None
    robot = is_robot(quoted[2]) or is_spam(quoted[1])
    return Page(int(at.timestamp()) * 1000, number, path_of(target), robot)


def is_page(method: str, target: str, status: int) -> bool:
    if method != "GET" or status not in (200, 201, 202, 203, 304) or not target.startswith("/"):
        return False
    if len(target) > 1_800 or any(not "!" <= char <= "~" or char in '"#\\' for char in target):
        return False
    path, _, query = target.partition("?")
    name = [""] + [segment for segment in path.lower().split("/") if segment]
    if "." in name[-1] and name[-1].split(".")[-1] in NOT_PAGES:
        return False
    asks_feed = re.search(r"=(rss|atom|rdf)[0-9.]*(&|$)", query.lower())
    return name[-1] not in ("feed", "feeds", "rss", "atom") and not asks_feed


def path_of(target: str) -> str:
    path = unquote(target.split("?")[0], errors="replace").rstrip()
    return "".join("\ufffd" if ord(c) < 32 or ord(c) == 127 else c for c in path) or "/"


@functools.cache
def browsers() -> ua_parser.basic.Resolver:
    return ua_parser.basic.Resolver(ua_parser.loaders.load_lazy_builtins())


@functools.cache
def is_robot(agent: str) -> bool:
    agent = agent.replace('\\"', '"').replace("\\\\", "\\").strip()[:512]
    if agent in ("", "-") or crawleruseragents.is_crawler(agent):
        return True
    if HEADLESS.search(agent):
        return True
    return browsers()(agent, ua_parser.Domain.USER_AGENT).user_agent is None


@functools.cache
def spam() -> re.Pattern[str]:
    lines = SPAMMERS.read_text().splitlines()
    hosts = "|".join(re.escape(line) for line in lines if not line.startswith("#"))
    return re.compile(rf"https?://([^/?#]*\.)?({hosts})([:/?#]|$)", re.IGNORECASE)


def is_spam(referrer: str) -> bool:
    return spam().match(referrer) is not None


@dataclass
class Sent:
    """What the player noted in HOME/demo, and the log it is about."""

    manifest: dict[str, Any]
    journal: list[dict[str, Any]]
    pages: list[Page]

    def hits(self, now_s: float) -> Iterator[Hit]:
        split = self.manifest["history_pages"]
        yield from history_hits(self.manifest, self.pages[:split])
        yield from live_hits(self.journal, self.pages[split:], now_s)


def history_hits(manifest: dict[str, Any], pages: list[Page]) -> Iterator[Hit]:
    """The batches that were acknowledged, and perhaps the one that was on its way."""
    size = manifest["batch_pages"]
    sure, begun = manifest["batches_done"] * size, manifest["batches_begun"] * size
    for position, page in enumerate(pages[:begun]):
        minute = minute_of(page.at_ms + manifest["shift_ms"])
        yield Hit(page, minute, minute, position < sure)


def live_hits(journal: list[dict[str, Any]], pages: list[Page], now_s: float) -> Iterator[Hit]:
    starts = sorted(entry["start"] for entry in journal if "start" in entry)
    waiting: dict[tuple[int, int], int] = {}
    for entry in journal:
        if "minute" in entry:
            for page in pages[slice(*entry["pages"])]:
                yield Hit(page, entry["minute"], entry["minute"], True)
        elif "to_ms" in entry:
            waiting.pop((entry["round"], entry["page"]), None)
            first, last = minute_of(entry["from_ms"]), minute_of(entry["to_ms"])
            yield Hit(pages[entry["page"]], first, last, True)
        elif "page" in entry:
            waiting[entry["round"], entry["page"]] = entry["from_ms"]
    for (_, position), from_ms in waiting.items():
        later = bisect.bisect_right(starts, from_ms)
        end_ms = starts[later] if later < len(starts) else int(now_s * 1000)
        yield Hit(pages[position], minute_of(from_ms), minute_of(end_ms), False)


def minute_of(at_ms: int) -> int:
    return at_ms // 60_000 * 60


def load(home: Path, pages: list[Page]) -> Sent:
    """Read manifest and journal as they are now; a half-written last line is no line."""
    manifest = json.loads((home / "demo" / "manifest.json").read_text())
    try:
        text = (home / "demo" / "live.jsonl").read_text()
    except FileNotFoundError:
        text = ""
    whole = text[: text.rfind("\n") + 1]
    return Sent(manifest, [json.loads(line) for line in whole.splitlines()], pages)


def tally(before: Iterable[Hit], after: Iterable[Hit], cut: int) -> Tally:
    """Bounds for the minutes before `cut`, from what was sent before and after the API was asked.

    The player may be sending meanwhile: what was acknowledged before must be counted, what was
    begun since then may be.
    """
    found = Tally()
    for hit in before:
        if hit.sure and hit.last < cut:
            kind = "robots" if hit.page.robot else "counted"
            found.totals.least[kind] += 1
            if not hit.page.robot:
                found.paths.least[hit.page.path] += 1
                if hit.first == hit.last:
                    found.cells.least[Cell(hit.page.path, hit.first)] += 1
    for hit in after:
        if hit.first < cut:
            found.totals.most["robots" if hit.page.robot else "counted"] += 1
            if not hit.page.robot:
                found.paths.most[hit.page.path] += 1
                for minute in range(hit.first, min(hit.last, cut - MINUTE_S) + 1, MINUTE_S):
                    found.cells.most[Cell(hit.page.path, minute)] += 1
    return found
