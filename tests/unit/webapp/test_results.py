"""Numbers as clients get them."""

import pytest

from aggregates.clickhouse.buckets import bucket_starts
from aggregates.clickhouse.questions import Answer, Question, Row
from aggregates.clickhouse.vocabulary import Bucket, Metric
from webapp.stats import results


@pytest.mark.parametrize(
    ("metric", "value", "previous", "change"),
    [
        (Metric.VISITORS, 150, 100, 50),
        (Metric.VISITORS, 50, 100, -50),
        (Metric.VISITORS, 5, 0, 100),
        (Metric.VISITORS, 0, 0, 0),
        (Metric.VISITORS, 0, 10, -100),
        (Metric.VIEWS_PER_VISIT, 1.5, None, None),
        (Metric.VIEWS_PER_VISIT, None, 1.5, None),
        (Metric.VISIT_DURATION, 90, 60, 50),
        (Metric.BOUNCE_RATE, 45, 50, -5),
        (Metric.BOUNCE_RATE, 45, 0, 45),
    ],
)
def test_change(
    metric: Metric, value: float | None, previous: float | None, change: int | None
) -> None:
    assert results.change(metric, value, previous) == change


@pytest.mark.parametrize(
    ("metric", "value", "shown"),
    [
        (Metric.BOUNCE_RATE, 33.333, 33),
        (Metric.VISIT_DURATION, 61.7, 62),
        (Metric.VIEWS_PER_VISIT, 1.239, 1.24),
        (Metric.VISITORS, 7, 7),
        (Metric.BOUNCE_RATE, None, None),
    ],
)
def test_shown(metric: Metric, value: float | None, shown: float | None) -> None:
    assert results.shown(metric, value) == shown


def test_an_hour_that_comes_twice_is_there_twice() -> None:
    """Berlin, 25 October 2026: 02:00 comes at 00:00Z and again at 01:00Z."""
    start_s, end_s = 1_792_879_200, 1_792_969_200
    question = Question(
        site_id=1,
        start_s=start_s,
        end_s=end_s,
        metrics=(Metric.VISITORS,),
        bucket=Bucket.HOUR,
        timezone="Europe/Berlin",
    )
    second_s = start_s + 3 * 3600
    answer = Answer(question, (Row((second_s,), (7,)),))
    starts = bucket_starts(start_s, end_s, Bucket.HOUR, "Europe/Berlin")
    rows = results.series(answer, starts)
    assert len(rows) == 25
    assert rows[2:4] == [
        {"date": "2026-10-25 02:00:00", "visitors": 0},
        {"date": "2026-10-25 02:00:00", "visitors": 7},
    ]


def test_a_month_is_named_by_its_first_day() -> None:
    question = Question(
        site_id=1, start_s=0, end_s=86_400, metrics=(Metric.VISITS,), bucket=Bucket.MONTH
    )
    assert results.series(Answer(question, ()), [0]) == [{"date": "1970-01-01", "visits": 0}]
