"""Taking partitions and losing them."""

import logging
from typing import Any

from faust.types import TP

from schemas.topics import HITS
from streams.app import app, checkpoints
from streams.garbage import collect_all
from streams.plumbing import worker
from streams.protocol.taking import drop, take

logger = logging.getLogger(__name__)


@app.on_partitions_revoked.connect
async def drop_shards(*arguments: Any, **_: Any) -> None:
    """`checkpoints.data` stays: recovery reads only what is new."""
    revoked: set[TP] = arguments[1]
    drop(worker, {tp.partition for tp in revoked if tp.topic == HITS.name})
    if not worker.ownership.shards:
        collect_all()


@checkpoints.on_recover
async def build_shards() -> None:
    """State is built here, after recovery, and nowhere else."""
    changelog = checkpoints.changelog_topic_name
    assigned = app.assignor.assigned_actives()
    partitions = {tp.partition for tp in assigned if tp.topic == changelog}
    take(worker, partitions, dict(checkpoints.data.items()))
