"""`GET /api/pixel.gif`: an event from a page without JavaScript, or from a mail that is opened."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from collector.errors import malformed, over_limit
from collector.http import Answer
from collector.steps import fields
from schemas.events import PAGEVIEW

# One transparent dot.
GIF: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00"
    b"!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
HEADERS: Final = (
    ("content-type", "image/gif"),
    # A picture that comes from a cache counts nobody.
    ("cache-control", "no-store, no-cache, must-revalidate, private, max-age=0"),
    ("expires", "0"),
    ("pragma", "no-cache"),
    # Pages that isolate themselves (COEP) load no other pictures.
    ("cross-origin-resource-policy", "cross-origin"),
    ("x-content-type-options", "nosniff"),
)
QUERY_CHARS_MAX: Final = 16_384  # a page's address and props, every byte of them escaped
QUERY_PAIRS_MAX: Final = 100
# A query has only texts: the keys whose values are numbers or yes and no.
_TYPED: Final = frozenset(
    key
    for name in ("interactive", "hash_mode", "scroll_depth", "engaged_ms", "screen_width")
    for key in fields.KEYS[name]
)


def _typed(text: str) -> object:
    if text in ("true", "false"):
        return text == "true"
    digits = text.isascii() and text.isdigit() and len(text) <= fields.INT_DIGITS_MAX
    return int(text) if digits else text


def read_query_event(query: str, referer: str) -> dict[str, Any]:
    """The event in a query string; of each key the first value counts. Raises `Rejected`.

    `referer` is the page the picture stands in, which is where the event happened unless it says so
    itself. Without a name it is a pageview.
    """
    if len(query) > QUERY_CHARS_MAX:
        raise over_limit("query", f"should be at most {QUERY_CHARS_MAX} character(s)")
    try:
        pairs = parse_qsl(query, max_num_fields=QUERY_PAIRS_MAX)
    except ValueError as error:
        raise malformed("query", f"should have at most {QUERY_PAIRS_MAX} pairs") from error
    event: dict[str, Any] = {}
    for key, text in pairs:
        event.setdefault(key, _typed(text) if key in _TYPED else text)
    if fields.value(event, "name") is None:
        event["name"] = PAGEVIEW
    if fields.value(event, "url") is None and referer:
        event["url"] = referer
    return event


def pixel_answer(drop_headers: Sequence[tuple[str, str]]) -> Answer:
    """Always the picture: a broken one in a page or mail helps nobody."""
    return Answer(200, GIF, (*HEADERS, *drop_headers))
