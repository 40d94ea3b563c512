"""Which tables a question reads: no more than it needs."""

from typing import Any

import pytest

from aggregates.clickhouse.filters import (
    All,
    Converted,
    Filter,
    Goal,
    HasDone,
    Operator,
    ScrolledTo,
)
from aggregates.clickhouse.plan import approximate, has_uniques, make_plan, make_rows_plan
from aggregates.clickhouse.queries import QUERIES_DIR, read_query
from aggregates.clickhouse.questions import Order, Question
from aggregates.clickhouse.vocabulary import DIMENSIONS, GOAL, Bucket, Metric, prop_dimension

PAGE, NAME, ENTRY, SOURCE = (
    DIMENSIONS[name] for name in ("event:page", "event:name", "visit:entry_page", "visit:source")
)
HITS, VISITS, LINKED = {"hit_rows"}, {"visit_rows"}, {"hit_rows", "visit_rows"}


def tables(question: Question) -> list[set[str]]:
    """The tables each part of the query reads."""
    sql = make_plan(question).sql
    names = {"hit_rows", "visit_rows"}
    return [{name for name in names if name in part} for part in sql.split("UNION ALL")]


@pytest.mark.parametrize(
    ("metrics", "dimension", "reads"),
    [
        ("visitors pageviews events", None, [HITS]),
        ("visitors", SOURCE, [HITS]),
        ("visitors", PAGE, [HITS]),
        ("visitors", ENTRY, [LINKED]),
        ("visits bounce_rate", SOURCE, [VISITS]),
        ("visits bounce_rate", ENTRY, [VISITS]),
        ("visits", PAGE, [HITS]),
        ("bounce_rate", PAGE, [LINKED]),
        ("visitors visits", SOURCE, [HITS, VISITS]),
        ("visitors bounce_rate", PAGE, [HITS, LINKED]),
        ("visitors visit_duration", ENTRY, [LINKED, VISITS]),
        ("lcp cls", PAGE, [HITS]),
        ("visitors lcp bounce_rate", SOURCE, [HITS, HITS, VISITS]),
    ],
)
def test_what_is_read(metrics: str, dimension: object, reads: list[set[str]]) -> None:
    found = [d for d in DIMENSIONS.values() if d is dimension]
    question = Question(1, 0, 60, tuple(map(Metric, metrics.split())), tuple(found))
    assert tables(question) == reads


def test_a_filter_decides_as_a_dimension_does() -> None:
    question = Question(1, 0, 60, (Metric.BOUNCE_RATE,), filters=(Filter(PAGE, False, ("/",)),))
    assert tables(question) == [LINKED]
    question = Question(1, 0, 60, (Metric.VISITS,), (PAGE,), (Filter(ENTRY, True, ("/",)),))
    assert tables(question) == [LINKED]


def test_values_are_parameters_only() -> None:
    question = Question(1, 0, 60, (Metric.VISITORS,), filters=(Filter(PAGE, False, ("/x'y",)),))
    plan = make_plan(question)
    assert "/x'y" not in plan.sql
    assert ("/x'y",) in plan.params.values()


@pytest.mark.parametrize("name", sorted(path.stem for path in QUERIES_DIR.glob("*.sql")))
def test_a_query_says_its_grain_in_a_comment_that_is_not_sent(name: str) -> None:
    assert "\n-- Grain: " in (QUERIES_DIR / f"{name}.sql").read_text()
    assert "--" not in read_query(name)


BUY = Goal("Buy", Filter(NAME, False, ("Buy",), Operator.IS))
READ = Goal("Read", ScrolledTo("/", 75))


@pytest.mark.parametrize(
    ("metrics", "changes", "sources"),
    [
        ("visitors events", {"filters": (Filter(ENTRY, False, ("/",)),)}, [LINKED]),
        ("visitors", {"filters": (HasDone(BUY.condition),)}, [HITS]),
        ("bounce_rate", {"filters": (HasDone(BUY.condition),)}, [LINKED]),
        ("visitors", {"dimensions": (GOAL,), "goals": (BUY, READ)}, [HITS]),
        ("visits", {"dimensions": (GOAL,), "goals": (BUY,)}, [HITS]),
        ("total_revenue", {"currency": "EUR", "dimensions": (ENTRY,)}, [LINKED]),
        ("scroll_depth", {"filters": (Filter(ENTRY, False, ("/",)),)}, [LINKED]),
        ("visitors group_conversion_rate", {"filters": (Converted((BUY,)),)}, [HITS, HITS]),
    ],
)
def test_what_conditions_add(
    metrics: str, changes: dict[str, Any], sources: list[set[str]]
) -> None:
    assert tables(Question(1, 0, 60, tuple(map(Metric, metrics.split())), **changes)) == sources


def test_hits_are_taken_apart_only_where_it_is_needed() -> None:
    assert "ARRAY JOIN" not in make_plan(Question(1, 0, 60, (Metric.VISITORS, Metric.VISITS))).sql
    read = Question(1, 0, 60, (Metric.VISITORS,), filters=(Converted((READ,)),))
    assert "session_scroll_depths AS scroll_depth" in make_plan(read).sql
    assert "session_revenue" not in make_plan(read).sql


def test_shares_leave_goals_and_properties_out() -> None:
    plan = prop_dimension("plan")
    filters = (
        All((Filter(plan, False, ("pro",)), Filter(SOURCE, False, ("x",)))),
        Converted((BUY,)),
    )
    question = Question(1, 0, 60, (Metric.CONVERSION_RATE,), filters=filters)
    sql = make_plan(question).sql
    assert sql.count("source IN") == 2
    assert sql.count("indexOf") == sql.count("name IN") == 1


def test_order() -> None:
    ordered = Question(
        1,
        0,
        60,
        (Metric.VISITORS, Metric.VISITS),
        (PAGE, SOURCE),
        bucket=Bucket.DAY,
        order=(Order(SOURCE, descending=True), Order(Metric.VISITS)),
    )
    expected = "ORDER BY key_1 DESC, metric_1 ASC NULLS LAST, key_bucket, key_0\n"
    assert expected in make_plan(ordered).sql
    assert "ORDER BY" not in make_rows_plan(ordered).sql


def test_uniques_may_be_estimated() -> None:
    plan = make_plan(Question(1, 0, 60, (Metric.VISITORS,), (ENTRY,)))
    assert has_uniques(plan)
    assert "uniqCombinedArray(linked_visitor_count)" in approximate(plan).sql
    assert not has_uniques(approximate(plan))
    assert not has_uniques(make_plan(Question(1, 0, 60, (Metric.PAGEVIEWS,))))
