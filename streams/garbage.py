"""When Python looks for cycles: among what is new, never among the state.

A shard is millions of objects that live on and hold no cycles: reference counts free all of it.
By default the garbage collector walks them all again whenever they have grown by a quarter, which
took more than half of the fold's time and stopped the event loop for a second.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

YOUNG_MAX: Final = 200_000  # objects made and not freed; walking them takes some 10 ms
YOUNG_TIMES: Final = 5  # young collections to one that walks what these left
OLD_TIMES: Final = 2**30  # of those to one that walks the state: not in a worker's life


def spare_the_state() -> None:
    """From here on only what is new is walked. Cycles that grew old wait for `collect_all`."""
    gc.set_threshold(YOUNG_MAX, YOUNG_TIMES, OLD_TIMES)


@contextmanager
def not_looking() -> Iterator[None]:
    """While it lasts nothing is walked: for work that makes very much and lets go of all of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def collect_all() -> None:
    """Walk everything: for moments when there is no state, as when partitions were given up."""
    gc.collect()
