r"""Filters as JSON, as Plausible's Stats API v2 has them, to conditions.

`[["is", "visit:country", ["DE", "AT"]], ["not", ["contains", "event:page", ["/draft"]]]]`: all of
them hold. `is`, `is_not`, `contains`, `contains_not`, `matches` and `matches_not` (RE2) compare
with any of the values, `and`, `or`, `not`, `has_done`, `has_not_done` put filters together, and
`["is", "segment", [ID]]` stands for the filters of a saved segment.

A filter that has another shape is refused at its place (`#/filters/1: Invalid filter [...]`), one
that breaks a rule by the rule's name; the words are those that clients of Plausible's know.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from aggregates.clickhouse.filters import (
    DEPTH_MAX,
    LEAVES_MAX,
    VALUES_MAX,
    All,
    AnyOf,
    Condition,
    Converted,
    Filter,
    Goal,
    HasDone,
    Not,
    Operator,
)
from aggregates.clickhouse.vocabulary import (
    DIMENSIONS,
    GOAL,
    PROP_PREFIX,
    TIME_MINUTE,
    Dimension,
    parse_dimension,
)
from webapp.api.errors import InvalidInput
from webapp.stats import places
from webapp.stats.elixir import inspect

Json = Any  # what `json` reads; looked at before it is used
Segments = Callable[[int], list[Json] | None]

SEGMENTS_MAX: Final = 10
SEGMENT: Final = "segment"
COUNTRY: Final = "visit:country"
# What stands for a blank value, beside "(not set)" for all others of a visit.
BLANKS: Final[Mapping[str, str]] = {
    "visit:source": "Direct / None",
    "visit:referrer": "Direct / None",
}
NOT_SET: Final = "(not set)"
NO_PROP: Final = "(none)"
# Dimensions that go by another name in the rollups.
_STORED: Final = {"visit:city_name": "visit:city"}
FILTERABLE: Final = frozenset({*DIMENSIONS, *places.NAMED, *_STORED, SEGMENT}) - {
    TIME_MINUTE.name,
    "event:currency",
}

_PAIRS: Final = ("and", "or")
_BEHAVIOUR: Final = ("has_done", "has_not_done")
_OPERATORS: Final = {
    "is": Operator.IS,
    "contains": Operator.CONTAINS,
    "matches": Operator.MATCHES,
    "matches_wildcard": Operator.FITS,  # of segments only: the dashboard writes it
}
_NEGATIONS: Final[dict[str, str]] = {f"{name}_not": name for name in _OPERATORS if name != "is"} | {
    "is_not": "is"
}
_PUBLIC: Final = {*_OPERATORS, *_NEGATIONS} - {"matches_wildcard", "matches_wildcard_not"}
_WITHOUT_MODIFIERS: Final = ("matches", "matches_not")


class InvalidFilters(InvalidInput):
    """Filters that break a rule; the text says it all."""

    def __init__(self, text: str) -> None:
        ValueError.__init__(self, text)
        self.field = "filters"


def parse_conditions(
    value: object, site_goals: tuple[Goal, ...], segments: Segments, pointer: str = "#/filters"
) -> tuple[Condition, ...]:
    """The conditions that all hold; `segments` gives the filters of the segment with an id.

    Raises `InvalidInput`, and `InvalidQuestion` for values that cannot be asked for.
    """
    require_filters(value, pointer)
    resolved = resolve_segments(value, segments) if isinstance(value, list) else []
    return conditions_of(resolved, site_goals)


# ---- The shape


def require_filters(value: object, pointer: str = "#/filters") -> None:
    """Raises `InvalidInput` at the first place below `pointer` that is no filter."""
    if not isinstance(value, list):
        raise InvalidInput(pointer, f"Type mismatch. Expected Array but got {type_name(value)}.")
    for index, entry in enumerate(value):
        if not is_filter(entry):
            raise InvalidInput(f"{pointer}/{index}", f"Invalid filter {inspect(entry)}")
    if sum(1 for _ in leaves(value)) > LEAVES_MAX:
        raise InvalidInput(pointer, f"Expected at most {LEAVES_MAX} filters.")


def is_filter(value: Json, public: bool = True, depth: int = 1) -> bool:
    """Whether it has a filter's shape; not `public`, also such as only segments have."""
    if depth > DEPTH_MAX or not isinstance(value, list) or not value:
        return False
    operator, rest = value[0], value[1:]
    if operator in _PAIRS:
        return (
            len(rest) == 1
            and isinstance(rest[0], list)
            and bool(rest[0])
            and all(is_filter(entry, public, depth + 1) for entry in rest[0])
        )
    if operator == "not" or operator in _BEHAVIOUR:
        return len(rest) == 1 and is_filter(rest[0], public, depth + 1)
    return _is_leaf(operator, rest, public)


def _is_leaf(operator: Json, rest: list[Json], public: bool) -> bool:
    known = _PUBLIC if public else {*_OPERATORS, *_NEGATIONS}
    if not isinstance(operator, str) or operator not in known or not 2 <= len(rest) <= 3:
        return False
    dimension, values = rest[0], rest[1]
    if len(rest) == 3 and (operator in _WITHOUT_MODIFIERS or not _is_modifiers(rest[2])):
        return False
    return (
        is_dimension(dimension)
        and (dimension != GOAL.name or operator in ("is", "contains"))
        and (dimension != SEGMENT or operator == "is")
        and isinstance(values, list)
        and 1 <= len(values) <= VALUES_MAX
        and all(isinstance(each, str | int) and not isinstance(each, bool) for each in values)
    )


def is_dimension(name: Json) -> bool:
    """Whether it may be filtered on."""
    if not isinstance(name, str):
        return False
    return name in FILTERABLE or (name.startswith(PROP_PREFIX) and name != PROP_PREFIX)


def _is_modifiers(value: Json) -> bool:
    return isinstance(value, dict) and all(
        key == "case_sensitive" and isinstance(each, bool) for key, each in value.items()
    )


def leaves(filters: list[Json]) -> Iterator[list[Json]]:
    """All comparisons in filters of the right shape."""
    for each in filters:
        if each[0] in _PAIRS:
            yield from leaves(each[1])
        elif each[0] == "not" or each[0] in _BEHAVIOUR:
            yield from leaves([each[1]])
        else:
            yield each


def type_name(value: object) -> str:
    """The JSON type of a value."""
    if value is None:
        return "Null"
    names = {bool: "Boolean", int: "Integer", float: "Number", str: "String", list: "Array"}
    return names.get(type(value), "Object")


# ---- Segments


def resolve_segments(filters: list[Json], segments: Segments) -> list[Json]:
    """The filters with what each segment stands for in its place; segments hold no segments.

    Raises `InvalidFilters` for too many of them, and for one that does not exist.
    """
    ids = [number for leaf in leaves(filters) if leaf[1] == SEGMENT for number in leaf[2]]
    if len(ids) > SEGMENTS_MAX:
        raise InvalidFilters(
            f"Invalid filters. You can only use up to {SEGMENTS_MAX} segment filters in a query."
        )
    for leaf in leaves(filters):
        if leaf[1] == SEGMENT and not all(isinstance(number, int) for number in leaf[2]):
            raise InvalidFilters(f"Invalid filter '{inspect(leaf)}'.")
    found = {number: segments(number) for number in dict.fromkeys(ids)}
    for saved in found.values():
        if saved is None or not all(is_filter(entry, public=False) for entry in saved):
            raise InvalidFilters("Invalid filters. Some segments don't exist or aren't accessible.")
    if not ids:
        return filters
    resolved = [_resolved(each, found) for each in filters]
    # A segment may hold what is allowed at the top only.
    return [top for each in resolved for top in (each[1] if each[0] == "and" else [each])]


def _resolved(entry: list[Json], found: Mapping[int, list[Json] | None]) -> list[Json]:
    if entry[0] in _PAIRS:
        return [entry[0], [_resolved(each, found) for each in entry[1]]]
    if entry[0] == "not" or entry[0] in _BEHAVIOUR:
        return [entry[0], _resolved(entry[1], found)]
    if entry[1] != SEGMENT:
        return entry
    each_segment = [["and", found[number] or []] for number in entry[2]]
    return each_segment[0] if len(each_segment) == 1 else ["or", each_segment]


# ---- The meaning


def conditions_of(filters: list[Json], site_goals: tuple[Goal, ...]) -> tuple[Condition, ...]:
    """What filters of the right shape, without segments, mean. Raises `InvalidFilters`."""
    return tuple(_condition(each, site_goals) for each in filters)


def _condition(entry: list[Json], goals: tuple[Goal, ...]) -> Condition:
    match entry:
        case ["and", parts]:
            return All(conditions_of(parts, goals))
        case ["or", parts]:
            return AnyOf(conditions_of(parts, goals))
        case ["not", part]:
            return Not(_condition(part, goals))
        case ["has_done", part]:
            return HasDone(_condition(part, goals))
        case ["has_not_done", part]:
            return Not(HasDone(_condition(part, goals)))
    operator: str = entry[0]
    name = _NEGATIONS.get(operator, operator)
    values = _texts(entry, name)
    sensitive = bool(entry[3].get("case_sensitive", True)) if len(entry) == 4 else True
    if entry[1] == GOAL.name:
        return _goals(values, name, sensitive, goals)
    return _comparison(entry[1], operator in _NEGATIONS, values, _OPERATORS[name], sensitive)


def _texts(entry: list[Json], operator: str) -> tuple[str, ...]:
    """The values of a comparison, each once."""
    dimension, values = entry[1], entry[2]
    if dimension == "visit:city" and all(isinstance(value, int) for value in values):
        values = [str(value) for value in values]
    if not all(isinstance(value, str) for value in values):
        raise InvalidFilters(f"Invalid filter '{inspect(entry)}'.")
    if dimension == COUNTRY and operator == "is" and any(len(value) != 2 for value in values):
        raise InvalidFilters(
            "Invalid visit:country filter, visit:country needs to be a valid 2-letter country code."
        )
    return tuple(dict.fromkeys(values))


def _goals(
    values: tuple[str, ...], operator: str, sensitive: bool, goals: tuple[Goal, ...]
) -> Converted:
    """Goals by name. One that is named and is none is refused, as it would silently be nobody's."""

    def spelt(text: str) -> str:
        return text if sensitive else text.casefold()

    if operator == "contains":
        wanted = [spelt(value) for value in values]
        return Converted(
            tuple(goal for goal in goals if any(part in spelt(goal.name) for part in wanted))
        )
    named = {spelt(goal.name) for goal in goals}
    for value in values:
        if spelt(value) not in named:
            raise InvalidFilters(
                f"Invalid filters. The goal `{value}` is not configured for this site."
            )
    wanted_names = {spelt(value) for value in values}
    return Converted(tuple(goal for goal in goals if spelt(goal.name) in wanted_names))


def _comparison(
    name: str, negated: bool, values: tuple[str, ...], operator: Operator, sensitive: bool
) -> Condition:
    if name in places.NAMED:
        return _named_place(name, negated, values, operator, sensitive)
    dimension = parse_dimension(_STORED.get(name, name), "filters")
    if operator is Operator.IS:
        values = tuple(dict.fromkeys(blank_of(name, value) for value in values))
    condition = Filter(dimension, negated, values, operator, sensitive)
    if dimension.prop and operator is not Operator.IS:
        # Hits without the property neither contain nor lack anything.
        return All((condition, Filter(dimension, True, ("",), Operator.IS)))
    return condition


def stored_dimension(name: str) -> Dimension:
    """The dimension of the rollups that answers for that of clients. Raises `InvalidQuestion`."""
    return parse_dimension(places.NAMED.get(name) or _STORED.get(name, name))


def blank_of(dimension: str, value: str) -> str:
    """ "" for what stands for it."""
    if dimension.startswith(PROP_PREFIX):
        return "" if value == NO_PROP else value
    is_blank = value == BLANKS.get(dimension) or value == NOT_SET
    is_blank |= dimension.startswith("visit:utm_") and value == BLANKS["visit:source"]
    return "" if is_blank and dimension.startswith("visit:") else value


def _named_place(
    name: str, negated: bool, values: tuple[str, ...], operator: Operator, sensitive: bool
) -> Condition:
    """By the codes of the places whose name it fits."""
    if operator in (Operator.MATCHES, Operator.FITS):
        raise InvalidFilters(
            f"Invalid filters. {name} can only be filtered with `is` and `contains`."
        )
    codes = places.codes_of(name, values, operator is Operator.CONTAINS, sensitive)
    dimension = parse_dimension(places.NAMED[name], "filters")
    parts = tuple(
        Filter(dimension, False, codes[at : at + VALUES_MAX], Operator.IS)
        for at in range(0, len(codes), VALUES_MAX)
    )
    found: Condition = parts[0] if len(parts) == 1 else AnyOf(parts)
    return Not(found) if negated else found
