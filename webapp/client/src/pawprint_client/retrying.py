"""When to try again, and how long to wait: pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

from pawprint_client.errors import PawprintError, RateLimited, Unavailable

# What says "later" of itself. Other 5xx are faults that trying again does not mend.
_LATER = (None, 429, 502, 503, 504)


@dataclass(frozen=True)
class Retries:
    """Only what may be done twice is tried again: reading, and what finds or makes.

    The waits double from `base_s` up to `wait_s_max`, each drawn from nothing to that ("full
    jitter"), so that many clients do not come back at once; where the server says how long, that
    long and a little more. A server that asks for more than `wait_s_max` is taken by its word: the
    error is raised at once, and says so.
    """

    attempts: int = 4  # all together; 1 never tries again
    base_s: float = 0.5
    wait_s_max: float = 30.0

    def wait_s(
        self, error: PawprintError, attempt: int, asked_s: float | None, drawn: float
    ) -> float | None:
        """Seconds until the next attempt, None for no more.

        `attempt` counts from 1, `asked_s` is the server's Retry-After, `drawn` is from 0 to 1.
        """
        if attempt >= self.attempts or error.status not in _LATER:
            return None
        if not isinstance(error, (RateLimited, Unavailable)):
            return None
        if asked_s is None:
            return drawn * min(self.wait_s_max, self.base_s * float(2 ** min(attempt - 1, 30)))
        return None if asked_s > self.wait_s_max else asked_s + drawn * self.base_s


def draw() -> float:
    """From 0 to 1; nothing secret hangs on it."""
    return random.random()  # noqa: S311
