"""What was acknowledged is in the log, whoever is killed; and it counts once.

Kafka      |----- up -----|########## killed ##########|--- up --------|
collector  |----- up ------------|## killed |--- up (spools) ----------|
load       |======================================================|    read the log
"""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from aggregates.core.flush import unconfirmed_rows
from aggregates.core.fold import fold
from aggregates.core.rows import COUNTED
from aggregates.core.state import Shard, ShardState
from collector import identity
from schemas.events import decode_batch
from tests.contract.collector import kafka_topics
from tests.integration.collector.conftest import PARTITIONS, Process
from tests.integration.collector.own_kafka import OwnKafka
from tests.unit.collector.support import CHROME

pytestmark = pytest.mark.integration
SECRET = bytes(16)
VISITORS = 24
ROWS_MAX = 10_000


@pytest.fixture
async def kafka(tmp_path: Path) -> AsyncIterator[OwnKafka]:
    kafka = await asyncio.to_thread(OwnKafka, tmp_path / "home")
    kafka.start()
    yield kafka
    kafka.kill()


@pytest.fixture
async def own_collector(
    kafka: OwnKafka, redis_url: str, redis: Redis, tmp_path: Path
) -> AsyncIterator[Process]:
    """On the Kafka that may be killed. Not started yet."""
    environment = {
        "KAFKA_BROKER": kafka.broker,
        "REDIS_URL": redis_url,
        "PAWPRINT_HITS_TOPIC": await kafka.make_topic(PARTITIONS),
        "PAWPRINT_ROUTE_SECRET": SECRET.hex(),
        "PAWPRINT_DATA_DIR": str(tmp_path / "data"),
    }
    process = Process(environment, tmp_path / "collector.log")
    yield process
    if process.process is not None:
        await process.stop()


@dataclass
class Load:
    """Visitors who send one event after the other; the same one again until it is acknowledged."""

    port: int
    acknowledged: set[int] = field(default_factory=set)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    stopping: bool = False

    async def run(self) -> None:
        await asyncio.gather(*(self._visitor(number) for number in range(VISITORS)))

    async def reach(self, more: int) -> None:
        """Until so many more were acknowledged."""
        wanted = len(self.acknowledged) + more
        async with asyncio.timeout(30):
            while len(self.acknowledged) < wanted:
                await asyncio.sleep(0.02)

    async def _visitor(self, visitor: int) -> None:
        headers = {"user-agent": CHROME, "x-forwarded-for": f"81.2.69.{visitor}"}
        url = f"http://127.0.0.1:{self.port}/api/event"
        async with httpx.AsyncClient(timeout=5, headers=headers) as client:
            while not self.stopping:
                number = next(self.numbers)
                page = f"https://example.com/{number}"
                body = {"n": "pageview", "u": page, "event_id": f"id-{number}"}
                while not self.stopping:
                    try:
                        answer = await client.post(url, json=body)
                    except httpx.HTTPError:
                        await asyncio.sleep(0.1)
                        continue
                    if answer.status_code == 202:
                        self.acknowledged.add(number)
                        break
                    await asyncio.sleep(0.1)


async def check(process: Process, acknowledged: set[int]) -> None:
    """All are in the log, and the fold counts each event of the log once."""
    settings = process.environment
    records = await kafka_topics.read(
        settings["KAFKA_BROKER"], settings["PAWPRINT_HITS_TOPIC"], PARTITIONS
    )
    batches = [(at, decode_batch(value)) for at, value in records]
    logged = {hit.event_id for _, batch in batches for hit in batch.hits}
    lost = [n for n in acknowledged if identity.event_id(SECRET, 7, f"id-{n}") not in logged]
    assert lost == []
    counted = 0
    for partition in range(PARTITIONS):
        shard = Shard(ShardState(partition))
        mine = [batch for at, batch in batches if at == partition]
        for offset, batch in enumerate(mine):
            latest = max((hit.received_at_ms for hit in batch.hits), default=0)
            fold(shard, offset, batch, latest)
        rows = unconfirmed_rows(shard, ROWS_MAX).ledger
        counted += sum(row.hits for row in rows if row.outcome == COUNTED)
    assert counted == len(logged)


def spooled(state: str) -> Callable[[int, dict[str, str]], bool]:
    return lambda _, parts: parts.get("kafka") == "ok" and parts.get("spool") == state


async def test_kafka_and_the_collector_killed_under_load(
    own_collector: Process, kafka: OwnKafka
) -> None:
    own_collector.start()
    await own_collector.ready()
    load = Load(own_collector.port)
    running = asyncio.create_task(load.run())
    await load.reach(300)
    kafka.kill()
    await load.reach(300)  # into the spool
    own_collector.kill()
    own_collector.start()
    await load.reach(300)  # of a process that has never seen Kafka
    status, parts = await own_collector.health()
    assert (status, parts["kafka"], parts["spool"]) == (200, "away", "replaying")
    kafka.start()
    await load.reach(300)
    await own_collector.wait(spooled("ok"))
    await load.reach(100)
    load.stopping = True
    await running
    await check(own_collector, load.acknowledged)
    assert list((Path(own_collector.environment["PAWPRINT_DATA_DIR"]) / "spool").glob("*/*")) == []


async def test_a_dead_workers_spool_is_taken_over(own_collector: Process, kafka: OwnKafka) -> None:
    own_collector.environment["PAWPRINT_COLLECTOR_WORKERS"] = "2"
    own_collector.start()
    await own_collector.ready()
    load = Load(own_collector.port)
    running = asyncio.create_task(load.run())
    await load.reach(200)
    kafka.kill()
    await load.reach(200)
    os.kill(own_collector.workers()[0], signal.SIGKILL)
    await load.reach(200)
    kafka.start()
    await own_collector.wait(spooled("ok"))
    load.stopping = True
    await running
    spool = Path(own_collector.environment["PAWPRINT_DATA_DIR"]) / "spool"
    async with asyncio.timeout(30):
        while list(spool.glob("*/*.seg")):
            await asyncio.sleep(0.1)
    await check(own_collector, load.acknowledged)
