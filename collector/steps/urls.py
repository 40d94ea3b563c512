"""Reading the addresses of pages and of the pages that led to them."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from collector.errors import malformed, over_limit
from collector.text import bytes_len, clean
from schemas import events

# Most hits are of few pages: taking an address apart costs 10 times as much as to remember it.
PAGES_KEPT_MAX: Final = 8_192
KEPT_CHARS_MAX: Final = 300  # long ones are of one visitor, and would fill the memory
HOST_CHARS_MAX: Final = 253  # RFC 1035
_HOST: Final = re.compile(r"[^\s/?#@\\<>\x00-\x20\x7f]+")


@dataclass(frozen=True, slots=True)
class Page:
    """Where a hit happened: host without `www.`, decoded path, and what its query says."""

    hostname: str
    path: str
    query: dict[str, str]


def without_www(host: str) -> str:
    return host.removeprefix("www.")


class Split(NamedTuple):
    """The parts of an absolute URL; `host` in lower case and never empty."""

    scheme: str
    host: str
    path: str
    query: str
    fragment: str


def split_url(url: str) -> Split | None:
    """The parts of an absolute URL with a usable host, else None."""
    try:
        parts = urlsplit(url)
        host = parts.hostname  # found anew each time it is asked for
    except ValueError:  # such as an IPv6 address without its end
        return None
    if not parts.scheme or not host or len(host) > HOST_CHARS_MAX or not _HOST.fullmatch(host):
        return None
    return Split(parts.scheme, host, parts.path, parts.query, parts.fragment)


def read_query(query: str) -> dict[str, str]:
    """The first value of each key."""
    pairs: dict[str, str] = {}
    for key, text in parse_qsl(query):
        pairs.setdefault(key, text)
    return pairs


def read_page(raw: object, hash_mode: bool) -> Page:
    """Raises `Rejected` naming `url`."""
    if raw is None or raw == "":
        raise malformed("url", "is required")
    if not isinstance(raw, str):
        raise malformed("url", "must be a valid url")
    if bytes_len(raw) > events.URL_BYTES_MAX:
        raise over_limit("url", f"should be at most {events.URL_BYTES_MAX} byte(s)")
    if raw.lstrip().lower().startswith("data:"):
        raise malformed("url", "scheme is not allowed")
    return (_kept_page if len(raw) <= KEPT_CHARS_MAX else _split_page)(raw, hash_mode)


def _split_page(url: str, hash_mode: bool) -> Page:
    parts = split_url(url)
    if parts is None:
        raise malformed("url", "must be a valid url")
    path = unquote(parts.path)
    if hash_mode and parts.fragment:
        path = f"{path}#{unquote(parts.fragment)}"
    return Page(
        hostname=clean(without_www(parts.host)),
        path=clean(path.rstrip()) or "/",
        query=read_query(parts.query) if parts.query else {},
    )


_kept_page = lru_cache(maxsize=PAGES_KEPT_MAX)(_split_page)
