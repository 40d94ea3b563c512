"""A time of our own, for the steps of the protocol."""

from typing import Final

NOW_MS: Final = 1_763_928_000_000


class Clock:
    """`ports.Clock` that stands until it is moved."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def now_s(self) -> float:
        return self.at_s

    def epoch_ms(self) -> int:
        return NOW_MS + round(self.at_s * 1000)

    async def sleep(self, seconds: float) -> None:
        self.at_s += seconds
