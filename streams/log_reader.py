"""Topics read from their beginning, by partition and without a group: for people's commands."""

from collections.abc import Iterable
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

FETCH_BYTES_MAX: Final = 32 * 2**20  # of one answer of the broker, all partitions
PARTITION_FETCH_BYTES_MAX: Final = 8 * 2**20


class LogUnusable(Exception):
    """A topic cannot be read from its beginning; the text says why."""


def consumer(broker: str) -> AIOKafkaConsumer:
    """A consumer without a group; it commits nothing."""
    return AIOKafkaConsumer(
        bootstrap_servers=broker,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_bytes=FETCH_BYTES_MAX,
        max_partition_fetch_bytes=PARTITION_FETCH_BYTES_MAX,
        fetch_max_wait_ms=100,
    )


async def partitions_of(reader: AIOKafkaConsumer, topic: str) -> list[int]:
    """Raises `LogUnusable` where the topic is not there."""
    found = await reader._client.fetch_all_metadata()
    partitions = sorted(found.partitions_for_topic(topic) or ())
    if not partitions:
        raise LogUnusable(f"Kafka has no topic {topic}: nothing has been collected here yet")
    return partitions


async def ends_of(
    reader: AIOKafkaConsumer, topic: str, partitions: Iterable[int]
) -> dict[int, int]:
    """Partition -> the offset of the next record to be written."""
    tps = [TopicPartition(topic, partition) for partition in partitions]
    ends: dict[Any, int] = await reader.end_offsets(tps)
    return {tp.partition: offset for tp, offset in ends.items()}
