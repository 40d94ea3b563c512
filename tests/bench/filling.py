"""Workloads written to the log, as the collector writes them."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from aiokafka import AIOKafkaProducer

from schemas.events import encode_batch
from schemas.topics import HITS
from streams.settings import Settings
from tests.bench.workloads import Workload, batches, length_ms

SENDS_MAX = 200  # records on their way at a time


def ended_now(workload: Workload, hits: int) -> int:
    """When a log of `hits` hits that ends now began, epoch milliseconds."""
    return time.time_ns() // 1_000_000 - length_ms(workload, hits)


def fill(settings: Settings, workload: Workload, hits: int, start_ms: int, seed: int = 1) -> None:
    """Write `hits` hits over all partitions; the log's time begins at `start_ms`."""
    write(settings, encoded(settings.partitions, workload, hits, start_ms, seed))


def encoded(
    partitions: int, workload: Workload, hits: int, start_ms: int, seed: int = 1
) -> Iterator[tuple[int, bytes]]:
    """The same as records, (partition, value) each, in turn of each partition."""
    logs = [
        batches(workload, seed, partition, partitions, hits // partitions, start_ms)
        for partition in range(partitions)
    ]
    for each in zip_longest(*logs):
        for partition, batch in enumerate(each):
            if batch is not None:
                yield partition, encode_batch(batch)


def write(settings: Settings, records: Iterable[tuple[int, bytes]]) -> None:
    """Write (partition, value) records until all are acknowledged."""
    asyncio.run(_write(settings.kafka_broker, records))


async def _write(broker: str, records: Iterable[tuple[int, bytes]]) -> None:
    producer = producer_of(broker)
    await producer.start()
    sent: list[asyncio.Future[object]] = []
    try:
        for partition, value in records:
            sent.append(await producer.send(HITS.name, value, partition=partition))
            if len(sent) > SENDS_MAX:
                await asyncio.gather(*sent)
                sent.clear()
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


def producer_of(broker: str) -> AIOKafkaProducer:
    """As the collector's."""
    return AIOKafkaProducer(
        bootstrap_servers=broker, enable_idempotence=True, linger_ms=4, compression_type="zstd",
        max_request_size=2**20,
    )  # fmt: skip
