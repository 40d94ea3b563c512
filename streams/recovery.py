"""Taking partitions, losing them, and reading the log again where a shard stands."""

import logging
import time
from typing import Any

from aiokafka.errors import KafkaError
from faust.types import TP

from schemas.topics import HITS
from streams import metrics
from streams.app import app, checkpoints, ownership
from streams.shards import OwnedShard

logger = logging.getLogger(__name__)

SEEK_PAUSE_S = 3.0  # records of before a seek are still in queues: do not seek for each of them


@app.on_partitions_revoked.connect
async def drop_shards(*arguments: Any, **_: Any) -> None:
    """Their successor decides now. `checkpoints.data` stays: recovery reads only what is new."""
    revoked: set[TP] = arguments[1]
    for tp in revoked:
        if tp.topic == HITS.name:
            ownership.drop(tp.partition)


@checkpoints.on_recover
async def build_shards() -> None:
    """State is built here, after recovery, and nowhere else."""
    for tp in app.assignor.assigned_actives():
        if tp.topic == checkpoints.changelog_topic_name and tp.partition not in ownership.shards:
            owned = ownership.take(tp.partition, dict(checkpoints.data.items()))
            owned.progressed_at = time.monotonic()
            logger.info("partition=%d recovered at offset=%d", tp.partition, owned.applied)


async def seek_back(owned: OwnedShard) -> None:
    """Read the log again from the record this shard needs next, once in SEEK_PAUSE_S."""
    now = time.monotonic()
    if now - owned.sought_at < SEEK_PAUSE_S:
        return
    owned.sought_at = now
    try:
        await _seek_next(owned)
    except KafkaError as error:  # the broker is away: the watchdog comes again
        logger.warning("partition=%d could not seek: %r", owned.partition, error)


async def _seek_next(owned: OwnedShard) -> None:
    tp = TP(HITS.name, owned.partition)
    earliest = (await app.consumer.earliest_offsets(tp)).get(tp, 0)
    if earliest > owned.applied + 1:
        await app.crash(
            RuntimeError(
                f"partition {owned.partition} of {HITS.name} begins at offset {earliest}, but its "
                f"state ends at {owned.applied}: run `./inv rebuild`"
            )
        )
        return
    metrics.SEEKS_BACK.inc()
    logger.warning("partition=%d seeks back to offset=%d", owned.partition, owned.applied + 1)
    await app.consumer.seek(tp, owned.applied + 1)
