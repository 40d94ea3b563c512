"""From hits to an alert: a minute that crosses its site's threshold, closed by the log's time."""

import time

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from redis.asyncio import Redis

from schemas import redis_keys
from schemas.events import VERSION, Batch, Watermark, encode_batch
from schemas.records import Alert, AlertState, decode
from schemas.sites import SiteSettings, encode
from schemas.topics import ALERTS, HITS
from tests.integration.streams.load import write_hits
from tests.workers import Workers

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

THRESHOLD = 50


async def close_minutes(broker: str) -> None:
    """The live clock of every partition moves on by two minutes."""
    producer = AIOKafkaProducer(bootstrap_servers=broker)
    await producer.start()
    later = Watermark(0, "", time.time_ns() // 1_000_000 + 120_000)
    for partition in await producer.partitions_for(HITS.name):
        record = encode_batch(Batch(VERSION, "test", (), (later,)))
        await producer.send_and_wait(HITS.name, record, partition=partition)
    await producer.stop()


async def test_a_minute_over_the_threshold_opens_one_alert(
    workers: Workers, fresh_topics: str, redis_url: str
) -> None:
    async with Redis.from_url(redis_url) as redis:
        for site_id, threshold in ((1, THRESHOLD), (2, 10_000), (3, 0)):
            site = SiteSettings(site_id, f"site-{site_id}.example", spike_threshold=threshold)
            await redis.hset(redis_keys.SITES, site.domain, encode(site).decode())
    workers.wait_ready(workers.start())
    load = await write_hits(fresh_topics, 40, 10, 0)
    await close_minutes(fresh_topics)
    consumer = AIOKafkaConsumer(
        ALERTS.name, bootstrap_servers=fresh_topics, auto_offset_reset="earliest"
    )
    await consumer.start()
    alert = decode((await consumer.getone()).value or b"", Alert)
    more = await consumer.getmany(timeout_ms=3_000)
    await consumer.stop()
    minutes = {minute for site, minute, _ in load.hits if site == 1}
    assert (alert.site_id, alert.state, alert.threshold) == (1, AlertState.OPENED, THRESHOLD)
    assert alert.opened_minute in minutes
    assert THRESHOLD <= alert.pageviews <= sum(n for cell, n in load.hits.items() if cell[0] == 1)
    assert not any(more.values())
