"""The log as it stands in Kafka: what the oracle counts, read with a plain consumer."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.events import Kind, UnknownVersion, decode_batch
from schemas.topics import HITS, HITS_DEAD


class LogHit(NamedTuple):
    """What the oracle needs of a hit."""

    site_id: int
    event_id: int
    visitor_id: int
    prev_visitor_id: int
    at_ms: int
    kind: Kind
    name: str
    path: str
    interactive: bool
    engaged_ms: int


@dataclass
class Log:
    """Records of `hits` by partition, from the first to the next offset."""

    hits: dict[int, list[LogHit]] = field(default_factory=dict)
    next_offsets: dict[int, int] = field(default_factory=dict)
    unreadable: list[tuple[int, int]] = field(default_factory=list)  # (partition, offset)

    @property
    def count(self) -> int:
        return sum(map(len, self.hits.values()))

    def reaches(self, ends: dict[int, int]) -> bool:
        return all(self.next_offsets.get(partition, 0) >= end for partition, end in ends.items())

    def add(self, partition: int, offset: int, value: bytes | None) -> None:
        """One more record of a partition; the next in it."""
        self.next_offsets[partition] = offset + 1
        try:
            batch = decode_batch(value or b"")
        except (msgspec.DecodeError, UnknownVersion):
            self.unreadable.append((partition, offset))
            return
        self.hits.setdefault(partition, []).extend(
            LogHit(
                hit.site_id, hit.event_id, hit.visitor_id, hit.prev_visitor_id, hit.at_ms,
                hit.kind, hit.name, hit.path, hit.interactive, hit.engaged_ms,
            )
            for hit in batch.hits
        )  # fmt: skip


class Follower:
    """Reads the log from its beginning and goes on as it grows. Waits while Kafka is away."""

    def __init__(self, broker: str, topic: str = HITS.name) -> None:
        self.log = Log()
        self._topic = topic
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=broker, enable_auto_commit=False, auto_offset_reset="earliest",
            request_timeout_ms=10_000,
        )  # fmt: skip
        self._places: list[TopicPartition] = []

    async def start(self) -> None:
        """Raises `aiokafka.errors.KafkaError`."""
        await self._consumer.start()
        await self._consumer._client.force_metadata_update()
        partitions = self._consumer.partitions_for_topic(self._topic)
        self._places = [TopicPartition(self._topic, at) for at in sorted(partitions or ())]
        self._consumer.assign(self._places)

    async def stop(self) -> None:
        await self._consumer.stop()

    async def ends(self) -> dict[int, int]:
        """The next offset of each partition. Raises KafkaError while the broker is away."""
        ends = await self._consumer.end_offsets(self._places)
        return {place.partition: end for place, end in ends.items()}

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            await self._take(1.0)

    async def read(self, ends: dict[int, int]) -> Log:
        """All records before `ends`."""
        while not self.log.reaches(ends):
            await self._take(1.0)
        return self.log

    async def _take(self, wait_s: float) -> None:
        try:
            found = await self._consumer.getmany(timeout_ms=int(wait_s * 1000), max_records=2_000)
        except KafkaError:
            await asyncio.sleep(0.5)
            return
        for place, records in found.items():
            for record in records:
                self.log.add(place.partition, record.offset, record.value)


async def read_whole(broker: str, within_s: float) -> Log:
    """The whole log as it stands now. Raises KafkaError, or TimeoutError after `within_s`."""
    async with asyncio.timeout(within_s):
        follower = Follower(broker)
        await follower.start()
        try:
            return await follower.read(await follower.ends())
        finally:
            await follower.stop()


async def read_dead(broker: str, within_s: float) -> set[bytes]:
    """The keys in `hits-dead`: topic/partition/offset of records that could not be decoded."""
    consumer = AIOKafkaConsumer(
        HITS_DEAD.name, bootstrap_servers=broker, auto_offset_reset="earliest"
    )
    keys: set[bytes] = set()
    async with asyncio.timeout(within_s):
        await consumer.start()
        try:
            while found := await consumer.getmany(timeout_ms=2_000):
                keys |= {record.key for records in found.values() for record in records}
        finally:
            await consumer.stop()
    return keys


def dead_keys(log: Log) -> Iterable[bytes]:
    """The keys `hits-dead` must have for this log."""
    return (f"{HITS.name}/{partition}/{offset}".encode() for partition, offset in log.unreadable)
