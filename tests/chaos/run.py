"""One run: load and faults side by side, then quiet, then the comparison with the oracle."""

import asyncio
import random
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka.errors import KafkaError
from redis.exceptions import RedisError
from rich.console import Console

from collector import identity
from deploy.local.errors import StackError
from tests.chaos import log, oracle, report
from tests.chaos.disks import MountRefused
from tests.chaos.faults import Fault
from tests.chaos.load import SITES, Load
from tests.chaos.oracle import Difference, Measure, Oracle
from tests.chaos.report import Injection
from tests.chaos.scene import Progress, Scene, health_pages
from tests.chaos.schedule import Deck, pace_s
from tests.chaos.screen import Screen
from tests.chaos.stack import COLLECTORS, ChaosStack
from tests.chaos.stored import Rollups, live_counts, since

LEAD_S: Final = 5.0  # of load alone, before the first fault
SETTLE_S_MAX: Final = 240.0  # from the last fault until everything is counted
COMPARE_S_MAX: Final = 45.0  # all was folded and stored already
READ_S_MAX: Final = 120.0
LIVE_S: Final = 28 * 60  # the live counters keep 30 minutes


@dataclass(frozen=True)
class Options:
    kinds: tuple[Fault, ...]
    seed: int
    minutes: float


@dataclass
class Found:
    """What the comparison found at last."""

    log: log.Log
    oracle: Oracle
    differing: list[Difference] = field(default_factory=list)
    missing_at_s: list[float] = field(default_factory=list)  # acknowledged, and not in the log
    wrong: list[str] = field(default_factory=list)  # whatever else keeps the run from being good


async def run(stack: ChaosStack, options: Options, console: Console) -> bool:
    """Returns whether nothing was lost or double and everything settled."""
    draw = random.Random(options.seed)
    rollups = Rollups(stack.stack.found.clickhouse_read)
    follower = log.Follower(stack.stack.found.kafka)
    load = Load([stack.url(name) for name in COLLECTORS], random.Random(draw.random()))
    progress = Progress(follower, rollups, health_pages(stack))
    ends_at = time.monotonic() + LEAD_S + options.minutes * 60
    scene = Scene(stack, load, progress, ends_at, options.minutes)
    skipped = {
        kind.name: stack.no_disks for kind in options.kinds if kind.needs_disks and stack.no_disks
    }
    kinds = [kind for kind in options.kinds if kind.name not in skipped]
    screen = Screen(console, scene, options.minutes)
    began_s = time.time()
    await scene.write_sites()
    await follower.start()
    stop = asyncio.Event()
    with _beside(follower.follow(), progress.poll(), screen.show()):
        sending = asyncio.create_task(load.run(stop))
        injector = Injector(scene, Deck(kinds, draw), screen)
        await injector.until_over(pace_s(options.minutes, len(kinds)), solo=len(kinds) == 1)
        stop.set()
        await sending
        screen.say("the faults are over; waiting for everything to be counted")
        found = await _settle(scene, injector)
    await follower.stop()
    rollups.close()
    injections = injector.injections
    screen.summary(found.log, oracle_events=len(found.oracle.events))
    report.print_differences(console, found.differing)
    for line in found.wrong:
        console.print(line, style="red", markup=False)
    tally = report.tally(injections, found.differing, found.missing_at_s, (began_s, time.time()))
    names = [kind.name for kind in options.kinds]
    console.print(report.table(names, injections, tally, skipped))
    good = not (tally.lost.total() or tally.double.total() or found.wrong)
    if not good:
        console.print(f"The processes' logs: {stack.home.logs}", markup=False)
    console.print(report.last_line(injections, tally), markup=False)
    return good


@contextmanager
def _beside(*works: Coroutine[Any, Any, None]) -> Iterator[None]:
    """Background work that ends with the block."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


@dataclass
class Injector:
    """Injects faults from a deck and watches the pipeline recover from each."""

    scene: Scene
    deck: Deck
    screen: Screen
    injections: list[Injection] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def until_over(self, pace_s: float, solo: bool) -> None:
        """A fault every `pace_s` seconds, more or less; `solo`: not before the last is over."""
        await asyncio.sleep(LEAD_S)
        due = time.monotonic()
        while due < self.scene.ends_at:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if taken := self.deck.take():
                task = asyncio.create_task(
                    self._inject(*taken, random.Random(self.deck.draw.random()))
                )
                self.tasks.append(task)
                if solo:
                    await asyncio.wait({task}, timeout=max(1.0, self.scene.seconds_left))
                    due = max(due, time.monotonic())
            due += pace_s * self.deck.draw.uniform(0.8, 1.15)

    async def _inject(self, fault: Fault, target: str, draw: random.Random) -> None:
        one = Injection(len(self.injections) + 1, fault.name, target, time.time())
        self.injections.append(one)
        self.screen.began(one)
        try:
            await fault.inject(self.scene, target, draw)
        except (StackError, KafkaError, RedisError, OSError, MountRefused) as error:
            one.error = str(error) or type(error).__name__
        finally:
            self.deck.give_back(target)
        one.ended_s = time.time()
        await self.scene.progress.reaches(await self.scene.progress.ends())
        one.recovered_s = time.time()
        one.acknowledged = self.scene.load.acknowledged(one.began_s, one.recovered_s)
        self.screen.recovered(one)


async def _settle(scene: Scene, injector: Injector) -> Found:
    """Wait until all is as it should be, at most SETTLE_S_MAX; what is not is told."""
    until = time.monotonic() + SETTLE_S_MAX
    all_answered = await scene.load.finish(SETTLE_S_MAX / 2)
    if injector.tasks:
        await asyncio.wait(injector.tasks, timeout=max(1.0, until - time.monotonic()))
    for task in injector.tasks:
        if not task.done():
            task.cancel()
        elif error := task.exception():
            raise error
    whole = await log.read_whole(scene.broker, READ_S_MAX)
    found = Found(whole, await asyncio.to_thread(oracle.count, whole.hits))
    await _compare(scene, found)
    secret = bytes.fromhex(scene.stack.stack.env["PAWPRINT_ROUTE_SECRET"])
    for ack in scene.load.acks:
        event_id = identity.event_id(secret, ack.site_id, str(ack.number))
        if (ack.site_id, event_id) not in found.oracle.in_log:
            found.missing_at_s.append(ack.at_s)
    if not all_answered:
        found.wrong.append(f"{scene.load.waiting} visitors' events were never acknowledged")
    await _look_around(scene, injector, found, until)
    return found


async def _compare(scene: Scene, found: Found) -> None:
    """Fill in what differs, once nothing does or the time is over."""
    until = time.monotonic() + COMPARE_S_MAX
    want = found.oracle.rollups.copy()
    want[Measure(0, "ledger")] = found.log.count
    site_ids = [site.site_id for site in SITES]
    while True:
        from_s = (int(time.time()) - LIVE_S) // 60 * 60
        with suppress(Exception):  # whatever a driver raises: it is away, and asked again
            got = await asyncio.to_thread(scene.progress.rollups.counts)
            got[Measure(0, "ledger")] = await asyncio.to_thread(scene.progress.rollups.ledger)
            live = await asyncio.to_thread(live_counts, scene.redis_url, site_ids)
            found.differing = [
                *oracle.differences(want, got),
                *oracle.differences(since(found.oracle.live, from_s), since(live, from_s)),
            ]
            if not found.differing:
                return
        if time.monotonic() > until:
            if not found.differing:
                found.wrong.append("ClickHouse or Redis did not answer the comparison")
            return
        await asyncio.sleep(1.0)


async def _look_around(scene: Scene, injector: Injector, found: Found, until: float) -> None:
    """What else must hold: dead letters are kept, faults went as meant, processes are well."""
    letters = await log.read_dead(scene.broker, READ_S_MAX)
    if lost := [key for key in log.dead_keys(found.log) if key not in letters]:
        found.wrong.append(
            f"{len(lost)} records nobody can decode are not in hits-dead: {lost[:3]}"
        )
    for one in injector.injections:
        if one.error:
            found.wrong.append(f"#{one.number} {one.fault} {one.target}: {one.error}")
        elif one.recovered_s is None:
            found.wrong.append(f"#{one.number} {one.fault} {one.target}: never recovered")
    while ailments := await asyncio.to_thread(scene.stack.ailments):
        if time.monotonic() > until:
            found.wrong += [f"{name} is not well: {text}" for name, text in ailments.items()]
            return
        await asyncio.sleep(1.0)
