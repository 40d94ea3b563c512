"""What would change: days that differ, and a total of all."""

from rich.console import Console

from aggregates.clickhouse.registry import Day
from streams.rebuild.comparison import Change, add_up, changes, kept_days, render

MONDAY, TUESDAY = 1_700_438_400, 1_700_524_800
BEFORE = {(1, MONDAY): Day(100, 40, 50, 20), (2, MONDAY): Day(7, 3, 3, 3)}
AFTER = {(1, MONDAY): Day(90, 40, 45, 9), (2, MONDAY): Day(7, 3, 3, 3), (2, TUESDAY): Day(1, 1, 1)}


def test_only_days_that_differ() -> None:
    assert changes(BEFORE, AFTER) == [
        Change(1, MONDAY, Day(100, 40, 50, 20), Day(90, 40, 45, 9)),
        Change(2, TUESDAY, Day(), Day(1, 1, 1)),
    ]
    assert changes(BEFORE, BEFORE) == []


def test_days_that_retention_takes_are_not_compared() -> None:
    """One side may be without them already, the other still wait for it."""
    assert kept_days(AFTER, {2: TUESDAY, 3: TUESDAY}) == {
        (1, MONDAY): AFTER[1, MONDAY],
        (2, TUESDAY): AFTER[2, TUESDAY],
    }


def test_the_total_is_of_all_days() -> None:
    assert add_up(BEFORE.values()) == Day(107, 43, 53, 23)
    assert add_up([]) == Day()


def test_the_table_says_before_after_and_the_difference() -> None:
    console = Console(width=160)
    with console.capture() as said:
        total = (add_up(BEFORE.values()), add_up(AFTER.values()))
        console.print(render(changes(BEFORE, AFTER), total, {1: "example.com"}, 3))
    text = said.get()
    assert "example.com" in text and "site 2" in text and "2023-11-20" in text
    assert "100 → 90 (-10)" in text
    assert "40.0 % → 20.0 % (-20.0)" in text
    assert "- → 0.0 %" in text
    assert "107 → 98 (-9)" in text
