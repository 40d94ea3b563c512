"""A generation's snapshots in the checkpoint changelog, written and removed from outside Faust.

They are found by the workers as their own would be: same topic, same partition, same keys.
"""

import os
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer, TopicPartition

from aggregates.core.snapshots import snapshot
from aggregates.core.state import ShardState
from schemas.topics import CHECKPOINTS
from streams.checkpoints import Snapshot, SnapshotKey, cut_chunks, generation_of
from streams.log_reader import consumer, ends_of, partitions_of

REQUEST_BYTES_MAX = 2 * 2**20


def producer(broker: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=broker,
        enable_idempotence=True,
        acks="all",
        max_request_size=REQUEST_BYTES_MAX,
        linger_ms=5,
    )


async def write_snapshots(broker: str, generation: int, states: Iterable[ShardState]) -> int:
    """Write a whole snapshot of each state; returns their bytes once the broker has all of them.

    Raises `aiokafka.errors.KafkaError`.
    """
    writer = producer(broker)
    await writer.start()
    written = 0
    try:
        for state in states:
            key = SnapshotKey(generation, state.shard, os.urandom(6), slot=0)
            records = cut_chunks(Snapshot(key, state.applied, snapshot(state)))
            for name, value in records:
                await writer.send_and_wait(CHECKPOINTS.name, value, key=name, partition=state.shard)
                written += len(value)
    finally:
        await writer.stop()
    return written


async def delete_snapshots(broker: str, generation: int) -> int:
    """Delete every snapshot of `generation`; returns the number of chunks. Safe to repeat.

    Raises `aiokafka.errors.KafkaError`.
    """
    keys = await _keys_of(broker, generation)
    writer = producer(broker)
    await writer.start()
    try:
        for partition, key in keys:
            await writer.send_and_wait(CHECKPOINTS.name, None, key=key, partition=partition)
    finally:
        await writer.stop()
    return len(keys)


async def _keys_of(broker: str, generation: int) -> list[tuple[int, bytes]]:
    """(changelog partition, key) of what is there of `generation`."""
    reader = consumer(broker)
    await reader.start()
    try:
        partitions = await partitions_of(reader, CHECKPOINTS.name)
        ends = await ends_of(reader, CHECKPOINTS.name, partitions)
        tps = [TopicPartition(CHECKPOINTS.name, partition) for partition in partitions]
        reader.assign(tps)
        await reader.seek_to_beginning(*tps)
        there: dict[tuple[int, bytes], bool] = {}
        while any([await reader.position(tp) < ends[tp.partition] for tp in tps]):
            for tp, records in (await reader.getmany(timeout_ms=200)).items():
                for record in records:
                    if generation_of(record.key) == generation:
                        there[tp.partition, record.key] = record.value is not None
    finally:
        await reader.stop()
    return [at for at, is_there in there.items() if is_there]
