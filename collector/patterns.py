"""Wildcard patterns, many at once, in time linear in the text whatever the patterns are.

Python's `re` tries again and again: five `**` and a path made for it keep it busy for hours, and
both come from outside. Rust's `regex` never goes back, and ua-parser's engine, which is here for
agents anyway, asks it about all patterns in one pass. It takes 10 KB a pattern, so a few patterns
with one wildcard, as nearly all are, are compared by their two ends instead.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import ua_parser_rs

ENDS_MAX: Final = 8  # beyond, one pass of the engine is quicker
_WILD: Final = re.compile(r"(\*+)")


class Ends(NamedTuple):
    """A pattern with one wildcard; `crosses` if it may stand for "/"."""

    start: str
    end: str
    crosses: bool

    def fit(self, text: str) -> bool:
        between = len(text) - len(self.end)
        return (
            between >= len(self.start)
            and text.startswith(self.start)
            and text.endswith(self.end)
            and (self.crosses or text.find("/", len(self.start), between) < 0)
        )


def _regex(pattern: str) -> str:
    wild = {"*": "[^/]*"}
    parts = (
        wild.get(part, ".*") if part[:1] == "*" else re.escape(part)
        for part in _WILD.split(pattern)
    )
    return f"(?s)^(?:{''.join(parts)})$"


def _engine(patterns: Iterable[str]) -> ua_parser_rs.UserAgentExtractor:
    return ua_parser_rs.UserAgentExtractor(
        (_regex(pattern), "fits", None, None, None, None) for pattern in patterns
    )


class Patterns:
    """Texts that fit one of the patterns: `*` is anything but "/", `**` anything."""

    __slots__ = ("_ends", "_engine", "_plain")

    def __init__(self, patterns: Iterable[str]) -> None:
        parts = {pattern: _WILD.split(pattern) for pattern in patterns}
        self._plain = {pattern for pattern, split in parts.items() if len(split) == 1}
        ends = [pattern for pattern, split in parts.items() if len(split) == 3]
        others = [pattern for pattern, split in parts.items() if len(split) > 3]
        if len(ends) > ENDS_MAX:
            ends, others = [], ends + others
        splits = (parts[pattern] for pattern in ends)
        self._ends = tuple(Ends(start, end, len(wild) > 1) for start, wild, end in splits)
        self._engine = _engine(others) if others else None

    def fit(self, text: str) -> bool:
        if text in self._plain or any(ends.fit(text) for ends in self._ends):
            return True
        return self._engine is not None and self._engine.extract(text) is not None
