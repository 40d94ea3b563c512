"""Which questions sealed days answer, from which days, and what a seal keeps of a whole site."""

from dataclasses import replace
from typing import Any

import pytest

from aggregates.clickhouse.filters import All, AnyOf, Condition, Filter, Goal, Not, Operator
from aggregates.clickhouse.plan import make_plan
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Rows
from aggregates.clickhouse.sealed import (
    SealedDay,
    Slice,
    Steps,
    ranges_between,
    slice_of,
    usable,
    whole_days,
)
from aggregates.clickhouse.sealing import ALL_COUNTS, DayRow, whole_site_rows
from aggregates.clickhouse.vocabulary import DIMENSIONS, Bucket, Metric, prop_dimension

DAY_S = 86_400
DAY = 20_000 * DAY_S
DAYS = tuple(SealedDay(DAY + index * DAY_S, 7 + index) for index in range(3))
WHOLE = Question(1, DAY, DAY + 3 * DAY_S, (Metric.VISITORS,))
PAGE, SOURCE = DIMENSIONS["event:page"], DIMENSIONS["visit:source"]


def is_(value: str, **changes: Any) -> Filter:
    return replace(Filter(PAGE, False, (value,), Operator.IS), **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Slice(None)),
        ({"bucket": Bucket.MONTH}, Slice(None)),
        ({"bucket": Bucket.HOUR}, None),
        ({"dimensions": (PAGE,)}, Slice(PAGE)),
        ({"dimensions": (PAGE,), "bucket": Bucket.DAY}, None),
        ({"dimensions": (PAGE, SOURCE)}, None),
        ({"dimensions": (prop_dimension("plan"),)}, None),
        ({"dimensions": (DIMENSIONS["event:goal"],), "goals": (Goal("a", is_("/")),)}, None),
        ({"dimensions": (SOURCE,), "filters": (is_("/"),)}, None),
    ],
)
def test_what_seals_know(changes: dict[str, Any], expected: Slice | None) -> None:
    assert slice_of(replace(WHOLE, **changes)) == expected


@pytest.mark.parametrize(
    ("condition", "summed", "listed"),
    [
        (is_("/"), True, True),
        (Filter(PAGE, False, ("/",)), True, True),
        (Filter(PAGE, False, ("/*",)), False, True),
        (is_("/", negated=True), False, True),
        (is_("/", values=("/", "/a")), False, True),
        (is_("/", case_sensitive=False), False, True),
        (is_("/", operator=Operator.CONTAINS), False, True),
        (All((is_("/"),)), True, True),
        (AnyOf((is_("/"),)), False, False),
        (Not(is_("/")), False, False),
    ],
)
def test_visitors_of_several_values_cannot_be_summed(
    condition: Condition, summed: bool, listed: bool
) -> None:
    """Whoever saw two pages is one visitor of both."""
    question = replace(WHOLE, filters=(condition,))
    assert (slice_of(question) is not None) == summed
    assert (slice_of(replace(question, dimensions=(PAGE,))) is not None) == listed


@pytest.mark.parametrize(
    ("start_s", "end_s", "whole_site", "one_dimension"),
    [
        (DAY, DAY + 3 * DAY_S, 3, 3),
        (DAY - 60, DAY + 3 * DAY_S + 60, 3, 3),
        (DAY + 900, DAY + 3 * DAY_S - 1_800, 3, 1),
        (DAY + 960, DAY + 3 * DAY_S, 2, 2),  # no step begins there
        (DAY + 900, DAY + 1_800, 0, 0),  # two cuts in one day
        (DAY + 29, DAY + 3 * DAY_S - 31, 3, 3),  # minutes count as a whole
    ],
)
def test_days_that_a_period_cuts(
    start_s: int, end_s: int, whole_site: int, one_dimension: int
) -> None:
    question = replace(WHOLE, start_s=start_s, end_s=end_s)
    inside = [day for day in DAYS if day.end_s > start_s and day.start_s < end_s]
    assert len(usable(inside, question, Steps.WHOLE_SITE)) == whole_site
    assert len(usable(inside, question, Steps.NONE)) == one_dimension


@pytest.mark.parametrize("has_steps", [True, False])
def test_a_seal_may_not_know_dimensions_in_steps(has_steps: bool) -> None:
    days = tuple(replace(day, has_steps=has_steps) for day in DAYS)
    cut = replace(WHOLE, start_s=DAY + 900, end_s=DAY + 3 * DAY_S - 1_800)
    assert usable(days, cut, Steps.DIMENSION) == (days if has_steps else days[1:2])
    assert usable(days, WHOLE, Steps.DIMENSION) == days
    assert whole_days(days, cut) == (days[1:2], (days[0], days[2]))


def test_what_steps_know() -> None:
    """Hits; visits, and sessions of hits, are read by the minute where a day is cut."""
    cut = replace(WHOLE, start_s=DAY + 900, dimensions=(PAGE,))
    counted = replace(cut, metrics=(Metric.VISITORS, Metric.PAGEVIEWS, Metric.EVENTS))
    assert "FROM hit_rows" not in make_plan(counted, DAYS).sql
    assert "FROM day_steps" in make_plan(counted, DAYS).sql
    sessions = make_plan(replace(cut, metrics=(Metric.VISITS,)), DAYS).sql
    assert "FROM day_steps" not in sessions
    assert "FROM hit_rows" in sessions
    assert "FROM day_rows" in sessions


@pytest.mark.parametrize(
    ("timezone", "days"),
    [("UTC", 3), ("Europe/Berlin", 3), ("Asia/Kathmandu", 3), ("Africa/Monrovia", 3)],
)
def test_days_that_buckets_cut(timezone: str, days: int) -> None:
    question = replace(WHOLE, bucket=Bucket.DAY, timezone=timezone)
    assert len(usable(DAYS, question, Steps.WHOLE_SITE)) == days


def test_what_is_around_the_days() -> None:
    first, _, last = DAYS
    start_s, end_s = DAY - 60, DAY + 3 * DAY_S + 60
    assert list(ranges_between((), start_s, end_s)) == [(start_s, end_s)]
    assert list(ranges_between(DAYS, start_s, end_s)) == [(start_s, DAY), (DAY + 3 * DAY_S, end_s)]
    assert list(ranges_between((first, last), DAY, last.end_s)) == [(first.end_s, last.start_s)]
    assert list(ranges_between((first,), DAY + 900, first.end_s)) == []


def test_only_minutes_are_read_where_seals_do_not_know_a_count() -> None:
    """Bounces of the visits that saw a page are of no page's sum."""
    page = replace(WHOLE, dimensions=(PAGE,), metrics=(Metric.VISITORS, Metric.BOUNCE_RATE))
    sql = make_plan(page, DAYS).sql
    assert sql.count("FROM day_rows") == 1
    assert "ANY INNER JOIN" in sql or "ALL INNER JOIN" in sql
    group = replace(page, metrics=(Metric.GROUP_CONVERSION_RATE,))
    assert "day_rows" not in make_plan(group, DAYS).sql
    assert "day_rows" not in make_plan(WHOLE, ()).sql


def test_a_whole_site_in_steps() -> None:
    visitors: Rows = [
        (DAY, DAY + 840, 3, []),  # within the first step
        (DAY + 60, DAY + 1_000, 2, [5, 6]),
        (DAY + 900, DAY + 900, 0, [7]),
    ]
    counts: Rows = [(DAY, *range(6)), (DAY + 60, *range(6)), (DAY + 960, *range(6))]
    first: dict[str, Any] = dict(zip(ALL_COUNTS, (0, 2, 4, 6, 8, 10), strict=True))
    second: dict[str, Any] = dict(zip(ALL_COUNTS, range(6), strict=True))
    assert whole_site_rows(visitors, counts) == [
        DayRow("", DAY, "", 5, 3, [5, 6], **first),
        DayRow("", DAY + 900, "", 0, 2, [5, 6, 7], **second),
    ]
