"""python -m tests.fuzz [--cases N] [--sockets N] [--first S] [--seed S]: as `./inv fuzz`."""

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.fuzz.run import Report, by_seed, run
from tests.fuzz.sockets import run_sockets
from tests.fuzz.target import one_target

CASES: Final = 200_000
SOCKETS: Final = 2_000
INTERRUPTED_STATUS: Final = 130


def main(arguments: list[str]) -> int:
    """The exit status: 0 only when every case holds."""
    options = read_options(arguments)
    screen = Console(highlight=False, soft_wrap=True)
    try:
        return told(asked(options, screen), screen)
    except KeyboardInterrupt:
        screen.print("\nInterrupted.")
        return INTERRUPTED_STATUS


def read_options(arguments: list[str]) -> argparse.Namespace:
    """Exits with a word on what is wrong with them."""
    parser = argparse.ArgumentParser(prog="./inv fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help="how many, in this process")
    parser.add_argument("--sockets", type=int, default=SOCKETS, help="how many, on connections")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="the case of this seed only")
    options = parser.parse_args(arguments)
    if options.cases < 1:
        parser.error("--cases must be at least 1")
    return options


def asked(options: argparse.Namespace, screen: Console) -> list[Report]:
    """One report for the requests of this process and one for those on connections."""
    if options.seed is not None:
        with one_target() as target:
            problem = by_seed(target, options.seed)
            return [Report(1, [problem] if problem else [], target.slowest_s)]
    reports = []
    with shown("in process", options.cases, screen) as step, one_target() as target:
        reports.append(run(target, options.first, options.cases, step))
    if options.sockets:
        with shown("on connections", options.sockets, screen) as step:
            reports.append(run_sockets(options.first, options.sockets, step))
    return reports


@contextlib.contextmanager
def shown(what: str, total: int, screen: Console) -> Iterator[Callable[[int], None]]:
    """A bar that is told how many were asked."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=screen, transient=True) as progress:
        bar = progress.add_task(what, total=total)
        yield lambda done: progress.update(bar, completed=done)


def told(reports: Sequence[Report], screen: Console) -> int:
    for name, report in zip(("in process", "on connections"), reports, strict=False):
        for failure in report.failures:
            screen.print(failure, style="red", markup=False)
        slowest = f"slowest {report.slowest_s * 1000:.0f} ms"
        memory = f"memory {report.growth_bytes / 2**20:+.0f} MB after warming up"
        screen.print(f"{name}: {report.cases:,} requests, {slowest}, {memory}", style="dim")
    cases = sum(report.cases for report in reports)
    failed = sum(len(report.failures) for report in reports)
    screen.print(f"cases: {cases} failed: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
