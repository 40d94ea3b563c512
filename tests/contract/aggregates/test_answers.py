"""The read path on both engines, against an oracle in plain Python, over drawn data.

`PAWPRINT_ANSWERS=20000 ./inv test -k answers` compares that many drawn questions, both engines
together, in place of the usual ones.
"""

import os
from itertools import count
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregates.clickhouse.answer import ask
from aggregates.clickhouse.filters import Filter, Goal, Operator, ScrolledTo
from aggregates.clickhouse.questions import Question, Row
from aggregates.clickhouse.vocabulary import (
    DIMENSIONS,
    ENGAGEMENT_METRICS,
    TIMING_METRICS,
    Bucket,
    Grain,
    Metric,
)
from aggregates.core.rows import Rows
from schemas.events import ENGAGEMENT, PAGEVIEW
from tests.contract.aggregates import oracle
from tests.contract.aggregates.drawn import (
    HOUR_S,
    MOMENTS,
    PARTS,
    PATHS,
    PATTERNS,
    PROP_DIMENSIONS,
    PROPS,
    VISITS,
    WILDCARDS,
    is_event,
    questions,
    sessions,
)
from tests.contract.aggregates.engines import Engine
from tests.contract.aggregates.oracle import OracleHit, OracleSession

pytestmark = pytest.mark.integration

QUESTIONS: Final = int(os.environ.get("PAWPRINT_ANSWERS", "2040"))
QUESTIONS_OF_SITES: Final = 12  # writing costs as much as several answers
ENGINES: Final = 2
SITES: Final = count(1_000)  # a new one for each drawn data set: none must be emptied


def write(engine: Engine, *sites: list[OracleSession]) -> list[int]:
    """New sites with these sessions, and with earlier versions of all their rows."""
    numbers = [next(SITES) for _ in sites]
    rows = Rows([], [], [])
    for number, found in zip(numbers, sites, strict=True):
        made = oracle.make_rows(number, found, version=7)
        rows.hits.extend(made.hits)
        rows.visits.extend(made.visits)
    engine.insert(rows)
    engine.insert(oracle.stale(rows))
    return numbers


def require_same(engine: Engine, found: list[OracleSession], question: Question) -> None:
    """The engine's rows are the oracle's, to what floating point may differ in."""
    rows, expected = ask(engine, question).rows, oracle.answer(found, question)
    assert [near(row) for row in rows] == [(row.dimensions, row.metrics) for row in expected], (
        question
    )


def near(row: Row) -> tuple[object, ...]:
    """What equals the row's dimensions and metrics."""
    exact_or_near = (
        pytest.approx(each, rel=1e-9) if isinstance(each, float) else each for each in row.metrics
    )
    return (row.dimensions, tuple(exact_or_near))


@settings(
    max_examples=max(1, QUESTIONS // QUESTIONS_OF_SITES // ENGINES),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_every_answer_is_the_oracles(engine: Engine, data: st.DataObject) -> None:
    timezone = data.draw(st.sampled_from(sorted(MOMENTS)))
    sites = [data.draw(sessions(MOMENTS[timezone])) for _ in range(2)]
    numbers = write(engine, *sites)
    for index in range(QUESTIONS_OF_SITES):
        question = data.draw(questions(timezone, numbers[index % 2]))
        require_same(engine, sites[index % 2], question)


def visited(path: str, minute: int, number: int) -> OracleSession:
    """A visit of one page, by a visitor of its own."""
    hit = OracleHit(minute, PAGEVIEW, "x.org", path, number)
    return OracleSession(number, 0, VISITS[number % len(VISITS)], (hit,))


@pytest.mark.parametrize("timezone", sorted(MOMENTS))
def test_series_across_a_change_of_clocks(engine: Engine, timezone: str) -> None:
    first = MOMENTS[timezone] - 2 * 24 * HOUR_S
    found = [visited("/", first + 900 * step, step) for step in range(4 * 24 * 4)]
    (site_id,) = write(engine, found)
    for bucket in (Bucket.HOUR, Bucket.DAY, Bucket.WEEK, Bucket.MONTH):
        question = Question(
            site_id,
            first,
            first + 4 * 24 * HOUR_S,
            (Metric.VISITORS, Metric.VISITS),
            bucket=bucket,
            timezone=timezone,
        )
        require_same(engine, found, question)


@pytest.mark.parametrize("negated", [False, True])
@pytest.mark.parametrize("operator", Operator)
def test_every_pattern_on_every_path(engine: Engine, negated: bool, operator: Operator) -> None:
    found = [visited(path, MOMENTS["UTC"], number) for number, path in enumerate(PATHS)]
    (site_id,) = write(engine, found)
    wanted = PATTERNS if operator is Operator.MATCHES else [*PATHS, *WILDCARDS, *PARTS]
    for name in ("event:page", "visit:entry_page"):
        for value in wanted:
            for case_sensitive in (True, False):
                chosen = Filter(DIMENSIONS[name], negated, (value,), operator, case_sensitive)
                question = Question(
                    site_id,
                    MOMENTS["UTC"],
                    MOMENTS["UTC"] + 60,
                    (Metric.VISITORS,),
                    (DIMENSIONS[name],),
                    (chosen,),
                )
                require_same(engine, found, question)


def _readers() -> list[OracleSession]:
    """Visits with everything there may be in a hit."""
    begin = MOMENTS["UTC"]
    names = [PAGEVIEW, "Signup", ENGAGEMENT, "Buy 100%"]
    return [
        OracleSession(
            number,
            number % 2,
            VISITS[number % len(VISITS)],
            tuple(
                OracleHit(
                    begin + 60 * (number + step),
                    names[step % 4],
                    "x.org",
                    path,
                    50 + number,
                    ((step, number), (number, 2**31 + step)),
                    ((PROPS[number % 2], path),) if number % 3 else (),
                    "EUR" if step % 4 == 3 else "",
                    1_230_000 * number if step % 4 == 3 else 0,
                    700 * number,
                    10 * step,
                )
                for step, path in enumerate(PATHS[number % 3 : 3 + number % 5])
            ),
        )
        for number in range(12)
    ]


@pytest.mark.parametrize("metric", Metric)
def test_every_metric_by_every_dimension(engine: Engine, metric: Metric) -> None:
    begin, found = MOMENTS["UTC"], _readers()
    (site_id,) = write(engine, found)
    goals = (
        Goal("Signup", Filter(DIMENSIONS["event:name"], False, ("Signup",))),
        Goal("Read /a", ScrolledTo("/a*", 20)),
    )
    reported = metric in TIMING_METRICS or metric in ENGAGEMENT_METRICS
    for dimension in (*DIMENSIONS.values(), *PROP_DIMENSIONS):
        if reported and (is_event(dimension) or dimension.grain is Grain.VISIT):
            continue
        question = Question(
            site_id,
            begin + 120,
            begin + HOUR_S,
            (metric,),
            (dimension,),
            goals=goals,
            currency="EUR",
        )
        require_same(engine, found, question)
