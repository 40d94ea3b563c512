"""Salts: of imports for the fake and for Redis; of days, and what others see, on Redis."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from collector.salts import IMPORT_MEMORY_MS, Salts
from schemas import redis_keys
from tests.unit.collector.support import NOW_MS, FakeSalts

DAY = dt.date(2025, 5, 17)
NEXT = DAY + dt.timedelta(days=1)
TODAY = dt.date(2026, 2, 2)  # of NOW_MS, at 02:40


@contextlib.asynccontextmanager
async def empty_redis(url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with empty_redis(redis_url) as client:
        yield client


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.integration)])
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[FakeSalts | Salts]:
    if request.param == "memory":
        yield FakeSalts()
        return
    async with empty_redis(request.getfixturevalue("redis_url")) as client:
        yield Salts(client, lambda: NOW_MS)


async def test_an_imports_salts_are_its_own(subject: FakeSalts | Salts) -> None:
    assert subject.import_salt(7, "a", DAY) is None
    await subject.load_import(7, "a", [DAY, NEXT])
    await subject.load_import(8, "a", [DAY])
    salts = [
        subject.import_salt(7, "a", DAY),
        subject.import_salt(7, "a", NEXT),
        subject.import_salt(8, "a", DAY),
    ]
    assert None not in salts
    assert len(set(salts)) == 3
    await subject.load_import(7, "a", [DAY])
    assert subject.import_salt(7, "a", DAY) == salts[0]


async def test_a_finished_imports_salts_are_gone(subject: FakeSalts | Salts) -> None:
    await subject.load_import(7, "a", [DAY])
    await subject.load_import(7, "b", [DAY])
    await subject.forget_import(7, "a")
    assert subject.import_salt(7, "a", DAY) is None
    assert subject.import_salt(7, "b", DAY) is not None


@pytest.mark.integration
async def test_two_collectors_agree(redis: Redis) -> None:
    one, two = Salts(redis, lambda: NOW_MS), Salts(redis, lambda: NOW_MS)
    for salts in (one, two):
        await salts.refresh()
        await salts.load_import(7, "a", [DAY])
    assert one.salt(TODAY) == two.salt(TODAY) is not None
    assert len(one.salt(TODAY) or b"") == 16
    assert one.import_salt(7, "a", DAY) == two.import_salt(7, "a", DAY) is not None


@pytest.mark.integration
async def test_what_was_finished_elsewhere_does_not_live_on(redis: Redis) -> None:
    now = [NOW_MS]
    one, two = Salts(redis, lambda: now[0]), Salts(redis, lambda: now[0])
    await one.load_import(7, "a", [DAY])
    before = one.import_salt(7, "a", DAY)
    await two.forget_import(7, "a")
    assert await redis.exists(redis_keys.import_salts(7, "a")) == 0
    now[0] += IMPORT_MEMORY_MS + 1
    await one.load_import(7, "a", [DAY])
    assert one.import_salt(7, "a", DAY) != before


@pytest.mark.integration
async def test_days_come_and_go(redis: Redis) -> None:
    """02:40: today's alone. 23:10: tomorrow's too. Next day: both, as yesterday's and today's."""
    now = [NOW_MS]
    salts = Salts(redis, lambda: now[0])
    await salts.refresh()
    todays = salts.salt(TODAY)
    tomorrow = TODAY + dt.timedelta(days=1)
    assert todays is not None and salts.salt(tomorrow) is None
    assert 0 < await redis.ttl(redis_keys.salt(TODAY)) <= 48 * 3600
    now[0] += 20 * 3_600_000 + 1_800_000
    await salts.refresh()
    tomorrows = salts.salt(tomorrow)
    assert tomorrows is not None
    now[0] += 3_600_000
    await salts.refresh()
    assert (salts.salt(TODAY), salts.salt(tomorrow)) == (todays, tomorrows)
    now[0] += 22 * 3_600_000
    await salts.refresh()
    assert salts.salt(TODAY) == todays
    now[0] += 3_600_000  # 23:10: 48 hours after it was made
    await salts.refresh()
    assert salts.salt(TODAY) is None and salts.salt(tomorrow) == tomorrows


@pytest.mark.integration
async def test_an_emptied_redis_gets_the_salts_again(redis: Redis) -> None:
    """Or else the next collector to start would make others: a visitor would be two."""
    now = [NOW_MS + 20 * 3_600_000 + 1_800_000]  # 23:10: today's and tomorrow's
    one = Salts(redis, lambda: now[0])
    await one.refresh()
    now[0] += 3_600_000
    await redis.flushdb()
    await one.refresh()
    started = Salts(redis, lambda: now[0])
    await started.refresh()
    tomorrow = TODAY + dt.timedelta(days=1)
    for day in (TODAY, tomorrow):
        assert started.salt(day) == one.salt(day) is not None
    assert 0 < await redis.ttl(redis_keys.salt(TODAY)) <= 23 * 3600


@pytest.mark.integration
async def test_after_a_loss_all_take_the_salt_that_was_first(redis: Redis) -> None:
    one, two = Salts(redis, lambda: NOW_MS), Salts(redis, lambda: NOW_MS)
    await one.refresh()
    await redis.flushdb()
    await two.refresh()
    assert one.salt(TODAY) != two.salt(TODAY)
    await one.refresh()
    assert one.salt(TODAY) == two.salt(TODAY)


async def test_without_redis_memory_goes_on() -> None:
    client = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    salts = Salts(client, lambda: NOW_MS)
    with pytest.raises((RedisError, OSError)):
        await salts.refresh()
    assert salts.salt(TODAY) is None
    await client.aclose()
