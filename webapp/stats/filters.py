r"""The `filters` parameter: `visit:country==DE|AT;event:page!=/admin*;event:goal==Signup`.

All filters hold at once; a value may be any of those between `|`. `*` stands for any characters.
A backslash takes the meaning from `|`, `;`, `*` and itself. Goals are named as they are shown.

The other way to write filters, which knows and, or, not and more, is in `conditions.py`.
"""

import re
from collections.abc import Iterator
from typing import Final

from aggregates.clickhouse.filters import Condition, Converted, Filter, Goal, Not
from aggregates.clickhouse.vocabulary import DIMENSIONS, GOAL, InvalidQuestion, parse_dimension
from webapp.api.errors import InvalidInput
from webapp.stats import refusals
from webapp.stats.dialects import Dialect, read_value

FIELD: Final = "filters"
TEXT_CHARS_MAX: Final = 20_000
CLAUSES_MAX: Final = 60
_CLAUSE: Final = re.compile(r"\s*([^=!]+?)\s*(==|!=)(.*)", re.DOTALL)
_TOKEN: Final = re.compile(r"\\[\\|;*]|.", re.DOTALL)


def parse_filters(
    text: str, dialect: Dialect = Dialect.PAWPRINT, goals: tuple[Goal, ...] = ()
) -> tuple[Condition, ...]:
    """The filters in `text`; none for an empty one. `goals` are those of the site.

    Raises `InvalidInput`, and `InvalidQuestion` for values that cannot be asked for.
    """
    if len(text) > TEXT_CHARS_MAX:
        raise InvalidInput(FIELD, f"at most {TEXT_CHARS_MAX} characters")
    clauses = [clause for clause in _split(text, ";") if clause.strip()]
    if len(clauses) > CLAUSES_MAX:
        raise InvalidInput(FIELD, f"at most {CLAUSES_MAX}")
    return tuple(_condition(clause, dialect, goals) for clause in clauses)


def _condition(clause: str, dialect: Dialect, goals: tuple[Goal, ...]) -> Condition:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        raise InvalidInput(FIELD, f"{clause[:60]!r} is not like visit:country==DE|AT")
    name, operator, values = match.groups()
    if dialect is Dialect.PLAUSIBLE:
        values = values.strip()
    is_negated = operator == "!="
    if name == GOAL.name:
        return _converted([_plain(value) for value in _split(values, "|")], is_negated, goals)
    try:
        dimension = parse_dimension(name, FIELD)
    except InvalidQuestion:
        raise refusals.bad_filter_property(name, DIMENSIONS) from None
    texts = (read_value(dimension, value, dialect) for value in _split(values, "|"))
    return Filter(dimension, is_negated, tuple(_unescape(each) for each in texts))


def _converted(names: list[str], is_negated: bool, goals: tuple[Goal, ...]) -> Condition:
    known = {goal.name: goal for goal in goals}
    for name in names:
        if name not in known:
            raise refusals.unknown_goal(name)
    condition = Converted(tuple(known[name] for name in dict.fromkeys(names)))
    return Not(condition) if is_negated else condition


def _split(text: str, separator: str) -> Iterator[str]:
    """The parts between separators that no backslash stands before; escapes stay as they are."""
    part: list[str] = []
    for token in _TOKEN.findall(text):
        if token == separator:
            yield "".join(part)
            part = []
        else:
            part.append(token)
    yield "".join(part)


def _unescape(value: str) -> str:
    r"""As `Filter` has its values: of all escapes only `\*` is left."""
    return re.sub(r"\\([\\|;])", r"\1", value)


def _plain(value: str) -> str:
    """Without any escapes: in the name of a goal `*` is no wildcard."""
    return re.sub(r"\\([\\|;*])", r"\1", value)
