"""Uniques that do not fit into the memory of a query are estimated, and the answer says so."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from aggregates.clickhouse.answer import UNIQUES_ERROR, ask
from aggregates.clickhouse.plan import Plan, approximate, make_plan
from aggregates.clickhouse.questions import Answer, Question
from aggregates.clickhouse.reader import Limits, Reader, TooCostly
from aggregates.clickhouse.vocabulary import Metric
from aggregates.core.rows import Rows
from tests.contract.aggregates.engines import Engine
from tests.contract.aggregates.test_rollup_store import hit_row

pytestmark = pytest.mark.integration

VISITORS = 400_000
ROW_VISITORS = 4_000
MINUTE = hit_row(1).minute
QUESTION = Question(hit_row(1).site_id, MINUTE, MINUTE + 60, (Metric.VISITORS,))


def _insert(engine: Engine) -> None:
    """Different visitors, some in two rows."""
    engine.empty()
    step = ROW_VISITORS - 400
    rows = []
    for key, first in enumerate(range(0, VISITORS - ROW_VISITORS + 1, step)):
        row = hit_row(key, sessions=ROW_VISITORS)
        ids = tuple(2_654_435_761 * (first + i) % 2**64 for i in range(ROW_VISITORS))
        rows.append(row._replace(visitor_ids=ids))
    engine.insert(Rows(rows, [], []))


@pytest.fixture
def filled(engine: Engine) -> Iterator[Engine]:
    _insert(engine)
    yield engine
    engine.empty()


def _visitors(engine: Engine, plan: Plan) -> int:
    ((count,),) = engine.read(plan.sql, plan.params)
    assert isinstance(count, int)
    return count


def test_an_estimate_is_as_close_as_it_says(filled: Engine) -> None:
    plan = make_plan(QUESTION)
    exact = _visitors(filled, plan)
    assert exact > VISITORS * 0.98
    estimated = _visitors(filled, approximate(plan))
    assert abs(estimated - exact) <= 3 * UNIQUES_ERROR * exact  # three standard errors
    assert ask(filled, QUESTION).uniques_error == 0


def _answer(url: str, megabytes: int) -> Answer | None:
    """None if not even an estimate fits into so much memory."""
    with closing(Reader(url, Limits(max_memory_usage=megabytes * 10**6))) as reader:
        try:
            return ask(reader, QUESTION)
        except TooCostly:
            return None


def test_what_does_not_fit_is_estimated(server_engine: Engine, rollups_url: str) -> None:
    _insert(server_engine)
    exact = ask(server_engine, QUESTION).rows[0].metrics[0]
    assert exact is not None
    first = next(filter(None, (_answer(rollups_url, megabytes) for megabytes in range(4, 60))))
    assert first.uniques_error == UNIQUES_ERROR
    assert first.rows[0].metrics[0] == pytest.approx(exact, rel=3 * UNIQUES_ERROR)
    whole = _answer(rollups_url, 200)
    assert whole is not None
    assert (whole.uniques_error, whole.rows[0].metrics[0]) == (0, exact)
    server_engine.empty()
