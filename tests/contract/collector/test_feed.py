"""What comes from Redis and how it stays fresh, on a real Redis."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis

from collector.errors import Unavailable
from collector.feed import Feed
from collector.metrics import Metrics
from collector.salts import Salts
from collector.sites import Sites, hash_key
from schemas import redis_keys
from schemas.sites import IngestKey, SiteSettings, encode
from tests.unit.collector.support import NOW_MS

KEY = IngestKey(1, (7,))
SITE = SiteSettings(7, "example.com")


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


def make(redis: Redis, folder: Path, interval_s: float = 30) -> tuple[Feed, Sites]:
    sites = Sites(folder / "sites.json")
    salts = Salts(redis, lambda: NOW_MS)
    return Feed(redis, sites, salts, Metrics(), interval_s), sites


@contextlib.asynccontextmanager
async def following(feed: Feed) -> AsyncIterator[None]:
    task = asyncio.create_task(feed.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], bool], within_s: float = 5) -> None:
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.01)


WITHIN_S = 1.0  # a change is to reach the collector in this time


@pytest.mark.integration
async def test_a_change_is_there_within_a_second(redis: Redis, tmp_path: Path) -> None:
    """Made, changed, taken away; each told by a message that names the domain."""
    feed, sites = make(redis, tmp_path)
    async with following(feed):
        await until(lambda: feed.redis_answers)
        await redis.hset(redis_keys.SITES, "example.com", encode(SITE))
        await redis.publish(redis_keys.SITES_CHANGED, "example.com")
        await until(lambda: sites.find("example.com") == SITE, WITHIN_S)
        strict = SiteSettings(7, "example.com", excluded_pages=("/a",))
        await redis.hset(redis_keys.SITES, "example.com", encode(strict))
        await redis.publish(redis_keys.SITES_CHANGED, "example.com")
        await until(lambda: sites.exclusions(7).pages is not None, WITHIN_S)
        await redis.hdel(redis_keys.SITES, "example.com")
        await redis.publish(redis_keys.SITES_CHANGED, "example.com")
        await until(lambda: sites.find("example.com") is None, WITHIN_S)


@pytest.mark.integration
async def test_a_change_reads_the_named_site_alone(redis: Redis, tmp_path: Path) -> None:
    feed, sites = make(redis, tmp_path)
    async with following(feed):
        await until(lambda: feed.redis_answers)
        for number in (1, 2):
            site = SiteSettings(number, f"{number}.example")
            await redis.hset(redis_keys.SITES, site.domain, encode(site))
        await redis.publish(redis_keys.SITES_CHANGED, "2.example")
        await until(lambda: sites.find("2.example") is not None)
        assert sites.find("1.example") is None


@pytest.mark.integration
async def test_many_sites_are_read_in_pieces_and_change_at_once(
    redis: Redis, tmp_path: Path
) -> None:
    count = 20_000
    async with redis.pipeline() as pipe:
        for n in range(count):
            site = SiteSettings(n, f"s{n}.example")
            pipe.hset(redis_keys.SITES, site.domain, encode(site))
        await pipe.execute()
    feed, sites = make(redis, tmp_path)
    async with following(feed):
        await until(lambda: len(sites) > 0)
        early = SiteSettings(count, "early.example")  # told while all are being read
        await redis.hset(redis_keys.SITES, early.domain, encode(early))
        await redis.publish(redis_keys.SITES_CHANGED, early.domain)
        await until(lambda: sites.find(early.domain) == early, WITHIN_S)
        await redis.hdel(redis_keys.SITES, early.domain)
        await redis.publish(redis_keys.SITES_CHANGED, early.domain)
        await until(lambda: sites.find(early.domain) is None, WITHIN_S)
        await until(lambda: len(sites) == count, 10)
        await until((tmp_path / "sites.json").exists, 10)
        await redis.hset(redis_keys.SITES, "example.com", encode(SITE))
        await redis.publish(redis_keys.SITES_CHANGED, "example.com")
        await until(lambda: sites.find("example.com") == SITE, WITHIN_S)


@pytest.mark.integration
async def test_an_emptied_redis_takes_no_sites_away(redis: Redis, tmp_path: Path) -> None:
    feed, sites = make(redis, tmp_path, interval_s=0.05)
    for domain in ("a.example", "b.example"):
        await redis.hset(redis_keys.SITES, domain, encode(SiteSettings(7, domain)))
    async with following(feed):
        await until(lambda: len(sites) == 2)
        await redis.flushdb()
        await asyncio.sleep(0.3)
        assert len(sites) == 2
        await redis.hset(redis_keys.SITES, "b.example", encode(SiteSettings(8, "b.example")))
        await until(lambda: sites.find("a.example") is None)
        assert sites.find("b.example") == SiteSettings(8, "b.example")


@pytest.mark.integration
async def test_a_lost_message_is_made_up_for(redis: Redis, tmp_path: Path) -> None:
    feed, sites = make(redis, tmp_path, interval_s=0.1)
    async with following(feed):
        await redis.hset(redis_keys.SITES, "example.com", encode(SITE))
        await until(lambda: sites.find("example.com") is not None)
        assert feed.redis_answers


@pytest.mark.integration
async def test_after_a_cut_connection_it_follows_again(redis: Redis, tmp_path: Path) -> None:
    feed, sites = make(redis, tmp_path)
    await redis.hset(redis_keys.SITES, "example.com", encode(SITE))
    async with following(feed):
        await until(lambda: sites.find("example.com") is not None)
        await redis.client_kill_filter(_type="pubsub")
        await redis.hset(redis_keys.SITES, "new.example", encode(SiteSettings(8, "new.example")))
        await until(lambda: sites.find("new.example") is not None)


@pytest.mark.integration
async def test_the_snapshot_is_what_redis_said(redis: Redis, tmp_path: Path) -> None:
    feed, sites = make(redis, tmp_path)
    await redis.hset(redis_keys.SITES, "example.com", encode(SITE))
    async with following(feed):
        await until(lambda: sites.find("example.com") is not None)
        await until((tmp_path / "sites.json").exists)
    again = Sites(tmp_path / "sites.json")
    again.restore()
    assert again.find("example.com") == SITE


@pytest.mark.integration
async def test_a_new_key_is_found_and_a_wrong_one_not_asked_for_again(
    redis: Redis, tmp_path: Path
) -> None:
    feed, _ = make(redis, tmp_path)
    wrong, right = hash_key("wrong"), hash_key("right")
    assert await feed.ingest_key(wrong) is None
    await redis.hset(redis_keys.INGEST_KEYS, right, encode(KEY))
    await redis.hset(redis_keys.INGEST_KEYS, wrong, encode(KEY))
    assert await feed.ingest_key(right) == KEY
    assert await feed.ingest_key(wrong) is None  # for a few seconds


def _is_known(sites: Sites, key_hash: str, key: IngestKey) -> bool:
    return sites.find_key(key_hash) == key


@pytest.mark.integration
async def test_a_keys_change_is_there_within_a_second(redis: Redis, tmp_path: Path) -> None:
    feed, sites = make(redis, tmp_path)
    key = hash_key("right")
    async with following(feed):
        await until(lambda: feed.redis_answers)
        assert await feed.ingest_key(key) is None  # and a miss is believed, until told otherwise
        for change in (KEY, IngestKey(1, (7, 8))):
            arrived = partial(_is_known, sites, key, change)
            await redis.hset(redis_keys.INGEST_KEYS, key, encode(change))
            await redis.publish(redis_keys.INGEST_KEYS_CHANGED, key)
            await until(arrived, WITHIN_S)
            assert await feed.ingest_key(key) == change
        await redis.hdel(redis_keys.INGEST_KEYS, key)
        await redis.publish(redis_keys.INGEST_KEYS_CHANGED, key)
        await until(lambda: sites.find_key(key) is None, WITHIN_S)
        assert await feed.ingest_key(key) is None


async def test_without_redis_a_key_cannot_be_judged(tmp_path: Path) -> None:
    client = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    feed, _ = make(client, tmp_path)
    with pytest.raises(Unavailable, match="redis"):
        await feed.ingest_key(hash_key("any"))
    await client.aclose()
