"""The access log that is played: a whole one, in the combined format."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, cast

from deploy.importing.files import split_lines
from deploy.importing.lines import BadLine, Line
from deploy.importing.templates import COMBINED

BAD_LINES_SHOWN_MAX: Final = 20
_CHUNK_BYTES: Final = 65_536


@dataclass(slots=True)
class BadLines:
    """What could not be read: how many lines, and why the first of them."""

    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)  # (line number, reason)

    def add(self, number: int, reason: str) -> None:
        """Count line `number`."""
        self.count += 1
        if len(self.first) < BAD_LINES_SHOWN_MAX:
            self.first.append((number, reason))


def read_lines(source: Path | BinaryIO, bad: BadLines) -> Iterator[Line]:
    """The readable lines of a log, plain or gzipped; the others are counted in `bad`.

    Raises OSError (gzip.BadGzipFile, EOFError for a cut one) if the file itself can't be read.
    """
    if isinstance(source, Path):
        with _open(source) as file:
            yield from read_lines(file, bad)
        return
    chunks = iter(lambda: source.read(_CHUNK_BYTES), b"")
    for number, (raw, _) in enumerate(split_lines(chunks), 1):
        try:
            line = COMBINED.parse(number, raw)
        except BadLine as error:
            bad.add(number, str(error))
        else:
            if line is not None:
                yield line


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if gzipped else path.open("rb")
