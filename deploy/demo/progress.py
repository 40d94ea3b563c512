"""What the player shows: a bar with rate and time left on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

LINE_EVERY_S: Final = 2.0


class Shown(Protocol):
    """A progress on display."""

    def advance(self, count: int) -> None:
        """So many more are done."""

    def tell(self, text: str) -> None:
        """A line of its own, without disturbing the bar."""


class _Bar:
    def __init__(self, progress: Progress, what: str, done: int, total: int) -> None:
        self._progress = progress
        self._first, self._done, self._began_s = done, done, time.monotonic()
        self._task = progress.add_task(what, total=total, completed=done, rate="")

    def advance(self, count: int) -> None:
        self._done += count
        rate = (self._done - self._first) / max(1e-3, time.monotonic() - self._began_s)
        self._progress.update(self._task, advance=count, rate=f"{rate:,.0f}/s")

    def tell(self, text: str) -> None:
        self._progress.console.print(text, markup=False)


class _Lines:
    def __init__(self, what: str, done: int, total: int) -> None:
        self._what, self._first, self._done, self._total = what, done, done, total
        self._began_s = self._said_s = time.monotonic()

    def advance(self, count: int) -> None:
        self._done += count
        now_s = time.monotonic()
        if now_s - self._said_s < LINE_EVERY_S and self._done < self._total:
            return
        self._said_s = now_s
        rate = (self._done - self._first) / max(1e-3, now_s - self._began_s)
        self.tell(progress_line(self._what, self._done, self._total, rate))

    def tell(self, text: str) -> None:
        say(text)


def progress_line(what: str, done: int, total: int, rate: float) -> str:
    """One line of progress; `rate` is in pieces a second."""
    left_s = (total - done) / rate if rate else 0.0
    share = done / total if total else 1.0
    return f"{what}: {done:,} of {total:,} ({share:.0%}), {rate:,.0f}/s, {left_s:.0f} s left"


@contextmanager
def shown(what: str, done: int, total: int) -> Iterator[Shown]:
    """Show the progress of `total` pieces, `done` of which are there already."""
    if not sys.stdout.isatty():
        yield _Lines(what, done, total)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console()) as progress:
        yield _Bar(progress, what, done, total)


def say(text: str) -> None:
    """A plain line, at once even into a pipe."""
    print(text, flush=True)
