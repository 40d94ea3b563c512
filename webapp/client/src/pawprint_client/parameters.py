"""What callers pass, as the API wants it: pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Union

Day = Union[dt.date, dt.datetime]
# A word of the API ("7d"), or where it starts and ends. Of two dates both are in it; of two
# datetimes the second is not.
Period = Union[str, tuple[Day, Day]]
Names = Union[str, Sequence[str]]
Option = Union[str, int, bool]

DIALECT = "pawprint"
_SPECIAL = str.maketrans({"\\": "\\\\", "|": "\\|", ";": "\\;"})


def equals(name: str, *values: str) -> str:
    """A filter: `name` is any of `values`; `*` stands for any characters, see `literal`."""
    return _clause(name, "==", values)


def differs(name: str, *values: str) -> str:
    """A filter: `name` is none of `values`."""
    return _clause(name, "!=", values)


def literal(text: str) -> str:
    """`text` for a filter, with each `*` in it meaning just that."""
    return text.replace("\\", "\\\\").replace("*", "\\*")


def _clause(name: str, operator: str, values: tuple[str, ...]) -> str:
    if not values:
        raise ValueError(f"a filter on {name} needs a value")
    return name + operator + "|".join(_escaped(value) for value in values)


def _escaped(value: str) -> str:
    """A backslash that makes a star literal stays; every other special character gets one."""
    return "\\*".join(part.translate(_SPECIAL) for part in value.split("\\*"))


def listed(names: Names) -> str:
    """Names joined as the API lists them."""
    return names if isinstance(names, str) else ",".join(names)


def asked(
    site: str, period: Period = "", date: str = "", filters: Names = (), **others: object
) -> dict[str, str]:
    """The parameters of a query string; what is empty is left to the server's default.

    Asked in the dialect in which what is not known is empty, a mean of nothing is missing, and
    days end with today: nothing in an answer has two meanings.
    """
    span: dict[str, object] = {"period": period, "date": date}
    if not isinstance(period, str):
        first, last = period
        span = {"period": "custom", "date": f"{first.isoformat()},{last.isoformat()}"}
    named = {"site_id": site, "dialect": DIALECT, **span, "filters": joined(filters), **others}
    return {name: _written(value) for name, value in given(**named).items()}


def joined(filters: Names) -> str:
    """Filters that hold at once, as the API lists them."""
    return filters if isinstance(filters, str) else ";".join(filters)


def given(**named: object) -> dict[str, object]:
    """What is not empty."""
    return {name: value for name, value in named.items() if value not in ("", None)}


def file_format(name: str) -> tuple[str, bool]:
    """An export's type and whether it is packed, by a file's name. Raises `ValueError`."""
    bare = name[: -len(".gz")] if name.endswith(".gz") else name
    for kind in ("csv", "jsonl"):
        if bare.endswith(f".{kind}"):
            return kind, bare != name
    raise ValueError(f"{name!r} ends neither with .csv nor .jsonl, nor with .gz after these")


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
