"""What can be asked of the rollups, and the answer: plain values, checked when they are made.

A question is put by `aggregates.clickhouse.answer.ask`.
"""

import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from aggregates.clickhouse.filters import (
    Condition,
    Filter,
    Goal,
    HasDone,
    Needs,
    needs,
    parts,
    require_bounded,
)
from aggregates.clickhouse.vocabulary import (
    ENGAGEMENT_METRICS,
    GOAL,
    REVENUE_METRICS,
    TIMING_METRICS,
    Bucket,
    Dimension,
    Grain,
    InvalidQuestion,
    Metric,
    require_known,
)

METRICS_MAX: Final = 20
DIMENSIONS_MAX: Final = 5
GOALS_MAX: Final = 200
GOALS_TIMES: Final = 10  # what goals may hold, in what filters may
RATES_MAX: Final = 40  # currencies that are converted
ROWS_MAX: Final = 100_000
OFFSET_MAX: Final = 10_000_000
EPOCH_S_MAX: Final = 2**32 - 1  # what ClickHouse's DateTime holds: 2106
PERCENTILES: Final = (50, 75, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class Order:
    """Rows by one of the question's metrics, dimensions, or its bucket."""

    by: Metric | Dimension | Bucket
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `currency` (ISO 4217) is `units` of `Question.currency`."""

    currency: str
    units: float


@dataclass(frozen=True, slots=True)
class Question:
    """Metrics of one site from `start_s` (inclusive) to `end_s` (exclusive), epoch seconds.

    Hits are known by the minute: a minute that the period touches is in it as a whole.
    Raises `InvalidQuestion` when made with what cannot be asked.
    """

    site_id: int
    start_s: int
    end_s: int
    metrics: tuple[Metric, ...]
    dimensions: tuple[Dimension, ...] = ()
    filters: tuple[Condition, ...] = ()  # all of them hold
    bucket: Bucket | None = None
    timezone: str = "UTC"  # IANA; where hours, days, weeks and months begin
    limit: int = 10_000  # rows
    offset: int = 0  # rows
    # By default by bucket, then by the first metric, highest first; then by all dimensions.
    order: tuple[Order, ...] = ()
    goals: tuple[Goal, ...] = ()  # what `event:goal` breaks down by
    currency: str = ""  # ISO 4217, that of revenue
    rates: tuple[Rate, ...] = ()
    percentile: int = 75  # of timings

    def __post_init__(self) -> None:
        _require_unique(self.metrics, METRICS_MAX, "metrics")
        _require_unique(self.dimensions, DIMENSIONS_MAX, "dimensions")
        if not self.metrics:
            raise InvalidQuestion("metrics", "at least one is needed")
        for metric in self.metrics:
            if not isinstance(metric, Metric):
                raise InvalidQuestion("metrics", f"unknown metric {metric!r}")
        for dimension in self.dimensions:
            require_known(dimension, "dimensions")
        self._require_numbers()
        require_bounded(self.filters, "filters")
        self._require_goals()
        self._require_revenue()
        self._require_hits_only()
        self._require_order()
        require_timezone(self.timezone)

    def _require_goals(self) -> None:
        if GOAL in self.dimensions and not 1 <= len(self.goals) <= GOALS_MAX:
            raise InvalidQuestion("goals", f"1 to {GOALS_MAX} are needed for {GOAL.name}")
        conditions = tuple(goal.condition for goal in self.goals)
        require_bounded(conditions, "goals", GOALS_TIMES)
        if GOAL in self.dimensions and not all(map(_is_of_hits_alone, conditions)):
            raise InvalidQuestion("goals", "of what a visit did can only be filtered on")
        _require_unique(tuple(goal.name for goal in self.goals), GOALS_MAX, "goals")

    def _require_revenue(self) -> None:
        if len(self.rates) > RATES_MAX:
            raise InvalidQuestion("rates", f"at most {RATES_MAX}")
        if not self.currency and any(metric in REVENUE_METRICS for metric in self.metrics):
            raise InvalidQuestion("currency", "is needed for revenue")
        _require_unique((self.currency, *(rate.currency for rate in self.rates)), 99, "rates")

    def _require_hits_only(self) -> None:
        """Reports of loading and reading are of no other event, timings of no visit either."""
        metric = next((m for m in self.metrics if m in _REPORTED), None)
        if metric is None:
            return
        is_timing = any(m in TIMING_METRICS for m in self.metrics)
        filtered = tuple(_filtered(self.filters, inside_has_done=is_timing))
        for dimension in (*self.dimensions, *filtered):
            is_event = dimension.column in ("name", "currency") or dimension == GOAL
            if is_event or dimension.prop:
                raise InvalidQuestion("metrics", f"{metric} is not known by {dimension.name}")
        for dimension in (*self.dimensions, *(filtered if is_timing else ())):
            if dimension.grain is Grain.VISIT:
                raise InvalidQuestion("metrics", f"{metric} is not known by {dimension.name}")
        if is_timing and Needs.SESSION in needs(self.filters):
            raise InvalidQuestion("metrics", f"{metric} is not known by what a visit did")

    def _require_order(self) -> None:
        known = (*self.metrics, *self.dimensions, self.bucket)
        for order in self.order:
            if order.by not in known:
                raise InvalidQuestion("order", "only by what is asked for")
        _require_unique(tuple(order.by for order in self.order), len(known), "order")

    def _require_numbers(self) -> None:
        if not 0 <= self.site_id <= 2**32 - 1:
            raise InvalidQuestion("site_id", "no such site")
        if not 0 <= self.start_s < self.end_s <= EPOCH_S_MAX:
            raise InvalidQuestion("period", "must end after it starts, between 1970 and 2106")
        if not 1 <= self.limit <= ROWS_MAX:
            raise InvalidQuestion("limit", f"must be from 1 to {ROWS_MAX}")
        if not 0 <= self.offset <= OFFSET_MAX:
            raise InvalidQuestion("offset", f"must be from 0 to {OFFSET_MAX}")
        if self.percentile not in PERCENTILES:
            raise InvalidQuestion(
                "percentile", f"must be one of {', '.join(map(str, PERCENTILES))}"
            )


_REPORTED: Final = (*TIMING_METRICS, *ENGAGEMENT_METRICS)


def _filtered(conditions: Iterable[Condition], inside_has_done: bool) -> Iterator[Dimension]:
    """What hits themselves are filtered on; what else their visit did only if asked for."""
    for condition in conditions:
        if isinstance(condition, Filter):
            yield condition.dimension
        elif inside_has_done or not isinstance(condition, HasDone):
            yield from _filtered(parts(condition), inside_has_done)


def _is_of_hits_alone(condition: Condition) -> bool:
    """Whether a hit by itself decides; servers cannot look visits up while they name goals."""
    if isinstance(condition, Filter):
        return condition.dimension.grain is not Grain.VISIT
    return not isinstance(condition, HasDone) and all(map(_is_of_hits_alone, parts(condition)))


@dataclass(frozen=True, slots=True)
class Row:
    """Numbers of one combination of dimensions.

    `dimensions`: the start of the bucket (epoch seconds, UTC) first if the question has one, then
    one value for each of its dimensions; `time:minute` is an int, every other a str.
    `metrics`: one for each of the question's; counts are ints, rates floats or None (no visits).
    """

    dimensions: tuple[str | int, ...]
    metrics: tuple[int | float | None, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows in the question's order.

    Combinations and buckets without any hit or visit have no row, except that a question without
    bucket and dimensions always gets exactly one.
    """

    question: Question
    rows: tuple[Row, ...]
    # Relative standard error of visitors (and of visits where hits decide); 0 is exact.
    uniques_error: float = 0.0


def require_timezone(name: str) -> zoneinfo.ZoneInfo:
    """The IANA zone of that name. Raises `InvalidQuestion`."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidQuestion("timezone", f"no IANA timezone {name!r}") from None


def _require_unique(values: tuple[object, ...], count_max: int, field: str) -> None:
    if len(values) > count_max:
        raise InvalidQuestion(field, f"at most {count_max}")
    if len(set(values)) != len(values):
        raise InvalidQuestion(field, "each at most once")
