"""A model of Kafka: the log of hits, the changelog, the small topics, the consumer group."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgpack

from schemas.records import DeadLetter, SiteMinute
from streams import checkpoints
from tests.simulation.faults import Faults, Violation
from tests.simulation.scheduler import Answer, Owner, Pause, Scheduler

MESSAGE_BYTES_MAX: Final = 4_000  # small, as the chunks of a run are


class KafkaError(Exception):
    """What the driver raises."""


@dataclass(slots=True)
class Group:
    """The consumer group: who has which partition since when, and what was committed."""

    generation: int = 0
    assigned: dict[int, str] = field(default_factory=dict)  # partition -> member
    members: set[str] = field(default_factory=set)
    committed: dict[int, int] = field(default_factory=dict)  # partition -> next offset


def newest_whole(records: dict[bytes, bytes], partition: int) -> int:
    """`applied` of the newest whole snapshot, -1 without one; read here anew, not by our code."""
    found: dict[tuple[bytes, int], dict[int, list[Any]]] = {}
    for raw_key, value in records.items():
        of_partition, epoch, slot, chunk = msgpack.unpackb(raw_key)[-4:]
        if of_partition == partition:
            *about, _ = msgpack.unpackb(value)  # applied, number of chunks, digest
            found.setdefault((epoch, slot), {})[chunk] = about
    whole = [-1]
    for chunks in found.values():
        if 0 in chunks:
            applied, count, _ = chunks[0]
            if all(chunks.get(i) == chunks[0] for i in range(count)):
                whole.append(applied)
    return max(whole)


class Kafka:
    """One broker. Writes go on when the worker that sent them is killed, in order of sending."""

    def __init__(self, scheduler: Scheduler, faults: Faults, partitions: int) -> None:
        self.scheduler, self.faults = scheduler, faults
        self.partitions = range(partitions)
        self.log: list[list[tuple[bytes, int]]] = [[] for _ in self.partitions]
        self.changelog: list[dict[bytes, bytes]] = [{} for _ in self.partitions]
        self.letters: dict[str, DeadLetter] = {}
        self.site_minutes: dict[tuple[int, int, int, int], SiteMinute] = {}
        self.group = Group()
        self.tear: Callable[[Owner], None] = scheduler.kill
        self._due_ms: dict[tuple[Owner, int], int] = {}  # a producer's writes stay in order
        self._wiped: set[int] = set()  # partitions whose checkpoints were deleted by hand

    def produce(self, owner: Owner, partition: int, write: Callable[[], None]) -> Answer:
        """`write` changes the topic when the broker has it; the answer may come to say less."""
        now_ms, lane = self.scheduler.now_ms, (owner, partition)
        due_ms = max(self._due_ms.get(lane, 0) + 1, now_ms + self.faults.delay_ms())
        self._due_ms[lane] = due_ms
        answer = Answer()
        self.scheduler.spawn(self._deliver(owner, due_ms - now_ms, write, answer))
        return answer

    async def _deliver(
        self, owner: Owner, delay_ms: int, write: Callable[[], None], answer: Answer
    ) -> None:
        deaf = self.scheduler.now_ms < owner.deaf_until_ms and not self.faults.healed
        fate = "lost" if deaf else self.faults.fate()
        if fate == "lost" and self.faults.draw.random() < 0.5:  # timed out, and written after that
            self.scheduler.give(answer, KafkaError("timed out"))
        await Pause(delay_ms)
        if owner.killed and self.faults.draw.random() < 0.5:
            return  # it was still in the memory of the killed process
        if fate != "failed":
            write()
        if fate != "done" and not deaf:
            self.faults.note(self.scheduler.now_ms, f"{owner.name} write to Kafka {fate}")
        self.scheduler.give(answer, None if fate == "done" else KafkaError(fate))

    def send_changelog(
        self, owner: Owner, partition: int, key: bytes, value: bytes | None
    ) -> Awaitable[None]:
        if value is not None and len(value) > MESSAGE_BYTES_MAX:
            raise KafkaError("MessageSizeTooLarge")

        def write() -> None:
            if value is None:
                self.changelog[partition].pop(key, None)
            else:
                self.changelog[partition][key] = value
                faults = self.faults
                if not faults.healed and not owner.killed and faults.draw.random() < faults.tearing:
                    self.tear(owner)
            self._check_committed(partition)
            self._check_found(partition)

        return self.produce(owner, partition, write)

    def commit(self, member: str, generation: int, offsets: dict[int, int]) -> None:
        """Raises for a member whose partitions have moved."""
        group = self.group
        if generation != group.generation or member not in group.members:
            raise KafkaError("IllegalGeneration")
        for partition, offset in offsets.items():
            if group.assigned.get(partition) != member:
                raise KafkaError("not assigned")
            group.committed[partition] = max(offset, group.committed.get(partition, 0))
            self._check_committed(partition)

    def _check_committed(self, partition: int) -> None:
        committed = self.group.committed.get(partition, 0)
        newest = newest_whole(self.changelog[partition], partition)
        if newest + 1 < committed and partition not in self._wiped:
            raise Violation(
                f"partition {partition}: committed {committed}, newest whole snapshot {newest}"
            )

    def _check_found(self, partition: int) -> None:
        """Whoever recovered now would find the newest whole snapshot, and no other."""
        records = self.changelog[partition]
        try:
            best = checkpoints.best_snapshot(records, 1, partition)
        except Exception as error:
            raise Violation(f"partition {partition}: cannot be recovered: {error!r}") from error
        found, newest = best.applied if best else -1, newest_whole(records, partition)
        if found != newest:
            raise Violation(f"partition {partition}: would recover {found}, not {newest}")

    def check_recovered(self, partition: int, applied: int) -> None:
        """A shard that is taken needs no record from before the committed offset."""
        committed = self.group.committed.get(partition, 0)
        if applied + 1 < committed and partition not in self._wiped:
            raise Violation(
                f"partition {partition}: recovered at {applied}, but committed {committed}"
            )

    def wipe_changelog(self, partition: int) -> None:
        """The topic of the checkpoints is deleted: the log is folded from 0."""
        self.changelog[partition].clear()
        self._wiped.add(partition)

    def put_letter(self, letter: DeadLetter) -> None:
        known = self.letters.setdefault(letter.key, letter)
        if known != letter:
            raise Violation(f"two letters under one key:\n  {known}\n  {letter}")

    def put_minute(self, minute: SiteMinute) -> None:
        key = (minute.site_id, minute.minute, minute.shard, minute.opened_at)
        known = self.site_minutes.setdefault(key, minute)
        if known != minute:
            raise Violation(f"one closed minute, two totals:\n  {known}\n  {minute}")

    def rebalance(self) -> None:
        """A new generation: partitions go round the members, in an order of the seed's."""
        group = self.group
        group.generation += 1
        members = sorted(group.members)
        self.faults.draw.shuffle(members)
        group.assigned = {p: members[p % len(members)] for p in self.partitions if members}
        assigned = {p: group.assigned[p] for p in sorted(group.assigned)}
        self.faults.note(self.scheduler.now_ms, f"rebalance {group.generation}: {assigned}")
