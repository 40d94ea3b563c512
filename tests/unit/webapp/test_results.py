"""Numbers as clients get them."""

import pytest

from aggregates.clickhouse.questions import Answer, Question, Row
from aggregates.clickhouse.vocabulary import Metric
from webapp.stats import results
from webapp.stats.dialects import Dialect
from webapp.stats.results import Form


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
        (Metric.CONVERSION_RATE, 50.0, 33.33, 16.7),
        (Metric.CONVERSION_RATE, 50.0, None, None),
        (Metric.TOTAL_REVENUE, 1.5, 1.0, 50),
    ],
)
def test_change(
    metric: Metric, value: float | None, previous: float | None, change: float | None
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
        (Metric.CONVERSION_RATE, 33.3333, 33.33),
        (Metric.TOTAL_REVENUE, 0.1 + 0.2, 0.3),
    ],
)
def test_shown(metric: Metric, value: float | None, shown: float | None) -> None:
    assert results.shown(metric, value) == shown


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (Dialect.PAWPRINT, [None, None, None, None, 0]),
        (Dialect.PLAUSIBLE, [0, 0, 0, None, 0]),
    ],
)
def test_totals_of_nothing(dialect: Dialect, expected: list[float | None]) -> None:
    metrics = (
        Metric.BOUNCE_RATE,
        Metric.VISIT_DURATION,
        Metric.CONVERSION_RATE,
        Metric.TIME_ON_PAGE,
        Metric.VISITORS,
    )
    form = Form(tuple(metrics), metrics, dialect)
    answer = Answer(_question(metrics), (Row((), form.nothing()),))
    assert [total["value"] for total in results.totals(form, answer).values()] == expected


def test_compared_with_nothing() -> None:
    """As Plausible has it: a duration of nothing is 0, a bounce rate of nothing is not held."""
    metrics = (Metric.VISITORS, Metric.BOUNCE_RATE, Metric.VISIT_DURATION)
    form = Form(tuple(metrics), metrics, Dialect.PLAUSIBLE)
    question = _question(metrics)
    answer = Answer(question, (Row((), (4, 100.0, 0.0)),))
    previous = Answer(question, (Row((), (0, None, None)),))
    assert results.totals(form, answer, previous) == {
        "visitors": {"value": 4, "change": 100, "comparison_value": 0},
        "bounce_rate": {"value": 100, "change": None, "comparison_value": 0},
        "visit_duration": {"value": 0, "change": 0, "comparison_value": 0},
    }


def _question(metrics: tuple[Metric, ...]) -> Question:
    return Question(site_id=1, start_s=0, end_s=86_400, metrics=metrics)
