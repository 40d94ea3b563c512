"""Numbered hits, written to the log as the collector would, and counted as they go."""

import asyncio
import random
import time
from collections import Counter

from aiokafka import AIOKafkaProducer

from schemas.events import PAGEVIEW, VERSION, Batch, Hit, Kind, Visit, encode_batch
from schemas.topics import HITS

SITES, PATHS, VISITORS = 3, 20, 400

Cell = tuple[int, int, str]  # site, minute (epoch s), path


async def write_hits(
    broker: str, records: int, hits_per_record: int, pause_s: float, first: int = 0
) -> "Load":
    """Write `records` records round the partitions; returns what the broker acknowledged.

    `first` is the number of the first hit: of those before, each had a number of its own too.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=broker, enable_idempotence=True, linger_ms=5, compression_type="zstd"
    )
    await producer.start()
    partitions = sorted(await producer.partitions_for(HITS.name))
    draw, load = random.Random(records), Load()
    for number in range(records):
        partition = partitions[number % len(partitions)]
        hits = tuple(
            _hit(draw, partition, len(partitions), first + number * hits_per_record + i)
            for i in range(hits_per_record)
        )
        batch = Batch(VERSION, "load", hits)
        await producer.send_and_wait(HITS.name, encode_batch(batch), partition=partition)
        load.add(hits)
        await asyncio.sleep(pause_s)
    await producer.stop()
    return load


def _hit(draw: random.Random, partition: int, partitions: int, number: int) -> Hit:
    now_ms = time.time_ns() // 1_000_000
    return Hit(
        site_id=draw.randint(1, SITES),
        kind=Kind.PAGEVIEW,
        visitor_id=draw.randrange(VISITORS) * partitions + partition,
        event_id=number + 1,
        at_ms=now_ms,
        received_at_ms=now_ms,
        name=PAGEVIEW,
        hostname="example.com",
        path=f"/{draw.randrange(PATHS)}",
        visit=Visit(source=draw.choice(["", "Google"]), device="Desktop", country="DE"),
    )


class Load:
    """What was acknowledged: the oracle. It knows no windows, shards or sessions' rows."""

    def __init__(self) -> None:
        self.hits: Counter[Cell] = Counter()
        self.visitors: set[tuple[int, int]] = set()

    def add(self, hits: tuple[Hit, ...]) -> None:
        for hit in hits:
            self.hits[hit.site_id, hit.at_ms // 60_000 * 60, hit.path] += 1
            self.visitors.add((hit.site_id, hit.visitor_id))

    def __iadd__(self, other: "Load") -> "Load":
        self.hits += other.hits
        self.visitors |= other.visitors
        return self
