"""The live stream through Granian and Redis, as a browser gets it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from redis import Redis

from aggregates.redis.mirror import RedisMirror
from schemas import redis_keys
from schemas.live import LiveShard, ShardStatus
from tests.forwarder import Forwarder
from tests.integration.webapp.conftest import PARTITIONS, Webapp

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


@pytest.fixture
async def mirror(redis_url: str) -> AsyncIterator[RedisMirror]:
    """What the streams would write with."""
    mirror = RedisMirror(redis_url)
    yield mirror
    await mirror.close()


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


def _shard(applied: int, visitors: int) -> LiveShard:
    now_s = int(time.time())
    minute = now_s // 60 * 60
    return LiveShard(
        applied=applied,
        minutes=((minute, visitors, visitors),),
        last_seen=((now_s // 10 * 10, visitors),),
        pages=(("/", visitors),),
        sources=(),
        countries=(("DE", visitors),),
        devices=(),
    )


def _status(now_ms: int) -> ShardStatus:
    return ShardStatus(1, watermark_ms=now_ms, stored_at_ms=now_ms, lag=0, updated_at_ms=now_ms)


Events = AsyncIterator[tuple[str, dict[str, Any]]]


@asynccontextmanager
async def _listening(webapp: Webapp) -> AsyncIterator[Events]:
    headers = {"authorization": f"Bearer {webapp.demo['stats_key']}"}
    async with (
        httpx.AsyncClient(base_url=webapp.url, headers=headers, timeout=20) as client,
        client.stream("GET", webapp.stream_path) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
        yield _events(response)


async def _events(response: httpx.Response) -> Events:
    name = ""
    async for line in response.aiter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


async def _until(events: Events, wanted: Any) -> dict[str, Any]:
    async with asyncio.timeout(15):
        async for name, data in events:
            if name == "live" and wanted(data):
                return data
    raise AssertionError("the stream ended")


async def test_a_change_is_there_within_half_a_second(webapp: Webapp, mirror: RedisMirror) -> None:
    async with _listening(webapp) as events:
        await anext(events)
        now_ms = int(time.time() * 1000)
        for shard in range(PARTITIONS):
            await mirror.write_status(shard, _status(now_ms))
        delays_s = []
        for applied in range(1, 6):
            began = time.monotonic()
            for shard in range(PARTITIONS):
                await mirror.write(shard, {webapp.site_id: _shard(applied, 10 * applied)})
            data = await _until(events, lambda data, n=applied: data["current"] == 20 * n)
            delays_s.append(time.monotonic() - began)
            await asyncio.sleep(0.3)
    assert sorted(delays_s)[len(delays_s) // 2] < 0.5
    assert data["minutes"][-1]["pageviews"] in (0, 100)  # 0 where the minute has just turned
    assert data["pages"] == [["/", 100]]
    assert len(data["minutes"]) == 30
    assert data["final_until"] == now_ms // 1000
    assert data["stale"] == {"live": None, "rollups": None}
    with webapp.client() as client:
        path = f"/api/v1/stats/realtime/visitors?site_id={webapp.demo['domain']}"
        assert client.get(path).json() == 100


async def test_redis_away_and_back(
    webapp: Webapp, mirror: RedisMirror, redis_way: Forwarder
) -> None:
    async with _listening(webapp) as events:
        await _until(events, lambda data: data["stale"]["live"] is None)
        redis_way.cut()
        try:
            stale = await _until(events, lambda data: data["stale"]["live"] is not None)
            again = await _until(events, lambda data: data["now"] >= stale["now"] + 3)
        finally:
            redis_way.restore()
        assert again["stale"]["live"] == stale["stale"]["live"]  # since then, and no later
        now_ms = int(time.time() * 1000)
        for shard in range(PARTITIONS):
            await mirror.write_status(shard, _status(now_ms))
        await _until(events, lambda data: data["stale"]["live"] is None)
        await mirror.write(0, {webapp.site_id: _shard(1_000, 7)})  # and it hears changes again
        await _until(events, lambda data: ["/", 7] in data["pages"] or data["current"] >= 7)


async def test_nothing_is_left_of_those_who_went(webapp: Webapp, redis: Redis) -> None:
    def listeners() -> int:
        return int(dict(redis.pubsub_numsub(redis_keys.ALERT_CHANGED))[b"pawprint:alerts"])

    before = listeners()
    async with asyncio.TaskGroup() as group:

        async def watch() -> None:
            async with _listening(webapp) as events:
                await anext(events)
                assert listeners() <= before + 1  # one for the process, however many watch
                await asyncio.sleep(0.5)

        for _ in range(30):
            group.create_task(watch())
    async with asyncio.timeout(5):
        while listeners() > before:
            await asyncio.sleep(0.1)


def test_who_may_not_read_gets_no_stream(webapp: Webapp) -> None:
    nobody = httpx.get(webapp.url + webapp.stream_path)
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    with webapp.client() as client:
        assert client.get("/api/v1/live/stream?site_id=other.example").status_code == 401
        assert client.get("/api/v1/live/stream").status_code == 400
