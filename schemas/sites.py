"""What collector and streams know about a site: written to Redis by the webapp, read as data.

What is left out here is classed by the collector as it comes, from then on. A rule that is to hold
backwards as well belongs to the fold (`schemas.rules`).
"""

from typing import Final

import msgspec

# Limits of one site's settings, held by the webapp when they are written.
RULES_MAX: Final = 100  # entries of each list
PATTERN_CHARS_MAX: Final = 200
WILDCARDS_MAX: Final = 5  # of one pattern
RATE_PER_S_MAX: Final = 100_000
RETENTION_DAYS_MAX: Final = 36_500


class SiteSettings(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One registered site, as JSON in the Redis hash `redis_keys.SITES` under its domain.

    The tuples hold text alone, so no cycle is possible: `gc=False` keeps 100,000 of them out of
    the garbage collector's way.
    """

    site_id: int
    domain: str
    timezone: str = "UTC"
    spike_threshold: int = 0  # pageviews a minute that raise an alert; 0 raises none
    # Where it may be embedded, `*` for anything: hits from elsewhere are left out. Empty: anywhere.
    hostnames: tuple[str, ...] = ()
    excluded_addresses: tuple[str, ...] = ()  # addresses and CIDR blocks
    excluded_countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2
    excluded_pages: tuple[str, ...] = ()  # paths; `*` is anything but "/", `**` anything
    honour_gpc: bool = False  # nothing is kept of who sends Sec-GPC: 1
    honour_dnt: bool = False  # nor of who sends DNT: 1
    # Classes that count all the same.
    count_bots: bool = False
    count_data_centres: bool = False
    count_referrer_spam: bool = False
    rate_per_s_max: int = 0  # hits a second of each collector's worker; 0 is the operator's limit
    # The domain is one that the site had until lately: pages that still name it are counted on.
    is_former: bool = False
    retention_days: int = 0  # whole days (UTC) of numbers that are kept; 0 is for ever


class IngestKey(msgspec.Struct, frozen=True):
    """The sites an API key may write to, in `redis_keys.INGEST_KEYS` under the key's SHA-256."""

    key_id: int
    site_ids: tuple[int, ...]


_encoder = msgspec.json.Encoder()
_site_decoder = msgspec.json.Decoder(SiteSettings)
_key_decoder = msgspec.json.Decoder(IngestKey)


def has_rules(site: SiteSettings) -> bool:
    """Whether anything about a hit depends on the site's settings."""
    return bool(
        site.hostnames
        or site.excluded_addresses
        or site.excluded_countries
        or site.excluded_pages
        or site.honour_gpc
        or site.honour_dnt
        or site.count_bots
        or site.count_data_centres
        or site.count_referrer_spam
    )


def encode(value: SiteSettings | IngestKey) -> bytes:
    """The JSON kept in Redis."""
    return _encoder.encode(value)


def decode_site(value: bytes) -> SiteSettings:
    """Raises `msgspec.DecodeError` for anything but a site's JSON."""
    return _site_decoder.decode(value)


def decode_ingest_key(value: bytes) -> IngestKey:
    """Raises `msgspec.DecodeError` for anything but a key's JSON."""
    return _key_decoder.decode(value)
