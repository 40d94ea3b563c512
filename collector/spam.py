"""Referrer spam: hits that exist only so that somebody's domain shows up in reports.

No package carries Matomo's list, so the best known part of it is built in; an operator who wants
the whole of it supplies the file.
"""

from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Final

BUILT_IN: Final = Path(__file__).parent / "referrer_spammers.txt"


def entries(lines: Iterable[str]) -> Iterator[str]:
    """A list's lines without comments (`#`, `!`) and blanks."""
    for line in lines:
        text = line.partition("#")[0].strip()
        if text and not text.startswith("!"):
            yield text


SPAMMERS: Final = frozenset(entries(BUILT_IN.read_text(encoding="utf-8").splitlines()))


def is_spammer(host: str, spammers: Container[str]) -> bool:
    """Whether `host`, or a domain it lies in, is one of `spammers`; not a part of a name, as in
    "notsemalt.com"."""
    while host:
        if host in spammers:
            return True
        host = host.partition(".")[2]
    return False
