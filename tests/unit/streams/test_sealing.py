"""Which days a worker looks at for ones to seal, and when one is sealed."""

from aggregates.clickhouse.buckets import DAY_S
from aggregates.clickhouse.sealing import UnsealedDay
from streams.sealing import ALL_DAYS_EVERY_S, RECENT_S, Looks

FIRST, SECOND = UnsealedDay(1, 0, 2_000, 2_000), UnsealedDay(2, 0, 3_000, 3_000)
TODAY_S = 20_000 * DAY_S
NOW_S = TODAY_S + 40_000


def test_a_day_is_due_once_it_has_been_quiet() -> None:
    looks = Looks(120)
    assert looks.quiet([FIRST, SECOND], 0, 0) == []
    assert looks.quiet([FIRST, SECOND], 0, 119) == []
    more = UnsealedDay(2, 0, 3_001, 3_001)
    assert looks.quiet([FIRST, more], 0, 120) == [FIRST]
    assert looks.quiet([more], 0, 239) == []
    assert looks.quiet([more], 0, 240) == [more]


def test_a_day_that_was_sealed_begins_anew() -> None:
    looks = Looks(120)
    looks.quiet([FIRST], 0, 0)
    assert looks.quiet([], 0, 60) == []
    assert looks.quiet([FIRST], 0, 130) == []


def test_all_days_are_looked_at_first_and_then_seldom() -> None:
    looks = Looks(120)
    assert looks.since_s(NOW_S, 5) == 0
    assert looks.since_s(NOW_S, 6) == 0, "the look at all did not succeed"
    looks.quiet([], 0, 7)
    recent_s = looks.since_s(NOW_S, 8)
    assert recent_s == TODAY_S - RECENT_S
    looks.quiet([], recent_s, 9)
    assert looks.since_s(NOW_S, 7 + ALL_DAYS_EVERY_S - 1) == recent_s
    assert looks.since_s(NOW_S, 7 + ALL_DAYS_EVERY_S) == 0


def test_days_that_wait_are_looked_at_until_they_are_sealed() -> None:
    looks = Looks(120)
    old = UnsealedDay(1, TODAY_S - 400 * DAY_S, 2_000, 2_000)
    looks.quiet([old, UnsealedDay(1, TODAY_S - DAY_S, 2_000, 2_000)], 0, 0)
    assert looks.since_s(NOW_S, 60) == old.start_s
    looks.quiet([], old.start_s, 120)
    assert looks.since_s(NOW_S, 180) == TODAY_S - RECENT_S
