"""What is counted and by what: metrics and dimensions, each registered here and nowhere else.

How a metric becomes SQL is in `aggregates/clickhouse/counts.py`.
"""

import enum
from dataclasses import dataclass
from typing import Final

from schemas.events import PROP_KEY_BYTES_MAX, VISIT_DIMENSIONS
from schemas.timings import TIMINGS


class InvalidQuestion(ValueError):
    """The question cannot be asked; `field` is the attribute of `Question` that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class Metric(enum.StrEnum):
    """What is counted; every number is of the hits or visits that pass all filters.

    Definitions follow Plausible's, so that numbers may be compared
    (plausible.io/docs/metrics-definitions); where visits are counted, they are those that began in
    the period, or with a hit in it where hits decide.
    """

    VISITORS = "visitors"  # different visitor ids of hits
    VISITS = "visits"
    PAGEVIEWS = "pageviews"
    EVENTS = "events"  # pageviews and custom events
    VIEWS_PER_VISIT = "views_per_visit"  # all pageviews of the visits / visits
    BOUNCE_RATE = "bounce_rate"  # percent of visits
    VISIT_DURATION = "visit_duration"  # seconds from the first hit to the last, mean over visits
    # Mean over visits of how deep (percent) and how long (seconds) their reports of engagement say;
    # visits without a report are left out of the mean. None without a report.
    SCROLL_DEPTH = "scroll_depth"
    TIME_ON_PAGE = "time_on_page"
    # Percent of `visitors` ...
    PERCENTAGE = "percentage"  # of the question without dimensions
    CONVERSION_RATE = "conversion_rate"  # of it without filters on goals and properties either
    GROUP_CONVERSION_RATE = "group_conversion_rate"  # with dimensions, without these filters
    # In `Question.currency`, other currencies converted by `Question.rates`, or left out without a
    # rate. None without a hit that has revenue; the average is over those that have.
    TOTAL_REVENUE = "total_revenue"
    AVERAGE_REVENUE = "average_revenue"
    # A percentile (`Question.percentile`) of what pages reported (schemas/timings.py), None without
    # a report.
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
ENGAGEMENT_METRICS: Final = (Metric.SCROLL_DEPTH, Metric.TIME_ON_PAGE)
REVENUE_METRICS: Final = (Metric.TOTAL_REVENUE, Metric.AVERAGE_REVENUE)
SHARE_METRICS: Final = (Metric.PERCENTAGE, Metric.CONVERSION_RATE, Metric.GROUP_CONVERSION_RATE)


class Bucket(enum.StrEnum):
    """The steps of a series, cut on the clock and calendar of the site's timezone."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"


class Grain(enum.Enum):
    """Which rows know a dimension."""

    HIT = "hit rows only"
    VISIT = "visit rows only"
    BOTH = "hit rows and visit rows"


@dataclass(frozen=True, slots=True)
class Dimension:
    """What numbers are broken down by or filtered on: one of `DIMENSIONS`, or `prop_dimension`."""

    name: str  # as clients write it, "visit:source"
    column: str  # in the tables of `grain`
    grain: Grain
    by_visit: bool = False  # in an array, with one element for each visit of the row
    prop: str = ""  # the key of a custom property, whose value it is


TIME_MINUTE: Final = Dimension("time:minute", "minute", Grain.BOTH)
GOAL: Final = Dimension("event:goal", "", Grain.HIT)  # of `Question.goals`, by name
PROP_PREFIX: Final = "event:props:"

DIMENSIONS: Final[dict[str, Dimension]] = {
    dimension.name: dimension
    for dimension in (
        Dimension("event:name", "name", Grain.HIT),
        Dimension("event:page", "path", Grain.HIT),
        Dimension("event:hostname", "hostname", Grain.HIT),
        GOAL,
        Dimension("event:currency", "currency", Grain.HIT),  # of revenue, "" without
        Dimension("visit:entry_page", "entry_page", Grain.VISIT),
        Dimension("visit:exit_page", "exit_page", Grain.VISIT, by_visit=True),
        Dimension("visit:entry_page_hostname", "entry_hostname", Grain.VISIT),
        Dimension("visit:exit_page_hostname", "exit_hostname", Grain.VISIT, by_visit=True),
        *(Dimension(f"visit:{name}", name, Grain.BOTH) for name in VISIT_DIMENSIONS),
        TIME_MINUTE,
    )
}


def prop_dimension(prop: str) -> Dimension:
    """The value of a custom property, "" for hits that do not have it."""
    return Dimension(f"{PROP_PREFIX}{prop}", "", Grain.HIT, prop=prop)


def parse_metric(name: str, field: str = "metrics") -> Metric:
    """The metric of that name. Raises `InvalidQuestion` naming `field`."""
    try:
        return Metric(name)
    except ValueError:
        raise InvalidQuestion(field, f"unknown metric {name!r}") from None


def parse_dimension(name: str, field: str = "dimensions") -> Dimension:
    """The dimension of that name. Raises `InvalidQuestion` naming `field`."""
    if name.startswith(PROP_PREFIX):
        found = prop_dimension(name.removeprefix(PROP_PREFIX))
        require_known(found, field)
        return found
    try:
        return DIMENSIONS[name]
    except KeyError:
        raise InvalidQuestion(field, f"unknown property {name!r}") from None


def require_known(dimension: Dimension, field: str) -> None:
    """Only registered dimensions have a column name that may stand in SQL."""
    if dimension.prop:
        if dimension == prop_dimension(dimension.prop) and _is_key(dimension.prop):
            return
    elif DIMENSIONS.get(dimension.name) == dimension:
        return
    raise InvalidQuestion(field, f"unknown property {dimension.name!r}")


def _is_key(prop: str) -> bool:
    try:
        return len(prop.encode()) <= PROP_KEY_BYTES_MAX
    except UnicodeEncodeError:
        return False
