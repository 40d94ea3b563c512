"""hits -> fold. Folds only the next record of a partition; holds every event until a checkpoint."""

import asyncio
import logging
from typing import Any

import msgspec

from aggregates.core.fold import ahead_of_clock, fold, skip
from schemas.events import UnknownVersion, decode_batch
from streams import metrics
from streams.app import app, hits, ownership, settings
from streams.dead_letters import bury, bury_hits
from streams.recovery import seek_back
from streams.shards import OwnedShard

logger = logging.getLogger(__name__)

BACKPRESSURE_POLL_S = 0.1


@app.agent(hits, concurrency=1)
async def fold_hits(stream: Any) -> None:
    """Nothing is raised out of this loop: Faust would acknowledge the event it was raised on."""
    async for event in stream.noack().events():
        while ownership.unconfirmed > settings.rows_unconfirmed_max:
            await asyncio.sleep(BACKPRESSURE_POLL_S)
        owned = ownership.shards.get(event.message.partition)
        if owned is None:
            continue  # left in the queue from before a rebalance: it will be read again
        if event.message.offset > owned.applied + 1:
            await seek_back(owned)
            continue
        if event.message.offset == owned.applied + 1:
            await _fold_next(owned, event)
        owned.held.append(event)


async def _fold_next(owned: OwnedShard, event: Any) -> None:
    offset, appended_ms = event.message.offset, round(event.message.timestamp * 1000)
    try:
        batch = decode_batch(event.value or b"")
    except (msgspec.DecodeError, UnknownVersion) as error:
        await bury(event, error)
        if _is_next(owned, offset):
            skip(owned.shard, offset)
        return
    if refused := ahead_of_clock(batch, appended_ms):
        # Before the fold: a checkpoint that holds the record must not come before its letter.
        await bury_hits(event, batch, refused)
        if not _is_next(owned, offset):
            return
    try:
        fold(owned.shard, offset, batch, appended_ms)
    except Exception as error:  # a defect of ours, and the state may be half changed
        ownership.drop(owned.partition)
        logger.critical("fold failed partition=%d offset=%d", owned.partition, offset)
        await app.crash(error)
        return
    metrics.RECORDS_FOLDED.inc()
    metrics.HITS_FOLDED.inc(len(batch.hits))


def _is_next(owned: OwnedShard, offset: int) -> bool:
    """Whether, after an await, the record is still ours and the next one."""
    return ownership.holds(owned) and owned.applied == offset - 1
