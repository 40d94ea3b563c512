"""The live counters of one site in one shard, as mirrored to Redis, and the shard's own status.

Nothing in here decays: the reader counts the last-seen buckets that are recent by its own clock.
"""

from typing import Final

import msgspec

BUCKET_S: Final = 10  # width of a last-seen bucket
CURRENT_S: Final = 300  # a visitor is "on the site now" if seen in the last 5 minutes
HISTORY_S: Final = 1_800  # the strip of the last 30 minutes
TOP_COUNT_MAX: Final = 10


class LiveShard(msgspec.Struct, array_like=True, frozen=True):
    """Value of `redis_keys.live(site)[shard]`. `applied` first: writers compare it in Redis."""

    applied: int  # the offset these counters are the fold of
    minutes: tuple[tuple[int, int, int], ...]  # (epoch s of the minute, pageviews, visitors)
    last_seen: tuple[tuple[int, int], ...]  # (epoch s of the bucket's start, visitors last seen)
    pages: tuple[tuple[str, int], ...]  # (path, current visitors), most first, TOP_COUNT_MAX
    sources: tuple[tuple[str, int], ...]
    countries: tuple[tuple[str, int], ...]
    devices: tuple[tuple[str, int], ...]


class ShardStatus(msgspec.Struct, frozen=True):
    """Value of `redis_keys.PIPELINE[shard]`: how far this shard is, for the dashboard's foot."""

    applied: int
    watermark_ms: int  # of the live clock; every earlier minute of this shard is closed
    stored_at_ms: int  # when ClickHouse last confirmed all rows up to `applied` (0: not yet)
    lag: int  # records not folded yet
    updated_at_ms: int
    generation: int = 1  # of the rollups it folds
    stored: int = -1  # the offset up to which ClickHouse has confirmed every row


_live_encoder = msgspec.msgpack.Encoder()
_live_decoder = msgspec.msgpack.Decoder(LiveShard)
_status_encoder = msgspec.json.Encoder()
_status_decoder = msgspec.json.Decoder(ShardStatus)


def encode_live(value: LiveShard) -> bytes:
    return _live_encoder.encode(value)


def decode_live(value: bytes) -> LiveShard:
    """Raises `msgspec.DecodeError` for anything else."""
    return _live_decoder.decode(value)


def encode_status(value: ShardStatus) -> bytes:
    return _status_encoder.encode(value)


def decode_status(value: bytes) -> ShardStatus:
    """Raises `msgspec.DecodeError` for anything else."""
    return _status_decoder.decode(value)
