"""Topics of a real Kafka for one test each, and what is in them."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from schemas.events import Hit, decode_batch

READ_S_MAX = 20.0
START_S_MAX = 40.0


@contextlib.asynccontextmanager
async def admin(broker: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=broker)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


def new_name() -> str:
    return f"c-{secrets.token_hex(6)}"


async def create(broker: str, topic: str, partitions: int) -> None:
    async with admin(broker) as client:
        await client.create_topics([NewTopic(topic, partitions, 1)])


async def create_when_up(broker: str, topic: str, partitions: int) -> None:
    """As `create`, of a broker that is starting. Raises TimeoutError."""
    async with asyncio.timeout(START_S_MAX):
        while True:
            try:
                return await create(broker, topic, partitions)
            except KafkaError:
                await asyncio.sleep(0.2)


async def delete(broker: str, topic: str) -> None:
    async with admin(broker) as client:
        await client.delete_topics([topic])


async def exists(broker: str, topic: str) -> bool:
    async with admin(broker) as client:
        return topic in await client.list_topics()


async def read(broker: str, topic: str, partitions: int) -> list[tuple[int, bytes]]:
    """(partition, value) of all records, in order within each partition."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic, partition) for partition in range(partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[tuple[int, bytes]] = []
        async with asyncio.timeout(READ_S_MAX):
            while len(found) < sum(ends.values()):
                for place, records in (await consumer.getmany(timeout_ms=1_000)).items():
                    found += [(place.partition, record.value) for record in records]
        return found
    finally:
        await consumer.stop()


async def read_hits(broker: str, topic: str, partitions: int) -> list[Hit]:
    records = await read(broker, topic, partitions)
    return [hit for _, value in records for hit in decode_batch(value).hits]
