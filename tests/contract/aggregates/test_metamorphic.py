"""What must hold between answers, whatever the numbers are: on both engines, over drawn data."""

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregates.clickhouse.answer import ask
from aggregates.clickhouse.filters import All, AnyOf, Condition, Filter, Not
from aggregates.clickhouse.questions import Order, Question
from aggregates.clickhouse.vocabulary import DIMENSIONS, Bucket, Dimension, Metric
from tests.contract.aggregates.drawn import HOUR_S, MOMENTS, PROP_DIMENSIONS, conditions, sessions
from tests.contract.aggregates.engines import Engine
from tests.contract.aggregates.test_answers import near, write

pytestmark = pytest.mark.integration

DAY_S: Final = 24 * HOUR_S
# Of hits, each of which is in one row of one bucket.
ADDITIVE: Final = (Metric.EVENTS, Metric.PAGEVIEWS)
BY: Final = tuple(
    dimension
    for dimension in (*DIMENSIONS.values(), *PROP_DIMENSIONS)
    if dimension.name != "event:goal"
)

drawn = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def made(engine: Engine, data: st.DataObject) -> Question:
    """Of a new site with visits: its hits in all their days, narrowed by any condition."""
    timezone = data.draw(st.sampled_from(sorted(MOMENTS)))
    base_s = MOMENTS[timezone]
    (site_id,) = write(engine, data.draw(sessions(base_s)))
    chosen = data.draw(st.lists(conditions(), max_size=1))
    return Question(
        site_id,
        base_s - 2 * DAY_S,
        base_s + 2 * DAY_S,
        ADDITIVE,
        filters=tuple(chosen),
        timezone=timezone,
    )


def numbers(engine: Engine, question: Question) -> tuple[float, ...]:
    """The metrics of all rows, added up."""
    rows = ask(engine, question).rows
    return tuple(sum(row.metrics[i] or 0 for row in rows) for i in range(len(question.metrics)))


def narrowed(question: Question, *more: Condition) -> Question:
    return replace(question, filters=(*question.filters, *more))


def added(*found: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(map(sum, zip(*found, strict=True)))


@drawn
@given(data=st.data(), by=st.lists(st.sampled_from(BY), min_size=1, max_size=3, unique=True))
def test_a_breakdown_adds_up(engine: Engine, data: st.DataObject, by: list[Dimension]) -> None:
    whole = made(engine, data)
    assert numbers(engine, replace(whole, dimensions=tuple(by))) == numbers(engine, whole)


@drawn
@given(data=st.data(), bucket=st.sampled_from(Bucket))
def test_buckets_add_up(engine: Engine, data: st.DataObject, bucket: Bucket) -> None:
    whole = made(engine, data)
    assert numbers(engine, replace(whole, bucket=bucket)) == numbers(engine, whole)


@drawn
@given(data=st.data(), condition=conditions())
def test_a_condition_and_its_negation_add_up(
    engine: Engine, data: st.DataObject, condition: Condition
) -> None:
    whole = made(engine, data)
    parts = (narrowed(whole, condition), narrowed(whole, Not(condition)))
    assert added(*(numbers(engine, part) for part in parts)) == numbers(engine, whole)
    if isinstance(condition, Filter):
        other = replace(condition, negated=not condition.negated)
        assert numbers(engine, narrowed(whole, other)) == numbers(engine, parts[1])


@drawn
@given(data=st.data(), condition=conditions())
def test_a_condition_said_in_other_ways(
    engine: Engine, data: st.DataObject, condition: Condition
) -> None:
    """Visits and visitors too: also the reports of engagement that count are the same."""
    asked = replace(made(engine, data), metrics=(*ADDITIVE, Metric.VISITORS, Metric.VISITS))
    plain = numbers(engine, narrowed(asked, condition))
    for same in (Not(Not(condition)), All((condition,)), AnyOf((condition, condition))):
        assert numbers(engine, narrowed(asked, same)) == plain


@drawn
@given(data=st.data(), one=conditions(), other=conditions())
def test_what_excludes_each_other_adds_up(
    engine: Engine, data: st.DataObject, one: Condition, other: Condition
) -> None:
    whole = made(engine, data)
    apart = All((other, Not(one)))
    parts = (numbers(engine, narrowed(whole, each)) for each in (one, apart))
    assert added(*parts) == numbers(engine, narrowed(whole, AnyOf((one, apart))))
    both = numbers(engine, narrowed(whole, one, other))
    assert both == numbers(engine, narrowed(whole, Not(AnyOf((Not(one), Not(other))))))


@drawn
@given(data=st.data(), cut=st.integers(1, 4 * 24 * 60 - 1))
def test_a_period_in_two_adds_up(engine: Engine, data: st.DataObject, cut: int) -> None:
    whole = replace(made(engine, data), filters=())  # what a visit has done depends on the period
    middle_s = whole.start_s // 60 * 60 + 60 * cut
    parts = (replace(whole, end_s=middle_s), replace(whole, start_s=middle_s))
    assert added(*(numbers(engine, part) for part in parts)) == numbers(engine, whole)


@drawn
@given(
    data=st.data(),
    by=st.lists(st.sampled_from(BY), min_size=1, max_size=2, unique=True),
    metric=st.sampled_from((Metric.EVENTS, Metric.VISITORS, Metric.VISITS)),
    page_rows=st.integers(1, 4),
)
def test_orders_and_pages(
    engine: Engine, data: st.DataObject, by: list[Dimension], metric: Metric, page_rows: int
) -> None:
    whole = replace(made(engine, data), metrics=(metric,), dimensions=tuple(by))
    orders = (Order(metric), *(Order(dimension) for dimension in by))
    ascending = ask(engine, replace(whole, order=orders)).rows
    descending = tuple(replace(order, descending=True) for order in orders)
    assert ask(engine, replace(whole, order=descending)).rows == ascending[::-1]
    offsets = range(0, len(ascending) + 1, page_rows)
    pages = (replace(whole, order=orders, limit=page_rows, offset=offset) for offset in offsets)
    assert tuple(row for page in pages for row in ask(engine, page).rows) == ascending


@drawn
@given(data=st.data())
def test_metrics_do_not_depend_on_what_is_asked_beside_them(
    engine: Engine, data: st.DataObject
) -> None:
    shares = (Metric.PERCENTAGE, Metric.CONVERSION_RATE, Metric.GROUP_CONVERSION_RATE)
    asked = (*ADDITIVE, Metric.VISITORS, Metric.VISITS, Metric.BOUNCE_RATE, *shares)
    whole = replace(made(engine, data), metrics=asked)
    (together,) = ask(engine, whole).rows
    alone = tuple(
        ask(engine, replace(whole, metrics=(metric,))).rows[0].metrics[0] for metric in asked
    )
    assert near(together) == ((), alone)
