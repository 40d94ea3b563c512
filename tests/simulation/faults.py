"""What may go wrong in a run, drawn from its seed, and the history of what did."""

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Final

HISTORY_MAX: Final = 40  # steps a failing seed shows


class Violation(BaseException):
    """An invariant does not hold. The message says which, and where.

    No Exception: the steps of a worker catch those and try again.
    """


@dataclass(slots=True)
class Faults:
    """Rates are of one call; all fall to 0 when the run heals."""

    draw: Random
    delay_ms_max: int
    failing: float  # not done, and said so
    lost: float  # done, but the answer is lost
    slow: float  # takes seconds
    tearing: float  # of a snapshot's chunks: its worker is killed right after it
    clickhouse_away: bool = False
    redis_away: bool = False
    healed: bool = False
    history: deque[str] = field(default_factory=lambda: deque(maxlen=HISTORY_MAX))

    @classmethod
    def drawn(cls, draw: Random) -> "Faults":
        """Some seeds have few faults, some many; some none of a kind."""
        pick = draw.choice
        return cls(
            draw,
            delay_ms_max=pick([5, 50, 400]),
            failing=pick([0.0, 0.02, 0.15, 0.3]),
            lost=pick([0.0, 0.02, 0.15, 0.4]),
            slow=pick([0.0, 0.02]),
            tearing=pick([0.0, 0.02, 0.1]),
        )

    def delay_ms(self) -> int:
        if not self.healed and self.draw.random() < self.slow:
            return self.draw.randrange(1_000, 6_000)
        return self.draw.randrange(1, self.delay_ms_max)

    def fate(self) -> str:
        """Of one call: "done", "failed" or "lost"."""
        if self.healed:
            return "done"
        drawn = self.draw.random()
        if drawn < self.failing:
            return "failed"
        return "lost" if drawn < self.failing + self.lost else "done"

    def heal(self) -> None:
        self.healed = True
        self.clickhouse_away = self.redis_away = False

    def note(self, now_ms: int, line: str) -> None:
        self.history.append(f"{now_ms / 1000:9.3f} s  {line}")
