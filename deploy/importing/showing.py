"""What a person sees: how far it is while it runs, and what became of every line at the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from deploy.importing.pages import REASONS
from deploy.importing.reading import Reader
from deploy.importing.state import State

LINE_EVERY_S: Final = 5.0
REASONS_SHOWN_MAX: Final = 40
_MORE_REASONS: Final = REASONS | {
    "late": "too far out of order (--window)",
    "in_future": "its time has not come yet",
    "cut": "a last line without its end",
    "comment": "no request: a line about the log, or an empty one",
}


class Display:
    """Told after each batch; shows bytes, lines and hits a second, and the time left."""

    def __init__(self, reader: Reader, state: State, total: int | None, console: Console) -> None:
        """`total` is the bytes on disk, None where no end is known."""
        self._reader, self._state, self._total, self._console = reader, state, total, console
        self._sent_before = state.sent
        self._began_s = self._said_s = time.monotonic()
        self._progress: Progress | None = None
        if console.is_terminal:
            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                DownloadColumn(),
            )
            self._progress = Progress(
                *columns, TextColumn("{task.fields[rates]}"), TimeRemainingColumn(), console=console
            )
            self._task = self._progress.add_task(state.import_name[:30], total=total, rates="")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """On the screen for as long as the block lasts."""
        if self._progress is None:
            yield
            return
        with self._progress:
            yield

    def advanced(self) -> None:
        """Something was read or acknowledged."""
        if self._progress is not None:
            done = self._reader.bytes_done
            self._progress.update(self._task, completed=done, rates=self._rates())
        elif time.monotonic() - self._said_s >= LINE_EVERY_S:
            self._said_s = time.monotonic()
            self.tell(self._line())

    def tell(self, text: str) -> None:
        """A line of its own."""
        self._console.print(text, markup=False, highlight=False)

    def _line(self) -> str:
        done = self._reader.bytes_done
        if self._total is None:
            return f"{done / 1e6:,.1f} MB, {self._rates()}"
        share = min(1.0, done / max(1, self._total))
        spent_s = time.monotonic() - self._began_s
        left_s = spent_s * (1 / share - 1) if share else 0.0
        megabytes = f"{done / 1e6:,.1f} of {self._total / 1e6:,.1f} MB"
        return f"{share:.0%}, {megabytes}, {self._rates()}, about {left_s:,.0f} s left"

    def _rates(self) -> str:
        spent_s = max(1e-3, time.monotonic() - self._began_s)
        lines = self._reader.counts.lines / spent_s
        return (
            f"{lines:,.0f} lines/s, {(self._state.sent - self._sent_before) / spent_s:,.0f} hits/s"
        )

    @property
    def spent_s(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began_s


def report(reader: Reader, state: State, spent_s: float, next_step: str) -> Table:
    """What became of every line of this run; no line itself, for it holds an address."""
    counts = reader.counts
    table = Table(box=None, pad_edge=False, show_header=False)

    def row(count: str, said: str) -> None:
        table.add_row(count, Text(said))  # names of files are no markup

    table.add_column(justify="right")
    table.add_column()
    row(f"{counts.lines:,}", f"lines read in {spent_s:,.1f} s")
    row(f"{counts.events:,}", "hits in them")
    by_count = sorted(counts.skipped.items(), key=lambda item: -item[1].count)
    for reason, skipped in by_count[:REASONS_SHOWN_MAX]:
        meaning = _MORE_REASONS.get(reason, "")
        said = f"{reason}: {meaning}" if meaning else reason
        row(f"{skipped.count:,}", f"skipped, {said}; as in {skipped.example}")
    row(f"{state.sent:,}", f"sent as {state.import_name}, all runs together")
    row(f"{state.accepted:,}", "of them accepted and stored; robots among them are not counted")
    for reason, count in sorted(state.dropped.items(), key=lambda item: -item[1]):
        row(f"{count:,}", f"refused by the collector: {reason}")
    for _, log in reader.files():
        if log.damaged:
            row("!", f"{log.path.name} {log.damaged}")
    row("", next_step)
    return table
