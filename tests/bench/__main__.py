"""python -m tests.bench PART [--only NAME] [--quick]: run the benches of one part of Pawprint.

Results go to stdout, one JSON object a line; everything for people goes to stderr.
"""

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final

from rich.console import Console

from deploy.local.errors import Interrupted, StackError
from deploy.local.settings import DEFAULT_HOME
from deploy.local.testing import servers
from tests.bench import (
    collecting,
    folding,
    growing,
    querying,
    rebuilding,
    recovering,
    saving,
    showing,
    workers,
)
from tests.bench.results import Result, all_hold, line, table
from tests.bench.run import Bench, Run
from tests.chaos.ports import Ports

# Part -> its benches in order. What must have no servers beside it comes first.
BENCHES: Final[Mapping[str, Mapping[str, Run]]] = {
    "streams": {
        "fold": folding.run,
        "worker": workers.run,
        "rebuild": rebuilding.run,
        "redis": showing.run,
        "checkpoint": saving.run,
        "recovery": recovering.run,
        "growth": growing.run,
    },
    "collector": {
        "script": collecting.script,
        "hits": collecting.run,
        "sites": collecting.sites,
    },
    "queries": {
        "queries": querying.run,
    },
}
WITHOUT_SERVERS: Final = {"fold", "script"}
SECONDS_MAX: Final = 15 * 60
SECONDS_MAX_OF: Final = {"queries": 45 * 60}  # the first run makes months of rollups
INTERRUPTED_STATUS: Final = 130


def main(arguments: list[str]) -> int:
    """The exit status: 0 only when every target holds."""
    options = read_options(arguments)
    screen = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else 120)
    chosen = {name: BENCHES[options.part][name] for name in options.only}
    began = time.monotonic()
    results: list[Result] = []
    try:
        with limited(SECONDS_MAX_OF.get(options.part, SECONDS_MAX)):
            for found in run(chosen, options.quick, screen):
                print(line(found), flush=True)
                results.append(found)
    except (StackError, TimeoutError, RuntimeError) as error:
        screen.print(f"\n{str(error) or repr(error)}", style="red", markup=False)
        return 2
    except (KeyboardInterrupt, Interrupted):
        screen.print("\nInterrupted; everything is stopped.")
        return INTERRUPTED_STATUS
    screen.print()
    screen.print(table(results))
    good = all_hold(results)
    said = "Every target holds" if good else "[red]A target is missed[/]"
    screen.print(f"\n{said}; {time.monotonic() - began:.0f} s")
    return 0 if good else 1


def read_options(arguments: list[str]) -> argparse.Namespace:
    """Exits with a word on what is wrong with them."""
    parser = argparse.ArgumentParser(prog="./inv bench", description=__doc__)
    parser.add_argument("part", choices=sorted(BENCHES))
    parser.add_argument("--only", default="", help="names of benches, comma-separated")
    parser.add_argument("--quick", action="store_true", help="smaller loads: about seven minutes")
    given = parser.parse_args(arguments)
    known = BENCHES[given.part]
    given.only = [name for name in given.only.split(",") if name] or list(known)
    if unknown := [name for name in given.only if name not in known]:
        parser.error(f"no such bench: {', '.join(unknown)}; there are: {', '.join(known)}")
    return given


def run(chosen: Mapping[str, Run], quick: bool, screen: Console) -> Iterator[Result]:
    """Run benches one after the other; the servers start before the first that needs them."""
    home = DEFAULT_HOME / "bench"
    with ExitStack() as stack:
        given: Mapping[str, str] = {}
        for name, bench in chosen.items():
            if name not in WITHOUT_SERVERS and not given:
                # Of our own: a bench must not find, nor empty, the broker of another stack.
                wanted = Ports().of_stack()
                given = stack.enter_context(servers(home, screen, wanted))
            screen.print(f"[bold]{name}[/]")
            yield from bench(Bench(given, home / "workers", quick, screen))


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raises TimeoutError in it after that time, Interrupted when asked to end."""

    def too_long(_number: int, _frame: object) -> None:
        raise TimeoutError(f"not done in {seconds / 60:.0f} minutes")

    def asked(_number: int, _frame: object) -> None:
        raise Interrupted

    signal.signal(signal.SIGALRM, too_long)
    signal.signal(signal.SIGTERM, asked)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
