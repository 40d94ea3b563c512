"""Sealing on a real worker: a day that is over is sealed, and anew once something came late."""

import time
from contextlib import closing
from functools import partial

import pytest

from aggregates.clickhouse.answer import ask
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Reader
from aggregates.clickhouse.sealed import sealed_days
from aggregates.clickhouse.sealing import WRITES_MIN
from aggregates.clickhouse.vocabulary import DIMENSIONS, Metric
from tests.integration.streams.test_rules_backwards import View, write
from tests.integration.streams.test_worker import settled
from tests.workers import Workers

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

DAY_S = 86_400
SITE = 1
PATHS = 7


def views(day_s: int, count: int, first: int) -> list[View]:
    """Each of a visitor of its own, from six in the morning on, in the order of time."""
    start_ms = (day_s + 6 * 3_600) * 1_000
    return [
        View(
            SITE, first + number, start_ms + number * 1_000, f"/{number % PATHS}", "", "Firefox",
            False,
        )
        for number in range(count)
    ]  # fmt: skip


def answered(reader: Reader, question: Question) -> tuple[int, list[object]]:
    """How many days of it are sealed, and its numbers."""
    found = [row.metrics for row in ask(reader, question).rows]
    return len(sealed_days(reader, question)), [*found]


async def test_a_day_that_is_over(workers: Workers, rollups_url: str, fresh_topics: str) -> None:
    workers.environment["PAWPRINT_SEAL_INTERVAL_S"] = "0.5"
    workers.environment["PAWPRINT_SEAL_QUIET_S"] = "1"
    day_s = int(time.time()) // DAY_S * DAY_S - 3 * DAY_S
    count, late = 4 * WRITES_MIN, 50  # several share a row
    whole = Question(
        SITE, day_s - DAY_S, day_s + 4 * DAY_S, (Metric.VISITORS, Metric.PAGEVIEWS, Metric.VISITS)
    )
    pages = Question(
        SITE, day_s, day_s + DAY_S, (Metric.VISITORS,), (DIMENSIONS["event:page"],), limit=1
    )
    with workers.supervised(1), closing(Reader(rollups_url)) as reader:
        await write(fresh_topics, views(day_s, count, 0))
        want: object = (1, [(count, count, count)])
        assert await settled(partial(answered, reader, whole), want) == want
        top = -(-count // PATHS)
        assert answered(reader, pages) == (1, [(top,)])

        await write(fresh_topics, views(day_s, late, 100_000))
        want = (1, [(count + late,) * 3])
        assert await settled(partial(answered, reader, whole), want) == want
        assert answered(reader, pages) == (1, [(-(-count // PATHS) + -(-late // PATHS),)])
