"""What every `LiveMirror` promises, for the real one and for its fake."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import redis.asyncio

from aggregates.protocols import LiveMirror, StoreUnavailable
from aggregates.redis.memory import MemoryMirror
from aggregates.redis.mirror import LIVE_TTL_S, SITES_PER_CALL_MAX, RedisMirror
from schemas import redis_keys
from schemas.live import LiveShard, ShardStatus
from tests.forwarder import Forwarder, through

SITE = 7
STATUS = ShardStatus(applied=9, watermark_ms=2**41, stored_at_ms=0, lag=3, updated_at_ms=5)


def counters(applied: int, page: str = "/") -> LiveShard:
    return LiveShard(
        applied=applied,
        minutes=((1_700_000_040, 3, 2),),
        last_seen=((1_700_000_040, 2), (1_700_000_050, 1)),
        pages=((page, 2),),
        sources=(("", 2),),
        countries=(("DE", 1), ("", 1)),
        devices=(("Desktop", 2),),
    )


@pytest.fixture
async def empty_redis(redis_url: str) -> str:
    """The address of a Redis with nothing in it."""
    client = redis.asyncio.Redis.from_url(redis_url)
    await client.flushdb()
    await client.aclose()
    return redis_url


@pytest.fixture
async def raw(empty_redis: str) -> AsyncIterator["redis.asyncio.Redis"]:
    """A plain client of it."""
    client = redis.asyncio.Redis.from_url(empty_redis)
    yield client
    await client.aclose()


@pytest.fixture
async def memory_mirror() -> MemoryMirror:
    return MemoryMirror()


@pytest.fixture
async def redis_mirror(empty_redis: str) -> AsyncIterator[RedisMirror]:
    mirror = RedisMirror(empty_redis)
    yield mirror
    await mirror.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.integration)])
def mirror(request: pytest.FixtureRequest) -> LiveMirror:
    made: LiveMirror = request.getfixturevalue(f"{request.param}_mirror")
    return made


async def test_counters_come_back_as_they_were(mirror: LiveMirror) -> None:
    await mirror.write(0, {SITE: counters(5, "/é/漢字"), 8: counters(5)})
    await mirror.write(3, {SITE: counters(1)})
    assert await mirror.read(SITE) == {0: counters(5, "/é/漢字"), 3: counters(1)}
    assert await mirror.read(8) == {0: counters(5)}


async def test_a_site_nobody_wrote_has_none(mirror: LiveMirror) -> None:
    assert await mirror.read(404) == {}


async def test_an_older_value_is_not_written(mirror: LiveMirror) -> None:
    await mirror.write(0, {SITE: counters(2**52, "/new")})
    await mirror.write(0, {SITE: counters(2**52 - 1, "/old"), 8: counters(2**52 - 1)})
    assert await mirror.read(SITE) == {0: counters(2**52, "/new")}
    assert await mirror.read(8) == {0: counters(2**52 - 1)}


async def test_an_equal_value_is_written(mirror: LiveMirror) -> None:
    await mirror.write(0, {SITE: counters(4, "/")})
    await mirror.write(0, {SITE: counters(4, "/again")})
    assert await mirror.read(SITE) == {0: counters(4, "/again")}


async def test_shards_do_not_compare_with_each_other(mirror: LiveMirror) -> None:
    await mirror.write(0, {SITE: counters(1_000)})
    await mirror.write(1, {SITE: counters(1)})
    assert set(await mirror.read(SITE)) == {0, 1}


async def test_nothing_to_write_is_fine(mirror: LiveMirror) -> None:
    await mirror.write(0, {})
    await mirror.forget([])


async def test_more_sites_than_one_call_takes(mirror: LiveMirror) -> None:
    sites = range(1, SITES_PER_CALL_MAX * 2 + 2)
    await mirror.write(0, {site: counters(site) for site in sites})
    for site in (sites[0], sites[SITES_PER_CALL_MAX], sites[-1]):
        assert await mirror.read(site) == {0: counters(site)}
    await mirror.forget(sites)
    assert await mirror.read(sites[-1]) == {}


async def test_forgetting_leaves_other_sites(mirror: LiveMirror) -> None:
    await mirror.write(0, {SITE: counters(1), 8: counters(1)})
    await mirror.forget([SITE, 404])
    assert await mirror.read(SITE) == {}
    assert await mirror.read(8) == {0: counters(1)}


async def test_a_forgotten_site_starts_anew(mirror: LiveMirror) -> None:
    await mirror.write(0, {SITE: counters(9)})
    await mirror.forget([SITE])
    await mirror.write(0, {SITE: counters(1)})
    assert await mirror.read(SITE) == {0: counters(1)}


async def test_statuses_by_shard(mirror: LiveMirror) -> None:
    assert await mirror.read_statuses() == {}
    assert await mirror.write_status(0, STATUS) is True
    assert await mirror.write_status(0, ShardStatus(10, 2, 3, 4, 5)) is False
    assert await mirror.write_status(1, STATUS) is True
    assert await mirror.read_statuses() == {0: ShardStatus(10, 2, 3, 4, 5), 1: STATUS}


async def test_the_fake_announces_what_it_wrote(memory_mirror: MemoryMirror) -> None:
    await memory_mirror.write(0, {SITE: counters(2), 8: counters(2)})
    await memory_mirror.write(0, {SITE: counters(1)})
    assert memory_mirror.announced == [SITE, 8]


@pytest.mark.integration
async def test_a_change_is_announced_and_nothing_else(
    redis_mirror: RedisMirror, raw: "redis.asyncio.Redis"
) -> None:
    async with raw.pubsub() as subscription:
        await subscription.subscribe(redis_keys.LIVE_CHANGED)
        await subscription.get_message(timeout=1)  # the confirmation
        await redis_mirror.write(0, {SITE: counters(2), 8: counters(2)})
        await redis_mirror.write(0, {SITE: counters(1)})
        await redis_mirror.write(0, {9: counters(1)})
        messages = [await subscription.get_message(timeout=1) for _ in range(3)]
    assert [message and message["data"] for message in messages] == [b"7", b"8", b"9"]


@pytest.mark.integration
async def test_counters_expire_after_the_last_write(
    redis_mirror: RedisMirror, raw: "redis.asyncio.Redis"
) -> None:
    await redis_mirror.write(0, {SITE: counters(1)})
    await raw.expire(redis_keys.live(SITE), 10)
    await redis_mirror.write(0, {SITE: counters(2)})
    assert LIVE_TTL_S - 5 <= await raw.ttl(redis_keys.live(SITE)) <= LIVE_TTL_S


@pytest.mark.integration
async def test_redis_may_lose_everything_even_the_script(
    redis_mirror: RedisMirror, raw: "redis.asyncio.Redis"
) -> None:
    await redis_mirror.write(0, {SITE: counters(9)})
    await raw.flushdb()
    await raw.script_flush()
    await redis_mirror.write(0, {SITE: counters(3)})
    assert await redis_mirror.read(SITE) == {0: counters(3)}


@pytest.mark.integration
async def test_what_cannot_be_read_counts_as_absent(
    redis_mirror: RedisMirror, raw: "redis.asyncio.Redis"
) -> None:
    await raw.hset(redis_keys.live(SITE), mapping={"0": b"\xc1", "x": b"", "1": b"\x01"})
    assert await redis_mirror.read(SITE) == {}
    await redis_mirror.write(0, {SITE: counters(1)})
    await redis_mirror.write(1, {SITE: counters(1)})
    assert await redis_mirror.read(SITE) == {0: counters(1), 1: counters(1)}


@pytest.mark.integration
async def test_redis_away_and_back(empty_redis: str, redis_forwarder: Forwarder) -> None:
    mirror = RedisMirror(through(redis_forwarder, empty_redis))
    await mirror.write(0, {SITE: counters(1)})
    redis_forwarder.cut()
    with pytest.raises(StoreUnavailable):
        await mirror.write(0, {SITE: counters(2)})
    with pytest.raises(StoreUnavailable):
        await mirror.read(SITE)
    with pytest.raises(StoreUnavailable):
        await mirror.write_status(0, STATUS)
    with pytest.raises(StoreUnavailable):
        await mirror.read_statuses()
    with pytest.raises(StoreUnavailable):
        await mirror.forget([SITE])
    redis_forwarder.restore()
    await mirror.write(0, {SITE: counters(3)})
    assert await mirror.read(SITE) == {0: counters(3)}
    await mirror.close()


@pytest.mark.integration
async def test_a_silent_redis_is_given_up_in_time(
    empty_redis: str, redis_forwarder: Forwarder
) -> None:
    redis_forwarder.silent = True
    mirror = RedisMirror(through(redis_forwarder, empty_redis), timeout_s=0.3)
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await mirror.write(0, {SITE: counters(1)})
    assert time.monotonic() - started < 1.5
    await mirror.close()


@pytest.mark.integration
async def test_many_writers_at_once_end_with_the_newest(empty_redis: str) -> None:
    mirrors = [RedisMirror(empty_redis) for _ in range(3)]
    await asyncio.gather(
        *(mirrors[n % 3].write(0, {SITE: counters(n, f"/{n}")}) for n in range(1, 60))
    )
    assert await mirrors[0].read(SITE) == {0: counters(59, "/59")}
    for mirror in mirrors:
        await mirror.close()
