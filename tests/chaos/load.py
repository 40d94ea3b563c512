"""Numbered events over HTTP, sent again until they are acknowledged; what was is remembered.

A visitor has one event on its way at a time, as somebody clicking through a site, so a retry is
never more than a few events behind the newest of its visitor.
"""

import asyncio
import bisect
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from schemas.sites import SiteSettings

SITES: Final = tuple(SiteSettings(number, f"site-{number}.example") for number in (1, 2, 3))
KEY: Final = "chaos-ingest-key"
VISITORS: Final = 300  # on all sites together
PAGES: Final = 30
AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
)
REFERRERS: Final = ("", "", "https://www.google.com/", "https://news.ycombinator.com/")

TICK_S: Final = 0.1
SINGLES: Final = 5  # events a tick, each in a request of its own
BATCHED: Final = 5  # events a tick that go in one batch
ANSWER_S: Final = 1.5  # less than the collector waits for Kafka: a retry may meet its first try
BACK_OFF_S: Final = (0.1, 2.0)  # the first pause, the longest
REPEAT_S: Final = (0.1, 4.0)  # when an acknowledged event is sent again on purpose


@dataclass
class Visitor:
    site: SiteSettings
    address: str
    agent: str
    seen: bool = False  # the first page has a referrer, the others come from the site itself


@dataclass(frozen=True)
class Event:
    """One event; `number` names it for good."""

    number: int
    visitor: Visitor
    fields: dict[str, Any]


@dataclass(frozen=True)
class Ack:
    """An event was acknowledged, `at_s` by the wall clock."""

    number: int
    site_id: int
    at_s: float


@dataclass
class Load:
    """The load. `collectors` are base URLs; a retry may go to another one than the first try."""

    collectors: Sequence[str]
    draw: random.Random
    acks: list[Ack] = field(default_factory=list)
    repeating: int = 0  # faults that want acknowledged events sent again
    repeated: int = 0
    errors: list[BaseException] = field(default_factory=list)  # of this harness: none is expected
    _ack_times: list[float] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_S),
            connector=aiohttp.TCPConnector(limit=0),  # visitors are the limit
        )
        self._idle = [self._visitor(number) for number in range(VISITORS)]
        self._number = 0

    def _visitor(self, number: int) -> Visitor:
        address = f"81.2.{number // 250}.{number % 250 + 1}"
        return Visitor(SITES[number % len(SITES)], address, AGENTS[number % len(AGENTS)])

    def acknowledged(self, from_s: float, until_s: float) -> int:
        """How many events were acknowledged between two times of the wall clock."""
        times = self._ack_times
        return bisect.bisect_right(times, until_s) - bisect.bisect_left(times, from_s)

    @property
    def waiting(self) -> int:
        """Visitors whose event is not acknowledged yet."""
        return VISITORS - len(self._idle)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; what is on its way goes on."""
        due = time.monotonic()
        while not stop.is_set():
            if self.errors:
                raise self.errors[0]
            due = max(due + TICK_S, time.monotonic() - 1.0)  # never more than a second to make up
            for event in self._events(SINGLES):
                self._spawn(self._deliver([event]))
            batch = self._events(BATCHED)
            for site in SITES:
                if of_site := [event for event in batch if event.visitor.site is site]:
                    self._spawn(self._deliver(of_site, as_batch=True))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(0.0, due - time.monotonic()))

    async def finish(self, within_s: float) -> bool:
        """Wait for what is on its way, then give up. Returns whether all was acknowledged."""
        tasks = set(self._tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()
        return not self.waiting

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.errors.append(error)

    def _events(self, count: int) -> list[Event]:
        """Events of visitors that wait for nothing; fewer when most of them do."""
        made = []
        for _ in range(min(count, len(self._idle))):
            at = self.draw.randrange(len(self._idle))
            self._idle[at], self._idle[-1] = self._idle[-1], self._idle[at]
            made.append(self._event(self._idle.pop()))
        return made

    def _event(self, visitor: Visitor) -> Event:
        self._number += 1
        domain = visitor.site.domain
        fields: dict[str, Any] = {
            "name": self.draw.choices(("pageview", "engagement", "Signup", "Seen"), (15, 2, 2, 1))[
                0
            ],
            "url": f"https://{domain}/page-{self.draw.randrange(PAGES)}",
            "event_id": str(self._number),
        }
        if not visitor.seen:
            visitor.seen, fields["referrer"] = True, self.draw.choice(REFERRERS)
        if fields["name"] == "engagement":
            # A millisecond each: then milliseconds lost or double are events lost or double.
            fields |= {"scroll_depth": self.draw.randrange(101), "engaged_ms": 1}
        elif fields["name"] == "Seen":
            fields["interactive"] = False
        return Event(self._number, visitor, fields)

    async def _deliver(self, events: list[Event], as_batch: bool = False) -> None:
        """Send until acknowledged."""
        pause_s, longest_s = BACK_OFF_S
        while not await self._send(events, as_batch):
            await asyncio.sleep(pause_s * self.draw.uniform(0.5, 1.5))
            pause_s = min(longest_s, pause_s * 2)
        at_s = time.time()
        for event in events:
            self._ack_times.append(at_s)
            self.acks.append(Ack(event.number, event.visitor.site.site_id, at_s))
            self._idle.append(event.visitor)
        if self.repeating:
            await asyncio.sleep(self.draw.uniform(*REPEAT_S))
            self.repeated += len(events) * await self._send(events, as_batch)

    async def _send(self, events: list[Event], as_batch: bool) -> bool:
        """One try. Whether all of them were acknowledged as hits that count."""
        collector = self.draw.choice(self.collectors)
        try:
            if as_batch:
                return await self._send_batch(collector, events)
            return await self._send_single(collector, events[0])
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _send_single(self, collector: str, event: Event) -> bool:
        visitor = event.visitor
        async with self._session.post(
            f"{collector}/api/event",
            json={"domain": visitor.site.domain, **event.fields},
            headers={"user-agent": visitor.agent, "x-forwarded-for": visitor.address},
        ) as answer:
            return answer.status == 202 and "x-plausible-dropped" not in answer.headers

    async def _send_batch(self, collector: str, events: list[Event]) -> bool:
        told = [
            {"ip": event.visitor.address, "user_agent": event.visitor.agent, **event.fields}
            for event in events
        ]
        async with self._session.post(
            f"{collector}/api/batch",
            json={"domain": events[0].visitor.site.domain, "events": told},
            headers={"authorization": f"Bearer {KEY}"},
        ) as answer:
            accepted: int = (await answer.json())["accepted"] if answer.status == 200 else 0
            return accepted == len(events)
