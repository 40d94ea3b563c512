"""What can be asked of the rollups, and the answer: plain values, checked when they are made.

A question is put by `aggregates.clickhouse.answer.ask`. What each metric counts is defined in
`aggregates/clickhouse/plan.py`.
"""

import enum
import zoneinfo
from dataclasses import dataclass
from typing import Final

from schemas.events import VISIT_DIMENSIONS
from schemas.timings import TIMINGS

METRICS_MAX: Final = 10
DIMENSIONS_MAX: Final = 5
FILTERS_MAX: Final = 20
FILTER_VALUES_MAX: Final = 200  # of one filter
FILTER_BYTES_MAX: Final = 20_000  # all values of all filters together; keeps the SQL small
ROWS_MAX: Final = 100_000
OFFSET_MAX: Final = 10_000_000
EPOCH_S_MAX: Final = 2**32 - 1  # what ClickHouse's DateTime holds: 2106
WILDCARD: Final = "*"


class InvalidQuestion(ValueError):
    """The question cannot be asked; `field` is the attribute of `Question` that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class Metric(enum.StrEnum):
    """What is counted; every number is of the hits or visits that pass all filters."""

    VISITORS = "visitors"
    VISITS = "visits"
    PAGEVIEWS = "pageviews"
    EVENTS = "events"
    VIEWS_PER_VISIT = "views_per_visit"
    BOUNCE_RATE = "bounce_rate"
    VISIT_DURATION = "visit_duration"
    # The third quartile of what pages reported (schemas/timings.py), None without a report.
    LCP = "lcp"
    INP = "inp"
    CLS = "cls"
    FCP = "fcp"
    TTFB = "ttfb"
    DNS = "dns"
    CONNECT = "connect"
    SSL = "ssl"
    DOWNLOAD = "download"
    DOM_CONTENT_LOADED = "dom_content_loaded"
    RENDER = "render"
    PAGE_LOAD = "page_load"
    TRANSFER_SIZE = "transfer_size"


TIMING_METRICS: Final = tuple(Metric(name) for name in TIMINGS)


class Bucket(enum.StrEnum):
    """The steps of a series, cut on the clock and calendar of the site's timezone."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Grain(enum.Enum):
    """Which rows know a dimension."""

    HIT = "hit rows only"
    VISIT = "visit rows only"
    BOTH = "hit rows and visit rows"


@dataclass(frozen=True, slots=True)
class Dimension:
    """What numbers are broken down by or filtered on. Only `DIMENSIONS` exist."""

    name: str  # as clients write it, "visit:source"
    column: str  # in the tables of `grain`
    grain: Grain
    by_visit: bool = False  # in an array, with one element for each visit of the row


TIME_MINUTE: Final = Dimension("time:minute", "minute", Grain.BOTH)

DIMENSIONS: Final[dict[str, Dimension]] = {
    dimension.name: dimension
    for dimension in (
        Dimension("event:name", "name", Grain.HIT),
        Dimension("event:page", "path", Grain.HIT),
        Dimension("event:hostname", "hostname", Grain.HIT),
        Dimension("visit:entry_page", "entry_page", Grain.VISIT),
        Dimension("visit:exit_page", "exit_page", Grain.VISIT, by_visit=True),
        Dimension("visit:entry_page_hostname", "entry_hostname", Grain.VISIT),
        Dimension("visit:exit_page_hostname", "exit_hostname", Grain.VISIT, by_visit=True),
        *(Dimension(f"visit:{name}", name, Grain.BOTH) for name in VISIT_DIMENSIONS),
        TIME_MINUTE,
    )
}


def parse_metric(name: str, field: str = "metrics") -> Metric:
    """The metric of that name. Raises `InvalidQuestion` naming `field`."""
    try:
        return Metric(name)
    except ValueError:
        raise InvalidQuestion(field, f"unknown metric {name!r}") from None


def parse_dimension(name: str, field: str = "dimensions") -> Dimension:
    """The dimension of that name. Raises `InvalidQuestion` naming `field`."""
    try:
        return DIMENSIONS[name]
    except KeyError:
        raise InvalidQuestion(field, f"unknown property {name!r}") from None


@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps what has any of `values`; negated, what has none of them.

    `*` in a value stands for any run of characters, "/" included; `\\*` for the character itself.
    Raises `InvalidQuestion` when made with values that cannot be asked for.
    """

    dimension: Dimension
    negated: bool
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        _require_known(self.dimension, "filters")
        name = self.dimension.name
        if self.dimension == TIME_MINUTE:
            raise InvalidQuestion("filters", f"{name} cannot be filtered on: narrow the period")
        if not 1 <= len(self.values) <= FILTER_VALUES_MAX:
            raise InvalidQuestion("filters", f"{name} needs 1 to {FILTER_VALUES_MAX} values")
        for value in self.values:
            try:
                value.encode()
            except UnicodeEncodeError:
                raise InvalidQuestion("filters", f"{name} has a value that is no text") from None


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
    filters: tuple[Filter, ...] = ()
    bucket: Bucket | None = None
    timezone: str = "UTC"  # IANA; where hours, days and months begin
    limit: int = 10_000  # rows
    offset: int = 0  # rows

    def __post_init__(self) -> None:
        _require_unique(self.metrics, METRICS_MAX, "metrics")
        _require_unique(self.dimensions, DIMENSIONS_MAX, "dimensions")
        if not self.metrics:
            raise InvalidQuestion("metrics", "at least one is needed")
        for metric in self.metrics:
            if not isinstance(metric, Metric):
                raise InvalidQuestion("metrics", f"unknown metric {metric!r}")
        for dimension in self.dimensions:
            _require_known(dimension, "dimensions")
        self._require_numbers()
        self._require_timings_apart()
        if len(self.filters) > FILTERS_MAX:
            raise InvalidQuestion("filters", f"at most {FILTERS_MAX}")
        size_bytes = sum(len(v.encode()) for f in self.filters for v in f.values)
        if size_bytes > FILTER_BYTES_MAX:
            raise InvalidQuestion("filters", f"at most {FILTER_BYTES_MAX} bytes of values")
        require_timezone(self.timezone)

    def _require_timings_apart(self) -> None:
        """Timings are known by page and visitor's device, not by visit, and of no other event."""
        timing = next((metric for metric in self.metrics if metric in TIMING_METRICS), None)
        if timing is None:
            return
        for dimension in (*self.dimensions, *(chosen.dimension for chosen in self.filters)):
            if dimension.grain is Grain.VISIT or dimension.column == "name":
                raise InvalidQuestion("metrics", f"{timing} is not known by {dimension.name}")

    def _require_numbers(self) -> None:
        if not 0 <= self.site_id <= 2**32 - 1:
            raise InvalidQuestion("site_id", "no such site")
        if not 0 <= self.start_s < self.end_s <= EPOCH_S_MAX:
            raise InvalidQuestion("period", "must end after it starts, between 1970 and 2106")
        if not 1 <= self.limit <= ROWS_MAX:
            raise InvalidQuestion("limit", f"must be from 1 to {ROWS_MAX}")
        if not 0 <= self.offset <= OFFSET_MAX:
            raise InvalidQuestion("offset", f"must be from 0 to {OFFSET_MAX}")


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
    """Rows by bucket, then by the first metric, highest first, then by dimensions.

    Combinations and buckets without any hit or visit have no row, except that a question without
    bucket and dimensions always gets exactly one.
    """

    question: Question
    rows: tuple[Row, ...]


def require_timezone(name: str) -> zoneinfo.ZoneInfo:
    """The IANA zone of that name. Raises `InvalidQuestion`."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidQuestion("timezone", f"no IANA timezone {name!r}") from None


def _require_known(dimension: Dimension, field: str) -> None:
    """Only registered dimensions have a column name that may stand in SQL."""
    if DIMENSIONS.get(dimension.name) != dimension:
        raise InvalidQuestion(field, f"unknown property {dimension.name!r}")


def _require_unique(values: tuple[object, ...], count_max: int, field: str) -> None:
    if len(values) > count_max:
        raise InvalidQuestion(field, f"at most {count_max}")
    if len(set(values)) != len(values):
        raise InvalidQuestion(field, "each at most once")
