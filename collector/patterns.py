"""Wildcard patterns, many at once, in time linear in the text whatever the patterns are.

Python's `re` tries again and again: five `**` and a path made for it keep it busy for hours, and
both come from outside. Rust's `regex` never goes back, and ua-parser's engine, which is here for
agents anyway, asks it about all patterns in one pass.
"""

import re
from collections.abc import Iterable

import ua_parser_rs

_WILD = re.compile(r"(\*+)")


def _regex(pattern: str) -> str:
    parts = ("[^/]*" if part == "*" else ".*" if part[:1] == "*" else re.escape(part)
             for part in _WILD.split(pattern))  # fmt: skip
    return f"(?s)^(?:{''.join(parts)})$"


class Patterns:
    """Texts that fit one of the patterns: `*` is anything but "/", `**` anything."""

    def __init__(self, patterns: Iterable[str]) -> None:
        wild: list[str] = []
        self._plain: set[str] = set()
        for pattern in patterns:
            if "*" in pattern:
                wild.append(pattern)
            else:
                self._plain.add(pattern)
        self._wild = (
            ua_parser_rs.UserAgentExtractor(
                (_regex(pattern), "fits", None, None, None, None) for pattern in wild
            )
            if wild
            else None
        )

    def fit(self, text: str) -> bool:
        if text in self._plain:
            return True
        return self._wild is not None and self._wild.extract(text) is not None
