"""What a query of the right shape may not ask for, in the words that clients know.

Some of it the rollups could answer; clients rely on being refused all the same.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from aggregates.clickhouse.buckets import HOUR_S
from aggregates.clickhouse.vocabulary import GOAL, PROP_PREFIX
from webapp.plausible.dates import Range
from webapp.plausible.schema import InvalidQuery

Json = Any

PAGE: Final = "event:page"
TOP_LEVEL_ONLY: Final = (GOAL.name, "event:hostname")
CONVERSIONS: Final = ("conversion_rate", "group_conversion_rate")
OF_PAGES: Final = ("scroll_depth", "time_on_page")
OF_VISITS: Final = ("bounce_rate", "visit_duration", "views_per_visit")
OF_EVENTS: Final = ("pageviews", "events", "scroll_depth", "time_on_page")
VISITS_ONLY: Final = tuple(
    f"visit:{name}"
    for name in ("entry_page", "entry_page_hostname", "exit_page", "exit_page_hostname")
)
MINUTES_HOURS_MAX: Final = 30


def require_order(order_by: Sequence[Sequence[str]], asked: Sequence[str]) -> None:
    """Raises `InvalidQuery` for an order by what is not among `asked`."""
    for by, direction in order_by:
        if by not in asked:
            quoted = f":{by}" if ":" not in by and by != "time" else f'"{by}"'
            raise InvalidQuery(
                f"Invalid order_by entry '{{{quoted}, :{direction}}}'. "
                "Entry is not a queried metric or dimension."
            )


def require_filters(filters: list[Json], metrics: Sequence[str]) -> None:
    """Raises `InvalidQuery` for filters, segments resolved, in places where they may not stand."""
    found = list(_leaves(filters))
    for name, depth, behaviours in found:
        if name in TOP_LEVEL_ONLY and depth and not behaviours:
            raise InvalidQuery(
                f"Invalid filters. Dimension `{name}` can only be filtered at the top level."
            )
    is_deep = any(depth and name.startswith(PROP_PREFIX) for name, depth, _ in found)
    if is_deep and any(metric in CONVERSIONS for metric in metrics):
        raise InvalidQuery(
            "Invalid filters. When `conversion_rate` or `group_conversion_rate` metrics are "
            "used, custom property filters can only be used on top level."
        )
    for name, _, behaviours in found:
        if behaviours > 1:
            raise InvalidQuery(
                "Invalid filters. Behavioral filters (has_done, has_not_done) cannot be nested."
            )
        if behaviours and not name.startswith("event:"):
            raise InvalidQuery(
                "Invalid filters. Behavioral filters (has_done, has_not_done) can only be used "
                "with event dimension filters."
            )


def require_metrics(metrics: Sequence[str], dimensions: Sequence[str], filters: list[Json]) -> None:
    """Raises `InvalidQuery` for metrics that the dimensions or filters make meaningless."""
    leaves = [(name, depth) for name, depth, behaviours in _leaves(filters) if not behaviours]
    filtered = {name for name, _ in leaves}
    for metric in metrics:
        if metric in CONVERSIONS and GOAL.name not in {*dimensions, *filtered}:
            raise InvalidQuery(
                f"Metric `{metric}` can only be queried with event:goal filters or dimensions."
            )
        pages = (
            filtered if metric == "time_on_page" else {name for name, depth in leaves if not depth}
        )
        if metric in OF_PAGES and PAGE not in {*dimensions, *pages}:
            raise InvalidQuery(
                f"Metric `{metric}` can only be queried with event:page filters or dimensions."
            )
        if metric == "views_per_visit" and PAGE in filtered:
            raise InvalidQuery(f"Metric `{metric}` cannot be queried with a filter on `{PAGE}`.")
        if metric == "views_per_visit" and dimensions:
            raise InvalidQuery(f"Metric `{metric}` cannot be queried with `dimensions`.")
    _require_one_table(metrics, dimensions)


def require_times(dimensions: Sequence[str], found: Range, wants_labels: bool) -> None:
    """Raises `InvalidQuery` for steps that do not suit the range, and labels without steps."""
    times = [name for name in dimensions if name.startswith("time")]
    if wants_labels and not times:
        raise InvalidQuery("Invalid include.time_labels: requires a time dimension.")
    if len(times) > 1:
        raise InvalidQuery("Invalid dimensions. At most one can be a time dimension.")
    is_long = found.last_s - found.first_s > MINUTES_HOURS_MAX * HOUR_S
    if "time:minute" in times and is_long:
        raise InvalidQuery(
            "Dimension `time:minute` is only supported for time ranges up to "
            f"{MINUTES_HOURS_MAX} hours."
        )


def _require_one_table(metrics: Sequence[str], dimensions: Sequence[str]) -> None:
    """Metrics of visits do not go with what only events have, nor the other way round."""
    of_events = [name for name in dimensions if name.startswith("event:")]
    of_visits = [name for name in dimensions if name in VISITS_ONLY]
    if of_events == [PAGE]:
        return
    visit_metrics = [metric for metric in metrics if metric in OF_VISITS]
    if visit_metrics and of_events:
        raise InvalidQuery(
            f"Session metric(s) {_quoted(visit_metrics)} cannot be queried along with "
            f"event dimension(s) {_quoted(of_events)}"
        )
    event_metrics = [metric for metric in metrics if metric in OF_EVENTS]
    if event_metrics and of_visits:
        raise InvalidQuery(
            f"Event metric(s) {_quoted(event_metrics)} cannot be queried along with "
            f"session dimension(s) {_quoted(of_visits)}"
        )


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _leaves(
    filters: list[Json], depth: int = 0, behaviours: int = 0
) -> Iterator[tuple[str, int, int]]:
    """The dimension of each comparison, in how many others it is, how many of them behavioural."""
    for each in filters:
        operator = each[0]
        if operator in ("and", "or"):
            yield from _leaves(each[1], depth + 1, behaviours)
        elif operator == "not":
            yield from _leaves([each[1]], depth + 1, behaviours)
        elif operator in ("has_done", "has_not_done"):
            yield from _leaves([each[1]], depth + 1, behaviours + 1)
        else:
            yield each[1], depth, behaviours
