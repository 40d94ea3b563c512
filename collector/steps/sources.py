"""What is known of the hosts and tags that send visitors: a name and a category for each."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from referer_parser import REFERERS

from collector.steps.known_hosts import KNOWN_HOSTS


class Known(NamedTuple):
    """`category` is "search", "social", "video", "shopping", "email", "ai" or ""."""

    name: str
    category: str


UNKNOWN: Final = Known("", "")
HOSTS_KEPT_MAX: Final = 8_192

_OWN: Final[dict[str, Known]] = {
    host: Known(name, category)
    for category, names in KNOWN_HOSTS.items()
    for name, hosts in names.items()
    for host in hosts.split()
}
_TAG_SHORTS: Final = {
    "fb": "facebook",
    "ig": "instagram",
    "yt": "youtube",
    "adwords": "google",
    "googleads": "google",
    "twitter.com": "twitter",
    "bing ads": "bing",
    "ddg": "duckduckgo",
}
_CATEGORIES: Final = ("search", "social", "email")


def _known_entry(key: str) -> Known | None:
    own = _OWN.get(key)
    if own is not None:
        return own
    # Some are listed with `www.`, which hosts have lost by now.
    entry = REFERERS.get(key) or REFERERS.get(f"www.{key}")
    if entry is None:
        return None
    medium = entry["medium"]
    return Known(entry["name"], medium if medium in _CATEGORIES else "")


def _suffixes(host: str) -> Iterator[str]:
    """`a.b.c` -> `a.b.c`, `b.c`; a bare top-level domain is nobody."""
    while "." in host:
        yield host
        host = host.partition(".")[2]


@lru_cache(maxsize=HOSTS_KEPT_MAX)
def known_host(host: str, first_segment: str = "") -> Known:
    """Who a host is, by its longest known suffix; the path's first segment may say more.

    `google.de` with `imgres` is Google Images, not Google.
    """
    if first_segment:
        for suffix in _suffixes(host):
            known = _known_entry(f"{suffix}/{first_segment}")
            if known is not None:
                return known
    for suffix in _suffixes(host):
        known = _known_entry(suffix)
        if known is not None:
            return known
    return UNKNOWN


def _names() -> Mapping[str, Known]:
    """Every known name in lower case; the first of equals, ours before the data's."""
    names = {
        name.lower(): Known(name, category)
        for category, known_names in KNOWN_HOSTS.items()
        for name in known_names
    }
    for key in REFERERS:
        known = _known_entry(key)
        if known is not None:
            names.setdefault(known.name.lower(), known)
    return names


_BY_NAME: Final = _names()


@lru_cache(maxsize=HOSTS_KEPT_MAX)
def known_tag(tag: str) -> Known:
    """Who a tag such as `utm_source=facebook` means: a known name, its short form or its host."""
    lowered = tag.lower()
    lowered = _TAG_SHORTS.get(lowered, lowered)
    return _BY_NAME.get(lowered) or known_host(lowered)
