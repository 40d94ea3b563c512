"""The rest of the log, sent as live traffic at a steady average rate, round after round."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from typing import Final

import httpx
import msgspec

from deploy.demo.journal import Journal, Position
from deploy.demo.plan import Plan
from deploy.importing.front_door import IN_FLIGHT_MAX, FrontDoor

LATE_S_MAX: Final = 1.0  # after an outage it goes on at the rate, without a burst to catch up
LAST_ANSWERS_S: Final = 3.0  # how long a stopping player waits for answers


def positions(after: Position | None, pages: int) -> Iterator[Position]:
    """Where to go on after a position, for ever; from the start if there is none."""
    current = after or Position(1, -1)
    while True:
        more = current.page + 1 < pages
        current = Position(*((current.round, current.page + 1) if more else (current.round + 1, 0)))
        yield current


async def play_live(
    plan: Plan,
    journal: Journal,
    door: FrontDoor,
    gaps_s: Iterator[float],
    stop: asyncio.Event,
    answered: Callable[[Position, str | None], None],
) -> None:
    """Send the live part until `stop`; `answered` is told of each answer and its drop reason."""
    in_flight: set[asyncio.Task[None]] = set()
    due_s = time.monotonic()
    for position in positions(journal.last_begun, len(plan.live)):
        due_s = max(due_s + next(gaps_s), time.monotonic() - LATE_S_MAX)
        if await _stopped(stop, due_s - time.monotonic()):
            break
        _forget_answered(in_flight)
        while len(in_flight) >= IN_FLIGHT_MAX and not stop.is_set():
            await asyncio.wait(in_flight, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            _forget_answered(in_flight)
        if stop.is_set():
            break
        in_flight.add(asyncio.create_task(_send(plan, journal, door, position, answered)))
    await _finish(in_flight)


def exponential_gaps_s(rate: float, seed: str) -> Iterator[float]:
    """Seconds between hits that come independently of each other, `rate` a second on average."""
    drawn = random.Random(seed)  # noqa: S311 - a demo's traffic
    while True:
        yield drawn.expovariate(rate)


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), max(0.0, seconds))
    except TimeoutError:
        return False
    return True


async def _send(
    plan: Plan,
    journal: Journal,
    door: FrontDoor,
    position: Position,
    answered: Callable[[Position, str | None], None],
) -> None:
    line = plan.live[position.page]
    body = msgspec.json.encode(plan.live_event(line, position.round))
    # The collector trusts loopback as a proxy. Header values are ASCII; logs need not be.
    agent = line.agent.encode("ascii", "replace").decode("ascii")
    headers = {"User-Agent": agent, "X-Forwarded-For": line.address}
    from_ms = time.time_ns() // 1_000_000
    journal.begin(position, from_ms)
    response = await door.post("/api/event", body, headers)
    dropped = drop_reason(response)
    journal.done(position, from_ms, time.time_ns() // 1_000_000 + 1, dropped)
    answered(position, dropped)


def drop_reason(response: httpx.Response) -> str | None:
    """Why the collector did not take an event, None if it did."""
    if response.status_code != 202:
        return f"status {response.status_code}"
    if "x-plausible-dropped" not in response.headers:
        return None
    return str(response.headers.get("x-drop-reason", "unknown"))


def _forget_answered(in_flight: set[asyncio.Task[None]]) -> None:
    """Take out what is done; raise what failed, such as a full disk under the journal."""
    for task in [task for task in in_flight if task.done()]:
        in_flight.discard(task)
        task.result()


async def _finish(in_flight: set[asyncio.Task[None]]) -> None:
    if in_flight:
        done, late = await asyncio.wait(in_flight, timeout=LAST_ANSWERS_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()
