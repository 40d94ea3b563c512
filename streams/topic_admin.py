"""Topics, made before a worker starts: one that starts first would sit with stale metadata.

Partitions can be added, never removed. A shard is a partition: what was folded stays where it is,
and new shards begin empty (deploy/docs/partitions.md).
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from schemas.topics import HITS, SHARDED, TOPICS
from streams.settings import Settings

SEEN_S_MAX: Final = 20.0  # until the broker's own metadata shows new partitions


class CannotGrow(Exception):
    """The partitions cannot become so many; the text says why."""


async def create_topics(settings: Settings) -> list[str]:
    """Create what is missing; returns the names of those made now.

    Where `hits` has grown, a topic that is new beside it is made with as many partitions.
    Raises `aiokafka.errors.KafkaError` when the broker refuses or cannot be reached.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_broker)
    await admin.start()
    try:
        counts = await _partition_counts(admin)
        sharded = max(settings.partitions, counts.get(HITS.name, 0))
        wanted = [
            NewTopic(
                topic.name,
                sharded if topic in SHARDED else settings.partitions,
                settings.replication,
                topic_configs=topic.config,
            )
            for topic in TOPICS
        ]
        answer = await admin.create_topics(wanted)
    finally:
        await admin.close()
    made = []
    for name, code, *_ in answer.topic_errors:
        error = for_code(code)
        if code == 0:
            made.append(name)
        elif error is not TopicAlreadyExistsError:
            raise error(name)
    return made


async def grow_partitions(broker: str, count: int) -> dict[str, int]:
    """Give the topics of the shards `count` partitions; topic -> how many it had, where it grew.

    `hits` comes last, so that no record lies in a shard that has no place for its checkpoints.
    Repeated, it goes on where it was interrupted. Raises `CannotGrow`, and
    `aiokafka.errors.KafkaError` when the broker refuses or cannot be reached.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    try:
        before = await _partition_counts(admin)
        _refuse(before, count)
        grown = [topic.name for topic in SHARDED if before[topic.name] < count]
        for name in grown:
            await admin.create_partitions({name: NewPartitions(count)})
            await _until_seen(admin, name, count)
    finally:
        await admin.close()
    return {name: before[name] for name in grown}


def _refuse(before: Mapping[str, int], count: int) -> None:
    for topic in SHARDED:
        if topic.name not in before:
            raise CannotGrow(f"{topic.name} is not there: run create-topics first")
        if before[topic.name] > count:
            raise CannotGrow(
                f"{topic.name} has {before[topic.name]} partitions, and Kafka takes none away"
            )


async def _until_seen(admin: AIOKafkaAdminClient, name: str, count: int) -> None:
    async with asyncio.timeout(SEEN_S_MAX):
        while (await _partition_counts(admin)).get(name, 0) < count:
            await asyncio.sleep(0.1)


async def _partition_counts(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """Of every topic there is."""
    found: list[dict[str, Any]] = await admin.describe_topics()
    return {each["topic"]: len(each["partitions"]) for each in found}
