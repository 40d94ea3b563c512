"""The other parameters of the stats API: parsed, or refused with what they may be.

Parameters that are not known are ignored, as Plausible ignores them: clients send ones of newer
versions.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from aggregates.clickhouse.questions import DIMENSIONS_MAX, METRICS_MAX, PERCENTILES
from aggregates.clickhouse.vocabulary import (
    DIMENSIONS,
    Bucket,
    Dimension,
    InvalidQuestion,
    Metric,
    parse_dimension,
)
from webapp.api.errors import InvalidInput
from webapp.stats import refusals
from webapp.stats.comparisons import Comparison, Mode
from webapp.stats.dialects import Dialect, told_by
from webapp.stats.periods import DEFAULT_PERIOD, Period, parse_dates, parse_period

LIMIT_MAX: Final = 1_000
LIMIT_DEFAULT: Final = 100
PAGE_MAX: Final = 10_000
PERCENTILE_DEFAULT: Final = 75
INTERVALS: Final = {
    "minute": Bucket.MINUTE,
    "hour": Bucket.HOUR,
    "day": Bucket.DAY,
    "date": Bucket.DAY,  # what "day" was called first
    "week": Bucket.WEEK,
    "month": Bucket.MONTH,
}
FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
Parameters = Mapping[str, str]
T = TypeVar("T")

_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Sorting:
    """Rows by the metric or property of that name, as the request has it."""

    name: str
    descending: bool


def dialect_of(parameters: Parameters) -> Dialect:
    """`dialect`."""
    text = parameters.get("dialect") or Dialect.PLAUSIBLE.value
    if text not in list(Dialect):
        raise _no_such("dialect", text, list(Dialect))
    return Dialect(text)


def period_of(parameters: Parameters, timezone: str, now_s: int) -> Period:
    """`period` and `date`."""
    return parse_period(
        parameters.get("period") or DEFAULT_PERIOD,
        parameters.get("date", ""),
        timezone,
        now_s,
        with_today=dialect_of(parameters) is Dialect.PAWPRINT,
    )


def metrics_of(parameters: Parameters) -> tuple[Metric, ...]:
    """`metrics`: a comma-separated list, visitors if it is not given."""
    names = _names("metrics", parameters.get("metrics") or Metric.VISITORS.value, METRICS_MAX)
    for name in names:
        if name not in list(Metric):
            raise refusals.bad_metric(name, Metric)
    if len(set(names)) != len(names):
        raise refusals.repeated_metrics()
    return tuple(Metric(name) for name in names)


def properties_of(parameters: Parameters) -> tuple[Dimension, ...]:
    """`property`: a comma-separated list, each with what it says nothing without."""
    text = parameters.get("property", "")
    if not text:
        raise refusals.missing_property(DIMENSIONS)
    dialect = dialect_of(parameters)
    found: dict[str, Dimension] = {}
    for name in _names("property", text, DIMENSIONS_MAX):
        dimension = _property(name)
        if dimension.name in found:
            raise InvalidInput("property", "each at most once")
        teller = told_by(dimension, dialect)
        if teller:
            found.setdefault(teller, DIMENSIONS[teller])
        found[dimension.name] = dimension
    return tuple(found.values())


def interval_of(parameters: Parameters, period: Period) -> Bucket:
    """`interval`; what suits the period if it is not given."""
    text = parameters.get("interval", "")
    if text and text not in INTERVALS:
        raise refusals.bad_interval(text, INTERVALS)
    return INTERVALS[text] if text else period.bucket


def comparison_of(parameters: Parameters) -> Comparison | None:
    """`compare`, `compare_from`, `compare_to` and `match_day_of_week`; None without."""
    text = parameters.get("compare", "")
    if not text:
        return None
    if text not in list(Mode):
        raise _no_such("compare", text, list(Mode))
    dates = None
    if Mode(text) is Mode.CUSTOM:
        ends = [parameters.get(name, "") for name in ("compare_from", "compare_to")]
        if not all(ends):
            raise InvalidInput("compare_from", "compare=custom needs compare_from and compare_to")
        dates = parse_dates(",".join(ends), "compare_from")
    return Comparison(
        mode=Mode(text),
        matches_weekday=flag_of(parameters, "match_day_of_week"),
        by_days=dialect_of(parameters) is Dialect.PLAUSIBLE,
        dates=dates,
    )


def sorting_of(parameters: Parameters) -> tuple[Sorting, ...]:
    """`order_by`: names of metrics and properties, `-` before one turns the order around."""
    text = parameters.get("order_by", "")
    names = _names("order_by", text, METRICS_MAX) if text else ()
    return tuple(Sorting(name.removeprefix("-"), name.startswith("-")) for name in names)


def page_of(parameters: Parameters) -> tuple[int, int]:
    """`limit` and `page` as (limit, offset), in rows."""
    limit = _number(parameters.get("limit") or str(LIMIT_DEFAULT), LIMIT_MAX)
    if limit is None:
        raise refusals.bad_limit(LIMIT_MAX)
    page = _number(parameters.get("page") or "1", PAGE_MAX)
    if page is None:
        raise refusals.bad_page(PAGE_MAX)
    return limit, (page - 1) * limit


def percentile_of(parameters: Parameters) -> int:
    """`percentile` of timings."""
    text = parameters.get("percentile") or str(PERCENTILE_DEFAULT)
    known = {str(percentile): percentile for percentile in PERCENTILES}
    if text not in known:
        raise _no_such("percentile", text, list(known))
    return known[text]


def currency_of(parameters: Parameters) -> str:
    """`currency`, ISO 4217; "" if it is not given."""
    text = parameters.get("currency", "").upper()
    if text and _CURRENCY.fullmatch(text) is None:
        raise InvalidInput("currency", "must be a code of ISO 4217, as in EUR")
    return text


def flag_of(parameters: Parameters, name: str) -> bool:
    """Whether `name` is given as true."""
    text = parameters.get(name) or "false"
    if text not in FLAGS:
        raise _no_such(name, text, list(FLAGS))
    return FLAGS[text]


def _property(name: str) -> Dimension:
    try:
        return parse_dimension(name)
    except InvalidQuestion:
        raise refusals.bad_property(name, DIMENSIONS) from None


def _number(text: str, highest: int) -> int | None:
    """None for what is no number from 1 to `highest`."""
    if _NUMBER.fullmatch(text) is None or not 1 <= int(text) <= highest:
        return None
    return int(text)


def _names(field: str, text: str, count_max: int) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if len(names) > count_max:
        raise InvalidInput(field, f"at most {count_max}")
    return names


def _no_such(field: str, text: str, choices: Sequence[str]) -> InvalidInput:
    return InvalidInput(field, f"no {refusals.shown(text)!r}; one of {', '.join(choices)}")


def choice(field: str, text: str, choices: Mapping[str, T]) -> T:
    """What `text` stands for. Raises `InvalidInput`."""
    if text not in choices:
        raise _no_such(field, text, list(choices))
    return choices[text]


def number(field: str, text: str, lowest: int, highest: int) -> int:
    """Raises `InvalidInput` for what is no number from `lowest` to `highest`."""
    if _NUMBER.fullmatch(text) is None or not lowest <= int(text) <= highest:
        raise InvalidInput(field, f"must be a number from {lowest} to {highest}")
    return int(text)
