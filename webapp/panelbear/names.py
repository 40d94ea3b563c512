"""What Panelbear calls metrics, dimensions and values: pure."""

from collections.abc import Mapping
from typing import Final

from aggregates.clickhouse.vocabulary import (
    DIMENSIONS,
    GOAL,
    REVENUE_METRICS,
    SHARE_METRICS,
    TIME_MINUTE,
    Dimension,
    Metric,
)
from schemas.events import PAGEVIEW
from webapp.stats.rows import short_name

EVENT_NAME: Final = DIMENSIONS["event:name"]
PAGEVIEW_NAME: Final = "Pageview"  # the event of that name

# Without what needs goals or a currency, which its questions cannot name.
METRICS: Final[Mapping[str, Metric]] = {
    "session_count": Metric.VISITORS,  # as its documentation has it: unique visitors
    "event_count": Metric.EVENTS,
} | {metric.value: metric for metric in Metric if metric not in (*SHARE_METRICS, *REVENUE_METRICS)}
DIMENSIONS_BY_NAME: Final[Mapping[str, Dimension]] = {
    "event_name": EVENT_NAME,
    "path": DIMENSIONS["event:page"],
} | {
    short_name(dimension): dimension
    for dimension in DIMENSIONS.values()
    if dimension not in (EVENT_NAME, GOAL, TIME_MINUTE)
}

DIMENSION_NAMES: Final = list(DIMENSIONS_BY_NAME)


def stored_value(dimension: Dimension, value: str) -> str:
    """A value as the rollups have it."""
    return PAGEVIEW if dimension == EVENT_NAME and value == PAGEVIEW_NAME else value


def shown_value(dimension: Dimension, value: str | int) -> str | int:
    """A value as Panelbear's clients know it."""
    return PAGEVIEW_NAME if dimension == EVENT_NAME and value == PAGEVIEW else value
