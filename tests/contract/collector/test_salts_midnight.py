"""Two collectors through three nights, with Redis away for one or both: never two salts."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from collector.salts import Salts
from collector.steps.identity import DAY_MS, utc_day
from schemas import redis_keys
from tests.forwarder import before, through
from tests.unit.collector.support import NOW_MS

STEP_MS = 600_000
HOUR_MS = 3_600_000
MIDNIGHT_MS = NOW_MS // DAY_MS * DAY_MS + DAY_MS
SLOW_MS = 2_500  # the second collector's clock is behind

# Hours from the first midnight in which Redis is away for (one, two).
NIGHTS: list[tuple[str, tuple[float, float], tuple[float, float]]] = [
    ("never", (0, 0), (0, 0)),
    ("both, after tomorrow's salt was made", (-0.5, 1), (-0.5, 1)),
    ("both, before it was made", (-2, 0.5), (-2, 0.5)),
    ("one, before it was made", (-2, 0.5), (0, 0)),
    ("the other, then one", (0.5, 26), (-3, 0.4)),
]


class Collector:
    """Its salts, its clock and its way to Redis."""

    def __init__(self, redis_url: str, away_h: tuple[float, float], behind_ms: int) -> None:
        self.way = before(redis_url)
        self.redis: Redis = Redis.from_url(
            through(self.way, redis_url), retry=Retry(NoBackoff(), 0)
        )
        self._behind_ms = behind_ms
        self._away_h = away_h
        self._away = False
        self.now_ms = 0
        self.salts = Salts(self.redis, lambda: self.now_ms)

    async def step(self, true_ms: int) -> bool:
        """Whether Redis answered."""
        self.now_ms = true_ms - self._behind_ms
        begin, end = self._away_h
        away = begin <= (true_ms - MIDNIGHT_MS) / HOUR_MS < end
        if away and not self._away:
            self.way.cut()
        elif self._away and not away:
            self.way.restore()
        self._away = away
        try:
            await self.salts.refresh()
        except (RedisError, OSError):
            assert away
            return False
        return True

    def seen(self, days: set[dt.date]) -> dict[dt.date, bytes]:
        found = {day: self.salts.salt(day) for day in days}
        return {day: salt for day, salt in found.items() if salt is not None}


@contextlib.asynccontextmanager
async def collector(
    redis_url: str, away_h: tuple[float, float], behind_ms: int
) -> AsyncIterator[Collector]:
    made = Collector(redis_url, away_h, behind_ms)
    try:
        yield made
    finally:
        await made.redis.aclose()
        made.way.cut()


@pytest.mark.integration
@pytest.mark.parametrize(
    ("one_away_h", "two_away_h"), [night[1:] for night in NIGHTS], ids=[n[0] for n in NIGHTS]
)
async def test_two_collectors_never_disagree(
    redis_url: str, one_away_h: tuple[float, float], two_away_h: tuple[float, float]
) -> None:
    async with (
        collector(redis_url, one_away_h, 0) as one,
        collector(redis_url, two_away_h, SLOW_MS) as two,
    ):
        async with Redis.from_url(redis_url) as redis:
            await redis.flushdb()
        salts: dict[dt.date, bytes] = {}
        begin_ms = MIDNIGHT_MS - 4 * HOUR_MS
        days = {utc_day(begin_ms + n * DAY_MS) for n in range(-1, 5)}
        for now_ms in range(begin_ms, begin_ms + 3 * DAY_MS, STEP_MS):
            for each in (two, one):
                answered = await each.step(now_ms)
                for day, salt in each.seen(days).items():
                    assert salts.setdefault(day, salt) == salt, "two salts of one day"
                    end_ms = (day - dt.date(1970, 1, 1)).days * DAY_MS + 47 * HOUR_MS
                    assert each.now_ms < end_ms, "kept beyond its time"
                if answered:
                    assert each.salts.salt(utc_day(each.now_ms)) is not None
        assert len(salts) == 4
        assert len(set(salts.values())) == 4


@pytest.mark.integration
async def test_tomorrows_salt_is_there_before_it_is_needed(redis_url: str) -> None:
    """Redis away from half an hour before midnight: no hit waits."""
    async with collector(redis_url, (-0.5, 5), 0) as one:
        async with Redis.from_url(redis_url) as redis:
            await redis.flushdb()
        for now_ms in range(MIDNIGHT_MS - HOUR_MS, MIDNIGHT_MS + HOUR_MS, STEP_MS):
            await one.step(now_ms)
            assert one.salts.salt(utc_day(now_ms)) is not None


@pytest.mark.integration
async def test_redis_forgets_a_salt_48_hours_after_it_was_made(redis_url: str) -> None:
    async with collector(redis_url, (0, 0), 0) as one, Redis.from_url(redis_url) as redis:
        await redis.flushdb()
        await one.step(MIDNIGHT_MS - HOUR_MS)
        tomorrow = redis_keys.salt(utc_day(MIDNIGHT_MS))
        today = redis_keys.salt(utc_day(MIDNIGHT_MS - 1))
        assert 48 * 3600 - 5 <= await redis.ttl(tomorrow) <= 48 * 3600
        assert 24 * 3600 - 5 <= await redis.ttl(today) <= 24 * 3600
