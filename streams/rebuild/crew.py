"""The processes that fold the log, one for each core, and what they report."""

import multiprocessing
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Final, Self

from streams.rebuild.folding import Failure, Report, Task, run

JOIN_S: Final = 5.0


class RebuildFailed(Exception):
    """It cannot go on; the text says why and what to do."""


@dataclass(slots=True)
class _Member:
    process: BaseProcess
    pipe: Connection
    last: Report = field(default_factory=lambda: Report(0, 0, 0, 0))
    reached_end: bool = False


def shares(partitions: Sequence[int], processes: int) -> list[tuple[int, ...]]:
    """The partitions of each of at most `processes` processes, none of them empty."""
    count = max(1, min(processes, len(partitions)))
    return [tuple(partitions[start::count]) for start in range(count)]


def cores() -> int:
    return len(os.sched_getaffinity(0))


class Crew:
    """The processes of one rebuild; leaving the block ends those that still run."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        # spawn: a fork would share what the parent holds of connections and threads.
        context = multiprocessing.get_context("spawn")
        self._members = []
        for task in tasks:
            ours, theirs = context.Pipe()
            process = context.Process(target=run, args=(task, theirs), daemon=True)
            process.start()
            theirs.close()
            self._members.append(_Member(process, ours))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for member in self._members:
            member.process.kill()
            member.process.join(JOIN_S)
            member.pipe.close()

    def listen(self, timeout_s: float) -> None:
        """Take in what has been reported, waiting at most `timeout_s` for it.

        Raises `RebuildFailed` when a process gave up or died.
        """
        open_pipes = {each.pipe: each for each in self._members if each.last.applied is None}
        for pipe in wait(list(open_pipes), timeout_s):
            self._take(open_pipes[pipe])  # type: ignore[index]

    def finish(self) -> None:
        """Have every process fold to the end of the log as it is then, and write everything."""
        for member in self._members:
            member.pipe.send(None)

    @property
    def caught_up(self) -> bool:
        """Each has been at the end of the log."""
        return all(member.reached_end for member in self._members)

    @property
    def done(self) -> bool:
        return all(member.last.applied is not None for member in self._members)

    @property
    def total(self) -> Report:
        last = [member.last for member in self._members]
        return Report(
            records=sum(each.records for each in last),
            hits=sum(each.hits for each in last),
            rows=sum(each.rows for each in last),
            behind=sum(each.behind for each in last),
            waiting_for=next((each.waiting_for for each in last if each.waiting_for), ""),
            applied={p: at for each in last for p, at in (each.applied or {}).items()},
            snapshot_bytes=sum(each.snapshot_bytes for each in last),
            open_since_s=min(each.open_since_s for each in last),
        )

    def _take(self, member: _Member) -> None:
        try:
            told = member.pipe.recv()
        except (EOFError, OSError):
            member.process.join(JOIN_S)
            raise RebuildFailed(
                f"a folding process died (exit status {member.process.exitcode}); its last lines "
                "are above. Out of memory? `--processes 1` takes less"
            ) from None
        if isinstance(told, Failure):
            raise RebuildFailed(told.reason)
        member.last = told
        member.reached_end |= told.at_end
