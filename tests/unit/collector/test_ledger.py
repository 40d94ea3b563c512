"""received = accepted + refused by reason: every event once, in the minute it came, of its site."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from collector.ledger import COUNTS_MAX, KEEP_MS, WRITE_COUNTS_MAX, Ledger
from schemas.drop_reasons import DropReason
from schemas.records import ACCEPTED, IngestCount
from tests.unit.collector.support import NOW_MS, Collector, page, running
from tests.unit.collector.test_outbox import hit

MINUTE = NOW_MS // 60_000 * 60


def counts_of(collector: Collector) -> Counter[tuple[int, str]]:
    """(site id, outcome) -> events, of everything so far."""
    counts: Counter[tuple[int, str]] = Counter()
    for count in collector.parts.ledger.unwritten():
        counts[count.site_id, count.outcome] += count.events
    return counts


async def test_events() -> None:
    async with running() as collector:
        sent = [
            (page(), {(7, ACCEPTED): 1}),
            (page(d="example.com,other.example"), {(7, ACCEPTED): 1, (8, ACCEPTED): 1}),
            (page(d="example.com,nobody.example"), {(7, ACCEPTED): 1, (0, "unknown_site"): 1}),
            (b"{", {(0, "malformed"): 1}),
            (page(d=7), {(0, "malformed"): 1}),
            (page(n=""), {(0, "malformed"): 1}),
        ]
        want: Counter[tuple[int, str]] = Counter()
        for body, outcomes in sent:
            assert isinstance(body, bytes | dict)
            await collector.event(body)
            want.update(outcomes)
        assert counts_of(collector) == want
        stored = Counter(one.site_id for one in collector.sink.hits())
        assert stored == {7: 3, 8: 1}


async def test_what_a_rule_leaves_out_is_accepted() -> None:
    """It is in the log, whose own ledger names the rule."""
    async with running() as collector:
        await collector.event(page(), user_agent="Googlebot/2.1 (+http://www.google.com/bot.html)")
        assert counts_of(collector) == {(7, ACCEPTED): 1}
        assert [one.left_out for one in collector.sink.hits()] == ["bot"]


async def test_a_batch() -> None:
    async with running() as collector:
        event = {"name": "x", "url": "https://example.com/", "timestamp": "2026-02-02T02:39:00Z"}
        events = [
            event | {"visitor": "a"},
            event | {"visitor": 7},
            "no object",
            event | {"visitor": "b", "timestamp": "2026-01-01T00:00:00Z"},
            event | {"visitor": "b"},
        ]
        answer = await collector.batch({"domain": "example.com", "events": events})
        assert answer.json["accepted"] == 2
        want = {(7, ACCEPTED): 2, (7, "malformed"): 2, (7, "too_old"): 1}
        assert counts_of(collector) == want
        assert sum(want.values()) == len(events)


async def test_what_was_not_stored_was_not_received() -> None:
    async with running() as collector:
        collector.sink.broken = True
        assert (await collector.event(page())).status == 503
        assert counts_of(collector) == {}
        collector.parts.spool.takes = True
        assert (await collector.event(page())).status == 202
        assert counts_of(collector) == {(7, ACCEPTED): 1}


@given(st.lists(st.tuples(st.sampled_from(["count", "write", "lose"]), st.integers(0, 3))))
def test_the_highest_written_is_what_was_counted(steps: list[tuple[str, int]]) -> None:
    """Writes may be lost, repeated, or be acknowledged after more was counted."""
    ledger, written = Ledger("c", lambda: NOW_MS), list[IngestCount]()
    want: Counter[int] = Counter()
    for step, site_id in [*steps, ("write", 0)]:
        counts = ledger.unwritten()
        if step == "count":
            ledger.refuse(DropReason.MALFORMED, site_id)
            want[site_id] += 1
            ledger.written(counts)  # as of before: what was counted since then stays to be written
            written += counts
        else:
            written += counts
            if step == "write":
                ledger.written(counts)
    assert ledger.unwritten() == []
    seen: Counter[int] = Counter()
    for count in written:
        assert count.minute == MINUTE and count.outcome == "malformed"
        seen[count.site_id] = max(seen[count.site_id], count.events)
    assert seen == want


def test_hits_count_in_the_minute_they_came() -> None:
    ledger = Ledger("c", lambda: NOW_MS + 60_000)
    ledger.accept([hit()])
    assert [(count.minute, count.events) for count in ledger.unwritten()] == [(MINUTE, 1)]


def test_a_minute_is_forgotten_when_it_is_over_and_written() -> None:
    now = [NOW_MS]
    ledger = Ledger("c", lambda: now[0])
    ledger.refuse(DropReason.MALFORMED)
    now[0] += KEEP_MS + 60_000
    ledger.forget()
    (count,) = ledger.unwritten()
    ledger.written([count])
    ledger.refuse(DropReason.MALFORMED, 7)
    ledger.forget()
    assert len(ledger._counts) == 1


def test_bounded_while_nobody_takes_the_counts() -> None:
    assert COUNTS_MAX >= 10 * WRITE_COUNTS_MAX
    ledger = Ledger("c", lambda: NOW_MS, counts_max=5)
    for site_id in range(8):
        ledger.refuse(DropReason.MALFORMED, site_id)
        ledger.refuse(DropReason.MALFORMED, site_id)
    assert [count.site_id for count in ledger.unwritten()] == [3, 4, 5, 6, 7]
    assert ledger.lost == 6
