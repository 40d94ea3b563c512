"""How far the log of hits reaches, which a rebuild reads whole."""

from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.topics import HITS
from streams.log_reader import LogUnusable, consumer, ends_of, partitions_of


async def log_ends(broker: str) -> dict[int, int]:
    """Partition -> the offset of its next record. Raises `LogUnusable` if the broker is away."""
    return (await _extent(broker))[1]


async def whole_log(broker: str) -> dict[int, int]:
    """The same. Raises `LogUnusable` also if the log does not begin at offset 0."""
    begins, ends = await _extent(broker)
    for partition, offset in begins.items():
        if offset:
            raise LogUnusable(
                f"the log of partition {partition} begins at offset {offset}: the records before "
                "it are gone (retention?), so no number can be made again from the log. Keep "
                "`hits` for ever (retention.ms=-1), as create-topics makes it."
            )
    return ends


async def _extent(broker: str) -> tuple[dict[int, int], dict[int, int]]:
    """Partition -> the first offset there is, and the one after the last."""
    reader = consumer(broker)
    try:
        await reader.start()
        partitions = await partitions_of(reader, HITS.name)
        tps = [TopicPartition(HITS.name, partition) for partition in partitions]
        begins: dict[Any, int] = await reader.beginning_offsets(tps)
        ends = await ends_of(reader, HITS.name, partitions)
    except (KafkaError, OSError) as error:
        raise LogUnusable(f"Kafka does not answer: {error!r}") from error
    finally:
        await reader.stop()
    return {tp.partition: offset for tp, offset in begins.items()}, ends
