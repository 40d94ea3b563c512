"""From answers to the API's JSON: pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from aggregates.clickhouse.questions import Answer
from aggregates.clickhouse.vocabulary import TIMING_METRICS, Bucket, Dimension, Metric

Number = int | float | None

# Without visits there is no mean, so an empty bucket has none either; counts are 0.
RATES: Final = frozenset(
    {Metric.VIEWS_PER_VISIT, Metric.BOUNCE_RATE, Metric.VISIT_DURATION, *TIMING_METRICS}
)
DECIMALS: Final = {Metric.VIEWS_PER_VISIT: 2, Metric.BOUNCE_RATE: 0, Metric.VISIT_DURATION: 0}


def shown(metric: Metric, value: Number) -> Number:
    """As clients get it: whole percents and seconds, views per visit with 2 decimals."""
    if value is None or metric not in DECIMALS:
        return value
    decimals = DECIMALS[metric]
    return round(value, decimals) if decimals else round(value)


def change(metric: Metric, value: Number, previous: Number) -> int | None:
    """Percent by which `value` differs from `previous`, of a bounce rate the difference in points.

    From nothing to something is 100, from nothing to nothing 0; null where a rate is missing.
    """
    if value is None or previous is None:
        return None
    if metric is Metric.BOUNCE_RATE:
        return round(value - previous)
    if previous == 0:
        return 100 if value > 0 else 0
    return round(100 * (value - previous) / previous)


def totals(answer: Answer, previous: Answer | None = None) -> dict[str, dict[str, Number]]:
    """Metric -> value, and its change if there is a previous answer."""
    metrics = answer.question.metrics
    values = _values(metrics, answer.rows[0].metrics)
    if previous is None:
        return {metric.value: {"value": value} for metric, value in values.items()}
    earlier = _values(metrics, previous.rows[0].metrics)
    return {
        metric.value: {"value": value, "change": change(metric, value, earlier[metric])}
        for metric, value in values.items()
    }


def series(answer: Answer, starts: Iterable[int]) -> list[dict[str, str | Number]]:
    """One object for each bucket start (epoch seconds), those without hits included."""
    metrics = answer.question.metrics
    empty: Sequence[Number] = [None if metric in RATES else 0 for metric in metrics]
    found = {row.dimensions[0]: row.metrics for row in answer.rows}
    zone = ZoneInfo(answer.question.timezone)
    bucket = answer.question.bucket or Bucket.DAY
    return [
        {"date": _label(start, bucket, zone)} | _named(metrics, found.get(start, empty))
        for start in starts
    ]


def ranking(answer: Answer) -> list[dict[str, Any]]:
    """One object for each combination of properties, which are named without their prefix."""
    names = [short_name(dimension) for dimension in answer.question.dimensions]
    return [
        dict(zip(names, row.dimensions, strict=True)) | _named(answer.question.metrics, row.metrics)
        for row in answer.rows
    ]


def short_name(dimension: Dimension) -> str:
    """ "page" for event:page."""
    return dimension.name.partition(":")[2]


def _values(metrics: Sequence[Metric], values: Sequence[Number]) -> dict[Metric, Number]:
    return {metric: shown(metric, value) for metric, value in zip(metrics, values, strict=True)}


def _named(metrics: Sequence[Metric], values: Sequence[Number]) -> dict[str, Any]:
    return {metric.value: value for metric, value in _values(metrics, values).items()}


def _label(start_s: int, bucket: Bucket, zone: ZoneInfo) -> str:
    """The bucket's start on the site's clock: a date, or date and time."""
    local = dt.datetime.fromtimestamp(start_s, zone)
    if bucket in (Bucket.DAY, Bucket.MONTH):
        date = local.date().replace(day=1) if bucket is Bucket.MONTH else local.date()
        return date.isoformat()
    return local.strftime("%Y-%m-%d %H:%M:%S")
