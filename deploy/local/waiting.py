"""Waiting for processes to answer, and saying why when they do not."""

import time

from deploy.local.errors import StackError
from deploy.local.health import Health, ailment
from deploy.local.home import Home
from deploy.local.program import Program
from deploy.local.shell import STOP, tail
from deploy.local.supervisor import Supervisor

POLL_SECONDS = 0.1
DEATHS_MAX = 3  # a process that died so often while we waited will not come up


def failure(home: Home, program: Program, reason: str) -> StackError:
    """What to show for a process that did not come up."""
    log = home.log_of(program.name)
    text = log.read_text(errors="replace") if log.exists() else ""
    return StackError(
        f"{program.name} {reason}. The last lines of its log:\n{tail(text, 20)}\n"
        f"More: ./inv logs {program.name}"
    )


def until_healthy(home: Home, supervisor: Supervisor, program: Program) -> None:
    """Return when `program` runs and answers.

    Raises StackError after its time, or when it keeps dying; Interrupted when asked to stop.
    """
    deadline = time.monotonic() + program.ready_after_s
    pids: set[int] = set()
    while True:
        STOP.check()
        process = supervisor.processes()[program.name]
        pids |= {process.pid} - {0}
        if len(pids) > DEATHS_MAX:
            raise failure(home, program, f"died {len(pids) - 1} times while starting")
        wrong: str | None = f"is {process.state.lower()}"
        # One that answers is up; one that cannot be asked has to live for a while first.
        if process.state == "RUNNING" or (
            process.state == "STARTING" and program.health.kind != "running"
        ):
            wrong = ailment(program.health)
        if wrong is None:
            return
        if time.monotonic() > deadline:
            raise failure(
                home, program, f"is not healthy after {program.ready_after_s:.0f} s ({wrong})"
            )
        time.sleep(POLL_SECONDS)


def until_answers(name: str, health: Health, within_s: float = 15) -> None:
    """Return when a server we did not start answers. Raises StackError after `within_s`."""
    deadline = time.monotonic() + within_s
    while (wrong := ailment(health)) is not None:
        STOP.check()
        if time.monotonic() > deadline:
            raise StackError(f"{name} does not answer: {wrong}")
        time.sleep(POLL_SECONDS)
