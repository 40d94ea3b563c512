"""Live counters: from the state to Redis, a few times a second.

Survives replay: values are absolute and carry `applied`, and Redis keeps the highest. Derived from
the state, which is checkpointed, so nothing is lost when a write fails or Redis is emptied: they
are written again.
"""

import logging
from itertools import islice
from typing import Final

from aggregates.core.live import live_counters
from aggregates.protocols import StoreUnavailable
from schemas.live import ShardStatus
from streams import metrics
from streams.protocol.pacing import rest_s
from streams.protocol.ports import Worker
from streams.shards import OwnedShard

logger = logging.getLogger(__name__)

SHARE_MAX: Final = 0.3  # of the time, while counters are not older than PAUSE_S_MAX
PAUSE_S_MAX: Final = 0.4  # live means half a second
# A tick ends after this, however many sites have changed: with those that wait longest the next one
# begins. So counters get older under a load that is too high, and not the load higher.
TICK_S_MAX: Final = 0.15
SITES_PER_WRITE: Final = 100
# Between statuses of a quiet shard, and all that one which is behind writes; each tells whether
# Redis was emptied.
STATUS_S: Final = 2.0
REFRESH_S: Final = 60.0  # Redis may have lost some keys only


async def mirror_for_ever(worker: Worker) -> None:
    """Mirrors until the process stops."""
    least_s, took_s = worker.settings.live_interval_s, 0.0
    while not worker.process.stopping:
        await worker.clock.sleep(
            rest_s(took_s, share=SHARE_MAX, least_s=least_s, most_s=PAUSE_S_MAX)
        )
        began_s = worker.clock.now_s()
        shards = list(worker.ownership.shards.values())
        for owned in shards:
            try:
                await mirror(worker, owned, TICK_S_MAX / len(shards))
            except StoreUnavailable as error:
                metrics.STORE_FAILURES.labels("redis").inc()
                logger.warning(
                    "partition=%d offset=%d: live counters wait for Redis: %s",
                    owned.partition, owned.applied, error,
                )  # fmt: skip
                for each in shards:  # a Redis that comes back may be one of before
                    each.refreshed_s = float("-inf")
                break
        took_s = worker.clock.now_s() - began_s


async def mirror(worker: Worker, owned: OwnedShard, seconds: float) -> None:
    """Write the counters of the sites that changed, those that wait longest first.

    Begins no write after `seconds`. Raises `StoreUnavailable`.
    """
    began_s = worker.clock.now_s()
    if owned.is_behind(worker.clock.epoch_ms()) and began_s - owned.told_s < STATUS_S:
        return
    if began_s - owned.refreshed_s >= REFRESH_S:
        _refresh(owned, began_s)
    wrote = False
    while owned.shard.live_sites and worker.clock.now_s() - began_s <= seconds:
        await _write_some(worker, owned)
        wrote = True
    if wrote or began_s - owned.told_s >= STATUS_S:
        owned.told_s = began_s
        if await worker.mirror.write_status(owned.partition, _status(worker, owned)):
            _refresh(owned, began_s)


async def _write_some(worker: Worker, owned: OwnedShard) -> None:
    """A site that changes while its counters are on their way has changed again."""
    waiting = owned.shard.live_sites
    chosen = list(islice(waiting, SITES_PER_WRITE))
    for site_id in chosen:
        del waiting[site_id]
    state, watermark_ms = owned.shard.state, owned.watermark_ms
    counters = {site_id: live_counters(state, site_id, watermark_ms) for site_id in chosen}
    try:
        await worker.mirror.write(owned.partition, counters)
    except StoreUnavailable:
        waiting.update(dict.fromkeys(chosen))
        raise


def _refresh(owned: OwnedShard, now_s: float) -> None:
    """All sites with activity are to be written again."""
    owned.refreshed_s = now_s
    owned.shard.live_sites.update(dict.fromkeys(owned.shard.state.live))


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
