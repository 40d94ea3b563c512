"""The other parameters of the stats API: parsed, or refused with what they may be."""

import re
from collections.abc import Mapping
from typing import Final, TypeVar

from aggregates.clickhouse.questions import DIMENSIONS_MAX, METRICS_MAX
from aggregates.clickhouse.vocabulary import DIMENSIONS, Bucket, Dimension, Metric
from webapp.api.errors import InvalidInput
from webapp.stats.periods import DEFAULT_PERIOD, Period, parse_period

LIMIT_MAX: Final = 1_000
LIMIT_DEFAULT: Final = 100
PAGE_MAX: Final = 10_000
PREVIOUS_PERIOD: Final = "previous_period"
INTERVALS: Final = {
    "minute": Bucket.MINUTE,
    "hour": Bucket.HOUR,
    "date": Bucket.DAY,
    "month": Bucket.MONTH,
}
Parameters = Mapping[str, str]
T = TypeVar("T")

_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def period_of(parameters: Parameters, timezone: str, now_s: int) -> Period:
    """`period` and `date`."""
    return parse_period(
        parameters.get("period") or DEFAULT_PERIOD, parameters.get("date", ""), timezone, now_s
    )


def metrics_of(parameters: Parameters) -> tuple[Metric, ...]:
    """`metrics`: a comma-separated list, visitors if it is not given."""
    text = parameters.get("metrics") or Metric.VISITORS.value
    choices = {metric.value: metric for metric in Metric}
    return _listed("metrics", text, choices, METRICS_MAX)


def properties_of(parameters: Parameters) -> tuple[Dimension, ...]:
    """`property`: a comma-separated list."""
    text = parameters.get("property", "")
    if not text:
        raise InvalidInput("property", f"is required: one of {', '.join(DIMENSIONS)}")
    return _listed("property", text, DIMENSIONS, DIMENSIONS_MAX)


def interval_of(parameters: Parameters, period: Period) -> Bucket:
    """`interval`; what suits the period if it is not given."""
    text = parameters.get("interval", "")
    return _choice("interval", text, INTERVALS) if text else period.bucket


def compares(parameters: Parameters) -> bool:
    """`compare`: whether the previous period is asked for as well."""
    text = parameters.get("compare", "")
    return _choice("compare", text, {PREVIOUS_PERIOD: True}) if text else False


def page_of(parameters: Parameters) -> tuple[int, int]:
    """`limit` and `page` as (limit, offset), in rows."""
    limit = _number("limit", parameters.get("limit") or str(LIMIT_DEFAULT), LIMIT_MAX)
    page = _number("page", parameters.get("page") or "1", PAGE_MAX)
    return limit, (page - 1) * limit


def _number(field: str, text: str, highest: int) -> int:
    if _NUMBER.fullmatch(text) is None or not 1 <= int(text) <= highest:
        raise InvalidInput(field, f"must be a number from 1 to {highest}")
    return int(text)


def _listed(field: str, text: str, choices: Mapping[str, T], count_max: int) -> tuple[T, ...]:
    names = [name.strip() for name in text.split(",")]
    if len(names) > count_max:
        raise InvalidInput(field, f"at most {count_max}")
    if len(set(names)) != len(names):
        raise InvalidInput(field, "each at most once")
    return tuple(_choice(field, name, choices) for name in names)


def _choice(field: str, name: str, choices: Mapping[str, T]) -> T:
    if name not in choices:
        raise InvalidInput(field, f"no {name[:60]!r}; one of {', '.join(choices)}")
    return choices[name]
