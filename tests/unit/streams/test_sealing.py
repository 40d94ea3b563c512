"""When a day is sealed."""

from aggregates.clickhouse.sealing import UnsealedDay
from streams.sealing import Quiet

FIRST, SECOND = UnsealedDay(1, 0, 2_000, 2_000), UnsealedDay(2, 0, 3_000, 3_000)


def test_a_day_is_due_once_it_has_been_quiet() -> None:
    quiet = Quiet(120)
    assert quiet.of([FIRST, SECOND], 0) == []
    assert quiet.of([FIRST, SECOND], 119) == []
    more = UnsealedDay(2, 0, 3_001, 3_001)
    assert quiet.of([FIRST, more], 120) == [FIRST]
    assert quiet.of([more], 239) == []
    assert quiet.of([more], 240) == [more]


def test_a_day_that_was_sealed_begins_anew() -> None:
    quiet = Quiet(120)
    quiet.of([FIRST], 0)
    assert quiet.of([], 60) == []
    assert quiet.of([FIRST], 130) == []
