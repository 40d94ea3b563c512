"""Fold the next record of a partition and no other; hold every one until a checkpoint has it."""

import logging
from collections.abc import Sequence
from typing import Final

import msgspec

from aggregates.core.fold import ahead_of_clock, fold, skip
from schemas.drop_reasons import DropReason
from schemas.events import Batch, Hit, UnknownVersion, decode_batch, encode_batch
from schemas.records import DeadLetter
from schemas.topics import HITS
from streams import metrics
from streams.protocol.ports import Record, Worker
from streams.protocol.watching import seek_back
from streams.shards import OwnedShard

logger = logging.getLogger(__name__)

BACKPRESSURE_POLL_S: Final = 0.1
BURY_RETRY_S: Final = 0.5
BURY_RETRY_S_MAX: Final = 10.0
ERROR_CHARS_MAX: Final = 500


async def take_record(worker: Worker, record: Record) -> None:
    """Take one record off the log. Raises nothing: what fails is waited for, or ends the process.

    While rows wait for ClickHouse beyond the bound this waits too; the records behind fill the
    stream's buffer, and when that is full the consumer fetches no more.
    """
    while worker.held_back:
        await worker.clock.sleep(BACKPRESSURE_POLL_S)
    owned = worker.ownership.shards.get(record.partition)
    if owned is None:
        return  # left in the queue from before a rebalance: it will be read again
    if record.offset > owned.applied + 1:
        await seek_back(worker, owned)
        return
    if record.offset == owned.applied + 1:
        await _fold_next(worker, owned, record)
    owned.held.append(record.acknowledge)


async def _fold_next(worker: Worker, owned: OwnedShard, record: Record) -> None:
    try:
        batch = decode_batch(record.value)
    except (msgspec.DecodeError, UnknownVersion) as error:
        await _bury(worker, record, str(error), record.value)
        if _is_next(worker, owned, record):
            skip(owned.shard, record.offset)
        return
    if refused := ahead_of_clock(batch, record.appended_ms):
        # Before the fold: a checkpoint that holds the record must not come before its letter.
        await _bury_hits(worker, record, batch, refused)
        if not _is_next(worker, owned, record):
            return
    try:
        fold(owned.shard, record.offset, batch, record.appended_ms)
    except Exception as error:  # a defect of ours, and the state may be half changed
        worker.ownership.drop(owned.partition)
        logger.critical("fold failed partition=%d offset=%d", owned.partition, record.offset)
        await worker.process.crash(error)
        return
    metrics.RECORDS_FOLDED.inc()
    metrics.HITS_FOLDED.inc(len(batch.hits))


def _is_next(worker: Worker, owned: OwnedShard, record: Record) -> bool:
    """Whether, after an await, the record is still ours and the next one."""
    return worker.ownership.holds(owned) and owned.applied == record.offset - 1


async def _bury_hits(worker: Worker, record: Record, batch: Batch, hits: Sequence[Hit]) -> None:
    """Keep the hits of a record that is folded without them."""
    error = f"{len(hits)} of {len(batch.hits)} hits: {DropReason.CLOCK_AHEAD}"
    rest = Batch(batch.version, batch.collector_id, tuple(hits), replay_of=batch.replay_of)
    await _bury(worker, record, error, encode_batch(rest))


async def _bury(worker: Worker, record: Record, error: str, value: bytes) -> None:
    """Keep `value` as a dead letter; returns when the broker has it, however long it takes.

    Replayed, it writes the same letter under the same key again.
    """
    at = record.partition, record.offset
    letter = DeadLetter(HITS.name, *at, error[:ERROR_CHARS_MAX], value, record.appended_ms)
    retry_s = BURY_RETRY_S
    while True:
        try:
            await worker.outlet.bury(letter)
            break
        except Exception as failure:  # whatever the driver raises: hold, do not lose the record
            logger.warning("partition=%d offset=%d letter not written: %r", *at, failure)
            await worker.clock.sleep(retry_s)
            retry_s = min(BURY_RETRY_S_MAX, retry_s * 2)
    metrics.DEAD_LETTERS.inc()
    logger.error("dead letter partition=%d offset=%d: %s", *at, letter.error)
