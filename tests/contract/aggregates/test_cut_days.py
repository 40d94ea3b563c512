"""Days that a question's period cuts once, on both engines: by a dimension their seals know hits in
steps of a quarter of an hour, so none of their minutes is read.
"""

import itertools
from dataclasses import replace
from typing import Final

import pytest

from aggregates.clickhouse.filters import Filter
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.sealed import sealed_days
from aggregates.clickhouse.sealing import DayRow
from aggregates.clickhouse.vocabulary import DIMENSIONS, Metric
from tests.contract.aggregates.drawn import PATHS
from tests.contract.aggregates.engines import Engine
from tests.contract.aggregates.oracle import OracleSession
from tests.contract.aggregates.test_answers import require_same, visited, write
from tests.contract.aggregates.test_sealed_days import (
    DAY,
    DAY_S,
    seal,
    stay,
    unsealed,
    visits,
    whole,
    with_ids_of_days,
)

pytestmark = pytest.mark.integration

# Of hits, of both and of visits.
BY_STEPS: Final = tuple(
    DIMENSIONS[name] for name in ("event:page", "visit:source", "visit:entry_page")
)
STEP_METRICS: Final = (Metric.VISITORS, Metric.PAGEVIEWS, Metric.EVENTS)
CUTS: Final = (15, 12 * 60, 12 * 60 + 15, 1_425)  # minutes of a day


def cut_once(site_id: int) -> list[Question]:
    """Of three days the first or the last is cut, or both."""
    whole_days = whole(site_id, 3)
    found = []
    for minute, dimension in itertools.product(CUTS, BY_STEPS):
        asked = replace(whole_days, metrics=STEP_METRICS, dimensions=(dimension,))
        start_s, end_s = DAY + 60 * minute, DAY + 2 * DAY_S + 60 * minute
        found += [replace(asked, start_s=start_s), replace(asked, end_s=end_s)]
        found.append(replace(asked, start_s=start_s, end_s=end_s))
    return found


def days_with_cuts() -> list[OracleSession]:
    """Visits on both sides of every cut, of one page and of several, and over each midnight; of one
    page before the cuts alone.
    """
    stays = [(300, 400), (350, 365, 700), (0, 14, 15, 29), (720, 734, 735), (1_110, 1_124, 1_125)]
    over = [(1_420, 1_441), (1_430, 1_470, 1_490), (2_870, 2_885)]
    found = [stay(1_000 + number, *each) for number, each in enumerate(stays)]
    found += [
        stay(1_100 + number, *(2 * 1_440 + minute for minute in each))
        for number, each in enumerate(stays)
    ]
    found += [stay(1_200 + number, *each) for number, each in enumerate(over)]
    return [*with_ids_of_days(found), *visits(3, 12, 10), visited("/once", DAY + 300, 2_000)]


def test_a_day_that_is_cut_once_is_read_from_its_seal(engine: Engine) -> None:
    found = days_with_cuts()
    (site_id,) = write(engine, found)
    seal(engine, site_id)
    engine.execute("TRUNCATE TABLE hit_rows")
    engine.execute("TRUNCATE TABLE visit_rows")
    for question in cut_once(site_id):
        require_same(engine, found, question)
        page = replace(question, filters=(Filter(question.dimensions[0], False, (PATHS[0],)),))
        require_same(engine, found, page)


def test_a_seal_without_steps_holds_for_whole_days(engine: Engine) -> None:
    """As those made before migration 9: its day is sealed anew, and read by the minute if cut."""
    found = days_with_cuts()
    (site_id,) = write(engine, found)
    seal(engine, site_id)
    engine.execute(
        "INSERT INTO day_seals (site_id, minute, seal, writes, linked_writes)"
        " SELECT site_id, minute, seal + 1, writes, linked_writes FROM day_seals"
        f" WHERE site_id = {site_id}"
    )
    columns = ", ".join(DayRow._fields)
    engine.execute(
        f"INSERT INTO day_rows (site_id, seal, {columns})"
        f" SELECT site_id, seal + 1, {columns} FROM day_rows WHERE site_id = {site_id}"
    )
    assert [day.has_steps for day in sealed_days(engine, whole(site_id, 3))] == [False] * 3
    for question in cut_once(site_id):
        require_same(engine, found, question)
    assert seal(engine, site_id) == 3
    assert unsealed(engine, site_id) == []
    assert [day.has_steps for day in sealed_days(engine, whole(site_id, 3))] == [True] * 3
