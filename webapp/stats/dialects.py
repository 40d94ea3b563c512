"""What API v1 calls things that are not known, and which days it means: Plausible's way, or ours.

Clients written for Plausible expect words where a visit has no source, zeros where a mean has
nothing to be taken of, no rows of what most visits lack, and periods of whole days that end with
yesterday. A word cannot be told from a tag of that very name, nor a zero from a bounce rate of
zero, so the dashboard asks in our own way (`dialect=pawprint`), which loses nothing. The way of
Plausible is the default, as its clients cannot be taught a new parameter
(deploy/adr/0010-two-dialects-of-one-api.md).
"""

import enum
from typing import Final

from aggregates.clickhouse.vocabulary import GOAL, SHARE_METRICS, Dimension, Metric
from webapp.stats.conditions import BLANKS, NO_PROP, NOT_SET, blank_of

Number = int | float | None


class Dialect(enum.StrEnum):
    """How a client wants to be answered."""

    PLAUSIBLE = "plausible"
    PAWPRINT = "pawprint"


# Of these, Plausible lists only what is known.
_LISTED_IF_KNOWN: Final = frozenset(
    f"visit:{name}"
    for name in (
        *("country", "region", "city", "entry_page", "exit_page"),
        *("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"),
    )
)
_TOLD_BY_BROWSER: Final = {
    "visit:browser_version": "visit:browser",
    "visit:os_version": "visit:os",
}
_ZERO_OF_NOTHING: Final = frozenset({Metric.VIEWS_PER_VISIT, Metric.BOUNCE_RATE, *SHARE_METRICS})


def blank_name(dimension: Dimension) -> str:
    """What Plausible calls a value that is not known; of an event itself nothing else than ""."""
    if dimension.prop:
        return NO_PROP
    return BLANKS.get(dimension.name, NOT_SET) if dimension.name.startswith("visit:") else ""


def lists_unknown(dimension: Dimension, dialect: Dialect) -> bool:
    """Whether a breakdown has a row of those for whom it is not known."""
    return dialect is Dialect.PAWPRINT or dimension.name not in _LISTED_IF_KNOWN


def read_value(dimension: Dimension, value: str, dialect: Dialect) -> str:
    """A filter's value, as the rollups have it."""
    return blank_of(dimension.name, value) if dialect is Dialect.PLAUSIBLE else value


def written_value(dimension: Dimension, value: str | int, dialect: Dialect) -> str | int:
    """A row's value, as the client gets it."""
    is_blank = dialect is Dialect.PLAUSIBLE and value == ""
    return blank_name(dimension) if is_blank else value


def told_by(dimension: Dimension, dialect: Dialect) -> str:
    """The name of the property without which its values say nothing; "" if there is none.

    Plausible breaks down versions with their browser or system.
    """
    return _TOLD_BY_BROWSER.get(dimension.name, "") if dialect is Dialect.PLAUSIBLE else ""


def of_nothing(metric: Metric, value: Number, dialect: Dialect, in_series: bool = False) -> Number:
    """A metric that may have nothing to be taken of, as clients get it."""
    if value is not None or dialect is Dialect.PAWPRINT:
        return value
    if metric is Metric.VISIT_DURATION:
        return None if in_series else 0
    return 0 if metric in _ZERO_OF_NOTHING else None


def metric_in_rows(metric: Metric, dimensions: tuple[Dimension, ...], dialect: Dialect) -> Metric:
    """What a metric of that name means in rows of a series or a breakdown.

    Plausible's v1 means by `conversion_rate` that of each row's own visitors, except of goals and
    custom properties.
    """
    if dialect is Dialect.PAWPRINT or metric is not Metric.CONVERSION_RATE:
        return metric
    of_all = any(dimension == GOAL or dimension.prop for dimension in dimensions)
    return metric if of_all else Metric.GROUP_CONVERSION_RATE
