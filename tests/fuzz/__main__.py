"""python -m tests.fuzz [--cases N] [--first S] [--seed S]: what `./inv fuzz` runs."""

import argparse
import sys
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.fuzz.run import Report, by_seed, run
from tests.fuzz.target import one_target

CASES: Final = 200_000
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
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="the case of this seed only")
    options = parser.parse_args(arguments)
    if options.cases < 1:
        parser.error("--cases must be at least 1")
    return options


def asked(options: argparse.Namespace, screen: Console) -> Report:
    with one_target() as target:
        if options.seed is not None:
            problem = by_seed(target, options.seed)
            return Report(1, [problem] if problem else [], target.slowest_s)
        columns = (TextColumn("requests"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=screen, transient=True) as progress:
            bar = progress.add_task("", total=options.cases)
            return run(
                target,
                options.first,
                options.cases,
                lambda done: progress.update(bar, completed=done),
            )


def told(report: Report, screen: Console) -> int:
    for failure in report.failures:
        screen.print(failure, style="red", markup=False)
    screen.print(
        f"slowest {report.slowest_s * 1000:.0f} ms of CPU, "
        f"memory {report.growth_bytes / 2**20:+.0f} MB after warming up",
        style="dim",
    )
    screen.print(f"cases: {report.cases} failed: {len(report.failures)}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
