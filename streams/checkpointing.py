"""The checkpoint: cut, write, wait for every write, acknowledge in order, commit.

The order is the point: committed offsets may lag behind the newest whole snapshot, never lead it.
A worker killed anywhere in it is followed by one that finds the last whole snapshot and folds on.
"""

import asyncio
import logging
import time
from typing import Any

from schemas.topics import HITS
from streams import metrics
from streams.app import app, checkpoints, ownership, settings
from streams.checkpoints import Snapshot, cut_chunks
from streams.shards import OwnedShard

logger = logging.getLogger(__name__)

SHARE_MAX = 0.05  # of the time may go into checkpoints
FAILURES_MAX = 30  # in a row; then the process ends and the supervisor starts it anew

_failures = 0


@app.task
async def checkpoint_for_ever() -> None:
    """Checkpoints every few seconds, less often as they grow more costly."""
    global _failures
    while not app.should_stop:
        started = time.monotonic()
        try:
            await checkpoint()
            _failures = 0
        except Exception as error:  # a failed write: nothing was acknowledged, try again
            _failures += 1
            metrics.STORE_FAILURES.labels("changelog").inc()
            logger.warning("checkpoint failed (%d in a row): %r", _failures, error)
            if _failures >= FAILURES_MAX:
                await app.crash(RuntimeError(f"{_failures} checkpoints failed: {error!r}"))
        took = time.monotonic() - started
        await asyncio.sleep(max(settings.checkpoint_interval_s, took / SHARE_MAX))


async def checkpoint() -> None:
    """One checkpoint of every shard this worker owns. Raises what the driver raises."""
    with metrics.CHECKPOINT_SECONDS.time():
        committable = False
        for owned in list(ownership.shards.values()):
            committable |= await _checkpoint_shard(owned)
        if committable:
            await app.commit({HITS.name})


async def _checkpoint_shard(owned: OwnedShard) -> bool:
    """Returns whether events were acknowledged."""
    # The cut: no await from here until the held events belong to it.
    held, owned.held = owned.held, []
    snapshot = owned.cut() if owned.applied > owned.saved else None
    try:
        if snapshot is not None:
            await _write(owned, snapshot)
    except BaseException:
        owned.held = held + owned.held
        raise
    if not ownership.holds(owned):
        return False  # lost meanwhile: its successor decides
    for event in held:
        event.ack()
    return bool(held)


async def _write(owned: OwnedShard, snapshot: Snapshot) -> None:
    records = await asyncio.to_thread(cut_chunks, snapshot)
    if not ownership.holds(owned):
        return
    for sent in [_send(owned.partition, key, value) for key, value in records]:
        await sent
    if not ownership.holds(owned):
        return
    owned.saved_as(snapshot)
    checkpoints.data.data.update(records)
    metrics.CHECKPOINT_BYTES.labels(owned.partition).set(sum(len(value) for _, value in records))
    await _delete_older_epochs(owned)


async def _delete_older_epochs(owned: OwnedShard) -> None:
    """Snapshots of earlier owners are not needed once this one has a whole one of its own."""
    older, owned.older_epochs = owned.older_epochs, []
    for key in older:
        checkpoints.data.data.pop(key, None)
    for sent in [_send(owned.partition, key, None) for key in older]:
        await sent


def _send(partition: int, key: bytes, value: bytes | None) -> Any:
    return checkpoints.send_changelog(
        partition, key, value, key_serializer="raw", value_serializer="raw"
    )
