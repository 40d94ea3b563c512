"""The real worker on real servers: exact when it is killed, and when what it needs goes away."""

import asyncio
import random
import signal
import time
from collections.abc import Callable

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from clickhouse_driver import Client
from redis.asyncio import Redis

from aggregates.redis.mirror import RedisMirror
from schemas.records import DeadLetter, decode
from schemas.topics import CHECKPOINTS, HITS, HITS_DEAD
from streams.settings import Settings
from tests.forwarder import before, through
from tests.fresh import empty_topics
from tests.integration.streams.load import Cell, Load, write_hits
from tests.workers import Workers

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

SETTLE_S_MAX = 120.0  # the other lanes compute meanwhile


def stored_hits(client: Client) -> dict[Cell, int]:
    rows = client.execute(
        "SELECT site_id, toUInt32(minute), path, sum(hits) FROM hit_rows FINAL"
        " WHERE name = 'pageview' GROUP BY site_id, minute, path"
    )
    return {(site, minute, path): hits for site, minute, path, hits in rows}


def stored_visits(client: Client) -> tuple[int, int]:
    """(visits, their pageviews)"""
    visits, pageviews = client.execute("SELECT sum(visits), sum(pageviews) FROM visit_rows FINAL")[
        0
    ]
    return visits, pageviews


async def settled(read: Callable[[], object], want: object) -> object:
    """What `read` says once it says `want`, or after SETTLE_S_MAX."""
    until = time.monotonic() + SETTLE_S_MAX
    got = await asyncio.to_thread(read)
    while got != want and time.monotonic() < until:
        await asyncio.sleep(0.5)
        got = await asyncio.to_thread(read)
    return got


async def assert_exact(client: Client, load: Load) -> None:
    assert await settled(lambda: stored_hits(client), dict(load.hits)) == dict(load.hits)
    visitors = client.execute("SELECT uniqExactArray(visitor_ids) FROM hit_rows FINAL")[0][0]
    assert visitors == len({visitor for _, visitor in load.visitors})
    visits = len(load.visitors), sum(load.hits.values())
    assert await settled(lambda: stored_visits(client), visits) == visits


async def test_counts_and_live_counters(
    workers: Workers, stored: Client, fresh_topics: str, redis_url: str
) -> None:
    workers.wait_ready(workers.start())
    load = await write_hits(fresh_topics, 40, 25, 0.01)
    await assert_exact(stored, load)
    mirror = RedisMirror(redis_url)
    for site in (1, 2, 3):
        shards = await mirror.read(site)
        pageviews = sum(views for shard in shards.values() for _, views, _ in shard.minutes)
        current = sum(seen for shard in shards.values() for _, seen in shard.last_seen)
        assert pageviews == sum(n for (at, _, _), n in load.hits.items() if at == site)
        assert current == len([visitor for at, visitor in load.visitors if at == site])
    await mirror.close()


async def test_exact_under_kill_term_and_pause(
    workers: Workers, stored: Client, fresh_topics: str
) -> None:
    """Two workers; five faults at random moments while hits are written."""
    draw = random.Random(7)
    both = [workers.start(), workers.start()]
    for process in both:
        workers.wait_ready(process)
    writing = asyncio.create_task(write_hits(fresh_topics, 1_000, 20, 0.04))
    for fault in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL, signal.SIGKILL):
        await asyncio.sleep(draw.uniform(2, 6))
        i = draw.randrange(2)
        if fault is signal.SIGSTOP:
            both[i].process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(14)  # longer than the session: it wakes up a zombie
            both[i].process.send_signal(signal.SIGCONT)
        else:
            await asyncio.to_thread(workers.end, both[i], fault)
            both[i] = workers.start()
    await assert_exact(stored, await writing)


async def test_folds_the_log_again_when_its_checkpoints_are_gone(
    workers: Workers, stored: Client, fresh_topics: str
) -> None:
    """The committed offsets are far on and more waits behind them than the buffer holds.

    So while the worker seeks to the log's beginning, the consumer is amid records of its end.
    """
    worker = workers.start()
    await asyncio.to_thread(workers.wait_ready, worker)
    load = await write_hits(fresh_topics, 600, 5, 0.0)
    await assert_exact(stored, load)
    await asyncio.to_thread(workers.end, worker, signal.SIGTERM)
    load += await write_hits(fresh_topics, 1_200, 5, 0.0, first=3_000)
    await empty_topics(Settings(kafka_broker=fresh_topics), [CHECKPOINTS])
    worker = workers.start()
    load += await write_hits(fresh_topics, 500, 5, 0.02, first=9_000)
    await assert_exact(stored, load)
    assert worker.process.poll() is None, "it went on by itself"
    # One for each of four partitions; a slow machine may ask again, once or twice, before it hears.
    assert worker.metric("pawprint_streams_seeks_back_total") <= 12


async def test_catches_up_after_redis_and_clickhouse_were_away(
    workers: Workers, rollups_url: str, stored: Client, fresh_topics: str, redis_url: str
) -> None:
    with before(rollups_url) as clickhouse, before(redis_url) as redis:
        workers.environment |= {
            "CLICKHOUSE_URL": through(clickhouse, rollups_url),
            "REDIS_URL": through(redis, redis_url),
        }
        worker = workers.start()
        await asyncio.to_thread(workers.wait_ready, worker)
        writing = asyncio.create_task(write_hits(fresh_topics, 300, 20, 0.04))
        await asyncio.sleep(3)
        clickhouse.cut()
        redis.cut()
        await asyncio.sleep(6)
        clickhouse.restore()
        redis.restore()
        load = await writing
        await assert_exact(stored, load)
        assert worker.process.poll() is None, "it went on by itself"
        mirror = RedisMirror(redis_url)
        assert await live_pageviews(mirror) == sum(load.hits.values())
        await emptied(redis_url)
        until = time.monotonic() + 20
        while await live_pageviews(mirror) != sum(load.hits.values()):
            assert time.monotonic() < until, "live counters did not come back after FLUSHDB"
            await asyncio.sleep(0.5)
        await mirror.close()


async def live_pageviews(mirror: RedisMirror) -> int:
    """Of the last 30 minutes, all sites."""
    sites = [await mirror.read(site) for site in (1, 2, 3)]
    return sum(views for site in sites for shard in site.values() for _, views, _ in shard.minutes)


async def emptied(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    await redis.flushdb()
    await redis.aclose()


async def test_an_unreadable_record_is_a_dead_letter(
    workers: Workers, stored: Client, fresh_topics: str
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=fresh_topics)
    await producer.start()
    poison = [b"", b"\xc1 no msgpack", b"\x93\x63\xa1c\x90"]
    for value in poison:
        await producer.send_and_wait(HITS.name, value, partition=0)
    await producer.stop()
    workers.wait_ready(workers.start())
    load = await write_hits(fresh_topics, 8, 10, 0)
    await assert_exact(stored, load)
    consumer = AIOKafkaConsumer(
        HITS_DEAD.name, bootstrap_servers=fresh_topics, auto_offset_reset="earliest"
    )
    await consumer.start()
    letters = [decode((await consumer.getone()).value or b"", DeadLetter) for _ in poison]
    await consumer.stop()
    letters.sort(key=lambda letter: letter.offset)
    assert [letter.value for letter in letters] == poison
    assert "version 99" in letters[-1].error
