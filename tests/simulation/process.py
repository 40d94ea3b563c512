"""A worker process: the real steps of streams/protocol on the models of the servers.

What Faust does around them is played as harshly as Faust may do it: partitions change hands at
once and each worker notices on its own, a record may still come out of a queue after its
partition moved, a seek does not empty the queue, offsets are committed as Faust's consumer does.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from schemas.records import DeadLetter, SiteMinute
from schemas.rules import Rules
from streams.checkpoints import Snapshot, cut_chunks
from streams.protocol import checkpointing, flushing, folding, mirroring, taking, watching
from streams.protocol.ports import Record, Worker
from streams.settings import Settings
from streams.shards import Ownership
from tests.simulation.kafka import Kafka, KafkaError
from tests.simulation.scheduler import Answer, Owner, Pause
from tests.simulation.stores import ClickHouse, Redis

QUEUE_MAX: Final = 12
NOTICES_MS_MAX: Final = 3_000  # a worker learns so late that its partitions have moved
HEARTBEAT_MS: Final = 400
COMMIT_EVERY_MS: Final = 2_800
EPOCH_MS: Final = 1_763_928_000_000  # what the worker's wall clock says at the start


class Process(Owner):
    """One worker from its start to its end; its successor is another one of another name."""

    def __init__(
        self,
        name: str,
        kafka: Kafka,
        clickhouse: ClickHouse,
        redis: Redis,
        settings: Settings,
        rules: Rules,
    ) -> None:
        super().__init__(name)
        self.kafka, self.scheduler, self.draw = kafka, kafka.scheduler, kafka.faults.draw
        self.generation = 0
        self.heartbeat_ms = self.scheduler.now_ms
        self.positions: dict[int, int] = {}  # partition -> offset to fetch next
        self.acked: dict[int, set[int]] = {}
        self.queue: list[Record] = []
        ownership = Ownership()
        ownership.serve(1, rules)
        self.worker = Worker(
            settings, ownership, self, self, self, Outlet(self), clickhouse, redis, self
        )
        for steps in (
            self._follow_group(), self._fetch(), self._fold(), self._commit_now_and_then(),
            checkpointing.checkpoint_for_ever(self.worker),
            flushing.flush_for_ever(self.worker),
            mirroring.mirror_for_ever(self.worker),
            watching.watch_for_ever(self.worker),
        ):  # fmt: skip
            self.scheduler.spawn(steps, self)

    # ports.Clock

    def now_s(self) -> float:
        return self.scheduler.now_ms / 1000

    def epoch_ms(self) -> int:
        return EPOCH_MS + self.scheduler.now_ms

    async def sleep(self, seconds: float) -> None:
        await Pause(max(1, int(seconds * 1000)))

    # ports.Process

    stopping = False  # never in good order: that is the easy case

    async def crash(self, reason: Exception) -> None:
        if not isinstance(reason, RuntimeError):
            self.failure = reason  # a fold that failed; RuntimeErrors are the watch's
        self.kafka.faults.note(self.scheduler.now_ms, f"{self.name} ends itself: {reason}")
        self.ended = True
        await Answer()

    ended = False

    # ports.Log

    async def commit(self) -> None:
        await Pause(self.kafka.faults.delay_ms())
        offsets = {}
        for partition, acked in self.acked.items():
            if acked:
                last = min(acked)
                while last + 1 in acked:
                    last += 1
                offsets[partition] = last + 1
        self.kafka.commit(self.name, self.generation, offsets)
        for partition, offset in offsets.items():
            if partition in self.acked:
                self.acked[partition] = {each for each in self.acked[partition] if each >= offset}

    async def seek(self, partition: int, offset: int) -> None:
        await Pause(self.kafka.faults.delay_ms())
        if partition in self.positions:
            self.positions[partition] = offset

    async def earliest(self, partition: int) -> int:
        await Pause(self.kafka.faults.delay_ms())
        return 0

    def end(self, partition: int) -> int | None:
        return len(self.kafka.log[partition]) if partition in self.positions else None

    # ports.Changelog

    async def cut(self, snapshot: Snapshot) -> list[tuple[bytes, bytes]]:
        records = cut_chunks(snapshot)
        await Pause(self.draw.randrange(1, 30))
        return records

    def send(self, partition: int, key: bytes, value: bytes | None) -> Awaitable[object]:
        return self.kafka.send_changelog(self, partition, key, value)

    def keep(self, records: Mapping[bytes, bytes | None]) -> None:
        """Recovery here reads the whole topic each time."""

    # What Faust does around it

    async def _follow_group(self) -> None:
        group = self.kafka.group
        while True:
            group.members.add(self.name)
            self.heartbeat_ms = self.scheduler.now_ms
            if group.generation != self.generation and self.name in group.assigned.values():
                await Pause(self.draw.randrange(1, NOTICES_MS_MAX))
                await self._take_over()
            elif group.generation != self.generation and group.assigned:
                self._give_up()
                self.generation = group.generation
            await Pause(HEARTBEAT_MS)

    def _give_up(self) -> None:
        taking.drop(self.worker, list(self.worker.ownership.shards))
        self.positions, self.acked = {}, {}
        if self.draw.random() < 0.5:
            self.queue.clear()  # else they are still in a stream's buffer

    async def _take_over(self) -> None:
        group = self.kafka.group
        self._give_up()
        generation = self.generation = group.generation
        mine = [p for p, member in sorted(group.assigned.items()) if member == self.name]
        await Pause(self.kafka.faults.delay_ms())
        if group.generation != generation:
            return
        records = {key: value for p in mine for key, value in self.kafka.changelog[p].items()}
        taking.take(self.worker, mine, records)
        for p in mine:
            self.kafka.check_recovered(p, self.worker.ownership.shards[p].applied)
            self.acked[p] = set()
            self.positions[p] = group.committed.get(p, 0)

    async def _commit_now_and_then(self) -> None:
        """Faust's consumer does, beside the checkpoints."""
        while True:
            await Pause(COMMIT_EVERY_MS)
            with suppress(KafkaError):
                await self.commit()

    async def _fetch(self) -> None:
        while True:
            await Pause(self.draw.randrange(1, 100))
            behind = [p for p in self.positions if self.positions[p] < len(self.kafka.log[p])]
            while behind and len(self.queue) < QUEUE_MAX:
                p = self.draw.choice(behind)
                self.queue.append(self._record(p, self.positions[p]))
                self.positions[p] += 1
                behind = [p for p in behind if self.positions[p] < len(self.kafka.log[p])]

    def _record(self, partition: int, offset: int) -> Record:
        value, appended_ms = self.kafka.log[partition][offset]
        return Record(
            partition, offset, appended_ms, value, partial(self._acknowledge, partition, offset)
        )

    def _acknowledge(self, partition: int, offset: int) -> None:
        if partition in self.acked:
            self.acked[partition].add(offset)

    async def _fold(self) -> None:
        while True:
            while self.queue:
                await folding.take_record(self.worker, self.queue.pop(0))
                if self.draw.random() < 0.2:
                    await Pause(self.draw.randrange(1, 200))
            await Pause(self.draw.randrange(1, 50))


class Outlet:
    """`ports.Outlet`: the small topics."""

    def __init__(self, process: Process) -> None:
        self._process, self._kafka = process, process.kafka

    async def bury(self, letter: DeadLetter) -> None:
        await self._produce(0, partial(self._kafka.put_letter, letter))

    async def close_minute(self, minute: SiteMinute) -> Awaitable[object]:
        if self._kafka.faults.fate() == "failed":
            raise ConnectionError("the producer's buffer is full")
        return self._produce(1, partial(self._kafka.put_minute, minute))

    def _produce(self, lane: int, write: Callable[[], None]) -> Answer:
        return self._kafka.produce(self._process, -1 - lane, write)
