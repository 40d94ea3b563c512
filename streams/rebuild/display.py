"""What a rebuild says while it works: a bar on a terminal, a line now and then elsewhere."""

import time
from collections import deque
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn

from streams.rebuild.folding import Report

LINE_EVERY_S: Final = 10.0
RATE_OVER_S: Final = 10.0


class Rates:
    """Hits and records a second over the last RATE_OVER_S."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int, int]] = deque()

    def add(self, now_s: float, report: Report) -> None:
        self._seen.append((now_s, report.records, report.hits))
        while len(self._seen) > 2 and now_s - self._seen[0][0] > RATE_OVER_S:
            self._seen.popleft()

    @property
    def hits(self) -> float:
        return self._rate(2)

    def left_s(self, report: Report) -> float | None:
        """Seconds until the end of the log, None while nobody can say."""
        records = self._rate(1)
        return report.behind / records if records else None

    def _rate(self, index: int) -> float:
        if len(self._seen) < 2:
            return 0.0
        first, last = self._seen[0], self._seen[-1]
        return (last[index] - first[index]) / max(last[0] - first[0], 1e-3)


class Display:
    """The progress of one fold."""

    def __init__(self, console: Console, title: str) -> None:
        self._console, self._title = console, title
        self._rates = Rates()
        self._begun = time.monotonic()
        self._line_at = self._begun
        self._bar = (
            Progress(
                SpinnerColumn(finished_text="[green]✓"),
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[note]}"),
                console=console,
            )
            if console.is_terminal
            else None
        )
        self._task = self._bar.add_task(title, total=None, note="") if self._bar else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun

    def show(self, report: Report, title: str = "") -> None:
        """How far it is now; `title` names the step where it is another one."""
        now = time.monotonic()
        self._rates.add(now, report)
        total = report.records + report.behind
        note = self._note(report)
        if self._bar and self._task is not None:
            self._bar.update(
                self._task,
                description=title or self._title,
                total=total or None,
                completed=report.records,
                note=note,
            )
        elif now - self._line_at >= LINE_EVERY_S:
            self._line_at = now
            share = f"{100 * report.records / total:3.0f} %" if total else ""
            self._console.print(f"  {title or self._title}: {share} {note}", markup=False)

    def _note(self, report: Report) -> str:
        if report.waiting_for:
            return f"waiting: {report.waiting_for}"
        left_s = self._rates.left_s(report)
        left = f"  about {duration(left_s)} left" if left_s is not None and report.behind else ""
        return f"{report.hits:,} hits  {self._rates.hits:,.0f}/s{left}"


def duration(seconds: float) -> str:
    """Short and rounded: 40 s, 3 min, 1.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000 else f"{seconds / 3_600:.1f} h"
