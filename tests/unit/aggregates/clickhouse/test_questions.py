"""What cannot be asked is refused when the question is made, with the field named."""

import itertools
from dataclasses import replace

import pytest

from aggregates.clickhouse.filters import (
    LEAVES_MAX,
    VALUE_BYTES_MAX,
    VALUES_MAX,
    All,
    Condition,
    Converted,
    Filter,
    Goal,
    HasDone,
    Not,
    ScrolledTo,
)
from aggregates.clickhouse.questions import EPOCH_S_MAX, OFFSET_MAX, ROWS_MAX, Question
from aggregates.clickhouse.vocabulary import (
    DIMENSIONS,
    GOAL,
    TIME_MINUTE,
    Dimension,
    Grain,
    InvalidQuestion,
    Metric,
    parse_dimension,
    parse_metric,
)

PAGE = DIMENSIONS["event:page"]
GOOD = Question(site_id=1, start_s=0, end_s=60, metrics=(Metric.VISITORS,))
HOSTILE = ["", "visitors; DROP TABLE hit_rows", "count()", "event:page'", "Visitors", "\0", "*"]


@pytest.mark.parametrize("name", HOSTILE)
def test_only_known_names_become_identifiers(name: str) -> None:
    with pytest.raises(InvalidQuestion) as refused:
        parse_metric(name, "metrics[0]")
    assert refused.value.field == "metrics[0]"
    with pytest.raises(InvalidQuestion) as refused:
        parse_dimension(name)
    assert refused.value.field == "dimensions"


def test_known_names() -> None:
    assert [parse_metric(metric.value) for metric in Metric] == list(Metric)
    assert parse_dimension("visit:source") == Dimension("visit:source", "source", Grain.BOTH)
    assert parse_dimension("time:minute") is TIME_MINUTE


def test_a_dimension_made_elsewhere_is_refused() -> None:
    forged = Dimension("event:page", "path); DROP TABLE hit_rows --", Grain.HIT)
    with pytest.raises(InvalidQuestion):
        replace(GOOD, dimensions=(forged,))
    with pytest.raises(InvalidQuestion):
        Filter(forged, False, ("/",))


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("metrics", {"metrics": ()}),
        ("metrics", {"metrics": (Metric.VISITS, Metric.VISITS)}),
        ("metrics", {"metrics": ("visitors",)}),
        ("metrics", {"metrics": (Metric.LCP,), "dimensions": (DIMENSIONS["visit:entry_page"],)}),
        ("metrics", {"metrics": (Metric.LCP,), "dimensions": (DIMENSIONS["event:name"],)}),
        ("dimensions", {"dimensions": (PAGE, PAGE)}),
        ("dimensions", {"dimensions": tuple(itertools.islice(DIMENSIONS.values(), 6))}),
        ("filters", {"filters": (Filter(PAGE, False, ("/",)),) * (LEAVES_MAX + 1)}),
        ("filters", {"filters": (Filter(PAGE, False, ("é" * VALUE_BYTES_MAX,)),)}),
        ("period", {"start_s": 60}),
        ("period", {"start_s": -1}),
        ("period", {"end_s": EPOCH_S_MAX + 1}),
        ("site_id", {"site_id": -1}),
        ("site_id", {"site_id": 2**32}),
        ("limit", {"limit": 0}),
        ("limit", {"limit": ROWS_MAX + 1}),
        ("offset", {"offset": -1}),
        ("offset", {"offset": OFFSET_MAX + 1}),
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("timezone", {"timezone": "UTC\0"}),
        ("timezone", {"timezone": ""}),
    ],
)
def test_what_cannot_be_asked(field: str, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidQuestion) as refused:
        replace(GOOD, **changes)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert refused.value.message


@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        (PAGE, ()),
        (PAGE, ("/",) * (VALUES_MAX + 1)),
        (PAGE, ("\ud800",)),  # half a character
        (TIME_MINUTE, ("1700000040",)),
    ],
)
def test_filters_that_cannot_be_asked(dimension: Dimension, values: tuple[str, ...]) -> None:
    with pytest.raises(InvalidQuestion) as refused:
        Filter(dimension, False, values)
    assert refused.value.field == "filters"


DONE = HasDone(Filter(DIMENSIONS["event:page"], False, ("/",)))


@pytest.mark.parametrize("condition", [DONE, Not(ScrolledTo("/", 10))])
def test_timings_are_not_known_by_what_a_visit_did(condition: Condition) -> None:
    with pytest.raises(InvalidQuestion, match="metrics: lcp is not known by what a visit did"):
        Question(1, 0, 60, (Metric.LCP,), filters=(condition,))


@pytest.mark.parametrize("condition", [DONE, Filter(DIMENSIONS["visit:entry_page"], False, ("/",))])
def test_goals_of_visits_are_only_filtered_on(condition: Condition) -> None:
    goal = Goal("g", All((condition,)))
    with pytest.raises(InvalidQuestion, match="goals: of what a visit did"):
        Question(1, 0, 60, (Metric.VISITORS,), (GOAL,), goals=(goal,))
    Question(1, 0, 60, (Metric.VISITORS,), filters=(Converted((goal,)),))
