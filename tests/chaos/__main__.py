"""python -m tests.chaos --seed S --minutes M --only FAULT[,FAULT]"""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from deploy.local.errors import Interrupted, StackError
from deploy.local.progress import console
from deploy.local.settings import DEFAULT_HOME
from deploy.local.shell import STOP
from tests.chaos import stack
from tests.chaos.faults import FAULTS
from tests.chaos.run import Options, run

LIMIT_S = 600.0  # beyond the minutes of faults: starting, settling, comparing


def read_options(arguments: list[str]) -> tuple[Options, Path]:
    """Exits with a word on what is wrong with them."""
    parser = argparse.ArgumentParser(prog="./inv chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--only", default="", help=", ".join(FAULTS))
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME / "chaos")
    given = parser.parse_args(arguments)
    names = [name for name in given.only.split(",") if name] or list(FAULTS)
    if unknown := [name for name in names if name not in FAULTS]:
        parser.error(f"no such fault: {', '.join(unknown)}; there are: {', '.join(FAULTS)}")
    if not 0 < given.minutes <= 240:
        parser.error("--minutes: more than 0, at most 240")
    kinds = tuple(FAULTS[name] for name in dict.fromkeys(names))
    return Options(kinds, given.seed, given.minutes), given.home


def on_signal(_number: int, _frame: object) -> None:
    if STOP.requested:
        return  # it is stopping
    STOP.requested = True
    raise Interrupted


async def bounded(running: stack.ChaosStack, options: Options) -> bool:
    async with asyncio.timeout(options.minutes * 60 + LIMIT_S):
        return await run(running, options, console)


def main(arguments: list[str]) -> int:
    """The exit status: 0 only when nothing was lost or double and everything settled."""
    options, home = read_options(arguments)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # that Kafka dies is the point
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        with stack.running(home, any(kind.needs_disks for kind in options.kinds)) as found:
            good = asyncio.run(bounded(found, options))
    except (StackError, TimeoutError) as error:
        console.print(f"\n{error or 'it took too long'}", style="red", markup=False)
        console.print(f"The processes' logs: {home / 'logs'}", markup=False)
        return 2
    except Interrupted:
        console.print("\nInterrupted; everything is stopped.")
        return 130
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
