"""The collector's clock."""

import time
from collections.abc import Callable


def wall_ms() -> int:
    """Epoch milliseconds of the machine's clock, which may be set back."""
    return time.time_ns() // 1_000_000


class Clock:
    """Epoch milliseconds that never go back while the process lives.

    The fold closes a minute when its partition's time has passed it. If NTP set the machine's clock
    back, hits stamped with it would be late by the whole step; standing still is the smaller error.
    """

    def __init__(self, wall: Callable[[], int] = wall_ms) -> None:
        self._wall = wall
        self._last_ms = 0

    def now_ms(self) -> int:
        self._last_ms = max(self._last_ms, self._wall())
        return self._last_ms
