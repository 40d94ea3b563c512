"""The shape of a query: what is wrong is named with its place, in the words clients know.

The shape is that of Plausible's public schema of the Stats API v2; errors read as those of
ExJsonSchema, which validates it there: all of a query, one a line.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from aggregates.clickhouse.vocabulary import GOAL, PROP_PREFIX
from webapp.api.errors import InvalidInput
from webapp.plausible.dates import is_date_range
from webapp.stats.conditions import FILTERABLE, SEGMENT, require_filters, type_name
from webapp.stats.elixir import inspect

Json = Any
Errors = Iterator[tuple[str, str]]  # place, what is wrong there

LIMIT_MAX: Final = 10_000
ORDERS_MAX: Final = 20
METRICS: Final = (
    "visitors",
    "visits",
    "pageviews",
    "views_per_visit",
    "bounce_rate",
    "visit_duration",
    "events",
    "percentage",
    "conversion_rate",
    "group_conversion_rate",
    "time_on_page",
    "total_revenue",
    "average_revenue",
    "scroll_depth",
)
TIMES: Final = ("time", "time:minute", "time:hour", "time:day", "time:week", "time:month")
REQUIRED: Final = ("site_id", "metrics", "date_range")
INCLUDES: Final = ("imports", "time_labels", "total_rows", "trim_relative_date_range")


class InvalidQuery(InvalidInput):
    """What is wrong with a query; the text says where."""

    def __init__(self, text: str) -> None:
        ValueError.__init__(self, text)
        self.field = "query"


def require_valid(query: Mapping[str, Json]) -> None:
    """Raises `InvalidQuery` naming every place that is wrong."""
    errors = list(_errors(query))
    if errors:
        raise InvalidQuery("\n".join(f"{place}: {error}" for place, error in errors))


def is_dimension(value: Json) -> bool:
    """Whether numbers can be broken down by it."""
    if not isinstance(value, str):
        return False
    if value.startswith(PROP_PREFIX):
        return value != PROP_PREFIX
    return (value in FILTERABLE and value != SEGMENT) or value in TIMES


def _errors(query: Mapping[str, Json]) -> Errors:
    for name, check in _CHECKS.items():
        if name in query:
            yield from check(f"#/{name}", query[name])
    for name in sorted(query.keys() - _CHECKS.keys()):
        yield f"#/{name}", "Schema does not allow additional properties."
    missing = [name for name in REQUIRED if name not in query]
    if len(missing) == 1:
        yield "#", f"Required property {missing[0]} was not present."
    elif missing:
        yield "#", f"Required properties {', '.join(missing)} were not present."


def _date_range(place: str, value: Json) -> Errors:
    if not is_date_range(value):
        yield place, f"Invalid date range {inspect(value)}"


def _dimensions(place: str, value: Json) -> Errors:
    if not isinstance(value, list):
        yield place, _mismatch("Array", value)
        return
    for index, each in enumerate(value):
        if not is_dimension(each):
            yield f"{place}/{index}", f"Invalid dimension {inspect(each)}"
    yield from _unique(place, value)


def _filters(place: str, value: Json) -> Errors:
    try:
        require_filters(value, place)
    except InvalidInput as error:
        yield error.field, str(error).removeprefix(f"{error.field}: ")


def _include(place: str, value: Json) -> Errors:
    if not isinstance(value, dict):
        yield place, _mismatch("Object", value)
        return
    for name, each in value.items():
        if name not in INCLUDES:
            yield f"{place}/{name}", "Schema does not allow additional properties."
        elif not isinstance(each, bool):
            yield f"{place}/{name}", _mismatch("Boolean", each)


def _metrics(place: str, value: Json) -> Errors:
    if not isinstance(value, list):
        yield place, _mismatch("Array", value)
        return
    for index, each in enumerate(value):
        if not isinstance(each, str) or each not in METRICS:
            yield f"{place}/{index}", f"Invalid metric {inspect(each)}"
    if not value:
        yield place, "Expected a minimum of 1 items but got 0."
    yield from _unique(place, value)


def _order_by(place: str, value: Json) -> Errors:
    if not isinstance(value, list):
        yield place, _mismatch("Array", value)
        return
    if len(value) > ORDERS_MAX:
        yield place, f"Expected a maximum of {ORDERS_MAX} items but got {len(value)}."
        return
    for index, each in enumerate(value):
        yield from _order(f"{place}/{index}", each)


def _order(place: str, value: Json) -> Errors:
    if not isinstance(value, list):
        yield place, _mismatch("Array", value)
        return
    if len(value) > 2:
        yield place, f"Expected a maximum of 2 items but got {len(value)}."
    if len(value) < 2:
        yield place, f"Expected a minimum of 2 items but got {len(value)}."
        return
    by, direction = value[:2]
    known = is_dimension(by) and by != GOAL.name
    if not known and not (isinstance(by, str) and by in METRICS):
        yield f"{place}/0", f"Invalid value in order_by {inspect(by)}"
    if direction not in ("asc", "desc"):
        yield f"{place}/1", "Value is not allowed in enum."


def _pagination(place: str, value: Json) -> Errors:
    if not isinstance(value, dict):
        yield place, _mismatch("Object", value)
        return
    bounds = {"limit": (1, LIMIT_MAX), "offset": (0, None)}
    for name, each in value.items():
        if name not in bounds:
            yield f"{place}/{name}", "Schema does not allow additional properties."
            continue
        lowest, highest = bounds[name]
        if isinstance(each, bool) or not isinstance(each, int):
            yield f"{place}/{name}", _mismatch("Integer", each)
        elif highest is not None and each > highest:
            yield f"{place}/{name}", f"Expected the value to be <= {highest}"
        elif each < lowest:
            yield f"{place}/{name}", f"Expected the value to be >= {lowest}"


def _site_id(place: str, value: Json) -> Errors:
    if not isinstance(value, str):
        yield place, _mismatch("String", value)


_CHECKS: Final[dict[str, Callable[[str, Json], Errors]]] = {
    "date_range": _date_range,
    "dimensions": _dimensions,
    "filters": _filters,
    "include": _include,
    "metrics": _metrics,
    "order_by": _order_by,
    "pagination": _pagination,
    "site_id": _site_id,
}


def _unique(place: str, value: list[Json]) -> Errors:
    if len({inspect(each) for each in value}) != len(value):
        yield place, "Expected items to be unique but they were not."


def _mismatch(expected: str, value: Json) -> str:
    return f"Type mismatch. Expected {expected} but got {type_name(value)}."
