"""The collectors' ledger reaches ClickHouse, once, whatever is written or killed twice."""

import signal

import pytest
from aiokafka import AIOKafkaProducer

from aggregates.clickhouse.ingest import Ingest, IngestStore, read_ingest
from aggregates.clickhouse.reader import Reader
from schemas.records import ACCEPTED, IngestCount, encode
from schemas.topics import INGEST_LEDGER
from tests.integration.streams.test_worker import settled
from tests.workers import Workers

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

MINUTE = 1_700_000_040


async def _write(broker: str, counts: list[IngestCount]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker)
    await producer.start()
    for count in counts:
        key = str(count.site_id).encode()
        await producer.send_and_wait(INGEST_LEDGER.name, encode(count), key=key)
    await producer.stop()


async def test_counts_are_stored_once_over_a_kill(
    workers: Workers, fresh_topics: str, rollups_url: str
) -> None:
    counts = [
        IngestCount(site, MINUTE, collector, outcome, events)
        for events in (1, 5)  # as they grow
        for site in (1, 2)
        for collector in ("a", "b")
        for outcome in (ACCEPTED, "rate_limited")
    ]
    worker = workers.start()
    workers.wait_ready(worker)
    await _write(fresh_topics, counts)
    workers.end(worker, signal.SIGKILL)
    workers.wait_ready(workers.start())
    await _write(fresh_topics, counts[:8])  # a collector that writes again what it has written
    await _write(fresh_topics, [IngestCount(1, MINUTE + 60, "a", ACCEPTED, 7)])
    reader = Reader(rollups_url)
    want = Ingest(accepted=17, refused={"rate_limited": 10})
    assert await settled(lambda: read_ingest(reader.base(), 1, MINUTE, MINUTE + 120), want) == want
    assert want.received == 27
    assert read_ingest(reader.base(), 2, MINUTE, MINUTE + 60) == Ingest(10, {"rate_limited": 10})
    assert read_ingest(reader.base(), 3, MINUTE, MINUTE + 60) == Ingest(0, {})
    reader.close()


def test_the_highest_counts(rollups_url: str) -> None:
    store, reader = IngestStore(rollups_url), Reader(rollups_url)
    for events in (3, 9, 4):
        store.insert([IngestCount(2**32 - 1, MINUTE, "c", ACCEPTED, events)])
    found = read_ingest(reader.base(), 2**32 - 1, MINUTE + 59, MINUTE + 60)
    assert found == Ingest(9, {})
    store.close()
    reader.close()
