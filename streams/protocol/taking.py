"""Taking partitions, after recovery and never before, and losing them."""

import logging
from collections.abc import Iterable, Mapping

from streams.protocol.ports import Worker

logger = logging.getLogger(__name__)


def take(worker: Worker, partitions: Iterable[int], records: Mapping[bytes, bytes]) -> None:
    """Build the shards of the assigned partitions that are not ours already.

    `records` is the recovered table of checkpoints. An event never builds a shard: it may have been
    in a queue when its partition moved.
    """
    for partition in sorted(partitions):
        if partition not in worker.ownership.shards:
            owned = worker.ownership.take(partition, records)
            owned.progressed_s = worker.clock.now_s()
            logger.info("partition=%d recovered at offset=%d", partition, owned.applied)


def drop(worker: Worker, partitions: Iterable[int]) -> None:
    """Forget the shards of partitions that are revoked: their successor decides now."""
    for partition in sorted(partitions):
        if owned := worker.ownership.drop(partition):
            logger.info("partition=%d given up at offset=%d", partition, owned.applied)
