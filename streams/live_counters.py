"""Live counters: from the state to the `live` table and to Redis, a few times a second.

Survives replay: values are absolute and carry `applied`, and Redis keeps the highest. Derived from
the state, so nothing is lost when a write fails; everything is written again every REFRESH_S.
"""

import asyncio
import logging
import time

import msgpack

from aggregates.core.live import live_counters
from aggregates.protocols import StoreUnavailable
from schemas.live import LiveShard, ShardStatus, encode_live
from streams import metrics
from streams.app import app, live, ownership, settings
from streams.shards import OwnedShard
from streams.stores import live_mirror

logger = logging.getLogger(__name__)

REFRESH_S = 5.0  # Redis may have been emptied
SITES_PER_TICK_MAX = 2_000  # the rest waits for the next tick


@app.task
async def mirror_for_ever() -> None:
    refreshed_at = 0.0
    while not app.should_stop:
        await asyncio.sleep(settings.live_interval_s)
        refresh = time.monotonic() - refreshed_at > REFRESH_S
        if refresh:
            refreshed_at = time.monotonic()
        for owned in list(ownership.shards.values()):
            try:
                await mirror(owned, refresh)
            except StoreUnavailable as error:
                metrics.STORE_FAILURES.labels("redis").inc()
                logger.warning("live counters wait for Redis: %s", error)
                refreshed_at = 0.0
                break


async def mirror(owned: OwnedShard, refresh: bool) -> None:
    """Write the counters of the sites that changed, of all sites with activity if `refresh`.

    Raises `StoreUnavailable`.
    """
    shard = owned.shard
    changed = set(list(shard.live_sites)[:SITES_PER_TICK_MAX])
    shard.live_sites -= changed
    counters = {
        site_id: live_counters(shard.state, site_id, owned.watermark_ms)
        for site_id in (changed | set(shard.state.live) if refresh else changed)
    }
    for site_id in changed:
        _put(owned.partition, site_id, counters[site_id])
    if counters:
        await live_mirror().write(owned.partition, counters)
    if counters or refresh:
        await live_mirror().write_status(owned.partition, _status(owned))


def _put(partition: int, site_id: int, counters: LiveShard) -> None:
    key, value = bytes(msgpack.packb([partition, site_id])), encode_live(counters)
    empty = not counters.minutes and not counters.last_seen
    live.send_changelog(
        partition, key, None if empty else value, key_serializer="raw", value_serializer="raw"
    )
    if empty:
        live.data.data.pop(key, None)
    else:
        live.data.data[key] = value


def _status(owned: OwnedShard) -> ShardStatus:
    return ShardStatus(
        applied=owned.applied,
        watermark_ms=owned.watermark_ms,
        stored_at_ms=owned.stored_at_ms,
        lag=owned.lag,
        updated_at_ms=time.time_ns() // 1_000_000,
    )
