"""The checkpoint: cut, write, wait for every write, acknowledge in order, commit.

The order is the point: committed offsets may lag behind the newest whole snapshot, never lead it.
A worker killed anywhere in it is followed by one that finds the last whole snapshot and folds on.
"""

import logging
from typing import Final

from streams import metrics
from streams.checkpoints import Snapshot
from streams.protocol.pacing import rest_s
from streams.protocol.ports import Worker
from streams.shards import OwnedShard

logger = logging.getLogger(__name__)

SHARE_MAX: Final = 0.04  # of the time; the next may take longer, and 0.05 is what we promise
PAUSE_S_MAX: Final = 20.0  # what a killed worker's successor folds again, at the very most
FAILURES_MAX: Final = 30  # in a row; then the process ends and the supervisor starts it anew


class CheckpointFailed(Exception):
    """A write was not confirmed: nothing of that shard was acknowledged, the next one tries it."""


async def checkpoint_for_ever(worker: Worker) -> None:
    """Checkpoints every few seconds, less often as they grow more costly."""
    failures = 0
    while not worker.process.stopping:
        started_s = worker.clock.now_s()
        try:
            await checkpoint(worker)
            failures = 0
        except Exception as error:
            failures += 1
            metrics.STORE_FAILURES.labels("changelog").inc()
            logger.warning("checkpoint failed (%d in a row): %r", failures, error)
            if failures >= FAILURES_MAX:
                reason = RuntimeError(f"{failures} checkpoints failed: {error!r}")
                await worker.process.crash(reason)
        took_s = worker.clock.now_s() - started_s
        least_s = worker.settings.checkpoint_interval_s
        await worker.clock.sleep(
            rest_s(took_s, share=SHARE_MAX, least_s=least_s, most_s=PAUSE_S_MAX)
        )


async def checkpoint(worker: Worker) -> None:
    """One checkpoint of every shard this worker owns; one that fails keeps no other from its own.

    Raises `CheckpointFailed`, and what the driver raises for the commit.
    """
    with metrics.CHECKPOINT_SECONDS.time():
        committable, failure = False, None
        for owned in list(worker.ownership.shards.values()):
            try:
                committable |= await _checkpoint_shard(worker, owned)
            except Exception as error:  # whatever the driver raises
                failure = CheckpointFailed(
                    f"partition={owned.partition} offset={owned.applied}: {error!r}"
                )
        if committable:
            await worker.log.commit()
        if failure:
            raise failure


async def _checkpoint_shard(worker: Worker, owned: OwnedShard) -> bool:
    """Returns whether records were acknowledged."""
    # The cut: no await from here until the held records belong to it.
    held, owned.held = owned.held, []
    snapshot = owned.cut() if owned.applied > owned.saved else None
    try:
        if snapshot is not None:
            await _write(worker, owned, snapshot)
    except BaseException:
        owned.held = held + owned.held
        raise
    if not worker.ownership.holds(owned):
        return False  # lost meanwhile: its successor decides
    for acknowledge in held:
        acknowledge()
    return bool(held)


async def _write(worker: Worker, owned: OwnedShard, snapshot: Snapshot) -> None:
    changelog = worker.changelog
    records = await changelog.cut(snapshot)
    if not worker.ownership.holds(owned):
        return
    for sent in [changelog.send(owned.partition, key, value) for key, value in records]:
        await sent
    if not worker.ownership.holds(owned):
        return
    owned.saved_as(snapshot)
    changelog.keep(dict(records))
    metrics.CHECKPOINT_BYTES.labels(owned.partition).set(sum(len(value) for _, value in records))
    await _delete_older_epochs(worker, owned)


async def _delete_older_epochs(worker: Worker, owned: OwnedShard) -> None:
    """Snapshots of earlier owners are not needed once this one has a whole one of its own."""
    older = owned.older_epochs
    for sent in [worker.changelog.send(owned.partition, key, None) for key in older]:
        await sent
    worker.changelog.keep(dict.fromkeys(older))
    owned.older_epochs = []
