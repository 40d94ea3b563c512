"""Collects what goes to one partition into records, one record in flight at a time.

One in flight: the broker's order is then the order in which hits came, with nothing to reason about
retries, and while one record is on its way the next one fills, so load makes records larger and not
more frequent. 500 hits each 4 ms would be 125,000 hits a second for a partition.

A record that Kafka does not acknowledge in time goes to the spool, and while the spool holds
anything, so does all that comes after it (`spool`). Only live hits go there: an import's events are
given up, and those behind them too: were its later ones stored before its earlier ones, those would
come too late when its client tries again. Watermarks of the live clock are repeated anyway.
"""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, Protocol

from collector.errors import Unavailable
from collector.ledger import Ledger
from collector.linger import Linger
from collector.metrics import Metrics
from schemas.drop_reasons import DropReason
from schemas.events import Hit, Watermark, join_batch

ENVELOPE_BYTES: Final = 128  # a record's version, collector id and list headers

log = logging.getLogger(__name__)

Item = Hit | Watermark


class Sink(Protocol):
    """The log. One contract suite tests the real one and the fake."""

    async def append(self, partition: int, value: bytes) -> None:
        """Returns once the record is stored for good. Raises `Unavailable` if that is not sure."""


class Overflow(Protocol):
    """Where records go that the log does not take (`spool.Spool`)."""

    @property
    def idle(self) -> bool:
        """Whether a record may go to the log without overtaking any."""

    async def append(self, partition: int, value: bytes) -> None:
        """Returns once the record is safe. Raises `Unavailable` if that is not sure."""


class Ticket:
    """What a caller waits on: done when all its items are stored, failed when one is not."""

    __slots__ = ("done", "left")

    def __init__(self, left: int, done: "asyncio.Future[None]") -> None:
        self.left = left
        self.done = done

    def stored(self) -> None:
        self.left -= 1
        if self.left == 0 and not self.done.done():
            self.done.set_result(None)

    def failed(self, error: Unavailable) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Entry:
    """An item on its way, as it stands in the record, and who waits for it."""

    __slots__ = ("encoded", "item", "ticket")

    def __init__(self, item: Item, encoded: bytes, ticket: Ticket) -> None:
        self.item = item
        self.encoded = encoded
        self.ticket = ticket

    @property
    def spoolable(self) -> bool:
        return isinstance(self.item, Hit) and not self.item.import_name


def bytes_of(entries: list[Entry]) -> int:
    """In the record."""
    size = 0
    for entry in entries:
        size += len(entry.encoded)
    return size


@dataclass(slots=True)
class Room:
    """How much may wait, over all partitions together."""

    hits_max: int
    bytes_max: int
    hits: int = 0
    bytes: int = 0

    def take(self, hits: int, size: int) -> bool:
        """Whether there was so much."""
        if self.hits + hits > self.hits_max or self.bytes + size > self.bytes_max:
            return False
        self.hits += hits
        self.bytes += size
        return True

    def give_back(self, entries: list[Entry]) -> None:
        self.hits -= len(entries)
        self.bytes -= bytes_of(entries)


@dataclass(frozen=True, slots=True)
class RecordLimits:
    hits_max: int
    bytes_max: int


def cut_record(queue: deque[Entry], limits: RecordLimits) -> list[Entry]:
    """Take the next record's entries off the queue, at least one.

    A record ends after a watermark: its hits are read before its watermarks, so a hit that came
    after a watermark must not stand in the same record.
    """
    record: list[Entry] = []
    size = ENVELOPE_BYTES
    while queue and len(record) < limits.hits_max:
        size += len(queue[0].encoded)
        if record and size > limits.bytes_max:
            break
        record.append(queue.popleft())
        if isinstance(record[-1].item, Watermark):
            break
    return record


@dataclass(slots=True)
class Batcher:
    """The queue of one partition. `run` writes it until it is cancelled."""

    partition: int
    collector_id: str
    sink: Sink
    spool: Overflow
    limits: RecordLimits
    linger: Linger
    room: Room
    metrics: Metrics
    ledger: Ledger
    _queue: deque[Entry] = field(default_factory=deque)
    _filled: asyncio.Event = field(default_factory=asyncio.Event)
    _in_flight: bool = False

    @property
    def idle(self) -> bool:
        return not self._queue and not self._in_flight

    def put(self, entry: Entry) -> None:
        """Queue an entry, for which the caller has taken room."""
        if not self._queue:
            self._filled.set()
        self._queue.append(entry)

    async def run(self) -> None:
        while True:
            if not self._queue:
                self._filled.clear()
                await self._filled.wait()
            if len(self._queue) < self.limits.hits_max:
                await self.linger.pause()
            await self._write(cut_record(self._queue, self.limits))

    async def _write(self, record: list[Entry]) -> None:
        self._in_flight = True
        try:
            if self.spool.idle:
                try:
                    await self._append(record)
                except Unavailable as error:
                    fields = {"partition": self.partition, "reason": error.reason}
                    log.warning("record not acknowledged", extra={"fields": fields})
                else:
                    return
            await self._append_to_spool(self._without_history(record))
        finally:
            self._in_flight = False

    async def _append(self, record: list[Entry]) -> None:
        """Raises `Unavailable`."""
        began = perf_counter()
        await self.sink.append(self.partition, self._encode(record))
        self.metrics.histogram("pawprint_collector_ack_seconds").observe(perf_counter() - began)
        self._stored(record)

    async def _append_to_spool(self, record: list[Entry]) -> None:
        if not record:
            return
        try:
            await self.spool.append(self.partition, self._encode(record))
        except Unavailable as error:
            self._give_up(record, error)
        else:
            self._stored(record)

    def _without_history(self, record: list[Entry]) -> list[Entry]:
        """What of the record may be spooled; what may not is given up, also behind it."""
        lost = [entry for entry in (*record, *self._queue) if not entry.spoolable]
        if lost:
            left = [entry for entry in self._queue if entry.spoolable]
            self._queue.clear()
            self._queue.extend(left)
            self._give_up(lost, Unavailable("kafka"))
        return [entry for entry in record if entry.spoolable]

    def _encode(self, record: list[Entry]) -> bytes:
        hits: list[bytes] = []
        marks: list[bytes] = []
        for entry in record:
            (hits if isinstance(entry.item, Hit) else marks).append(entry.encoded)
        return join_batch(self.collector_id, hits, marks)

    def _stored(self, record: list[Entry]) -> None:
        self._count(record)
        self.room.give_back(record)
        for entry in record:
            entry.ticket.stored()

    def _give_up(self, lost: list[Entry], error: Unavailable) -> None:
        self.room.give_back(lost)
        hits = len(_hits(lost))
        self.metrics.count("pawprint_collector_hits_unstored_total", hits, reason=error.reason)
        for entry in lost:
            entry.ticket.failed(error)

    def _count(self, record: list[Entry]) -> None:
        hits = _hits(record)
        self.ledger.accept(hits)
        bots = 0
        for hit in hits:
            if hit.left_out == DropReason.BOT:
                bots += 1
        self.metrics.count("pawprint_collector_hits_accepted_total", len(hits) - bots)
        if bots:
            self.metrics.count(
                "pawprint_collector_hits_left_out_total", bots, reason=DropReason.BOT.value
            )
        if len(hits) < len(record):
            self.metrics.count("pawprint_collector_watermarks_total", len(record) - len(hits))
        if hits:
            self.metrics.summary("pawprint_collector_record_hits").observe(len(hits))


def _hits(record: list[Entry]) -> list[Hit]:
    return [entry.item for entry in record if isinstance(entry.item, Hit)]
