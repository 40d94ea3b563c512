"""The keys of an event and how each value is read. Unknown keys are ignored."""

import math
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import msgspec

from collector.errors import malformed, over_limit
from collector.text import bytes_len, clean, cut
from schemas import events
from schemas.timings import CLS, CLS_UNIT, TIMINGS, VALUE_MAX, Timing

# Short keys first: scripts send those, libraries the long ones.
KEYS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("n", "name"),
    "url": ("u", "url"),
    "domain": ("d", "domain"),
    "referrer": ("r", "referrer"),
    "props": ("m", "meta", "p", "props"),
    "revenue": ("$", "revenue"),
    "interactive": ("i", "interactive"),
    "hash_mode": ("h", "hashMode"),
    "scroll_depth": ("sd", "scroll_depth"),
    "engaged_ms": ("e", "engaged_ms"),
    "timings": ("t", "timings"),
    "screen_width": ("w", "screen_width"),
}

# Dimensions a batch may name itself.
GIVEN: Final = (
    "source",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "country",
    "region",
    "city",
    "device",
    "browser",
    "browser_version",
    "os",
    "os_version",
    "language",
    "screen",
)

INT_DIGITS_MAX: Final = 20  # of an integer made a string: beyond it Python takes quadratic time
REVENUE_UNITS_MAX: Final = Decimal(9_000_000_000_000)  # as millionths still a signed 64-bit number
MICROS: Final = Decimal(1_000_000)
LANGUAGE_CHARS_MAX: Final = 35  # RFC 5646
LANGUAGES_KEPT_MAX: Final = 4_096
TAGS_KEPT_CHARS_MAX: Final = 100
SCREEN_PIXELS_MAX: Final = 100_000
# Class of a screen -> the first width, in CSS pixels, that is none of it any more.
SCREENS: Final = (("Mobile", 576), ("Tablet", 992), ("Laptop", 1_440))

_json = msgspec.json.Decoder()


def value(body: dict[str, Any], name: str) -> Any:
    """The value under the first of the field's keys that has one."""
    for key in KEYS[name]:
        found = body.get(key)
        if found is not None:
            return found
    return None


def as_int(raw: object, highest: int) -> int | None:
    """A whole number from 0 to `highest`; None for anything else, also for true and false."""
    if type(raw) is int and 0 <= raw <= highest:
        return raw
    return None


def scalar_text(raw: object) -> str:
    """A scalar as text; "" for lists, maps, null and numbers no program would mean."""
    match raw:
        case str():
            return raw
        case bool():
            return "true" if raw else "false"
        case int() if abs(raw) < 10**INT_DIGITS_MAX:
            return str(raw)
        case float() if math.isfinite(raw):
            return repr(raw)
        case _:
            return ""


def read_name(body: dict[str, Any]) -> str:
    raw = value(body, "name")
    name = clean(scalar_text(raw)) if isinstance(raw, str) or type(raw) is int else ""
    if not name.strip():
        raise malformed("event_name", "can't be blank")
    if len(name) > events.NAME_CHARS_MAX:
        raise over_limit("event_name", f"should be at most {events.NAME_CHARS_MAX} character(s)")
    return name


def _object(raw: object) -> dict[str, Any]:
    """An object, or a JSON text of one; anything else counts as an empty one."""
    if isinstance(raw, str):
        try:
            raw = _json.decode(raw)
        except (ValueError, RecursionError):
            return {}
    return raw if isinstance(raw, dict) else {}


def read_props(body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Sorted by key. Lists, maps and blanks are dropped, then all beyond the first 30."""
    sent = _object(value(body, "props"))
    if not sent:
        return ()
    props: dict[str, str] = {}
    for raw_key, raw_value in sent.items():
        key, text = clean(raw_key), clean(scalar_text(raw_value))
        if not key.strip() or not text.strip():
            continue
        props[key] = text
        if len(props) == events.PROPS_COUNT_MAX:
            break
    for key, text in props.items():
        long_key = bytes_len(key) > events.PROP_KEY_BYTES_MAX
        if long_key or bytes_len(text) > events.PROP_VALUE_BYTES_MAX:
            raise over_limit("props", "keys should have at most 300 bytes and values 2000 bytes")
    return tuple(sorted(props.items()))


def read_revenue(body: dict[str, Any]) -> tuple[int, str]:
    """(millionths, currency); (0, "") where there is none or it makes no sense."""
    revenue = _object(value(body, "revenue"))
    if not revenue:
        return 0, ""
    currency, amount = revenue.get("currency"), scalar_text(revenue.get("amount"))
    if not isinstance(currency, str) or len(currency) != 3:
        return 0, ""
    if not (currency.isascii() and currency.isalpha()) or not amount or len(amount) > 40:
        return 0, ""
    try:
        units = Decimal(amount)
        if not -REVENUE_UNITS_MAX <= units <= REVENUE_UNITS_MAX:
            return 0, ""
        return int((units * MICROS).to_integral_value()), currency.upper()
    except ArithmeticError:  # no number, or one like sNaN that cannot even be compared
        return 0, ""


def _timing(name: str, raw: object) -> int | None:
    """Whole milliseconds, bytes or thousandths; None for what is no such number."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 <= raw <= VALUE_MAX:
        return None
    whole = round(raw * CLS_UNIT if name == CLS else raw)
    return whole if whole <= VALUE_MAX else None


def read_timings(body: dict[str, Any]) -> tuple[Timing, ...]:
    """(index into TIMINGS, whole value) by index; what is bad or unknown is left out."""
    sent = _object(value(body, "timings"))
    if not sent:
        return ()
    found = ((index, _timing(name, sent.get(name))) for index, name in enumerate(TIMINGS))
    return tuple((index, whole) for index, whole in found if whole is not None)


def read_screen(body: dict[str, Any]) -> str:
    """The class of the screen's width, "" where none was sent that could be one."""
    width = as_int(value(body, "screen_width"), SCREEN_PIXELS_MAX)
    if not width:
        return ""
    return next((name for name, end in SCREENS if width < end), "Desktop")


def read_language(tags: str) -> str:
    """The first of an Accept-Language header's tags, or the only one; "" if there is none."""
    return _kept_language(tags) if len(tags) <= TAGS_KEPT_CHARS_MAX else _first_language(tags)


def _first_language(tags: str) -> str:
    tag = tags.split(",", 1)[0].split(";", 1)[0].strip()
    usable = tag.replace("-", "").isalnum() and tag.isascii()
    return tag[:LANGUAGE_CHARS_MAX] if usable else ""


_kept_language = lru_cache(maxsize=LANGUAGES_KEPT_MAX)(_first_language)


def read_given(body: dict[str, Any]) -> dict[str, str]:
    """The dimensions a batch names. Raises `Rejected` for one that is no text or number."""
    given: dict[str, str] = {}
    for name in GIVEN:
        raw = body.get(name)
        if raw is None:
            continue
        if isinstance(raw, bool) or not isinstance(raw, str | int):
            raise malformed(name, "must be a string")
        text = cut(scalar_text(raw), events.DIMENSION_CHARS_MAX)
        if text:
            given[name] = text
    country = given.get("country")
    if country is not None:
        if len(country) != 2 or not (country.isascii() and country.isalpha()):
            raise malformed("country", "must be an ISO 3166-1 code of two letters")
        given["country"] = country.upper()
    return given
