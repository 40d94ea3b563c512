"""Whatever is flushed, confirmed, lost, checkpointed and restored in between: the same rows."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregates.core.flush import confirm_rows, unconfirmed_rows
from aggregates.core.fold import fold
from aggregates.core.snapshots import restore, snapshot
from aggregates.core.state import Shard, ShardState
from schemas.events import Batch, Hit, Visit, Watermark
from tests.unit.aggregates.core.hits import NOW_MS, START_MS, at, batch, event, pageview
from tests.unit.aggregates.core.store import Store, flush


def drawn_log(seed: int, records: int) -> list[Batch]:
    """A log of two sites with retries, bots, late hits, an import, and long silences."""
    draw = random.Random(seed)
    now, imported_at, sent, log = 0.0, -9_000.0, [pageview(0, 1)], []
    for _ in range(records):
        now += draw.choice([0.01, 0.3, 2.0, 8.0, 40.0])
        hits: list[Hit] = []
        for _ in range(draw.randrange(1, 5)):
            site, visitor, path = draw.randint(1, 2), draw.randint(1, 6), f"/{draw.randint(1, 4)}"
            visit = Visit(source=draw.choice(["", "Google"]), device=draw.choice(["Desktop", ""]))
            kind = draw.random()
            if kind < 0.1:
                recent = [hit for hit in sent if hit.received_at_ms > at(now - 25)]
                hits += [draw.choice(recent)] if recent else []
            elif kind < 0.2:
                imported_at += draw.choice([0.0, 0.1, 20.0])
                hits.append(
                    pageview(imported_at, visitor, path, site_id=site, import_name="i", visit=visit)
                )
            elif kind < 0.3:
                late = now - draw.choice([1, 20, 200])
                hits.append(
                    pageview(late, visitor, path, site_id=site, received_at_ms=at(now), visit=visit)
                )
            elif kind < 0.4:
                hits.append(
                    event(
                        now,
                        visitor,
                        "signup",
                        path,
                        site_id=site,
                        visit=visit,
                        timings=((0, len(hits)),),
                        revenue_micros=draw.choice([0, 0, 1_000_000]),
                        currency="EUR",
                    )
                )
            else:
                left_out = "bot" if draw.random() < 0.1 else ""
                hits.append(
                    pageview(now, visitor, path, site_id=site, visit=visit, left_out=left_out)
                )
        sent += hits
        final = (Watermark(draw.randint(1, 2), "i", at(0), True),) if draw.random() < 0.03 else ()
        log.append(batch(*hits, watermarks=final))
    return log


def straight(log: list[Batch]) -> tuple[Store, Shard]:
    shard, store = Shard(ShardState(shard=3)), Store()
    for offset, record in enumerate(log):
        fold(shard, offset, record, NOW_MS)
    flush(shard, store)
    return store, shard


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_any_schedule_ends_in_the_same_rows(log_seed: int, schedule_seed: int) -> None:
    log = drawn_log(log_seed, 60)
    want, want_shard = straight(log)
    draw, store = random.Random(schedule_seed), Store()
    saved = [snapshot(ShardState(shard=3))]
    shard = Shard(restore(saved[0]))
    while shard.state.applied < len(log) - 1:
        offset = shard.state.applied + 1
        fold(shard, offset, log[offset], NOW_MS)
        step = draw.random()
        if step < 0.2:  # a flush that is confirmed
            flush(shard, store, limit=draw.choice([1, 7, 1_000]))
        elif step < 0.3:  # a flush whose answer is lost
            store.insert(unconfirmed_rows(shard, 1_000))
        elif step < 0.4:  # a flush confirmed only after more was folded
            rows = unconfirmed_rows(shard, 1_000)
            if offset + 1 < len(log):
                fold(shard, offset + 1, log[offset + 1], NOW_MS)
            store.insert(rows)
            confirm_rows(shard, rows)
        elif step < 0.55:
            saved.append(snapshot(shard.state))
        elif step < 0.65:  # killed: from the last checkpoint, or an earlier one
            shard = Shard(restore(draw.choice(saved[-2:])))
    flush(shard, store)
    assert store.hits == want.hits
    assert store.visits == want.visits
    assert store.ledger == want.ledger
    shard.state.closed.site_minutes = want_shard.state.closed.site_minutes = []
    assert snapshot(shard.state) == snapshot(want_shard.state)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_counts_equal_an_oracle_that_knows_no_windows(seed: int) -> None:
    log = drawn_log(seed, 60)
    store, _ = straight(log)
    hits = [hit for record in log for hit in record.hits]
    assert sum(store.outcomes().values()) == len(hits)
    live: dict[int, Hit] = {}
    for hit in hits:  # an event id is one event, however often it was sent within the gap
        if not hit.import_name and not hit.left_out:
            live.setdefault(hit.event_id, hit)
    want: dict[tuple[int, int, str], int] = {}
    for hit in live.values():
        if hit.name == "pageview":
            cell = (hit.site_id, hit.at_ms // 60_000 * 60, hit.path)
            want[cell] = want.get(cell, 0) + 1
    got = {cell: n for cell, n in store.pageviews().items() if cell[1] * 1000 > START_MS - 10**8}
    assert got == want


def test_only_the_next_record_is_folded() -> None:
    shard = Shard(ShardState(shard=0))
    fold(shard, 0, batch(pageview(0, 1)), NOW_MS)
    for offset in (0, 2, -1):
        with pytest.raises(ValueError, match="is not the next"):
            fold(shard, offset, batch(pageview(0, 1)), NOW_MS)
    assert shard.state.applied == 0
