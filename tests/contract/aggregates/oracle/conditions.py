"""For which hits a condition holds, and what a dimension is of a hit: read off one hit at a time.

Readings taken where the definitions (aggregates/clickhouse/filters.py) leave room:
- A report of engagement counts, for visitors and visits, if all conditions hold for it and one of
  the `ScrolledTo` among them does, those inside `HasDone` aside.
- Within a minute the reports of a visit of the same page are one, as deep as the deepest.
- `HasDone` is about visits, not about hits: alone it leaves to count the visits that began.
- Conversion rates leave out filters on goals and properties that stand by themselves or in `All`;
  a group of a goal is compared with those that may have reached it: with every hit.
- The question without dimensions has no bucket either: it is a dimension of rows.
"""

import re
from collections.abc import Iterable, Iterator

from aggregates.clickhouse.filters import (
    All,
    AnyOf,
    Condition,
    Converted,
    Filter,
    HasDone,
    Not,
    Operator,
    ScrolledTo,
)
from aggregates.clickhouse.vocabulary import Dimension, Grain
from tests.contract.aggregates.oracle.sessions import OracleHit, OracleSession


class Hits:
    """The hits of one visit that lie in the minutes of a period."""

    def __init__(self, session: OracleSession, minutes: range) -> None:
        self.session = session
        self.all = [hit for hit in session.hits if hit.minute in minutes]

    def count(self, conditions: Iterable[Condition], hit: OracleHit) -> bool:
        """Whether the hit counts, if only for its visitor and visit."""
        conditions = tuple(conditions)
        if not all(self.holds(condition, hit) for condition in conditions):
            return False
        return not hit.is_report or self._scrolled(conditions, hit)

    def holds(self, condition: Condition, hit: OracleHit) -> bool:
        match condition:
            case Filter():
                value = str(value_of(condition.dimension, self.session, hit))
                return condition.negated != any(
                    compares(condition, value, each) for each in condition.values
                )
            case ScrolledTo():
                page = _fits(condition.page, hit.path)
                return hit.is_report and page and self._depth(hit) >= condition.depth
            case All():
                return all(self.holds(each, hit) for each in condition.conditions)
            case AnyOf():
                return any(self.holds(each, hit) for each in condition.conditions)
            case Not():
                return not self.holds(condition.condition, hit)
            case Converted():
                return any(self.holds(goal.condition, hit) for goal in condition.goals)
            case HasDone():
                return any(self.count((condition.condition,), each) for each in self.all)

    def _scrolled(self, conditions: Iterable[Condition], hit: OracleHit) -> bool:
        return any(
            self.holds(leaf, hit) for leaf in of_hits(conditions) if isinstance(leaf, ScrolledTo)
        )

    def _depth(self, hit: OracleHit) -> int:
        page = (hit.minute, hit.hostname, hit.path, hit.props, hit.currency)
        return max(
            each.scroll_depth
            for each in self.all
            if each.is_report
            and (each.minute, each.hostname, each.path, each.props, each.currency) == page
        )


def of_hits(conditions: Iterable[Condition]) -> Iterator[Filter | ScrolledTo]:
    """The comparisons in them that look at the hit itself or its visit: not inside `HasDone`."""
    for condition in conditions:
        match condition:
            case Filter() | ScrolledTo():
                yield condition
            case All() | AnyOf():
                yield from of_hits(condition.conditions)
            case Not():
                yield from of_hits((condition.condition,))
            case Converted():
                yield from of_hits(goal.condition for goal in condition.goals)
            case HasDone():
                pass


def hits_decide(conditions: Iterable[Condition], dimensions: Iterable[Dimension]) -> bool:
    """Whether visits count by their hits in the period, and not by when they began."""
    return any(dimension.grain is Grain.HIT for dimension in dimensions) or any(
        isinstance(leaf, ScrolledTo) or leaf.dimension.grain is Grain.HIT
        for leaf in of_hits(conditions)
    )


def of_any_kind(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """What conversions are compared with: without the filters on goals and properties."""
    kept: list[Condition] = []
    for condition in conditions:
        if isinstance(condition, All):
            kept += of_any_kind(condition.conditions)
        elif isinstance(condition, Filter):
            kept += [] if condition.dimension.prop else [condition]
        elif not isinstance(condition, Converted):
            kept.append(condition)
    return tuple(kept)


def value_of(dimension: Dimension, session: OracleSession, hit: OracleHit) -> str | int:
    """What the hit, or its visit, has of any dimension but `event:goal`."""
    if dimension.prop:
        return dict(hit.props).get(dimension.prop, "")
    name = dimension.name
    known: dict[str, str | int] = {
        "event:name": hit.name,
        "event:page": hit.path,
        "event:hostname": hit.hostname,
        "event:currency": hit.currency,
        "visit:entry_page_hostname": session.entry[0],
        "visit:entry_page": session.entry[1],
        "visit:exit_page_hostname": session.exit[0],
        "visit:exit_page": session.exit[1],
        "time:minute": hit.minute,
    }
    found = known[name] if name in known else getattr(session.visit, name.partition(":")[2])
    assert isinstance(found, str | int)
    return found


def compares(chosen: Filter, value: str, wanted: str) -> bool:
    """Whether `value` is, contains, fits or matches what is wanted."""
    if chosen.operator is Operator.MATCHES:
        # RE2's `$` is the very end, Python's also stands before a line break that ends the text.
        pattern = wanted.replace("$", r"\Z")
        return re.search(pattern, value, 0 if chosen.case_sensitive else re.IGNORECASE) is not None
    if not chosen.case_sensitive:
        value, wanted = value.lower(), wanted.lower()
    if chosen.operator is Operator.IS:
        return value == wanted
    return wanted in value if chosen.operator is Operator.CONTAINS else _fits(wanted, value)


def _fits(pattern: str, value: str) -> bool:
    parts = re.findall(r"\\\*|\*|.", pattern, re.DOTALL)
    regex = "".join(
        ".*" if part == "*" else re.escape("*" if part == "\\*" else part) for part in parts
    )
    return re.fullmatch(regex, value, re.DOTALL) is not None
