"""A question cut into words, and the error that points at one of them."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

TEXT_CHARS_MAX: Final = 2_000
_WORD: Final = re.compile(r"""\s+|(?P<comma>,)|"(?P<double>[^"]*)"|'(?P<single>[^']*)'|[^\s,]+""")


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start: int  # characters of the question before it
    end: int
    quoted: bool = False

    @property
    def plain(self) -> str:
        """As keywords are compared; what is quoted is none."""
        return "" if self.quoted else self.text.lower()


class NotUnderstood(ValueError):
    """A word of the question has no meaning where it stands; shown with the word underlined."""

    def __init__(self, question: str, start: int, end: int, message: str) -> None:
        super().__init__(message)
        self.question, self.start, self.end, self.message = question, start, end, message

    def __str__(self) -> str:
        line = "".join(char if char.isprintable() else " " for char in self.question)
        marks = " " * self.start + "^" * max(1, self.end - self.start)
        return f"{line}\n{marks}\n{self.message}"


def split(question: str) -> list[Word]:
    """The words; a comma is one. Raises `NotUnderstood` for a question that is too long."""
    if len(question) > TEXT_CHARS_MAX:
        message = f"A question has at most {TEXT_CHARS_MAX} characters."
        raise NotUnderstood(question[:60], 0, 60, message)
    words = []
    for match in _WORD.finditer(question):
        quoted = match["double"] if match["double"] is not None else match["single"]
        if quoted is not None:
            words.append(Word(quoted, match.start(), match.end(), quoted=True))
        elif not match[0].isspace():
            words.append(Word(match[0], match.start(), match.end()))
    return words


def meant(text: str, known: Iterable[str]) -> str:
    """ " Did you mean ...?", or nothing where no known word is like it."""
    by_plain = {each.lower(): each for each in known}
    close = difflib.get_close_matches(text.lower()[:60], list(by_plain), n=2, cutoff=0.6)
    return f" Did you mean {' or '.join(by_plain[each] for each in close)}?" if close else ""
