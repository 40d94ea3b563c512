"""Which tables a question reads: no more than it needs."""

import pytest

from aggregates.clickhouse.filters import Filter
from aggregates.clickhouse.plan import COUNTS, QUERIES_DIR, Count, Source, make_plan, read_query
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.vocabulary import DIMENSIONS, Metric

PAGE, ENTRY, SOURCE = (
    DIMENSIONS[name] for name in ("event:page", "visit:entry_page", "visit:source")
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


def test_every_count_has_a_linked_form() -> None:
    assert all(Source.LINKED in COUNTS[count] for count in Count)


def test_values_are_parameters_only() -> None:
    question = Question(1, 0, 60, (Metric.VISITORS,), filters=(Filter(PAGE, False, ("/x'y",)),))
    plan = make_plan(question)
    assert "/x'y" not in plan.sql
    assert "/x'y" in plan.params["filter_0_exact"]  # type: ignore[operator]


@pytest.mark.parametrize("name", [*Source, "question_answer", "ledger_count"])
def test_a_query_says_its_grain_in_a_comment_that_is_not_sent(name: str) -> None:
    assert "\n-- Grain: " in (QUERIES_DIR / f"{name}.sql").read_text()
    assert "--" not in read_query(name)
