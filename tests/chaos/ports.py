"""Ports that nobody else takes: what is killed must find its own free when it comes back.

The usual ports and their neighbours go to any other stack that starts meanwhile; those that the
system draws for clients (from 32768 on) to any connection, even one of a client to itself.
"""

import random
from typing import Final

from deploy.local.errors import StackError
from deploy.local.ports import USUAL, is_free

RANGE: Final = range(20_000, 32_000)


class Ports:
    """Drawn without a seed: two runs of one seed may go side by side."""

    def __init__(self) -> None:
        self._left = random.SystemRandom().sample(RANGE, len(RANGE))

    def take(self) -> int:
        """A port that is free, each once. Raises StackError when none is left."""
        while self._left:
            if is_free(port := self._left.pop()):
                return port
        raise StackError(f"no free port from {RANGE.start} to {RANGE.stop - 1}")

    def of_stack(self) -> dict[str, int]:
        """One for each name that a stack keeps a port for."""
        return {name: self.take() for name in USUAL}
