"""Reads of a site's numbers, from the rollups and the live counters."""

from functools import cache

from asgiref.sync import async_to_sync
from django.conf import settings

from aggregates.clickhouse.answer import ask
from aggregates.clickhouse.questions import Answer, Question
from aggregates.clickhouse.reader import Reader
from aggregates.live import LiveView, summarize
from aggregates.redis.mirror import RedisMirror
from schemas.live import LiveShard
from webapp.stats.caching import CachedReader


@cache
def reader() -> CachedReader:
    """The process's connections to the rollups; threads share it."""
    return CachedReader(Reader(settings.CLICKHOUSE_URL))


def answer(question: Question) -> Answer:
    """Raises `InvalidQuestion`, `TooCostly`, `StoreUnavailable`."""
    return ask(reader(), question)


def answers(*questions: Question) -> list[Answer]:
    """As `answer`, all from one generation of the rollups, so that they may be compared."""
    pinned = reader().pinned()
    return [ask(pinned, question) for question in questions]


def live_view(site_id: int, now_s: int) -> LiveView:
    """The site right now. Raises `StoreUnavailable`."""
    return summarize(async_to_sync(_live_counters)(site_id), now_s)


async def _live_counters(site_id: int) -> dict[int, LiveShard]:
    """Over a connection of its own: a kept one would belong to one event loop."""
    mirror = RedisMirror(settings.REDIS_URL)
    try:
        return await mirror.read(site_id)
    finally:
        await mirror.close()
