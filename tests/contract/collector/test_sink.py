"""The log: one suite for the fake in memory and for Kafka."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from collector.batcher import Sink
from collector.errors import Unavailable
from collector.kafka import KafkaSink
from collector.metrics import Metrics
from collector.settings import Settings
from tests.contract.collector import kafka_topics
from tests.unit.collector.support import SECRET, MemorySink

PARTITIONS = 3


@dataclass
class Subject:
    """A sink and how to see what it stored."""

    sink: Sink
    read: Callable[[], Awaitable[list[tuple[int, bytes]]]]


def kafka_settings(broker: str, topic: str) -> Settings:
    return Settings(route_secret=SECRET, kafka_broker=broker, hits_topic=topic, ack_timeout_s=5.0)


@contextlib.asynccontextmanager
async def running_sink(broker: str, topic: str) -> AsyncIterator[KafkaSink]:
    sink = KafkaSink(kafka_settings(broker, topic), Metrics())
    task = asyncio.create_task(sink.run())
    try:
        yield sink
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.integration)])
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    if request.param == "memory":
        memory = MemorySink()

        async def records() -> list[tuple[int, bytes]]:
            return memory.records

        yield Subject(memory, records)
        return
    broker, topic = request.getfixturevalue("kafka_broker"), kafka_topics.new_name()
    await kafka_topics.create(broker, topic, PARTITIONS)
    async with running_sink(broker, topic) as sink:
        await asyncio.wait_for(sink.ready.wait(), 20)
        yield Subject(sink, lambda: kafka_topics.read(broker, topic, PARTITIONS))
    await kafka_topics.delete(broker, topic)


async def test_what_was_appended_is_there_byte_for_byte(subject: Subject) -> None:
    values = [b"\x00\xff", b"x" * 262_144, b""]
    for partition, value in enumerate(values):
        await subject.sink.append(partition, value)
    assert sorted(await subject.read()) == list(enumerate(values))


async def test_a_partition_keeps_its_order(subject: Subject) -> None:
    async def fill(partition: int) -> None:
        for number in range(50):
            await subject.sink.append(partition, b"%d" % number)

    await asyncio.gather(*(fill(partition) for partition in range(PARTITIONS)))
    stored = await subject.read()
    for partition in range(PARTITIONS):
        numbers = [int(value) for at, value in stored if at == partition]
        assert numbers == list(range(50))


@pytest.mark.integration
async def test_a_topic_that_is_missing_is_waited_for_and_never_made(kafka_broker: str) -> None:
    topic = kafka_topics.new_name()
    async with running_sink(kafka_broker, topic) as sink:
        await asyncio.sleep(2)
        assert not sink.ready.is_set() and not sink.connected
        with pytest.raises(Unavailable):
            await sink.append(0, b"x")
        assert not await kafka_topics.exists(kafka_broker, topic)
        await kafka_topics.create(kafka_broker, topic, 2)
        await asyncio.wait_for(sink.ready.wait(), 20)
        assert sink.partition_count == 2
        await sink.append(1, b"x")
    assert await kafka_topics.read(kafka_broker, topic, 2) == [(1, b"x")]
    await kafka_topics.delete(kafka_broker, topic)


@pytest.mark.integration
async def test_after_a_failure_a_new_producer_goes_on(kafka_broker: str) -> None:
    """A partition that does not exist fails as a broken producer does; others then work again."""
    topic = kafka_topics.new_name()
    await kafka_topics.create(kafka_broker, topic, 1)
    async with running_sink(kafka_broker, topic) as sink:
        await asyncio.wait_for(sink.ready.wait(), 20)
        await sink.append(0, b"before")
        with pytest.raises(Unavailable):
            await sink.append(9, b"nowhere")
        for _ in range(100):
            with contextlib.suppress(Unavailable):
                await sink.append(0, b"after")
                break
            await asyncio.sleep(0.1)
    stored = await kafka_topics.read(kafka_broker, topic, 1)
    assert stored == [(0, b"before"), (0, b"after")]
    await kafka_topics.delete(kafka_broker, topic)


async def test_without_a_broker_it_refuses_at_once() -> None:
    async with running_sink("127.0.0.1:1", "hits") as sink:
        await asyncio.sleep(0.1)
        with pytest.raises(Unavailable, match="kafka"):
            await asyncio.wait_for(sink.append(0, b"x"), 0.1)
