"""Which requests are pageviews, and why the others are not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from deploy.importing.lines import Line

TARGET_CHARS_MAX: Final = 1_800  # with scheme and host it stays under the collector's 2,000 bytes
PATTERNS_MAX: Final = 200
FOR_EVER_MS: Final = 1 << 62
# Not 204, 205 (nothing to see) and 206 (a part of a file); 304 is seen again from the cache.
PAGE_STATUSES: Final = frozenset({200, 201, 202, 203, 304})

_ASSETS: Final = """
    css js mjs map json wasm webmanifest
    png jpg jpeg gif svg ico webp avif bmp tif tiff woff woff2 ttf otf eot
    mp3 mp4 m4a webm ogg ogv wav avi mov swf flv
    pdf doc docx xls xlsx ppt pptx odt ods ps tex csv txt log conf md diff patch
    zip gz tgz bz2 xz zst tar 7z rar jar deb rpm exe msi dmg iso bin apk gem whl
    xml rss atom rdf xsl
"""
ASSET_EXTENSIONS: Final = frozenset(_ASSETS.split())
# What programs ask for and nobody looks at, by the beginning of the path.
STATIC_PATHS: Final = (
    "/.well-known/",
    "/_next/",
    "/cdn-cgi/",
    "/wp-admin/",
    "/wp-content/",
    "/wp-includes/",
    "/wp-json/",
    "/xmlrpc.php",
    "/server-status",
)
_FEED_SEGMENTS: Final = frozenset({"feed", "feeds", "rss", "atom"})
_FEED_QUERY: Final = re.compile(r"=(?:rss|atom|rdf)[\d.]*(?:&|$)", re.IGNORECASE)
_PAGE_TARGET: Final = re.compile(rf"/[!$-\[\]-~]{{0,{TARGET_CHARS_MAX - 1}}}", re.ASCII)

# Reason -> what it means; the report shows it.
REASONS: Final = {
    "method": "not a GET",
    "status": "not answered with a page (2xx or 304)",
    "target": "not a plain path of at most 1,800 characters",
    "asset": "a file that is no page, by its extension",
    "feed": "a feed",
    "static": "a path that programs ask for",
    "host": "of another host than the site's (--host)",
    "excluded": "left out by --include or --exclude",
    "outside": "before --since or not before --until",
}


def target_reason(target: str) -> str:
    """Why no person sees a page at `target`; "" if one may.

    1. The target is a path of at most 1,800 printable ASCII characters without ", # and backslash.
    2. The path's last segment has none of ASSET_EXTENSIONS, in any case of letters.
    3. It is no feed: no segment at its end is feed, feeds, rss or atom, and no value in the query
       is rss, atom or rdf, with or without a version (`?flav=rss20`).
    """
    if not _PAGE_TARGET.fullmatch(target):
        return "target"
    path, _, query = target.partition("?")
    last = path.rstrip("/").rpartition("/")[2].lower()
    _, dot, extension = last.rpartition(".")
    if dot and extension in ASSET_EXTENSIONS:
        return "asset"
    return "feed" if last in _FEED_SEGMENTS or (query and _FEED_QUERY.search(query)) else ""


def is_page(line: Line) -> bool:
    """Whether a person who sent this request would have seen a page, so that it is a pageview.

    A GET answered with one of PAGE_STATUSES for a target without a `target_reason`. Whether a
    robot sent it is not asked here: that is the collector's rule.
    """
    return line.method == "GET" and line.status in PAGE_STATUSES and not target_reason(line.target)


def compile_paths(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """Wildcards as one expression: `*` stands for anything but /, `**` for anything at all.

    None for no pattern. Raises ValueError for too many, or one that does not begin with /.
    """
    parts = list(patterns)
    if not parts:
        return None
    if len(parts) > PATTERNS_MAX:
        raise ValueError(f"at most {PATTERNS_MAX} patterns")
    if wrong := [pattern for pattern in parts if not pattern.startswith("/")]:
        raise ValueError(f"a pattern of paths begins with /: {wrong[0]}")
    return re.compile("|".join(_wildcards(pattern) for pattern in parts))


def _wildcards(pattern: str) -> str:
    escaped = re.escape(re.sub(r"\*{3,}", "**", pattern))
    return escaped.replace(r"\*\*", ".*").replace(r"\*", "[^/]*")


@dataclass(frozen=True, slots=True)
class PageRules:
    """What one import takes of a log."""

    hosts: frozenset[str]  # lower case; empty takes all
    include: re.Pattern[str] | None = None
    exclude: re.Pattern[str] | None = None
    not_found: bool = False  # a 404 is an event of that name
    since_ms: int = 0  # epoch milliseconds, inclusive
    until_ms: int = FOR_EVER_MS  # exclusive

    def skip_reason(self, line: Line) -> str:
        """One of REASONS, or "" for what is imported."""
        if line.method != "GET":
            return "method"
        if line.status not in PAGE_STATUSES and not (self.not_found and line.status == 404):
            return "status"
        if not self.since_ms <= line.at_ms < self.until_ms:
            return "outside"
        if line.host and self.hosts and line.host not in self.hosts:
            return "host"
        reason = target_reason(line.target)
        if reason:
            return reason
        if line.target.startswith(STATIC_PATHS):
            return "static"
        path = line.target.partition("?")[0]
        if self.exclude is not None and self.exclude.fullmatch(path):
            return "excluded"
        if self.include is not None and not self.include.fullmatch(path):
            return "excluded"
        return ""
