"""What a run of chaos says: whom a loss is put down to, the table, the last line."""

import io
from collections import Counter

from rich.console import Console

from tests.chaos.oracle import Cell, Difference, Measure
from tests.chaos.report import (
    NO_FAULT,
    Injection,
    Tally,
    blame,
    last_line,
    table,
    tally,
)

KILL = Injection(1, "kill-kafka", "kafka", 100.0, 100.0, 112.0, acknowledged=7)
FLUSH = Injection(2, "flush-redis", "redis", 130.0, 132.0, 134.0, acknowledged=3)
NEVER = Injection(3, "kill-kafka", "kafka", 200.0)
BOTH = [KILL, FLUSH]


def test_blame_goes_to_the_fault_that_lay_over_it() -> None:
    assert blame(BOTH, 105, 105) == "kill-kafka"
    assert blame(BOTH, 131, 131) == "flush-redis"
    assert blame(BOTH, 60, 180) == "kill-kafka"
    assert blame(BOTH, 120, 121) == NO_FAULT
    assert blame([*BOTH, NEVER], 250, 251) == "kill-kafka"
    assert blame([], 1, 2) == NO_FAULT


def test_short_is_lost_and_over_is_double() -> None:
    found = tally(
        BOTH,
        [
            Difference(Cell(1, 120, "pageview", "/"), 5, 3),
            Difference(Cell(1, 60, "pageview", "/"), 5, 6),
            Difference(Measure(1, "visits"), 4, 5),
        ],
        missing_at_s=[101.0, 122.0],
        span_s=(90.0, 140.0),
    )
    assert found.lost == Counter({"flush-redis": 2, "kill-kafka": 1, NO_FAULT: 1})
    assert found.double == Counter({"kill-kafka": 2})
    assert last_line(BOTH, found) == "faults: 2 lost: 4 double: 2"


def drawn(injections: list[Injection], found: Tally, skipped: dict[str, str]) -> list[list[str]]:
    out = io.StringIO()
    kinds = ["kill-kafka", "flush-redis", "disk-full"]
    Console(file=out, width=120).print(table(kinds, injections, found, skipped))
    return [line.split() for line in out.getvalue().splitlines()[1:]]


def test_a_line_a_fault() -> None:
    nothing = Tally(Counter(), Counter())
    assert drawn(BOTH, nothing, {"disk-full": "may not mount"}) == [
        ["kill-kafka", "1", "7", "0", "0", "12.0", "12.0"],
        ["flush-redis", "1", "3", "0", "0", "4.0", "4.0"],
        ["disk-full", "skipped:", "may", "not", "mount"],
    ]
    assert last_line(BOTH, nothing) == "faults: 2 lost: 0 double: 0"


def test_what_never_recovered_is_told() -> None:
    lines = drawn([KILL, NEVER], Tally(Counter({NO_FAULT: 1}), Counter()), {})
    assert lines[0] == ["kill-kafka", "2", "7", "0", "0", "12.0", "1", "never"]
    assert lines[1][1] == "0"
    assert lines[3] == ["(no", "fault)", "0", "0", "1", "0", "-", "-"]
