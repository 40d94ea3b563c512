"""The hit, the one event of Pawprint, and the record of the `hits` topic that carries it.

A record is msgpack `[version, collector_id, [hit, ...], [watermark, ...]]`. Structs travel as
arrays in field order, so a field may only ever be appended, with a default; any other change is a
new version. Decoding validates every type: a record that does not fit is a dead letter.

Decoders are msgspec's and not dataclasses plus msgpack because validation and construction happen
in one pass of C code (deploy/adr/0002-wire-format.md).
"""

import enum
from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from schemas.timings import Timing

VERSION: Final = 1

# Limits of one hit, enforced by the collector (contracts: Plausible's ingestion).
NAME_CHARS_MAX: Final = 120
URL_BYTES_MAX: Final = 2_000
REFERRER_CHARS_MAX: Final = 2_000
PROPS_COUNT_MAX: Final = 30
PROP_KEY_BYTES_MAX: Final = 300
PROP_VALUE_BYTES_MAX: Final = 2_000
IMPORT_NAME_CHARS_MAX: Final = 120
DIMENSION_CHARS_MAX: Final = 200

# Limits of one record: 100-500 hits a record is where Faust's 60 µs a record no longer matters.
BATCH_HITS_MAX: Final = 500
BATCH_BYTES_MAX: Final = 262_144

PAGEVIEW: Final = "pageview"
ENGAGEMENT: Final = "engagement"

Id64 = Annotated[int, Meta(ge=0)]  # msgpack itself holds no more than 64 bits
Id32 = Annotated[int, Meta(ge=0, lt=2**32)]
Millis = Annotated[int, Meta(ge=0, lt=2**43)]  # epoch milliseconds, up to the year 2248
Count = Annotated[int, Meta(ge=0, lt=2**32)]
Percent = Annotated[int, Meta(ge=0, le=100)]


class Kind(enum.IntEnum):
    """What a hit is: only pageviews and custom events are counted; engagement refreshes a visit."""

    PAGEVIEW = 0
    EVENT = 1
    ENGAGEMENT = 2


class Visit(msgspec.Struct, array_like=True, frozen=True, gc=False, cache_hash=True):
    """What the collector knows about the visit a hit belongs to; "" where it is not known.

    The fold takes the visit dimensions of a session from the session's first hit.
    """

    channel: str = ""
    source: str = ""
    referrer: str = ""  # host and path of the referring page, without its query
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_content: str = ""
    utm_term: str = ""
    click_id: str = ""  # the name of the parameter ("gclid"), never its value
    country: str = ""  # ISO 3166-1 alpha-2
    region: str = ""  # ISO 3166-2
    city: str = ""
    device: str = ""  # "Desktop", "Mobile", "Tablet", ...
    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    screen: str = ""
    language: str = ""


VISIT_DIMENSIONS: Final[tuple[str, ...]] = Visit.__struct_fields__


class Hit(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One pageview, custom event or engagement report. It carries no address and no user agent."""

    site_id: Id32
    kind: Kind
    visitor_id: Id64  # keyed hash with the day's salt
    event_id: Id64  # the same for a retry of the same event
    at_ms: Millis  # the time it counts at: the collector's clock, or a batch's own timestamp
    received_at_ms: Millis  # the collector's clock
    name: str  # PAGEVIEW, ENGAGEMENT, or the custom event's name
    hostname: str
    path: str
    visit: Visit
    props: tuple[tuple[str, str], ...] = ()  # sorted by key, keys unique
    interactive: bool = True
    engaged_ms: Count = 0
    scroll_depth: Percent = 0
    revenue_micros: int = 0  # millionths of the currency's unit
    currency: str = ""  # ISO 4217
    left_out: str = ""  # a DropReason the fold leaves it out for; "" counts it
    prev_visitor_id: Id64 = 0  # yesterday's id, only in the first session gap of a day
    import_name: str = ""  # "" is the live clock; else the site's import of that name
    timings: tuple[Timing, ...] = ()  # what the page took to load, each of TIMINGS at most once


class Watermark(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A promise in the log that time has moved on without hits (punctuation, in stream terms).

    `import_name` "" (and `site_id` 0) moves the live clock, so that sessions and minutes close
    while a site is quiet. `final` ends an import: nothing more of it is counted.
    """

    site_id: Id32
    import_name: str
    at_ms: Millis
    final: bool = False


class Batch(msgspec.Struct, array_like=True, frozen=True):
    """A record of `hits`: at most BATCH_HITS_MAX hits and BATCH_BYTES_MAX bytes."""

    version: int
    collector_id: str
    hits: tuple[Hit, ...]
    watermarks: tuple[Watermark, ...] = ()
    replay_of: str = ""  # key of the dead letter whose hits these are; each counts once


class UnknownVersion(ValueError):
    """The record was written by a newer Pawprint than this one."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Batch)


def encode_batch(batch: Batch) -> bytes:
    """The record value of `batch`."""
    return _encoder.encode(batch)


def encode_item(item: Hit | Watermark) -> bytes:
    """One of a batch's items, for `join_batch`."""
    return _encoder.encode(item)


def join_batch(collector_id: str, hits: Iterable[bytes], watermarks: Iterable[bytes]) -> bytes:
    """What `encode_batch` makes of a batch of these items, each encoded once by `encode_item`."""
    items = [msgspec.Raw(hit) for hit in hits], [msgspec.Raw(mark) for mark in watermarks]
    return _encoder.encode((VERSION, collector_id, *items, ""))


def decode_batch(value: bytes) -> Batch:
    """The batch in a record value.

    Raises `msgspec.DecodeError` (`msgspec.ValidationError` for a wrong type) for bytes that are no
    batch, `UnknownVersion` for one from the future.
    """
    batch = _decoder.decode(value)
    if batch.version != VERSION:
        raise UnknownVersion(f"batch version {batch.version}, this process reads {VERSION}")
    return batch
