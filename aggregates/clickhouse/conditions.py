"""Conditions as SQL, every value as a parameter.

On hit rows a condition may be about the hit, its visit's dimensions, which every row has, or what
only visit rows know; the last is asked by session id:

    event:page is /a                 path IN ('/a')
    visit:entry_page is /b           session_id IN (sessions of visits that entered at /b)
    has done X                       session_id IN (sessions with a hit X in the period)

so any tree of them is one expression over hit rows, taken apart by session where it needs the id.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from aggregates.clickhouse.filters import (
    WILDCARD,
    All,
    AnyOf,
    Condition,
    Converted,
    Filter,
    HasDone,
    Needs,
    Not,
    Operator,
    ScrolledTo,
    needs,
    parts,
)
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.values import Values
from aggregates.clickhouse.vocabulary import Dimension

# Arrays with one element for each session of a row, under the names that taking apart gives them.
HIT_ARRAYS: Final = {
    "session_id": "session_ids",
    "visitor_id": "visitor_ids",
    "hit_count": "session_hits",
    "engaged_ms": "session_engaged_ms",
    "scroll_depth": "session_scroll_depths",
    # Empty where no hit of the row has revenue.
    "session_revenue": "arrayResize(session_revenue_micros, length(session_ids))",
}
VISIT_ARRAYS: Final = {
    "session_id": "session_ids",
    "bounced": "session_bounced",
    "session_duration_s": "session_durations_s",
    "views": "session_pageviews",
    "exit_hostname": "session_exit_hostnames",
    "exit_page": "session_exit_pages",
}

# A star, unless a backslash says that it is meant itself.
_WILDCARD: Final = re.compile(r"(?<!\\)\*+")
_WORD: Final = re.compile(r"\w+")
_LIKE_SPECIAL: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def hit_sql(condition: Condition, values: Values) -> str:
    """The condition over hit rows, taken apart by session if it `needs` visits or sessions."""
    found = needs((condition,))
    if Needs.VISIT in found and Needs.HIT not in found:
        return _of_visits(visit_sql(condition, values))
    return _combined(condition, values, on_hits=True)


def visit_sql(condition: Condition, values: Values) -> str:
    """The condition over visit rows; it must not need hits."""
    return _combined(condition, values, on_hits=False)


def counted_sql(conditions: Iterable[Condition], values: Values) -> str:
    """Which hit rows are hits that count: no reports of engagement but those that are asked for."""
    scrolled = dict.fromkeys(_scrolled(conditions))
    alternatives = ["name != 'engagement'", *(_scrolled_sql(each, values) for each in scrolled)]
    return f"({' OR '.join(alternatives)})" if scrolled else alternatives[0]


def arrays_sql(arrays: dict[str, str], *texts: str) -> str:
    """What ARRAY JOIN takes apart: the session ids, and what else stands in `texts`."""
    words = {"session_id", *(word for text in texts for word in _WORD.findall(text))}
    return ", ".join(f"{column} AS {alias}" for alias, column in arrays.items() if alias in words)


def filters_sql(conditions: Iterable[str], arrays: Mapping[str, str]) -> tuple[str, str]:
    """What rows are filtered by before FINAL puts their versions together, and what after it.

    All versions of a row have the same dimensions, as its key is a hash of them
    (aggregates/core/rows.py): what is left out by one of them is left out with all its versions and
    need be neither read nor merged. What a condition says of a row's sessions may change.
    """
    before: list[str] = []
    after: list[str] = []
    for sql in conditions:
        (after if arrays.keys() & set(_WORD.findall(sql)) else before).append(f"({sql})")
    prewhere = f"PREWHERE {' AND '.join(before)}" if before else ""
    return prewhere, " ".join(f"AND {sql}" for sql in after)


def column_sql(dimension: Dimension, values: Values) -> str:
    """The value of a dimension; neither for goals nor for `time:minute`."""
    if dimension.prop:  # position 0, where there is no such key, has the empty value
        return f"prop_values[indexOf(prop_keys, {values.put(dimension.prop)})]"
    return dimension.column


def like_pattern(value: str) -> str:
    """The LIKE pattern of a value with wildcards; what is special to LIKE is taken literally."""
    return "%".join(_literal(_unescape(part)) for part in _WILDCARD.split(value))


def _combined(condition: Condition, values: Values, on_hits: bool) -> str:
    make = hit_sql if on_hits else visit_sql
    if isinstance(condition, Filter):
        return compared_sql(column_sql(condition.dimension, values), condition, values)
    if isinstance(condition, ScrolledTo):
        return _scrolled_sql(condition, values)
    if isinstance(condition, HasDone):
        return _of_hits(condition.condition, values)
    if isinstance(condition, Not):
        return f"NOT ({make(condition.condition, values)})"
    if isinstance(condition, All):
        return _joined("AND", (make(each, values) for each in condition.conditions), "1")
    assert isinstance(condition, AnyOf | Converted)  # noqa: S101 - all that is left of the union
    return _joined("OR", (make(each, values) for each in parts(condition)), "0")


def _joined(word: str, conditions: Iterable[str], otherwise: str) -> str:
    found = [f"({each})" for each in conditions]
    return f" {word} ".join(found) if found else otherwise


def _of_visits(sql: str) -> str:
    query = read_query("visit_sessions_list")
    rows_filters, filters = filters_sql([sql], VISIT_ARRAYS)
    text = query.format(
        visit_arrays=arrays_sql(VISIT_ARRAYS, sql),
        visit_rows_filters=rows_filters,
        visit_filters=filters,
    )
    return f"session_id IN (\n{text}\n)"


def _of_hits(condition: Condition, values: Values) -> str:
    sql, counted = hit_sql(condition, values), counted_sql((condition,), values)
    rows_filters, filters = filters_sql([counted, sql], HIT_ARRAYS)
    query = read_query("hit_sessions_list").format(
        hit_arrays=arrays_sql(HIT_ARRAYS, sql, counted),
        hit_rows_filters=rows_filters,
        hit_filters=filters,
    )
    return f"session_id IN (\n{query}\n)"


def _scrolled(conditions: Iterable[Condition]) -> Iterator[ScrolledTo]:
    for condition in conditions:
        if isinstance(condition, ScrolledTo):
            yield condition
        elif not isinstance(condition, HasDone):
            yield from _scrolled(parts(condition))


def _scrolled_sql(condition: ScrolledTo, values: Values) -> str:
    page = f"path LIKE {values.put(like_pattern(condition.page))}"
    return f"(name = 'engagement' AND {page} AND scroll_depth >= {values.put(condition.depth)})"


def compared_sql(column: str, chosen: Filter, values: Values) -> str:
    """What `chosen` says of its dimension, of `column`, where its value is kept."""
    any_of = _OPERATORS[chosen.operator](column, chosen, values)
    return f"NOT ({any_of})" if chosen.negated else any_of


def _fits(column: str, chosen: Filter, values: Values) -> str:
    exact = tuple(_unescape(v) for v in chosen.values if not _WILDCARD.search(v))
    patterns = [like_pattern(v) for v in chosen.values if _WILDCARD.search(v)]
    alternatives = [_is_one_of(column, exact, chosen, values)] if exact else []
    return " OR ".join([*alternatives, *(_like(column, p, chosen, values) for p in patterns)])


def _is(column: str, chosen: Filter, values: Values) -> str:
    return _is_one_of(column, chosen.values, chosen, values)


def _contains(column: str, chosen: Filter, values: Values) -> str:
    patterns = [f"%{_literal(value)}%" for value in chosen.values]
    return " OR ".join(_like(column, pattern, chosen, values) for pattern in patterns)


def _matches(column: str, chosen: Filter, values: Values) -> str:
    flags = "" if chosen.case_sensitive else "(?i)"
    patterns = [values.put(flags + pattern) for pattern in chosen.values]
    return " OR ".join(f"match({column}, {pattern})" for pattern in patterns)


_OPERATORS: Final = {
    Operator.FITS: _fits,
    Operator.IS: _is,
    Operator.CONTAINS: _contains,
    Operator.MATCHES: _matches,
}


def _is_one_of(column: str, texts: tuple[str, ...], chosen: Filter, values: Values) -> str:
    if chosen.case_sensitive:
        return f"{column} IN {values.put(texts)}"
    lowered = ", ".join(f"lowerUTF8({values.put(text)})" for text in texts)
    return f"lowerUTF8({column}) IN ({lowered})"


def _like(column: str, pattern: str, chosen: Filter, values: Values) -> str:
    if chosen.case_sensitive:
        return f"{column} LIKE {values.put(pattern)}"
    return f"lowerUTF8({column}) LIKE lowerUTF8({values.put(pattern)})"


def _literal(text: str) -> str:
    return text.translate(_LIKE_SPECIAL)


def _unescape(text: str) -> str:
    return text.replace("\\" + WILDCARD, WILDCARD)
