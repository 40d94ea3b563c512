"""What collector and streams know about a site: written to Redis by the webapp, read as data."""

import msgspec


class SiteSettings(msgspec.Struct, frozen=True):
    """One registered site, as JSON in the Redis hash `redis_keys.SITES` under its domain."""

    site_id: int
    domain: str
    timezone: str = "UTC"
    spike_threshold: int = 0  # pageviews a minute that raise an alert; 0 raises none


class IngestKey(msgspec.Struct, frozen=True):
    """The sites an API key may write to, in `redis_keys.INGEST_KEYS` under the key's SHA-256."""

    key_id: int
    site_ids: tuple[int, ...]


_encoder = msgspec.json.Encoder()
_site_decoder = msgspec.json.Decoder(SiteSettings)
_key_decoder = msgspec.json.Decoder(IngestKey)


def encode(value: SiteSettings | IngestKey) -> bytes:
    """The JSON kept in Redis."""
    return _encoder.encode(value)


def decode_site(value: bytes) -> SiteSettings:
    """Raises `msgspec.DecodeError` for anything but a site's JSON."""
    return _site_decoder.decode(value)


def decode_ingest_key(value: bytes) -> IngestKey:
    """Raises `msgspec.DecodeError` for anything but a key's JSON."""
    return _key_decoder.decode(value)
