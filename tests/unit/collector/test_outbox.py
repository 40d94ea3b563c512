"""Batches, limits and watermarks of the outbox."""

import asyncio
from collections import deque

import pytest

from collector.batcher import ENVELOPE_BYTES, Entry, Item, RecordLimits, Ticket, cut_record
from collector.errors import Unavailable
from collector.ledger import Ledger
from collector.metrics import Metrics
from collector.outbox import MARK_INTERVAL_MS, MARK_LAST_MS, Outbox, mark_due
from collector.settings import Settings
from schemas.events import (
    BATCH_BYTES_MAX,
    Hit,
    Kind,
    Visit,
    Watermark,
    encode_item,
    join_batch,
)
from tests.unit.collector.support import NOW_MS, SECRET, Collector, MemorySink, MemorySpool, running


def hit(number: int = 0, path: str = "/", import_name: str = "") -> Hit:
    return Hit(
        7,
        Kind.PAGEVIEW,
        number,
        number,
        NOW_MS,
        NOW_MS,
        "pageview",
        "example.com",
        path,
        Visit(),
        import_name=import_name,
    )


def outbox_of(collector: Collector) -> Outbox:
    assert collector.parts.outbox is not None
    return collector.parts.outbox


async def queue(*items: Item) -> deque[Entry]:
    ticket = Ticket(len(items), asyncio.get_running_loop().create_future())
    return deque(Entry(item, encode_item(item), ticket) for item in items)


async def test_a_record_holds_so_many_hits_and_bytes() -> None:
    entries = await queue(*(hit(n, "/" + "x" * 900) for n in range(1_000)))
    limits = RecordLimits(500, BATCH_BYTES_MAX)
    seen = 0
    while entries:
        record = cut_record(entries, limits)
        hits = tuple(entry.item for entry in record if isinstance(entry.item, Hit))
        assert 1 <= len(hits) <= 500
        assert len(join_batch("c" * 12, map(encode_item, hits), [])) <= BATCH_BYTES_MAX
        assert [one.event_id for one in hits] == list(range(seen, seen + len(hits)))
        seen += len(hits)
    assert seen == 1_000


async def test_a_record_ends_after_a_watermark() -> None:
    mark = Watermark(7, "log", NOW_MS, final=True)
    entries = await queue(hit(1), mark, hit(2), hit(3))
    limits = RecordLimits(500, BATCH_BYTES_MAX)
    records = [[entry.item for entry in cut_record(entries, limits)] for _ in range(2)]
    assert records == [[hit(1), mark], [hit(2), hit(3)]]


async def test_even_one_hit_over_the_limit_goes_alone() -> None:
    entries = await queue(hit(1), hit(2))
    assert len(cut_record(entries, RecordLimits(500, ENVELOPE_BYTES))) == 1


async def test_what_waits_together_is_one_record() -> None:
    async with running(partitions=1) as collector:
        outbox = outbox_of(collector)
        await asyncio.gather(*(outbox.put([(0, hit(n))]) for n in range(50)))
        ((_, batch),) = collector.sink.batches
        assert [one.event_id for one in batch.hits] == list(range(50))


async def test_one_record_is_in_flight_and_the_next_one_fills() -> None:
    async with running(partitions=1) as collector:
        outbox, sink = outbox_of(collector), collector.sink
        sink.gate.clear()
        first = outbox.put([(0, hit(1))])
        await asyncio.sleep(0.02)
        later = [outbox.put([(0, hit(n))]) for n in (2, 3)]
        await asyncio.sleep(0.02)
        assert not first.done()
        sink.gate.set()
        await asyncio.gather(first, *later)
        assert [len(batch.hits) for _, batch in sink.batches] == [1, 2]


async def test_history_that_fails_takes_what_is_behind_it_along() -> None:
    async with running(partitions=2) as collector:
        outbox, sink = outbox_of(collector), collector.sink
        collector.parts.spool.takes = True
        sink.gate.clear()
        first = outbox.put([(0, hit(1, import_name="log"))])
        await asyncio.sleep(0.02)
        second = outbox.put([(0, hit(2, import_name="log"))])
        finish = outbox.finish_import(7, "log")
        live = outbox.put([(0, hit(3))])
        sink.broken = True
        sink.gate.set()
        for future in (first, second, finish):
            with pytest.raises(Unavailable, match="kafka"):
                await future
        await live
        assert [one.event_id for one in collector.parts.spool.hits()] == [3]


async def test_what_kafka_does_not_take_is_spooled_and_all_behind_it() -> None:
    async with running(partitions=2) as collector:
        outbox, sink, spool = outbox_of(collector), collector.sink, collector.parts.spool
        spool.takes = sink.broken = True
        await outbox.put([(0, hit(1))])
        sink.broken = False
        await asyncio.gather(outbox.put([(0, hit(2))]), outbox.put([(1, hit(3))]))
        assert [one.event_id for one in spool.hits()] == [1, 2, 3]
        assert sink.hits() == []
        spool.idle = True
        await outbox.put([(0, hit(4))])
        assert [one.event_id for one in sink.hits()] == [4]


async def test_a_record_of_both_spools_its_live_hits() -> None:
    async with running(partitions=1) as collector:
        outbox, spool = outbox_of(collector), collector.parts.spool
        spool.takes = collector.sink.broken = True
        both = [
            outbox.put([(0, hit(1)), (0, hit(3))]),
            outbox.put([(0, hit(2, import_name="log"))]),
        ]
        outbox.mark_idle(NOW_MS + MARK_INTERVAL_MS)
        await both[0]
        with pytest.raises(Unavailable, match="kafka"):
            await both[1]
        assert [one.event_id for one in spool.hits()] == [1, 3]


async def test_neither_kafka_nor_spool() -> None:
    async with running(partitions=1) as collector:
        outbox, sink = outbox_of(collector), collector.sink
        sink.broken = True
        with pytest.raises(Unavailable, match="spool"):
            await outbox.put([(0, hit(1))])
        sink.broken = False
        await outbox.put([(0, hit(3))])
        assert [one.event_id for one in sink.hits()] == [3]
        await outbox.drain(0.1)


async def test_waiting_hits_and_bytes_are_bounded_and_room_is_given_back() -> None:
    for limit in ({"waiting_hits_max": 3}, {"waiting_bytes_max": 4 * len(encode_item(hit())) - 1}):
        async with running(partitions=1, **limit) as collector:
            outbox, sink = outbox_of(collector), collector.sink
            sink.gate.clear()
            waiting = outbox.put([(0, hit(n)) for n in range(3)])
            with pytest.raises(Unavailable, match="full"):
                outbox.put([(0, hit())])
            sink.gate.set()
            await waiting
            await outbox.put([(0, hit(n)) for n in range(3)])
            assert len(sink.hits()) == 6


async def test_a_stop_writes_what_waits_and_takes_no_more() -> None:
    async with running() as collector:
        outbox = outbox_of(collector)
        waiting = [outbox.put([(n, hit(n))]) for n in range(8)]
        await outbox.drain(1)
        await asyncio.gather(*waiting)
        assert len(collector.sink.hits()) == 8
        with pytest.raises(Unavailable, match="stopping"):
            outbox.put([(0, hit())])
        outbox.mark_idle(NOW_MS + MARK_INTERVAL_MS)  # neither raises nor writes
        assert collector.sink.watermarks() == []


async def test_a_stop_does_not_wait_for_ever() -> None:
    async with running() as collector:
        collector.sink.gate.clear()
        waiting = outbox_of(collector).put([(0, hit())])
        with pytest.raises(TimeoutError):
            await outbox_of(collector).drain(0.02)
        waiting.cancel()


@pytest.mark.parametrize(
    ("now_s", "live_s", "mark_s", "due"),
    [
        (9, 0, 0, False),
        (10, 0, 0, True),
        (19, 0, 10, False),
        (20, 0, 10, True),
        (2_100, 0, 2_090, True),
        (2_110, 0, 2_100, True),
        (2_111, 0, 2_100, False),
        (9_999, 0, 2_110, False),
    ],
)
def test_watermarks_are_due_for_a_while(now_s: int, live_s: int, mark_s: int, due: bool) -> None:
    assert MARK_LAST_MS == 2_100_000
    assert mark_due(now_s * 1000, live_s * 1000, mark_s * 1000) is due


async def test_quiet_partitions_get_watermarks_busy_ones_do_not() -> None:
    async with running(partitions=2) as collector:
        outbox, parts = outbox_of(collector), collector.parts
        parts.now_ms = NOW_MS + 9_000
        await outbox.put([(1, hit()), (0, hit(2, import_name="log"))])
        outbox.mark_idle(NOW_MS + 10_000)  # partition 0 had history only
        await outbox.put([(0, hit(3))])
        assert collector.sink.watermarks() == [(0, Watermark(0, "", NOW_MS + 10_000))]


async def test_a_watermark_that_finds_no_room_is_let_go() -> None:
    async with running(partitions=1, waiting_hits_max=1) as collector:
        outbox = outbox_of(collector)
        collector.sink.gate.clear()
        waiting = outbox.put([(0, hit())])
        outbox.mark_idle(NOW_MS + MARK_INTERVAL_MS)
        collector.sink.gate.set()
        await waiting
        assert collector.sink.watermarks() == []


async def test_times_never_go_back_in_a_partition() -> None:
    async with running() as collector:
        for step in range(40):
            collector.parts.now_ms = NOW_MS + step
            await collector.event({"n": "pageview", "u": f"https://example.com/{step}"})
        for partition in range(4):
            times = [one.at_ms for one in collector.sink.hits(partition)]
            assert times == sorted(times)


def test_what_is_not_stored_is_counted() -> None:
    async def scenario() -> bytes:
        metrics, sink = Metrics(), MemorySink()
        ledger = Ledger("test", lambda: NOW_MS)
        settings = Settings(route_secret=SECRET, waiting_hits_max=1)
        outbox = Outbox(settings, 1, "test", sink, MemorySpool(), metrics, ledger, lambda: NOW_MS)
        outbox.put([(0, hit())])
        with pytest.raises(Unavailable):
            outbox.put([(0, hit()), (0, hit())])
        return metrics.render()

    text = asyncio.run(scenario()).decode()
    assert 'pawprint_collector_hits_unstored_total{reason="full"} 2.0' in text
    assert "pawprint_collector_waiting_hits 1.0" in text
