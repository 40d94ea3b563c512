"""The oracle of `./inv chaos`, on logs small enough to count by hand."""

from collections import Counter

from schemas.events import VERSION, Batch, Hit, Kind, Visit, encode_batch
from tests.chaos.log import Log
from tests.chaos.oracle import (
    Cell,
    Counts,
    Difference,
    LiveBucket,
    LiveMinute,
    Measure,
    Oracle,
    count,
    differences,
)

NOON_MS = 1_770_033_600_000
NOON = NOON_MS // 1000
MINUTE_MS = 60_000
KINDS = {"pageview": Kind.PAGEVIEW, "engagement": Kind.ENGAGEMENT}


def hit(event: int, visitor: int, at_ms: int, name: str = "pageview", **more: object) -> Hit:
    fields = {"path": "/", "interactive": True, "prev_visitor_id": 0} | more
    return Hit(
        site_id=1, kind=KINDS.get(name, Kind.EVENT), visitor_id=visitor, event_id=event,
        at_ms=NOON_MS + at_ms, received_at_ms=NOON_MS + at_ms, name=name, hostname="a.example",
        visit=Visit(), **fields,  # type: ignore[arg-type]
    )  # fmt: skip


def counted(*hits: Hit) -> Oracle:
    log = Log()
    for offset, one in enumerate(hits):
        log.add(0, offset, encode_batch(Batch(VERSION, "test", (one,))))
    return count(log.hits)


def measures(oracle: Oracle) -> dict[str, int]:
    found = {key.name: n for key, n in oracle.rollups.items() if isinstance(key, Measure)}
    return {name: n for name, n in found.items() if n}


def test_hits_by_site_minute_name_and_path() -> None:
    oracle = counted(
        hit(1, 9, 0),
        hit(2, 9, 59_999),
        hit(3, 8, MINUTE_MS, path="/x"),
        hit(4, 8, MINUTE_MS, "Buy"),
    )
    cells = {key: n for key, n in oracle.rollups.items() if isinstance(key, Cell)}
    assert cells == {
        Cell(1, NOON, "pageview", "/"): 2,
        Cell(1, NOON + 60, "pageview", "/x"): 1,
        Cell(1, NOON + 60, "Buy", "/"): 1,
    }
    assert measures(oracle) == {
        "visits": 2, "visitors": 2, "visit pageviews": 3, "visit events": 4,
    }  # fmt: skip


def test_an_event_counts_once_and_where_it_came_first() -> None:
    oracle = counted(hit(1, 9, 0), hit(1, 9, 2 * MINUTE_MS), hit(1, 7, 3 * MINUTE_MS))
    assert oracle.rollups[Cell(1, NOON, "pageview", "/")] == 1
    assert measures(oracle)["visits"] == 1
    assert oracle.events == {(1, 1)}


def test_thirty_minutes_end_a_visit() -> None:
    """12:00  12:30 the same visit  13:00:00.001 another one of the same visitor."""
    oracle = counted(hit(1, 9, 0), hit(2, 9, 30 * MINUTE_MS), hit(3, 9, 60 * MINUTE_MS + 1))
    assert measures(oracle) == {
        "visits": 2, "visitors": 1, "bounces": 1, "visit pageviews": 3, "visit events": 3,
    }  # fmt: skip


def test_what_makes_no_bounce() -> None:
    once = counted(hit(1, 9, 0), hit(2, 9, 1, "Seen", interactive=False))
    acted = counted(hit(1, 9, 0), hit(2, 9, 1, "Buy"))
    assert (measures(once).get("bounces"), measures(acted).get("bounces")) == (1, None)


def test_engagement_needs_a_visit_and_may_come_again() -> None:
    early, late = (hit(1, 9, at_ms, "engagement", engaged_ms=70) for at_ms in (0, 2))
    oracle = counted(early, hit(2, 9, 1), late)
    assert oracle.rollups[Cell(1, NOON, "engagement", "/")] == 1
    assert measures(oracle)["visit events"] == 1
    assert measures(oracle)["engaged ms"] == 70
    assert oracle.in_log == {(1, 1), (1, 2)}


def test_a_visit_goes_on_over_midnight() -> None:
    oracle = counted(hit(1, 9, 0), hit(2, 5, MINUTE_MS, prev_visitor_id=9), hit(3, 5, MINUTE_MS))
    assert measures(oracle) == {
        "visits": 1, "visitors": 1, "visit pageviews": 3, "visit events": 3,
    }  # fmt: skip
    late = counted(hit(1, 9, 0), hit(2, 5, 31 * MINUTE_MS, prev_visitor_id=9))
    assert measures(late)["visitors"] == 2


def test_live_counts() -> None:
    oracle = counted(hit(1, 9, 0), hit(2, 9, 15_000, "Buy"), hit(3, 8, MINUTE_MS))
    assert oracle.live == Counter(
        {
            LiveMinute(1, NOON): 1,
            LiveMinute(1, NOON + 60): 1,
            LiveBucket(1, NOON + 10): 1,
            LiveBucket(1, NOON + 60): 1,
        }
    )


def test_unreadable_records_are_passed_over_and_remembered() -> None:
    log = Log()
    log.add(2, 0, b"\xc1")
    log.add(2, 1, encode_batch(Batch(VERSION + 1, "future", ())))
    log.add(2, 2, encode_batch(Batch(VERSION, "test", (hit(1, 9, 0),))))
    assert (log.unreadable, log.count, log.next_offsets) == ([(2, 0), (2, 1)], 1, {2: 3})
    assert log.reaches({2: 3, 0: 0}) and not log.reaches({2: 4})


def test_differences_name_both_sides() -> None:
    cell, measure = Cell(1, NOON, "pageview", "/"), Measure(1, "visits")
    want: Counts = Counter({cell: 2, measure: 1})
    assert differences(want, Counter({cell: 2, measure: 1})) == []
    assert differences(want, Counter({cell: 3})) == [
        Difference(cell, 2, 3), Difference(measure, 1, 0),
    ]  # fmt: skip
