"""A partition folded again: no gap is passed over, old minutes raise no alerts."""

from dataclasses import dataclass

import pytest

from aggregates.core.flush import closed_rows, confirm_rows
from schemas.events import (
    PAGEVIEW,
    VERSION,
    Batch,
    Hit,
    Kind,
    Visit,
    Watermark,
    encode_batch,
)
from schemas.rules import NO_RULES
from streams.log_reader import LogUnusable
from streams.rebuild.shard_fold import ShardFold

NOON_MS = 1_700_049_600_000


@dataclass
class Record:
    offset: int
    timestamp: int
    value: bytes | None


def hit(at_ms: int, number: int = 1) -> Hit:
    return Hit(
        1, Kind.PAGEVIEW, number, number, at_ms, at_ms, PAGEVIEW, "example.com", "/", Visit()
    )  # fmt: skip


def record(offset: int, at_ms: int, *hits: Hit) -> Record:
    """Its watermark closes what lies before `at_ms`."""
    batch = Batch(VERSION, "test", hits, (Watermark(0, "", at_ms),))
    return Record(offset, at_ms, encode_batch(batch))


def test_it_begins_at_the_first_record_and_passes_no_gap() -> None:
    fold = ShardFold(0, NO_RULES)
    with pytest.raises(LogUnusable, match="record 0 is missing"):
        fold.fold(record(1, NOON_MS))
    fold.fold(record(0, NOON_MS, hit(NOON_MS)))
    with pytest.raises(LogUnusable, match="record 1 is missing"):
        fold.fold(record(2, NOON_MS))
    assert (fold.next_offset, fold.hits) == (1, 1)


def test_dead_letters_are_passed_over() -> None:
    fold = ShardFold(0, NO_RULES)
    fold.fold(Record(0, NOON_MS, b"\xc1"))
    fold.fold(Record(1, NOON_MS, None))
    assert (fold.next_offset, fold.hits) == (2, 0)
    assert not fold.shard.unconfirmed


def test_rows_are_taken_once_when_their_windows_close() -> None:
    fold = ShardFold(0, NO_RULES)
    fold.fold(record(0, NOON_MS, hit(NOON_MS)))
    assert not any(closed_rows(fold.shard, 100))
    assert fold.shard.unconfirmed, "they are open"
    fold.fold(record(1, NOON_MS + 2 * 3_600_000))
    rows = closed_rows(fold.shard, 100)
    assert [len(kind) for kind in rows] == [1, 1, 1]
    confirm_rows(fold.shard, rows)
    assert not fold.shard.unconfirmed


def test_closed_minutes_of_long_ago_are_forgotten_and_recent_ones_kept() -> None:
    fold = ShardFold(0, NO_RULES)
    for minute in range(60):
        at_ms = NOON_MS + minute * 60_000
        fold.fold(record(minute, at_ms, hit(at_ms, minute + 1)))
    fold.forget_old_minutes()
    kept = [each.minute - NOON_MS // 1000 for each in fold.closed.site_minutes]
    assert kept[0] == 44 * 60, "15 minutes: as long as spike detection looks back"
    assert kept[-1] == 57 * 60


def test_minutes_before_the_oldest_open_window_cannot_change() -> None:
    fold = ShardFold(0, NO_RULES)
    fold.fold(record(0, NOON_MS, hit(NOON_MS)))
    assert fold.open_since_s == NOON_MS // 1000
    fold.fold(record(1, NOON_MS + 10 * 60_000))
    assert fold.open_since_s == NOON_MS // 1000, "the visit may still go on"
    fold.fold(record(2, NOON_MS + 3_600_000))
    assert fold.open_since_s == NOON_MS // 1000 + 3_600
