"""Seeds on every core. (A spawned process finds functions of a module, not those of `__main__`.)"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.pool import Pool
from typing import Final, NamedTuple

from tests.simulation.mutations import MUTATIONS
from tests.simulation.run import Outcome, run_seed

MUTATION_SEEDS_MAX: Final = 200  # each must be caught within so many


class Caught(NamedTuple):
    """A mutation, and the first seed that catches it; None if there is none."""

    name: str
    what: str
    outcome: Outcome | None


@contextmanager
def workers() -> Iterator[Pool]:
    """A process for each core; they end with this one."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(os.cpu_count(), initializer=_quiet) as pool:
        yield pool


def _quiet() -> None:
    """Ctrl-C is for the parent, which ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def first_caught(number: int) -> Caught:
    """Run the mutation of that number on one seed after the other."""
    mutation = MUTATIONS[number]
    for seed in range(MUTATION_SEEDS_MAX):
        with mutation.broken():
            outcome = run_seed(seed)
        if outcome.error:
            return Caught(mutation.name, mutation.what, outcome)
    return Caught(mutation.name, mutation.what, None)
