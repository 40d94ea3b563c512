"""Reads of a site's numbers, from the rollups and the live counters."""

from dataclasses import dataclass
from functools import cache

from asgiref.sync import async_to_sync
from django.conf import settings

from aggregates.clickhouse.answer import ask, count_rows
from aggregates.clickhouse.questions import Answer, Question
from aggregates.clickhouse.reader import Reader, Reads
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
    return list(map(pinned().answer, questions))


@dataclass(frozen=True, slots=True)
class Pinned:
    """The rollups of one generation, whose answers may be compared. Raises as `answer`."""

    reads: Reads

    def answer(self, question: Question) -> Answer:
        return ask(self.reads, question)

    def total_rows(self, page: Answer) -> int:
        """How many rows the question of `page` has on all pages together."""
        question, found = page.question, len(page.rows)
        is_last = found < question.limit and (found > 0 or question.offset == 0)
        return question.offset + found if is_last else count_rows(self.reads, question)


def pinned() -> Pinned:
    """The rollups as they are served at this moment. Raises `StoreUnavailable`."""
    return Pinned(reader().pinned())


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
