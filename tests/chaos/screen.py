"""A run on the screen: lines for faults as they come and go, and one live line on a terminal."""

import asyncio
import time
from typing import Final

from rich.console import Console

from tests.chaos.faults import FAULTS
from tests.chaos.log import Log
from tests.chaos.report import Injection
from tests.chaos.scene import Scene

LIVE_S: Final = 0.5  # between looks of the live line
PLAIN_S: Final = 15.0  # between lines where there is no terminal


class Screen:
    """Says what happens, with the seconds since the run began."""

    def __init__(self, console: Console, scene: Scene, minutes: float) -> None:
        self._console, self._scene, self._minutes = console, scene, minutes
        self._began = time.monotonic()
        self._open: dict[int, Injection] = {}

    def say(self, text: str) -> None:
        at_s = int(time.monotonic() - self._began)
        self._console.print(f"{at_s // 60:02}:{at_s % 60:02}  {text}", markup=False)

    def began(self, one: Injection) -> None:
        self._open[one.number] = one
        self.say(f"#{one.number} {one.fault} {one.target}: {FAULTS[one.fault].does}")

    def recovered(self, one: Injection) -> None:
        self._open.pop(one.number, None)
        problem = f" ({one.error})" if one.error else ""
        self.say(
            f"#{one.number} {one.fault} {one.target} recovered, {one.recovery_s:.1f} s{problem}"
        )

    def state(self) -> str:
        """The live line."""
        load, progress = self._scene.load, self._scene.progress
        open_faults = " ".join(f"#{one.number} {one.fault}" for one in self._open.values())
        return (
            f"of {self._minutes:g} min: acknowledged {len(load.acks):,}, "
            f"waiting for an answer {load.waiting}, in the log {progress.follower.log.count:,}, "
            f"behind {progress.behind:,}; {open_faults or 'no fault'}"
        )

    async def show(self) -> None:
        """Until cancelled."""
        if not self._console.is_terminal:
            while True:
                await asyncio.sleep(PLAIN_S)
                self.say(self.state())
        with self._console.status(self.state()) as status:
            while True:
                await asyncio.sleep(LIVE_S)
                status.update(self.state())

    def summary(self, log: Log, oracle_events: int) -> None:
        """What was compared."""
        load = self._scene.load
        uncounted = log.count - oracle_events
        self._console.print(
            f"\nacknowledged {len(load.acks):,} events and {load.repeated:,} repeats; the log "
            f"holds {log.count:,} hits, {uncounted:,} of them repeats or of no visit, and "
            f"{len(log.unreadable)} records nobody can decode\n",
            markup=False,
        )
