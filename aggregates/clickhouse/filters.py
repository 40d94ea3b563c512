"""What narrows a question: conditions on hits and visits, put together with all, any and not.

A condition holds for a hit: of its own properties, or of the visit it belongs to. Of visits those
count that began in the period, or, where a condition is about hits, those with a hit in it for
which all conditions hold.
"""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from aggregates.clickhouse.vocabulary import (
    GOAL,
    TIME_MINUTE,
    Dimension,
    Grain,
    InvalidQuestion,
    require_known,
)

LEAVES_MAX: Final = 60  # of all conditions of a question
DEPTH_MAX: Final = 8
VALUES_MAX: Final = 200  # of one filter
# All values of all filters together; they keep the SQL small, which holds them several times.
ALL_VALUES_MAX: Final = 1_000
VALUE_BYTES_MAX: Final = 20_000
PATTERN_BYTES_MAX: Final = 1_000  # of one regular expression: RE2's memory grows with it
WILDCARD: Final = "*"


class Operator(enum.StrEnum):
    """How a value is compared."""

    FITS = "fits"  # `*` stands for any run of characters, "/" included; `\\*` for itself
    IS = "is"
    CONTAINS = "contains"
    MATCHES = "matches"  # a regular expression (RE2) that is found anywhere in it


@dataclass(frozen=True, slots=True)
class Filter:
    """Holds where the dimension has any of `values`; negated, where it has none of them.

    Raises `InvalidQuestion` when made with values that cannot be asked for.
    """

    dimension: Dimension
    negated: bool
    values: tuple[str, ...]
    operator: Operator = Operator.FITS
    case_sensitive: bool = True

    def __post_init__(self) -> None:
        require_known(self.dimension, "filters")
        name = self.dimension.name
        if self.dimension == TIME_MINUTE:
            raise InvalidQuestion("filters", f"{name} cannot be filtered on: narrow the period")
        if self.dimension == GOAL:
            raise InvalidQuestion("filters", f"{name} is filtered on by `Converted`")
        if not 1 <= len(self.values) <= VALUES_MAX:
            raise InvalidQuestion("filters", f"{name} needs 1 to {VALUES_MAX} values")
        for value in self.values:
            size = _size_bytes(name, value)
            if self.operator is Operator.MATCHES and size > PATTERN_BYTES_MAX:
                raise InvalidQuestion(
                    "filters", f"{name} has a pattern of more than {PATTERN_BYTES_MAX} bytes"
                )


@dataclass(frozen=True, slots=True)
class ScrolledTo:
    """Holds for the reports of engagement of a visit that saw `depth` percent of a page.

    `page` is compared as by `Operator.FITS`.
    """

    page: str
    depth: int

    def __post_init__(self) -> None:
        _size_bytes("page", self.page)
        if not 0 <= self.depth <= 100:
            raise InvalidQuestion("filters", "scroll depth must be from 0 to 100")


@dataclass(frozen=True, slots=True)
class All:
    """Holds where all of `conditions` hold; without any, everywhere."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds where one of `conditions` holds; without any, nowhere."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class HasDone:
    """Holds for all hits of a visit with a hit in the period for which `condition` holds."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a site wants its visitors to do: hits for which `condition` holds."""

    name: str
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Converted:
    """Holds for hits that reach any of `goals`. Conversion rates compare with hits of any kind."""

    goals: tuple[Goal, ...]


Condition: TypeAlias = Filter | ScrolledTo | All | AnyOf | Not | HasDone | Converted


def parts(condition: Condition) -> tuple[Condition, ...]:
    """The conditions that one is made of; none for a leaf."""
    if isinstance(condition, All | AnyOf):
        return condition.conditions
    if isinstance(condition, Not | HasDone):
        return (condition.condition,)
    if isinstance(condition, Converted):
        return tuple(goal.condition for goal in condition.goals)
    return ()


def leaves(conditions: Iterable[Condition]) -> Iterator[Filter | ScrolledTo]:
    """All comparisons in them, those inside `HasDone` included."""
    for condition in conditions:
        if isinstance(condition, Filter | ScrolledTo):
            yield condition
        else:
            yield from leaves(parts(condition))


def conjuncts(conditions: Iterable[Condition]) -> list[Condition]:
    """What must hold, each by itself."""
    found: list[Condition] = []
    for each in conditions:
        found += conjuncts(each.conditions) if isinstance(each, All) else [each]
    return found


class Needs(enum.Enum):
    """What a condition has to know, beside what hit rows and visit rows both have."""

    HIT = "hit rows"
    VISIT = "visit rows"
    SESSION = "rows taken apart by session"


def needs(conditions: Iterable[Condition]) -> set[Needs]:
    """What deciding on them takes; what `HasDone` asks inside is its own affair."""
    return set(_needs(conditions))


def _needs(conditions: Iterable[Condition]) -> Iterator[Needs]:
    for condition in conditions:
        if isinstance(condition, Filter):
            yield from needs_of(condition.dimension)
        elif isinstance(condition, ScrolledTo):
            yield from (Needs.HIT, Needs.SESSION)
        elif isinstance(condition, HasDone):
            yield Needs.SESSION
        else:
            yield from _needs(parts(condition))


def needs_of(dimension: Dimension) -> set[Needs]:
    """As `needs`, of a dimension."""
    if dimension.grain is Grain.HIT:
        return {Needs.HIT}
    if dimension.grain is Grain.VISIT:
        return {Needs.VISIT, Needs.SESSION} if dimension.by_visit else {Needs.VISIT}
    return set()


def require_bounded(conditions: tuple[Condition, ...], field: str, times: int = 1) -> None:
    """Raises `InvalidQuestion` naming `field` for more than `times` what a query may hold."""
    if _depth(conditions, DEPTH_MAX + 1) > DEPTH_MAX:
        raise InvalidQuestion(field, f"nested more than {DEPTH_MAX} deep")
    found = list(leaves(conditions))
    if len(found) > times * LEAVES_MAX:
        raise InvalidQuestion(field, f"at most {times * LEAVES_MAX} conditions")
    texts = [v for leaf in found for v in (leaf.values if isinstance(leaf, Filter) else ())]
    if len(texts) > ALL_VALUES_MAX:
        raise InvalidQuestion(field, f"at most {ALL_VALUES_MAX} values")
    if sum(len(text.encode()) for text in texts) > times * VALUE_BYTES_MAX:
        raise InvalidQuestion(field, f"at most {times * VALUE_BYTES_MAX} bytes of values")


def _depth(conditions: Iterable[Condition], at_most: int) -> int:
    """How deep they are nested; no deeper than `at_most` is looked."""
    if not at_most:
        return 0
    return max((1 + _depth(parts(each), at_most - 1) for each in conditions), default=0)


def _size_bytes(name: str, value: str) -> int:
    try:
        return len(value.encode())
    except UnicodeEncodeError:
        raise InvalidQuestion("filters", f"{name} has a value that is no text") from None
