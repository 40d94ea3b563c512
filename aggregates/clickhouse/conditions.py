"""Filters as SQL conditions, every value as a parameter."""

import re
from typing import Final

from aggregates.clickhouse.filters import WILDCARD, Filter

Param = int | str | tuple[str, ...]

# A star, unless a backslash says that it is meant itself.
_WILDCARD: Final = re.compile(r"(?<!\\)\*+")
_LIKE_SPECIAL: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def condition(chosen: Filter, name: str) -> tuple[str, dict[str, Param]]:
    """The condition, and its parameters, whose names begin with `name`.

    >>> condition(Filter(DIMENSIONS["event:page"], True, ("/a", "/blog/*")), "f")
    ("NOT (path IN %(f_exact)s OR path LIKE %(f_like_0)s)",
     {"f_exact": ("/a",), "f_like_0": "/blog/%"})
    """
    column = chosen.dimension.column
    exact = tuple(_unescape(v) for v in chosen.values if not _WILDCARD.search(v))
    patterns = [like_pattern(v) for v in chosen.values if _WILDCARD.search(v)]
    alternatives: list[str] = []
    params: dict[str, Param] = {}
    if exact:
        alternatives.append(f"{column} IN %({name}_exact)s")
        params[f"{name}_exact"] = exact
    for index, pattern in enumerate(patterns):
        alternatives.append(f"{column} LIKE %({name}_like_{index})s")
        params[f"{name}_like_{index}"] = pattern
    any_of = f"({' OR '.join(alternatives)})"
    return (f"NOT {any_of}" if chosen.negated else any_of), params


def like_pattern(value: str) -> str:
    """The LIKE pattern of a value with wildcards; what is special to LIKE is taken literally."""
    return "%".join(_unescape(part).translate(_LIKE_SPECIAL) for part in _WILDCARD.split(value))


def _unescape(text: str) -> str:
    return text.replace("\\" + WILDCARD, WILDCARD)
