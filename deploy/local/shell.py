"""Running a command to its end, with its output shown when it fails, and stopping when asked."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from deploy.local.errors import Interrupted, StackError

TAIL_LINES: Final = 30
_LOOK_SECONDS: Final = 0.2  # how soon a long wait notices that it should stop


@dataclass(slots=True)
class Stop:
    """Set by a signal or by a neighbour's failure; every long wait looks at it.

    A plain flag, for a signal handler must take no lock.
    """

    requested: bool = False

    def check(self) -> None:
        """Raise Interrupted when somebody asked to stop."""
        if self.requested:
            raise Interrupted


STOP: Final = Stop()


def tail(text: str, lines: int = TAIL_LINES) -> str:
    """The last `lines` lines."""
    return "\n".join(text.splitlines()[-lines:])


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    what: str,
    user: str | None = None,
    timeout_s: float = 900,
    stoppable: bool = True,
) -> str:
    """The standard output of `command`.

    Raises StackError with the last of its output when it fails or takes longer than `timeout_s`,
    Interrupted when asked to stop; one that is not `stoppable` comes to its end first.
    """
    STOP.check()
    child = subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        user=user,
        group=user,
        extra_groups=[] if user else None,
        process_group=0,  # so that what it started ends with it, and Ctrl-C is for us
    )
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            out, err = child.communicate(timeout=_LOOK_SECONDS)
            break
        except subprocess.TimeoutExpired:
            late = time.monotonic() > deadline
            if late or (STOP.requested and stoppable):
                os.killpg(child.pid, signal.SIGKILL)
                child.communicate()
                STOP.check()
                raise StackError(f"{what} did not end within {timeout_s:.0f} s") from None
    STOP.check()
    if child.returncode != 0:
        raise StackError(f"{what} failed ({child.returncode}):\n{tail(out + err)}")
    return out


def show(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], output: IO[str] | None = None
) -> int:
    """Run `command` with its output on our own screen, or in `output`; its exit status."""
    STOP.check()
    child = subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
    )
    while True:
        try:
            status = child.wait(timeout=_LOOK_SECONDS)
            break
        except subprocess.TimeoutExpired:
            if STOP.requested:
                child.terminate()
                try:
                    child.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
                break
    STOP.check()
    return status


def side_by_side(*jobs: Callable[[], object]) -> None:
    """Run `jobs` in threads to their end; the first failure stops the others and is raised."""
    with ThreadPoolExecutor(max_workers=max(1, len(jobs))) as pool:
        futures = [pool.submit(job) for job in jobs]
        done, waiting = wait(futures, return_when=FIRST_EXCEPTION)
        failures = [error for future in done if (error := future.exception())]
        if not failures:
            return
        asked_before = STOP.requested
        STOP.requested = True
        wait(waiting)
        STOP.requested = asked_before
    raise next((error for error in failures if not isinstance(error, Interrupted)), failures[0])
