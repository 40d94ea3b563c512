"""How many requests a caller may make in a time: a sliding window in parts.

A window is cut into parts of equal length, and the requests of the running part and of a whole
window of parts before it are added up. So no more than the quota is ever let in within any window
of time, wherever it begins (two fixed windows would let in twice as much around their border); in
return a request is forgotten up to one part late. At most 61 small numbers are kept for a caller,
whatever the quota. A refused request is not counted: who waits as long as told is let in.
"""

from dataclasses import dataclass
from typing import Final, Protocol

PARTS: Final = 60  # of a window


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `requests_max` requests in any `window_s` seconds, which is a multiple of 60."""

    requests_max: int
    window_s: int

    @property
    def part_s(self) -> int:
        return self.window_s // PARTS

    @property
    def ttl_s(self) -> int:
        """A window and one part after the last request nothing of it counts any more."""
        return self.window_s + self.part_s

    def part(self, now_s: float) -> int:
        """The number of the part that `now_s` lies in; `now_s` is in epoch seconds."""
        return int(now_s // self.part_s)


@dataclass(frozen=True, slots=True)
class Spent:
    """What one request found: whether it was let in, and what is left."""

    allowed: bool
    quota: Quota
    remaining: int  # requests
    reset_s: int  # until `remaining` grows


class Windows(Protocol):
    """Where the requests of all callers are counted."""

    def spend(self, name: str, quota: Quota, now_s: float) -> Spent:
        """Count one request of `name` at `now_s` (epoch seconds) unless its window is full.

        One step, so requests side by side never get more than the quota. Raises
        `StoreUnavailable`.
        """

    def forget(self, name: str) -> None:
        """Begin anew with `name`. Raises `StoreUnavailable`."""


def spent(quota: Quota, now_s: float, *, counted: bool, requests: int, oldest: int) -> Spent:
    """From what a window holds: `requests` in it, the first of them in the part `oldest`."""
    leaves_at_s = (oldest + PARTS + 1) * quota.part_s
    return Spent(
        allowed=counted,
        quota=quota,
        remaining=max(0, quota.requests_max - requests),
        reset_s=max(1, int(leaves_at_s - now_s)),
    )
