"""Every key and channel of Pawprint in Redis. Nothing else in the code spells one."""

import datetime as dt
from typing import Final

SITES: Final = "pawprint:sites"  # hash: domain -> JSON SiteSettings (written by webapp)
SITES_CHANGED: Final = "pawprint:sites-changed"  # channel: a domain (webapp -> collector, streams)
INGEST_KEYS_CHANGED: Final = "pawprint:ingest-keys-changed"  # channel: an ingest key's SHA-256 hex
INGEST_KEYS: Final = "pawprint:ingest-keys"  # hash: SHA-256 hex of key -> JSON IngestKey
PIPELINE: Final = "pawprint:pipeline"  # hash: shard -> JSON ShardStatus (written by streams)
LIVE_CHANGED: Final = "live"  # channel: a site id whose live counters changed
# channel: JSON {"site_id", "alert"}, when one opens or resolves (webapp's notifier -> its streams)
ALERT_CHANGED: Final = "pawprint:alerts"
REBUILD: Final = "pawprint:rebuild"  # token of the rebuild that runs; expires when it died

SALT_TTL_S: Final = 48 * 3600


def live(site_id: int) -> str:
    """Hash of one site's live counters: shard -> msgpack LiveShard (written by streams)."""
    return f"live:{site_id}"


def salt(day: dt.date) -> str:
    """The salt of one UTC day: 16 random bytes, set once by whichever collector needs it first."""
    return f"pawprint:salt:{day.isoformat()}"


def import_salts(site_id: int, import_name: str) -> str:
    """Hash of one import's salts: UTC day (ISO) -> 16 random bytes; deleted when it is finished."""
    return f"pawprint:import-salts:{site_id}:{import_name}"


def rate(kind: str, caller: str) -> str:
    """Hash of what a caller spent of its limit: part of a window -> requests (by webapp)."""
    return f"pawprint:rate:{kind}:{caller}"
