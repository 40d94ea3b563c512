"""Lag, and what to do about a partition that stands still: seek back, then end the process.

Crash-only: starting is recovering, so a process that cannot help itself ends with its reason.
"""

import logging
from typing import Final

from schemas.topics import HITS
from streams import metrics
from streams.protocol.ports import Worker
from streams.shards import OwnedShard

logger = logging.getLogger(__name__)

WATCH_EVERY_S: Final = 1.0
STALLED_SEEK_S: Final = 5.0
STALLED_END_S: Final = 30.0
SEEK_PAUSE_S: Final = 3.0  # records of before a seek are still in queues: not a seek for each


async def watch_for_ever(worker: Worker) -> None:
    """Watches until the process stops."""
    while not worker.process.stopping:
        await worker.clock.sleep(WATCH_EVERY_S)
        for owned in list(worker.ownership.shards.values()):
            await watch(worker, owned)


async def watch(worker: Worker, owned: OwnedShard) -> None:
    """Look at one shard, and help it on."""
    end = worker.log.end(owned.partition)
    if end is None:
        return  # a rebalance runs
    owned.lag = max(0, end - owned.applied - 1)
    metrics.LAG.labels(owned.partition).set(owned.lag)
    if owned.watermark_ms:
        delay_ms = worker.clock.epoch_ms() - owned.watermark_ms
        metrics.WATERMARK_DELAY.labels(owned.partition).set(delay_ms / 1000)
    _measure_state(owned)
    now_s = worker.clock.now_s()
    if not owned.lag or worker.held_back or owned.watched != owned.applied:
        owned.watched, owned.progressed_s = owned.applied, now_s
    elif now_s - owned.progressed_s > STALLED_END_S:
        await worker.process.crash(
            RuntimeError(
                f"partition {owned.partition} stands at offset {owned.applied} with a lag of "
                f"{owned.lag} records for {STALLED_END_S:.0f} s"
            )
        )
    elif now_s - owned.progressed_s > STALLED_SEEK_S:
        await seek_back(worker, owned)


def _measure_state(owned: OwnedShard) -> None:
    state = owned.shard.state
    sessions = sum(len(clock.sessions) for clock in state.clocks.values())
    metrics.SESSIONS.labels(owned.partition).set(sessions)
    for bound, times in state.limited.items():
        metrics.LIMITED.labels(owned.partition, bound).set(times)


async def seek_back(worker: Worker, owned: OwnedShard) -> None:
    """Read the log again from the record this shard needs next, once in SEEK_PAUSE_S."""
    now_s = worker.clock.now_s()
    if now_s - owned.sought_s < SEEK_PAUSE_S:
        return
    owned.sought_s = now_s
    try:
        await _seek_next(worker, owned)
    except Exception as error:  # whatever the driver raises: the watch comes again
        logger.warning(
            "partition=%d offset=%d could not seek: %r", owned.partition, owned.applied, error
        )


async def _seek_next(worker: Worker, owned: OwnedShard) -> None:
    earliest = await worker.log.earliest(owned.partition)
    if earliest > owned.applied + 1:
        await worker.process.crash(
            RuntimeError(
                f"partition {owned.partition} of {HITS.name} begins at offset {earliest}, but its "
                f"state ends at {owned.applied}: run `./inv rebuild`"
            )
        )
        return
    metrics.SEEKS_BACK.inc()
    logger.warning("partition=%d seeks back to offset=%d", owned.partition, owned.applied + 1)
    await worker.log.seek(owned.partition, owned.applied + 1)
