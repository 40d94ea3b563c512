"""`./inv partitions`: more shards for the stack that runs here, while hits come in."""

import sys
from collections.abc import Mapping
from typing import Any, Final

from invoke.context import Context
from invoke.tasks import task

from deploy.local import settings
from deploy.local.health import Health
from deploy.local.home import Home
from deploy.local.program import Program
from deploy.local.progress import Steps, console
from deploy.local.shell import run
from deploy.local.supervisor import Supervisor
from deploy.local.waiting import until_healthy
from deploy.tasks.running import here, listen, told

STOP_SECONDS_MAX: Final = 40.0
READY_SECONDS_MAX: Final = 120.0


@task(positional=["count"], help={"count": "how many there shall be; none can be taken away"})
def partitions(_context: Context, count: int) -> None:
    """Give `hits` more partitions, and so the streams more shards, while traffic flows."""
    listen()
    with told():
        home, found = here()
        streams, collector = (_as_running(found, name) for name in ("streams", "collector"))
        env = {**settings.inherited(), "KAFKA_BROKER": found["kafka"]}
        command = (sys.executable, "-P", "-m", "streams", "partitions", str(count))
        with Steps() as steps:
            # Stopped meanwhile: a worker would see the topics grow one by one.
            _stop(home, streams, steps)
            try:
                with steps.step(f"{count} partitions"):
                    said = run(command, cwd=settings.ROOT, env=env, what="adding partitions")
            finally:
                _start(home, streams, steps)
            # It chooses the partition of a visitor by the count it finds when it starts.
            _stop(home, collector, steps)
            _start(home, collector, steps)
        console.print(said)


def _as_running(found: Mapping[str, Any], name: str) -> Program:
    """A process the supervisor knows already: it has its command and environment."""
    return Program(
        name=name,
        group="applications",
        command=(),
        cwd=settings.ROOT,
        health=Health(**found["programs"][name]),
        ready_after_s=READY_SECONDS_MAX,
    )


def _stop(home: Home, program: Program, steps: Steps) -> None:
    with steps.step(f"stopping {program.name}"):
        Supervisor(home).stop(program, STOP_SECONDS_MAX)


def _start(home: Home, program: Program, steps: Steps) -> None:
    with steps.step(program.name) as say:
        say(program.health.address)
        supervisor = Supervisor(home)
        supervisor.start(program)
        until_healthy(home, supervisor, program)
