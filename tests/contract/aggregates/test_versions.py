"""Rows are filtered before their versions are put together: the last version decides all the same.

visit row 1    version 1: one visit, exit page /a     version 2: exit page /b, two pageviews
visit row 2    version 1: one visit                   version 2: none is left, it moved
hit row 1      version 1: one session, scrolled 10%   version 2: two sessions, 10% and 90%
hit row 2      another page, in one version
"""

from dataclasses import replace

import pytest

from aggregates.clickhouse.answer import ask
from aggregates.clickhouse.filters import Condition, Filter, HasDone, ScrolledTo
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.vocabulary import DIMENSIONS, Metric
from aggregates.core.rows import HitRow, Rows, VisitRow
from tests.contract.aggregates.engines import Engine
from tests.contract.aggregates.test_rollup_store import MINUTE, hit_row, visit_row

pytestmark = pytest.mark.integration

SITE_ID = 3
COUNTED = (Metric.VISITORS, Metric.VISITS, Metric.PAGEVIEWS)


def visit(row_key: int, version: int, visits: int, exit_page: str, entry_page: str) -> VisitRow:
    made = visit_row(row_key, version, visits)._replace(site_id=SITE_ID, entry_page=entry_page)
    return made._replace(session_exit_pages=(exit_page,) * visits)


def seen(row_key: int, version: int, name: str, path: str, depths: tuple[int, ...]) -> HitRow:
    ids = tuple(range(len(depths)))
    made = hit_row(row_key, version, len(depths), path)._replace(site_id=SITE_ID, name=name)
    return made._replace(session_ids=ids, visitor_ids=ids, session_scroll_depths=depths)


INSERTS = (
    Rows([seen(1, 1, "engagement", "/a", (10,))], [visit(1, 1, 1, "/a", "/")], []),
    Rows([seen(1, 2, "engagement", "/a", (10, 90))], [visit(1, 2, 1, "/b", "/")], []),
    Rows([seen(2, 1, "pageview", "/a", (0,))], [visit(2, 1, 1, "/a", "/c")], []),
    Rows([seen(3, 1, "pageview", "/b", (0, 0))], [visit(2, 2, 0, "", "/c")], []),
)


def is_(name: str, value: str) -> Filter:
    return Filter(DIMENSIONS[name], negated=False, values=(value,))


def asked(engine: Engine, *filters: Condition, metrics: tuple[Metric, ...]) -> tuple[object, ...]:
    question = Question(SITE_ID, MINUTE, MINUTE + 60, metrics, filters=filters)
    (row,) = ask(engine, question).rows
    return row.metrics


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
def test_the_last_version_decides(engine: Engine, order: tuple[int, ...]) -> None:
    engine.empty()
    for index in order:
        engine.insert(INSERTS[index])
    visits = (Metric.VISITS,)
    assert asked(engine, metrics=visits) == (1,)
    assert asked(engine, is_("visit:exit_page", "/a"), metrics=visits) == (0,)
    assert asked(engine, is_("visit:exit_page", "/b"), metrics=visits) == (1,)
    assert asked(engine, is_("visit:entry_page", "/c"), metrics=visits) == (0,)
    assert asked(engine, is_("visit:entry_page", "/"), metrics=visits) == (1,)
    assert asked(engine, is_("event:page", "/b"), metrics=COUNTED)[0] == 2
    assert asked(engine, is_("event:page", "/a"), metrics=COUNTED)[0] == 1
    assert asked(engine, ScrolledTo("/a", 50), metrics=(Metric.VISITORS,)) == (1,)
    did = HasDone(ScrolledTo("/a", 50))
    assert asked(engine, did, is_("event:page", "/b"), metrics=(Metric.VISITORS,)) == (1,)


@pytest.mark.parametrize("value", ["/a", "/b", "/x"])
def test_a_filter_and_its_negation_add_up(engine: Engine, value: str) -> None:
    engine.empty()
    for rows in INSERTS:
        engine.insert(rows)
    chosen = is_("event:page", value)
    (with_it,) = asked(engine, chosen, metrics=(Metric.EVENTS,))
    (without_it,) = asked(engine, replace(chosen, negated=True), metrics=(Metric.EVENTS,))
    assert (with_it, without_it) == {"/a": (1, 2), "/b": (2, 1), "/x": (0, 3)}[value]
