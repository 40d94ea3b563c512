"""`./inv partitions`: more shards for the stack that runs here, while hits come in."""

import sys
import time
from typing import Final

from invoke.context import Context
from invoke.tasks import task

from deploy.local import settings
from deploy.local.applications import programs
from deploy.local.errors import StackError
from deploy.local.program import Program
from deploy.local.progress import Steps, console
from deploy.local.shell import run
from deploy.local.stack import Stack, plan, start
from deploy.tasks.running import here, listen, told

STOP_SECONDS_MAX: Final = 40.0


@task(positional=["count"], help={"count": "how many there shall be; none can be taken away"})
def partitions(_context: Context, count: int) -> None:
    """Give `hits` more partitions, and so the streams more shards, while traffic flows."""
    listen()
    with told():
        _, found = here()
        stack = plan(settings.read())
        ours = {program.name: program for program in programs(stack.home, stack.found)}
        command = (sys.executable, "-P", "-m", "streams", "partitions", str(count))
        env = {**stack.env, "KAFKA_BROKER": found["kafka"]}
        with Steps() as steps:
            # Stopped meanwhile: a worker would see the topics grow one by one.
            _stop(stack, ours["streams"], steps)
            try:
                with steps.step(f"{count} partitions"):
                    said = run(command, cwd=settings.ROOT, env=env, what="adding partitions")
            finally:
                start(stack, ours["streams"], steps)
            # It chooses the partition of a visitor by the count it finds when it starts.
            _stop(stack, ours["collector"], steps)
            start(stack, ours["collector"], steps)
        console.print(said)


def _stop(stack: Stack, program: Program, steps: Steps) -> None:
    with steps.step(f"stopping {program.name}"):
        stack.supervisor.stop(program)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while stack.supervisor.processes()[program.name].pid:
            if time.monotonic() > deadline:
                raise StackError(f"{program.name} does not stop")
            time.sleep(0.1)
