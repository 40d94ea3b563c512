"""What is known of the hosts and tags that send visitors: a name and a category for each."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from referer_parser import REFERERS


class Known(NamedTuple):
    """`category` is "search", "social", "email", "video", "ai" or ""."""

    name: str
    category: str


UNKNOWN: Final = Known("", "")
HOSTS_KEPT_MAX: Final = 8_192

# What referer-parser's data does not know yet, or calls by an older name.
_OWN: Final[dict[str, Known]] = {
    "bsky.app": Known("Bluesky", "social"),
    "chat.openai.com": Known("ChatGPT", "ai"),
    "chatgpt.com": Known("ChatGPT", "ai"),
    "claude.ai": Known("Claude", "ai"),
    "copilot.microsoft.com": Known("Copilot", "ai"),
    "dailymotion.com": Known("Dailymotion", "video"),
    "discord.com": Known("Discord", "social"),
    "gemini.google.com": Known("Gemini", "ai"),
    "kagi.com": Known("Kagi", "search"),
    "lobste.rs": Known("Lobsters", "social"),
    "mail.google.com": Known("Gmail", "email"),
    "mastodon.social": Known("Mastodon", "social"),
    "perplexity.ai": Known("Perplexity", "ai"),
    "search.brave.com": Known("Brave Search", "search"),
    "t.me": Known("Telegram", "social"),
    "threads.net": Known("Threads", "social"),
    "tiktok.com": Known("TikTok", "social"),
    "twitch.tv": Known("Twitch", "video"),
    "vimeo.com": Known("Vimeo", "video"),
    "whatsapp.com": Known("WhatsApp", "social"),
    "x.com": Known("Twitter", "social"),
    "youtu.be": Known("YouTube", "video"),
    "youtube.com": Known("YouTube", "video"),
    "com.google.android.gm": Known("Gmail", "email"),
    "com.google.android.googlequicksearchbox": Known("Google", "search"),
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
    entry = REFERERS.get(key)
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
    names: dict[str, Known] = {}
    for key in (*_OWN, *REFERERS):
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
