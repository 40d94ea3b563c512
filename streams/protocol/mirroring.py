"""Live counters: from the state to the `live` table and to Redis, a few times a second.

Survives replay: values are absolute and carry `applied`, and Redis keeps the highest. Derived from
the state, so nothing is lost when a write fails; everything is written again every REFRESH_S.
"""

import logging
from typing import Final

import msgpack

from aggregates.core.live import live_counters
from aggregates.protocols import StoreUnavailable
from schemas.live import LiveShard, ShardStatus, encode_live
from streams import metrics
from streams.protocol.pacing import rest_s
from streams.protocol.ports import Worker
from streams.shards import OwnedShard

logger = logging.getLogger(__name__)

SHARE_MAX: Final = 0.3  # of the time, while counters are not older than PAUSE_S_MAX
PAUSE_S_MAX: Final = 0.4  # live means half a second
REFRESH_S: Final = 5.0  # Redis may have been emptied
SITES_PER_TICK_MAX: Final = 2_000  # the rest waits for the next tick


async def mirror_for_ever(worker: Worker) -> None:
    """Mirrors until the process stops."""
    least_s, refreshed_s, took_s = worker.settings.live_interval_s, -REFRESH_S, 0.0
    while not worker.process.stopping:
        await worker.clock.sleep(
            rest_s(took_s, share=SHARE_MAX, least_s=least_s, most_s=PAUSE_S_MAX)
        )
        began_s = worker.clock.now_s()
        refresh = began_s - refreshed_s >= REFRESH_S
        if refresh:
            refreshed_s = began_s
        for owned in list(worker.ownership.shards.values()):
            try:
                await mirror(worker, owned, refresh)
            except StoreUnavailable as error:
                metrics.STORE_FAILURES.labels("redis").inc()
                logger.warning(
                    "partition=%d offset=%d: live counters wait for Redis: %s",
                    owned.partition, owned.applied, error,
                )  # fmt: skip
                refreshed_s = -REFRESH_S
                break
        took_s = worker.clock.now_s() - began_s


async def mirror(worker: Worker, owned: OwnedShard, refresh: bool) -> None:
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
        _keep(worker, owned.partition, site_id, counters[site_id])
    if counters:
        await worker.mirror.write(owned.partition, counters)
    if counters or refresh:
        await worker.mirror.write_status(owned.partition, _status(worker, owned))


def _keep(worker: Worker, partition: int, site_id: int, counters: LiveShard) -> None:
    key = bytes(msgpack.packb([partition, site_id]))
    empty = not counters.minutes and not counters.last_seen
    worker.outlet.keep_live(partition, key, None if empty else encode_live(counters))


def _status(worker: Worker, owned: OwnedShard) -> ShardStatus:
    return ShardStatus(
        applied=owned.applied,
        watermark_ms=owned.watermark_ms,
        stored_at_ms=owned.stored_at_ms,
        lag=owned.lag,
        updated_at_ms=worker.clock.epoch_ms(),
        generation=owned.generation,
        stored=owned.stored,
    )
