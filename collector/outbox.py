"""All partitions' batchers behind one door, and watermarks that keep quiet partitions moving."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from collector.batcher import (
    Batcher,
    Entry,
    Item,
    Overflow,
    RecordLimits,
    Room,
    Sink,
    Ticket,
    bytes_of,
)
from collector.errors import Unavailable
from collector.ledger import Ledger
from collector.linger import Linger
from collector.metrics import Metrics
from collector.settings import Settings
from schemas.events import Hit, Watermark, encode_item

MARK_INTERVAL_MS: Final = 10_000
# A session lives 30 minutes after its last hit; some more, so that its minute closes for certain.
MARK_LAST_MS: Final = 35 * 60_000
MARK_LOOK_S: Final = 1.0
DRAIN_LOOK_S: Final = 0.01


def mark_due(now_ms: int, last_live_ms: int, last_mark_ms: int) -> bool:
    """Whether an idle partition needs a watermark.

    `last_live_ms` is when its last live hit was queued: nothing more is to be closed MARK_LAST_MS
    after it. `last_mark_ms` is when its live clock was last moved, by hit or by watermark.
    """
    if now_ms - last_live_ms > MARK_LAST_MS + MARK_INTERVAL_MS:
        return False
    return now_ms - last_mark_ms >= MARK_INTERVAL_MS


class Outbox:
    """Where hits wait for the log. Nothing put here is dropped silently: it is stored or raised."""

    def __init__(
        self,
        settings: Settings,
        partition_count: int,
        collector_id: str,
        sink: Sink,
        spool: Overflow,
        metrics: Metrics,
        ledger: Ledger,
        now_ms: Callable[[], int],
    ) -> None:
        self.partition_count = partition_count
        self._metrics = metrics
        self._now_ms = now_ms
        self._room = Room(settings.waiting_hits_max, settings.waiting_bytes_max)
        metrics.gauge("pawprint_collector_waiting_hits").set_function(lambda: self._room.hits)
        limits = RecordLimits(settings.record_hits_max, settings.record_bytes_max)
        linger = Linger(settings.linger_ms / 1000)
        self._batchers = [
            Batcher(
                partition, collector_id, sink, spool, limits, linger, self._room, metrics, ledger
            )
            for partition in range(partition_count)
        ]
        # Who was here before a restart may have left sessions open: begin as if all had just hit.
        self._last_live_ms = [now_ms()] * partition_count
        self._last_mark_ms = [now_ms()] * partition_count
        self._accepting = True

    def put(self, routed: list[tuple[int, Hit]]) -> "asyncio.Future[None]":
        """Queue (route, hit) pairs in their order; the future is done when all are stored.

        It fails with `Unavailable`; that is raised here already when there is no room.
        """
        pairs: list[tuple[int, Item]] = [
            (route % self.partition_count, hit) for route, hit in routed
        ]
        future = self._queue(pairs)
        now = self._now_ms()
        for partition, hit in pairs:
            if not hit.import_name:  # every live hit moves the live clock to its reception
                self._last_live_ms[partition] = self._last_mark_ms[partition] = now
        return future

    def finish_import(self, site_id: int, import_name: str) -> "asyncio.Future[None]":
        """Queue an import's last watermark for every partition. Raises as `put`."""
        mark = Watermark(site_id, import_name, self._now_ms(), final=True)
        return self._queue([(partition, mark) for partition in range(self.partition_count)])

    def _queue(self, pairs: list[tuple[int, Item]]) -> "asyncio.Future[None]":
        if not self._accepting:
            raise self._refused(len(pairs), "stopping")
        ticket = Ticket(len(pairs), asyncio.get_running_loop().create_future())
        if not pairs:
            ticket.done.set_result(None)
        entries = [Entry(item, encode_item(item), ticket) for _, item in pairs]
        if not self._room.take(len(entries), bytes_of(entries)):
            raise self._refused(len(entries), "full")
        for (partition, _), entry in zip(pairs, entries, strict=True):
            self._batchers[partition].put(entry)
        return ticket.done

    def _refused(self, items: int, reason: str) -> Unavailable:
        self._metrics.count("pawprint_collector_hits_unstored_total", items, reason=reason)
        return Unavailable(reason)

    async def run(self) -> None:
        """Write until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for batcher in self._batchers:
                tasks.create_task(batcher.run())
            tasks.create_task(self._mark_idle())

    async def _mark_idle(self) -> None:
        while True:
            await asyncio.sleep(MARK_LOOK_S)
            self.mark_idle(self._now_ms())

    def mark_idle(self, now_ms: int) -> None:
        """Queue a watermark for each partition that is due one.

        Nobody waits for it: when it is not stored, the next one says the same and more.
        """
        for partition in range(self.partition_count):
            if not mark_due(now_ms, self._last_live_ms[partition], self._last_mark_ms[partition]):
                continue
            self._last_mark_ms[partition] = now_ms
            with contextlib.suppress(Unavailable):
                future = self._queue([(partition, Watermark(0, "", now_ms))])
                future.add_done_callback(asyncio.Future.exception)

    async def drain(self, timeout_s: float) -> None:
        """Take no more and wait until all is stored or failed. Raises `TimeoutError`."""
        self._accepting = False
        async with asyncio.timeout(timeout_s):
            while not all(batcher.idle for batcher in self._batchers):
                await asyncio.sleep(DRAIN_LOOK_S)
