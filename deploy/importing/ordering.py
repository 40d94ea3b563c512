"""Nearly sorted to sorted: servers write a line when the answer has gone out.

A line may come up to `window_ms` after a later one. What comes later still is turned away, and
whether it is depends on the lines before it alone, never on where reading began: each line carries
the floor that held before it, and whoever goes on from that line goes on with that floor.
"""

import heapq
from typing import Final, Generic, NamedTuple, TypeVar

Thing = TypeVar("Thing")
HELD_MAX: Final = 50_000  # events in memory, about 1 KB each


class Moment(NamedTuple):
    """Where an event stands: by time, then by its place in the log. Each place is there once."""

    at_ms: int
    sequence: int


class Sorter(Generic[Thing]):
    """Holds what may still be overtaken."""

    def __init__(self, window_ms: int, floor_ms: int = 0, held_max: int = HELD_MAX) -> None:
        self._window_ms = window_ms
        self._held_max = held_max
        self._heap: list[tuple[Moment, Thing]] = []
        self.floor_ms = floor_ms  # what is older comes too late

    def __len__(self) -> int:
        return len(self._heap)

    def is_late(self, at_ms: int) -> bool:
        """Whether what it belongs before may be gone already."""
        return at_ms < self.floor_ms

    def add(self, moment: Moment, thing: Thing) -> None:
        """Take in what is not late."""
        heapq.heappush(self._heap, (moment, thing))
        self.floor_ms = max(self.floor_ms, moment.at_ms - self._window_ms)
        if len(self._heap) > self._held_max:
            self.floor_ms = max(self.floor_ms, self._heap[0][0].at_ms + 1)

    def next(self, before_ms: int = 0) -> tuple[Moment, Thing] | None:
        """The next in order that nothing can overtake, or that is older than `before_ms`."""
        if not self._heap or self._heap[0][0].at_ms >= max(self.floor_ms, before_ms):
            return None
        self.floor_ms = max(self.floor_ms, self._heap[0][0].at_ms)
        return heapq.heappop(self._heap)

    def first_of_place(self) -> Thing | None:
        """Of what is held, that which stands first in the log."""
        return min(self._heap, key=lambda held: held[0].sequence)[1] if self._heap else None
