"""Steps on the screen: a live line each on a terminal, plain lines elsewhere."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import IO, Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

# Wide where it is not a terminal: a log or a file wraps no table.
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)


def paper(file: IO[str]) -> Console:
    """What goes into a file, to be shown later: as `console` where that is no terminal."""
    return Console(file=file, highlight=False, soft_wrap=True, width=160)


class Steps:
    """Steps that may run side by side, each shown with its seconds."""

    def __init__(self, console: Console = console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._live = (
            Progress(
                SpinnerColumn(finished_text="[green]✓"),
                TextColumn("{task.description}"),
                TimeElapsedColumn(),
                TextColumn("[dim]{task.fields[note]}"),
                console=console,
                transient=False,
            )
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[str], None]]:
        """One step; what it yields sets the note beside the line."""
        begun = time.monotonic()
        task = self._begin(title)
        note = ""

        def say(text: str) -> None:
            nonlocal note
            note = text
            if self._live and task is not None:
                self._live.update(task, note=text)

        try:
            yield say
        except BaseException:
            self._end(task, title, begun, note, failed=True)
            raise
        self._end(task, title, begun, note, failed=False)

    def _begin(self, title: str) -> TaskID | None:
        return self._live.add_task(title, total=1, note="") if self._live else None

    def _end(
        self, task: TaskID | None, title: str, begun: float, note: str, *, failed: bool
    ) -> None:
        if self._live and task is not None:
            said = f"[red]✗ {title}" if failed else title
            self._live.update(task, description=said, completed=0 if failed else 1)
            self._live.stop_task(task)
            return
        with self._lock:
            mark = "[red]✗[/]" if failed else "[green]✓[/]"
            took = f"{time.monotonic() - begun:5.1f} s"
            self._console.print(f"{mark} {title:<24} {took}  [dim]{note}[/]")
