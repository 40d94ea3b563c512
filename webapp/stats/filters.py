r"""The `filters` parameter: `visit:country==DE|AT;event:page!=/admin*`.

All filters hold at once; a value may be any of those between `|`. `*` stands for any characters.
A backslash takes the meaning from `|`, `;`, `*` and itself.
"""

import re
from collections.abc import Iterator
from typing import Final

from aggregates.clickhouse.filters import Filter
from aggregates.clickhouse.vocabulary import DIMENSIONS
from webapp.api.errors import InvalidInput

FIELD: Final = "filters"
TEXT_CHARS_MAX: Final = 20_000
_CLAUSE: Final = re.compile(r"\s*([^=!\s]+)\s*(==|!=)(.*)", re.DOTALL)
_TOKEN: Final = re.compile(r"\\[\\|;*]|.", re.DOTALL)


def parse_filters(text: str) -> tuple[Filter, ...]:
    """The filters in `text`; none for an empty one.

    Raises `InvalidInput`, and `InvalidQuestion` for values that cannot be asked for.
    """
    if len(text) > TEXT_CHARS_MAX:
        raise InvalidInput(FIELD, f"at most {TEXT_CHARS_MAX} characters")
    return tuple(_filter(clause) for clause in _split(text, ";") if clause.strip())


def _filter(clause: str) -> Filter:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        raise InvalidInput(FIELD, f"{clause[:60]!r} is not like visit:country==DE|AT")
    name, operator, values = match.groups()
    if name not in DIMENSIONS:
        raise InvalidInput(FIELD, f"no property {name[:60]!r}; one of {', '.join(DIMENSIONS)}")
    texts = tuple(_unescape(value) for value in _split(values, "|"))
    return Filter(DIMENSIONS[name], negated=operator == "!=", values=texts)


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
