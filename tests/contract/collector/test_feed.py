"""What comes from Redis and how it stays fresh, on a real Redis."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
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


async def until(sites: Sites, domain: str, there: bool) -> None:
    async with asyncio.timeout(5):
        while (sites.find(domain) is not None) is not there:
            await asyncio.sleep(0.01)


@pytest.mark.integration
async def test_a_lost_message_is_made_up_for(redis: Redis, tmp_path: Path) -> None:
    feed, sites = make(redis, tmp_path, interval_s=0.1)
    async with following(feed):
        await redis.hset(redis_keys.SITES, "example.com", encode(SITE))
        await until(sites, "example.com", there=True)
        assert feed.redis_answers


@pytest.mark.integration
async def test_after_a_cut_connection_it_follows_again(redis: Redis, tmp_path: Path) -> None:
    feed, sites = make(redis, tmp_path)
    await redis.hset(redis_keys.SITES, "example.com", encode(SITE))
    async with following(feed):
        await until(sites, "example.com", there=True)
        await redis.client_kill_filter(_type="pubsub")
        await redis.hset(redis_keys.SITES, "new.example", encode(SiteSettings(8, "new.example")))
        await until(sites, "new.example", there=True)


@pytest.mark.integration
async def test_the_snapshot_is_what_redis_said(redis: Redis, tmp_path: Path) -> None:
    feed, sites = make(redis, tmp_path)
    await redis.hset(redis_keys.SITES, "example.com", encode(SITE))
    async with following(feed):
        await until(sites, "example.com", there=True)
        async with asyncio.timeout(5):
            while not (tmp_path / "sites.json").exists():
                await asyncio.sleep(0.01)
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


@pytest.mark.integration
async def test_a_revoked_key_is_forgotten(redis: Redis, tmp_path: Path) -> None:
    feed, _ = make(redis, tmp_path)
    key = hash_key("right")
    await redis.hset(redis_keys.INGEST_KEYS, key, encode(KEY))
    async with following(feed):
        assert await feed.ingest_key(key) == KEY
        await redis.hdel(redis_keys.INGEST_KEYS, key)
        async with asyncio.timeout(5):
            while await feed.ingest_key(key) is not None:
                await redis.publish(redis_keys.SITES_CHANGED, "example.com")
                await asyncio.sleep(0.05)


async def test_without_redis_a_key_cannot_be_judged(tmp_path: Path) -> None:
    client = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    feed, _ = make(client, tmp_path)
    with pytest.raises(Unavailable, match="redis"):
        await feed.ingest_key(hash_key("any"))
    await client.aclose()
