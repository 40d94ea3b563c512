"""Hits at the pace of real time, as collectors write them: small records, one after the other."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from aiokafka import AIOKafkaProducer

from schemas.events import Batch, encode_batch
from schemas.topics import HITS
from streams.settings import Settings
from tests.bench.filling import producer_of
from tests.bench.workloads import Workload, batches

HITS_PER_RECORD: Final = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """A record the broker has."""

    partition: int
    offset: int
    sent_s: float  # monotonic; when it was given to the producer
    hits: Mapping[int, int]  # site id -> how many


async def send(
    settings: Settings, workload: Workload, seconds: float, sent: Callable[[Sent], None], seed: int
) -> None:
    """Write the workload at its own pace, from now on; `sent` is told of every record.

    Returns when the broker has acknowledged all.
    """
    small = replace(workload, hits_per_record=HITS_PER_RECORD)
    count, hits = settings.partitions, int(small.hits_per_s * seconds)
    began_s, start_ms = time.monotonic(), time.time_ns() // 1_000_000
    logs = [batches(small, seed, each, count, hits // count, start_ms) for each in range(count)]
    producer = producer_of(settings.kafka_broker)
    await producer.start()
    acknowledged = []
    try:
        for number in range(hits // HITS_PER_RECORD // count * count):
            due_s = began_s + number * HITS_PER_RECORD / small.hits_per_s
            await asyncio.sleep(max(0, due_s - time.monotonic()))
            partition = number % count
            batch = next(logs[partition])
            acknowledged.append(asyncio.create_task(_write(producer, partition, batch, sent)))
        await asyncio.gather(*acknowledged)
    finally:
        await producer.stop()


async def _write(
    producer: AIOKafkaProducer, partition: int, batch: Batch, sent: Callable[[Sent], None]
) -> None:
    value, sent_s = encode_batch(batch), time.monotonic()
    written = await producer.send_and_wait(HITS.name, value, partition=partition)
    by_site = Counter(hit.site_id for hit in batch.hits)
    sent(Sent(partition, written.offset, sent_s, by_site))
