"""A clock that runs ahead closes nothing; a dead letter sent again counts once."""

import msgspec
import pytest

from aggregates.core.fold import ahead_of_clock, fold, skip
from aggregates.core.limits import EVENT_IDS_MAX
from aggregates.core.snapshots import restore, snapshot
from aggregates.core.state import CLOCK_AHEAD_MAX_MS, LIVE_CLOCK, Shard, ShardState
from schemas.events import Batch, Hit, Watermark
from tests.unit.aggregates.core.hits import at, batch, pageview
from tests.unit.aggregates.core.store import Store, flush

YEAR_MIN = 365 * 24 * 60


def folded(*records: tuple[Batch, int]) -> tuple[Shard, Store]:
    """Records with the broker's time of each."""
    shard, store = Shard(ShardState(shard=0)), Store()
    for offset, (each, appended_ms) in enumerate(records):
        fold(shard, offset, each, appended_ms)
    flush(shard, store)
    return shard, store


def ahead(**fields: int) -> Hit:
    return pageview(0.5, 2, "/ahead", **fields)


@pytest.mark.parametrize("field", ["received_at_ms", "at_ms"])
def test_a_clock_a_year_ahead_closes_nothing(field: str) -> None:
    jumped = ahead(**{field: at(YEAR_MIN)})
    shard, store = folded(
        (batch(pageview(0, 1, "/a")), at(0)),
        (batch(jumped), at(0.5)),
        (batch(pageview(1, 1, "/b")), at(1)),
    )
    assert ahead_of_clock(batch(jumped), at(0.5)) == [jumped]
    assert store.outcomes() == {"counted": 2, "clock_ahead": 1}
    assert shard.state.clocks[LIVE_CLOCK].watermark_ms == at(1)
    (visit,) = store.visit_rows()
    assert (visit.visits, visit.pageviews) == (1, 2)
    # Where it is counted as refused: the minute the broker had it.
    assert {row.minute for row in store.ledger.values()} == {at(0) // 1000, at(1) // 1000}


def test_a_watermark_ahead_is_passed_over() -> None:
    jumped = batch(watermarks=(Watermark(0, "", at(YEAR_MIN)),))
    shard, _ = folded((batch(pageview(0, 1)), at(0)), (jumped, at(1)))
    assert shard.state.clocks[LIVE_CLOCK].watermark_ms == at(0)
    assert len(shard.state.clocks[LIVE_CLOCK].sessions) == 1


@pytest.mark.parametrize("name", ["i", ""])
def test_an_import_ends_by_whatever_clock(name: str) -> None:
    event = pageview(-60, 1, import_name=name, received_at_ms=at(0))
    over = batch(watermarks=(Watermark(1, name, at(YEAR_MIN), final=True),))
    shard, store = folded((batch(event), at(0)), (over, at(0)), (batch(event), at(0)))
    again = "import_finished" if name else "duplicate"
    assert store.outcomes() == {"counted": 1, again: 1}
    assert shard.state.clocks[LIVE_CLOCK].watermark_ms <= at(0)  # there, and it has not moved
    assert list(shard.state.finished_imports) == ([(1, "i")] if name else [])


def test_clocks_may_differ_a_little() -> None:
    hit = pageview(0, 1, received_at_ms=at(0) + CLOCK_AHEAD_MAX_MS)
    _, store = folded((batch(hit), at(0)))
    assert store.outcomes() == {"counted": 1}


def replayed(key: str, *hits: Hit) -> Batch:
    return Batch(1, "test", hits, replay_of=key)


def test_a_letter_counts_once_however_often_it_is_sent_again() -> None:
    shard, store = Shard(ShardState(shard=0)), Store()
    skip(shard, 0)
    letter = replayed("hits/0/0", pageview(0, 1, "/a"), pageview(0, 2, "/a"))
    fold(shard, 1, letter, at(1))
    fold(shard, 2, letter, at(2))
    flush(shard, store)
    assert store.outcomes() == {"counted": 2, "duplicate": 2}
    shard = Shard(restore(snapshot(shard.state)))
    fold(shard, 3, letter, at(4))
    flush(shard, store)
    assert store.outcomes() == {"counted": 2, "duplicate": 4}


def test_a_letter_of_a_record_that_could_be_read_does_not_count_again() -> None:
    """A fold that begins anew with the mended decoder counts the record where it stands."""
    hit = pageview(0, 1, "/a")
    _, store = folded((batch(hit), at(0)), (replayed("hits/0/0", hit), at(40)))
    assert store.outcomes() == {"counted": 1, "duplicate": 1}


def test_hits_of_a_clock_ahead_count_when_they_are_sent_again_in_time() -> None:
    jumped = ahead(at_ms=at(YEAR_MIN), received_at_ms=at(YEAR_MIN))
    mended = msgspec.structs.replace(jumped, at_ms=at(0.5), received_at_ms=at(0.5))
    again = replayed("hits/0/0", mended), at(3)
    _, store = folded((batch(pageview(0, 1, "/a"), jumped), at(0.5)), again, again)
    assert store.outcomes() == {"counted": 2, "clock_ahead": 1, "duplicate": 1}


def test_letters_of_other_partitions_and_unknown_ones_do_not_count() -> None:
    shard, store = Shard(ShardState(shard=0)), Store()
    skip(shard, 0)
    for offset, key in enumerate(("hits/1/0", "hits/0/9", "nonsense"), 1):
        fold(shard, offset, replayed(key, pageview(0, 1)), at(1))
    flush(shard, store)
    assert store.outcomes() == {"duplicate": 3}


def test_a_repeat_is_known_among_the_last_events_only() -> None:
    first, *rest = (pageview(0.01 * n, 1, "/a") for n in range(EVENT_IDS_MAX + 1))
    _, store = folded(*((batch(hit), at(1)) for hit in (first, *rest[:-1], first)))
    assert store.outcomes() == {"counted": EVENT_IDS_MAX, "duplicate": 1}
    _, store = folded(*((batch(hit), at(1)) for hit in (first, *rest, first)))
    assert store.outcomes() == {"counted": EVENT_IDS_MAX + 2}


def test_an_id_across_two_kept_ones_is_no_repeat() -> None:
    # The last four bytes of one id and the first four of the next are no id.
    one, two, across = 0x0000000000000001, 0x0000000200000000, 0x0000000100000002
    hits = [pageview(0, 1, "/a", event_id=event_id) for event_id in (one, two, across, across)]
    _, store = folded((batch(*hits), at(0)))
    assert store.outcomes() == {"counted": 3, "duplicate": 1}


def test_a_snapshot_of_another_version_is_refused() -> None:
    good = snapshot(ShardState(shard=3))
    version, state = msgspec.msgpack.decode(good)
    for other in (msgspec.msgpack.encode((version + 1, state)), msgspec.msgpack.encode(state)):
        with pytest.raises(msgspec.DecodeError):
            restore(other)
    assert restore(good) == ShardState(shard=3)
