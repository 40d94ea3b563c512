"""Which fault comes next: a shuffled deck of all kinds, so that none waits for long.

Below what is left of a deck, because its target is not free, lies the next one.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.chaos.faults import Fault


@dataclass
class Deck:
    """Faults in an order drawn from the seed; what a fault needs for itself is lent out."""

    kinds: Sequence[Fault]
    draw: random.Random
    busy: set[str] = field(default_factory=set)
    _left: list[Fault] = field(default_factory=list)

    def take(self) -> tuple[Fault, str] | None:
        """The next fault that can begin now, with its target, both lent; None if there is none."""
        if found := self._take_left():
            return found
        if len(self._left) < len(self.kinds):  # what waits for its target must not hold up others
            self._left += self.draw.sample(list(self.kinds), len(self.kinds))
        return self._take_left()

    def _take_left(self) -> tuple[Fault, str] | None:
        for fault in self._left:
            if free := [target for target in fault.targets if target not in self.busy]:
                self._left.remove(fault)
                target = self.draw.choice(free)
                self.busy |= {target} - {""}
                return fault, target
        return None

    def give_back(self, target: str) -> None:
        self.busy.discard(target)


def pace_s(minutes: float, kinds: int) -> float:
    """Seconds between faults: six a minute, and each kind once in a short run."""
    return minutes * 60 / max(kinds, round(minutes * 6))
