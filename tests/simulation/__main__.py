"""python -m tests.simulation [--seeds N] [--seed S] [--mutations]: what `./inv simulate` runs."""

import argparse
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.simulation.mutations import MUTATIONS
from tests.simulation.pool import Caught, first_caught, workers
from tests.simulation.run import Outcome, run_seed

SEEDS: Final = 1_000
SHOWN_MAX: Final = 3  # failing seeds whose history is printed
INTERRUPTED_STATUS: Final = 130
PROGRESS_EVERY: Final = 0.1  # of the seeds, where the screen is no terminal


def main(arguments: list[str]) -> int:
    """The exit status: 0 only when every seed holds, or every mutation is caught."""
    options = read_options(arguments)
    screen = Console(highlight=False, soft_wrap=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if options.seed is not None:
            return told([run_seed(options.seed)], 1, screen)
        with workers() as pool:
            if options.mutations:
                return mutate(pool.imap(first_caught, range(len(MUTATIONS))), screen)
            begun = time.monotonic()
            outcomes = list(
                shown(pool.imap_unordered(run_seed, range(options.seeds)), options.seeds, screen)
            )
            spent_s = time.monotonic() - begun
            screen.print(
                f"{sum(each.hits for each in outcomes):,} hits, "
                f"{sum(each.crashes for each in outcomes):,} workers killed, {spent_s:.0f} s",
                style="dim",
            )
            return told(outcomes, options.seeds, screen)
    except KeyboardInterrupt:
        screen.print("\nInterrupted.")
        return INTERRUPTED_STATUS


def read_options(arguments: list[str]) -> argparse.Namespace:
    """Exits with a word on what is wrong with them."""
    parser = argparse.ArgumentParser(prog="./inv simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many, from 0 on")
    parser.add_argument("--seed", type=int, help="this one only")
    parser.add_argument("--mutations", action="store_true", help="the code broken on purpose")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error("--seeds must be at least 1")
    return options


def shown(outcomes: Iterable[Outcome], seeds: int, screen: Console) -> Iterator[Outcome]:
    """The outcomes as they come, with a progress line."""
    columns = (
        TextColumn("simulating"), BarColumn(), MofNCompleteColumn(),
        TextColumn("failed: {task.fields[failed]}"), TimeElapsedColumn(),
    )  # fmt: skip
    failed, step = 0, max(1, int(seeds * PROGRESS_EVERY))
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as progress:
        task = progress.add_task("", total=seeds, failed=0)
        for done, outcome in enumerate(outcomes, 1):
            failed += bool(outcome.error)
            progress.update(task, advance=1, failed=failed)
            if not screen.is_terminal and seeds > 1 and not done % step:
                screen.print(f"{done:,} of {seeds:,} seeds, failed: {failed}")
            yield outcome


def told(outcomes: list[Outcome], seeds: int, screen: Console) -> int:
    """What failed, and the last line."""
    failed = sorted((each for each in outcomes if each.error), key=lambda each: each.seed)
    for outcome in failed[:SHOWN_MAX]:
        screen.rule(f"seed {outcome.seed}", align="left")
        for line in outcome.history:
            screen.print(line, style="dim", markup=False)
        screen.print(outcome.error, style="red", markup=False)
        screen.print(f"again: ./inv simulate --seed {outcome.seed}", markup=False)
    if len(failed) > SHOWN_MAX:
        rest = ", ".join(str(each.seed) for each in failed[SHOWN_MAX:][:20])
        screen.print(f"and {len(failed) - SHOWN_MAX} more: seeds {rest}")
    screen.print(f"seeds: {seeds} failed: {len(failed)}")
    return 1 if failed else 0


def mutate(found: Iterable[Caught], screen: Console) -> int:
    """A line for each mutation, and the last line."""
    missed = count = 0
    for name, what, outcome in found:
        count += 1
        caught = f"seed {outcome.seed}" if outcome else "[red]NOT CAUGHT[/]"
        missed += outcome is None
        screen.print(f"{name:<18}{caught:<12}{what}")
        if outcome:
            screen.print(f"{'':18}{outcome.error.splitlines()[0][:110]}", style="dim", markup=False)
    screen.print(f"mutations: {count} not caught: {missed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
