"""Rows as clients get them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from aggregates.clickhouse.buckets import bucket_starts
from aggregates.clickhouse.questions import Answer, Question, Row
from aggregates.clickhouse.vocabulary import (
    DIMENSIONS,
    Bucket,
    Dimension,
    Metric,
    prop_dimension,
)
from webapp.stats import rows
from webapp.stats.dialects import Dialect
from webapp.stats.results import Form

VISITORS = (Metric.VISITORS,)
BERLIN = "Europe/Berlin"


def _form(*metrics: Metric, dialect: Dialect = Dialect.PAWPRINT) -> Form:
    return Form(tuple(metrics), metrics, dialect)


def _epoch(text: str, zone: str = BERLIN) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def _question(start: str, end: str, bucket: Bucket | None, *dimensions: Dimension) -> Question:
    return Question(
        site_id=1,
        start_s=_epoch(start),
        end_s=_epoch(end),
        metrics=VISITORS,
        bucket=bucket,
        timezone=BERLIN,
        dimensions=dimensions,
    )


def _counted(question: Question) -> Answer:
    """Visitors of each bucket: its number, from 1."""
    bucket = question.bucket or Bucket.DAY
    starts = bucket_starts(question.start_s, question.end_s, bucket, question.timezone)
    return Answer(question, tuple(Row((start,), (index,)) for index, start in enumerate(starts, 1)))


def test_an_hour_that_comes_twice_is_there_twice() -> None:
    """Berlin, 25 October 2026: 02:00 comes at 00:00Z and again at 01:00Z."""
    question = _question("2026-10-25", "2026-10-26", Bucket.HOUR)
    answer = Answer(question, (Row((question.start_s + 3 * 3600,), (7,)),))
    found = rows.series(_form(*VISITORS), answer)
    assert len(found) == 25
    assert found[2:4] == [
        {"date": "2026-10-25 02:00:00", "visitors": 0},
        {"date": "2026-10-25 02:00:00", "visitors": 7},
    ]


@pytest.mark.parametrize(
    ("dialect", "empty"),
    [(Dialect.PAWPRINT, (None, None)), (Dialect.PLAUSIBLE, (0, None))],
)
def test_a_bucket_of_nothing(dialect: Dialect, empty: tuple[int | None, int | None]) -> None:
    question = _question("2026-11-01", "2026-12-01", Bucket.MONTH)
    form = _form(Metric.BOUNCE_RATE, Metric.VISIT_DURATION, dialect=dialect)
    assert rows.series(form, Answer(question, ())) == [
        {"date": "2026-11-01", "bounce_rate": empty[0], "visit_duration": empty[1]}
    ]


@pytest.mark.parametrize(
    ("at", "bucket", "label"),
    [
        ("2026-11-25T10:20:00", Bucket.MINUTE, "2026-11-25 10:20:00"),
        ("2026-11-25T00:00:00", Bucket.DAY, "2026-11-25"),
        ("2026-11-25T00:00:00", Bucket.WEEK, "2026-11-23"),
        ("2026-11-23T00:00:00", Bucket.WEEK, "2026-11-23"),
        ("2026-11-25T00:00:00", Bucket.MONTH, "2026-11-01"),
    ],
)
def test_labels(at: str, bucket: Bucket, label: str) -> None:
    """Weeks and months that the period cuts are named by their first day all the same."""
    assert rows.label(_epoch(at), bucket, ZoneInfo(BERLIN)) == label


def test_hours_are_compared_by_the_clock() -> None:
    """The day before the clocks go back has 24 hours, that day 25 with two of them called 02:00."""
    form = _form(*VISITORS)
    longer = _counted(_question("2026-10-25", "2026-10-26", Bucket.HOUR))
    shorter = _counted(_question("2026-10-24", "2026-10-25", Bucket.HOUR))
    compared = [row["comparison"]["date"][-8:] for row in rows.series(form, longer, shorter)]
    assert compared == [row["date"][-8:] for row in rows.series(form, longer)]


def test_an_hour_that_there_was_not_is_null() -> None:
    """Clocks go forward on 29 March 2026: there is no 02:00 that day."""
    spring = _counted(_question("2026-03-29", "2026-03-30", Bucket.HOUR))
    after = _counted(_question("2026-03-30", "2026-03-31", Bucket.HOUR))
    found = rows.series(_form(*VISITORS), after, spring)
    assert found[2] == {"date": "2026-03-30 02:00:00", "visitors": 3, "comparison": None}
    assert found[3]["comparison"] == {
        "date": "2026-03-29 03:00:00",
        "visitors": 3,
        "change": {"visitors": 33},
    }


def test_months_are_compared_one_by_one() -> None:
    current = _counted(_question("2026-01-01", "2026-04-01", Bucket.MONTH))
    previous = _counted(_question("2025-11-01", "2026-01-01", Bucket.MONTH))
    found = rows.series(_form(*VISITORS), current, previous)
    dates = [row["comparison"] and row["comparison"]["date"] for row in found]
    assert dates == ["2025-11-01", "2025-12-01", None]


SOURCE, PAGE = DIMENSIONS["visit:source"], DIMENSIONS["event:page"]


def _ranked(limit: int, *found: tuple[str, int]) -> Answer:
    question = Question(
        site_id=1, start_s=0, end_s=60, metrics=VISITORS, dimensions=(SOURCE,), limit=limit
    )
    return Answer(question, tuple(Row((source,), (visitors,)) for source, visitors in found))


@pytest.mark.parametrize(
    ("dialect", "blank"), [(Dialect.PAWPRINT, ""), (Dialect.PLAUSIBLE, "Direct / None")]
)
def test_what_is_not_known(dialect: Dialect, blank: str) -> None:
    form = _form(*VISITORS, dialect=dialect)
    assert rows.ranking(form, _ranked(9, ("", 3), ("Google", 2))) == [
        {"source": blank, "visitors": 3},
        {"source": "Google", "visitors": 2},
    ]


def test_rows_are_compared_with_their_own() -> None:
    answer = _ranked(2, ("Google", 3), ("new", 2))
    previous = _ranked(9, ("other", 8), ("Google", 2))
    assert rows.ranking(_form(*VISITORS), answer, previous) == [
        {
            "source": "Google",
            "visitors": 3,
            "comparison": {"visitors": 2, "change": {"visitors": 50}},
        },
        {
            "source": "new",
            "visitors": 2,
            "comparison": {"visitors": 0, "change": {"visitors": 100}},
        },
    ]


def test_what_may_lie_beyond_the_limit_is_not_called_nothing() -> None:
    previous = _ranked(2, ("other", 8), ("Google", 2))
    found = rows.ranking(_form(*VISITORS), _ranked(2, ("new", 2)), previous)
    assert found == [{"source": "new", "visitors": 2, "comparison": None}]


@pytest.mark.parametrize(
    ("dimensions", "keys"),
    [
        ((SOURCE, PAGE), ["source", "page"]),
        ((prop_dimension("author"),), ["author"]),
        ((prop_dimension("page"), PAGE), ["event:props:page", "event:page"]),
        ((prop_dimension("visitors"),), ["event:props:visitors"]),
        ((prop_dimension("comparison"),), ["event:props:comparison"]),
    ],
)
def test_no_two_keys_are_called_the_same(
    dimensions: tuple[Dimension, ...], keys: list[str]
) -> None:
    assert rows.row_keys(dimensions, ["visitors"]) == keys
