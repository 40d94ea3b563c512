"""One seed from beginning to end: the faults, then the healing, then the checks."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import Final
from unittest.mock import patch

from aggregates.core import windows
from schemas.drop_reasons import DropReason
from schemas.rules import NO_RULES, LeaveOut, Match, Rules, SiteRules
from streams import checkpoints, shards
from streams.settings import Settings
from tests.simulation.checks import check_letters, check_live, check_minutes, check_rollups
from tests.simulation.faults import Faults, Violation
from tests.simulation.kafka import Kafka
from tests.simulation.oracle import Oracle
from tests.simulation.process import Process
from tests.simulation.scheduler import Owner, Pause, Scheduler
from tests.simulation.stores import ClickHouse, Redis
from tests.simulation.workload import Arrival, Workload

STEPS_MAX: Final = 400_000
SETTLED_MS_MAX: Final = 180_000  # after the healing
SESSION_TIMEOUT_MS: Final = 6_000
QUIET_MS_MAX: Final = 15_000  # now and then without a record
DEAF_MS_MAX: Final = 8_000
# Of the seeds with rules; the oracle knows what they mean, in its own words.
RULES: Final = Rules(
    sites={
        2: SiteRules(
            session_gap_s=3_600,
            count=(DropReason.BOT,),
            leave_out=(LeaveOut(when=(Match("path", "/c*"), Match("name", "pageview"))),),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a seed; `error` is empty when everything held."""

    seed: int
    error: str = ""
    history: tuple[str, ...] = ()
    hits: int = 0
    crashes: int = 0
    zero_rows: int = 0


class World:
    """The servers, the workers, and who does them harm."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.faults = Faults.drawn(self.draw)
        self.scheduler = Scheduler(self.draw)
        self.partitions = self.draw.randrange(1, 4)
        self.kafka = Kafka(self.scheduler, self.faults, self.partitions)
        self.clickhouse = ClickHouse(self.scheduler, self.faults)
        self.redis = Redis(self.scheduler, self.faults)
        self.workload = Workload(self.draw, self.partitions)
        self.kafka.tear = self._tear
        self.processes: list[Process] = []
        self.started = self.crashes = 0
        self.workers = self.draw.randrange(1, 4)
        self.ruled = self.draw.random() < 0.3
        self.bounded = self.draw.random() < 0.25
        self.chunk_bytes = self.draw.choice([150, 600, 1_000, 2_000, 3_000])
        self.wipes = self.draw.random() < 0.15
        self.fault_every_ms = self.draw.choice([400, 1_500, 5_000])
        self.settings = Settings(
            checkpoint_interval_s=self.draw.choice([0.3, 2.0]),
            flush_interval_s=self.draw.choice([0.2, 1.0]),
            rows_unconfirmed_max=self.draw.choice([3, 40, 10_000]),
            rows_per_insert_max=self.draw.choice([2, 30, 10_000]),
        )

    @contextmanager
    def patched(self) -> Iterator[None]:
        """Sizes so small that a short run meets every bound, and epochs drawn from the seed."""
        bounds = {"HIT_CELLS_MAX": 2, "VISIT_CELLS_MAX": 1, "OPEN_CELLS_MAX": 25}
        with ExitStack() as stack:
            randomness = SimpleNamespace(urandom=self.draw.randbytes)
            stack.enter_context(patch.object(shards, "os", randomness))
            stack.enter_context(patch.object(checkpoints, "CHUNK_BYTES", self.chunk_bytes))
            for name, bound in bounds.items() if self.bounded else ():
                stack.enter_context(patch.object(windows, name, bound))
            yield

    def run(self) -> None:
        """Raises Violation."""
        for _ in range(self.workers):
            self._start()
        begun_ms = self.scheduler.now_ms
        log = self.workload.arrivals
        self.scheduler.spawn(self._append(log))
        self.scheduler.spawn(self._coordinate())
        self.scheduler.spawn(self._harm())
        spent_ms = begun_ms + self.draw.choice([10_000, 30_000])
        self._until(lambda: self.scheduler.now_ms > spent_ms and self._appended(log))
        self._heal()
        self._settle(log, "after the faults")
        oracle = Oracle(log, self.partitions, self.ruled)
        check_rollups(self.clickhouse, oracle, self.bounded)
        check_letters(self.kafka, oracle)
        self._refreshed()
        check_live(self.redis, oracle)
        closing = self.workload.closing()
        self.scheduler.spawn(self._append(closing))
        self._settle([*log, *closing], "after the last minute")
        check_rollups(self.clickhouse, oracle, self.bounded)
        check_minutes(self.kafka, oracle)

    def _until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            if self.scheduler.steps > STEPS_MAX or not self.scheduler.step():
                raise Violation("the run does not come to an end")
            for process in self.processes:
                if isinstance(process.failure, Violation):
                    raise process.failure
                if process.failure is not None:
                    raise Violation(f"{process.name}: {process.failure!r}") from process.failure
            if self.scheduler.world.failure is not None:
                raise self.scheduler.world.failure

    def _appended(self, log: list[Arrival]) -> bool:
        return sum(map(len, self.kafka.log)) >= len(log)

    def _settle(self, log: list[Arrival], when: str) -> None:
        latest_ms = self.scheduler.now_ms + SETTLED_MS_MAX
        self._until(
            lambda: (self._appended(log) and self._settled()) or self.scheduler.now_ms > latest_ms
        )
        if not self._settled():
            raise Violation(f"not settled {when}: {self._standing()}")

    def _settled(self) -> bool:
        owned = [
            each for process in self.processes for each in process.worker.ownership.shards.values()
        ]
        if sorted(each.partition for each in owned) != list(self.kafka.partitions):
            return False
        return all(
            each.applied == len(self.kafka.log[each.partition]) - 1
            and each.saved == each.applied
            and not each.shard.unconfirmed
            and not each.shard.state.closed.site_minutes
            and self.kafka.group.committed.get(each.partition, 0) == each.applied + 1
            for each in owned
        )

    def _standing(self) -> str:
        return "; ".join(
            f"{process.name} partition {each.partition}: applied {each.applied} of "
            f"{len(self.kafka.log[each.partition]) - 1}, saved {each.saved}, "
            f"committed {self.kafka.group.committed.get(each.partition, 0)}, "
            f"{each.shard.unconfirmed} rows wait"
            for process in self.processes
            for each in process.worker.ownership.shards.values()
        )

    def _refreshed(self) -> None:
        """Live counters are written again every few seconds."""
        later_ms = self.scheduler.now_ms + 8_000
        self._until(lambda: self.scheduler.now_ms > later_ms)

    def _start(self) -> None:
        self.started += 1
        name = f"worker-{self.started}"
        rules = RULES if self.ruled else NO_RULES
        stores = self.kafka, self.clickhouse, self.redis
        self.processes.append(Process(name, *stores, self.settings, rules))

    async def _append(self, arrivals: list[Arrival]) -> None:
        pace_ms = self.draw.choice([5, 100, 400])
        for arrival in arrivals:
            quiet = self.draw.random() < 0.05
            await Pause(self.draw.randrange(1, QUIET_MS_MAX if quiet else pace_ms + 1))
            self.kafka.log[arrival.partition].append((arrival.value, arrival.appended_ms))

    async def _coordinate(self) -> None:
        """The group's coordinator, and the supervisor that starts what has ended."""
        group = self.kafka.group
        while True:
            await Pause(300)
            for process in [each for each in self.processes if each.ended and not each.killed]:
                self._end(process)
            while len(self.processes) < self.workers:
                self._start()
            late_ms = self.scheduler.now_ms - SESSION_TIMEOUT_MS
            alive = {each.name for each in self.processes if each.heartbeat_ms > late_ms}
            group.members &= alive
            if group.members != set(group.assigned.values()) and (
                len(group.members) <= self.partitions or not group.assigned
                or not set(group.assigned.values()) <= group.members
            ):  # fmt: skip
                self.kafka.rebalance()

    def _end(self, process: Process) -> None:
        self.scheduler.kill(process)
        self.processes.remove(process)

    async def _harm(self) -> None:
        while not self.faults.healed:
            await Pause(self.draw.randrange(1, 2 * self.fault_every_ms))
            if self.faults.healed:
                return
            harm = self.draw.choice(
                [self._kill, self._kill, self._freeze_any, self._freeze_any, self._deafen_any,
                 self._deafen_any, self.kafka.rebalance, self.kafka.rebalance, self._wipe,
                 self._redis, self._clickhouse]
            )  # fmt: skip
            harm()

    def _tear(self, owner: Owner) -> None:
        for process in [each for each in self.processes if each is owner]:
            self.faults.note(self.scheduler.now_ms, f"{process.name} is killed in a checkpoint")
            self.crashes += 1
            self._end(process)

    def _kill(self) -> None:
        if self.processes:
            process = self.draw.choice(self.processes)
            self.faults.note(self.scheduler.now_ms, f"{process.name} is killed")
            self.crashes += 1
            self._end(process)

    async def _freeze_later(self, process: Process) -> None:
        await Pause(self.draw.randrange(1, 4_000))
        if not self.faults.healed and not process.killed:
            self._freeze(process)

    def _freeze_any(self) -> None:
        if self.processes:
            self._freeze(self.draw.choice(self.processes))

    def _freeze(self, process: Process) -> None:
        """It will wake up as a zombie: its partitions have moved, and it does not know yet."""
        if not process.paused:
            self.faults.note(self.scheduler.now_ms, f"{process.name} is paused")
            self.scheduler.pause(process)
            self.scheduler.spawn(self._thaw(process, self.draw.choice([500, 9_000, 15_000])))

    def _deafen_any(self) -> None:
        if self.processes:
            self._deafen(self.draw.choice(self.processes))

    def _deafen(self, process: Process) -> None:
        """What it writes to Kafka arrives, and it never hears of it; perhaps it is paused then."""
        process.deaf_until_ms = self.scheduler.now_ms + self.draw.randrange(DEAF_MS_MAX)
        self.faults.note(self.scheduler.now_ms, f"{process.name} hears no answers")
        if self.draw.random() < 0.7:
            self.scheduler.spawn(self._freeze_later(process))

    async def _thaw(self, process: Owner, after_ms: int) -> None:
        await Pause(after_ms)
        self.faults.note(self.scheduler.now_ms, f"{process.name} goes on")
        self.scheduler.resume(process)

    def _wipe(self) -> None:
        if self.wipes:
            partition = self.draw.choice(self.kafka.partitions)
            self.faults.note(self.scheduler.now_ms, f"checkpoints of {partition} are deleted")
            self.kafka.wipe_changelog(partition)

    def _redis(self) -> None:
        if self.draw.random() < 0.5:
            self.redis.flush_all()
            self.faults.note(self.scheduler.now_ms, "FLUSHALL")
        else:
            self.faults.redis_away = not self.faults.redis_away

    def _clickhouse(self) -> None:
        self.faults.clickhouse_away = not self.faults.clickhouse_away
        said = "away" if self.faults.clickhouse_away else "back"
        self.faults.note(self.scheduler.now_ms, f"ClickHouse is {said}")

    def _heal(self) -> None:
        self.faults.note(self.scheduler.now_ms, "everything heals")
        self.faults.heal()
        for process in self.processes:
            if process.paused:
                self.scheduler.resume(process)


def run_seed(seed: int) -> Outcome:
    """The same seed, the same run, on any machine."""
    logging.disable(logging.CRITICAL)
    world = World(seed)
    hits = sum(len(each.hits) for each in world.workload.arrivals)
    error = ""
    try:
        with world.patched():
            world.run()
    except Violation as violation:
        error = str(violation)
    finally:
        logging.disable(logging.NOTSET)
        for process in list(world.processes):
            world.scheduler.kill(process)
        world.scheduler.kill(world.scheduler.world)
    history = tuple(world.faults.history) if error else ()
    return Outcome(seed, error, history, hits, world.crashes, world.clickhouse.zero_rows)
