"""The drawn audience is what it says, and its rows are the fold's."""

from collections import Counter

import pytest

from aggregates.core.rows import COUNTED, LedgerRow, VisitRow
from schemas.events import Hit, Kind
from tests.bench.audience import DAY_MS, MINUTE_MS, VIEWS_MAX, Audience, minutes
from tests.bench.stocking import END_MS, PARTITIONS, Stock, partition_rows, stock, stock_name

AUDIENCE = Audience(7, 500, 2)
START_MS = END_MS - AUDIENCE.days * DAY_MS


def drawn(seed: int = 1) -> list[tuple[int, Hit]]:
    """All hits, each with the minute (epoch ms) its record is of."""
    log = enumerate(minutes(AUDIENCE, seed, START_MS, PARTITIONS))
    return [
        (START_MS + number * MINUTE_MS, hit)
        for number, batches in log
        for batch in batches
        for hit in batch.hits
    ]


def test_the_same_seed_draws_the_same() -> None:
    assert drawn() == drawn()
    assert drawn() != drawn(seed=2)


def test_visits_come_by_the_hour_and_see_pages_by_a_power_law() -> None:
    views = [hit for _, hit in drawn() if hit.kind is Kind.PAGEVIEW]
    by_hour = Counter(hit.at_ms // 3_600_000 % 24 for hit in views)
    assert by_hour[15] > 2 * by_hour[3]
    pages = Counter(hit.path for hit in views).most_common(200)
    assert 5 < pages[0][1] / pages[9][1] < 20
    assert len(views) == pytest.approx(500 * 2 * 2.27, rel=0.3)


def test_a_visitor_is_known_for_a_day() -> None:
    seen: dict[int, set[int]] = {}
    for _, hit in drawn():
        seen.setdefault(hit.visitor_id, set()).add((hit.at_ms - START_MS) // DAY_MS)
    several = [days for days in seen.values() if len(days) > 1]
    assert len(several) < len(seen) / 100, "only those who stay over midnight"
    per_visitor = Counter(hit.visitor_id for _, hit in drawn() if hit.kind is Kind.PAGEVIEW)
    assert max(per_visitor.values()) > VIEWS_MAX, "some come again"


def test_some_minutes_come_late() -> None:
    late = [hit for minute_ms, hit in drawn() if hit.at_ms < minute_ms]
    assert 0 < len(late) < len(drawn()) / 50


def test_rows_are_those_of_the_fold_in_all_their_versions() -> None:
    """Whatever is overwritten, the last version of each row counts every hit once."""
    wanted = Stock((AUDIENCE,))
    last: dict[int, VisitRow] = {}
    ledger: dict[int, LedgerRow] = {}
    hits = versions = 0
    for partition in range(PARTITIONS):
        for _, rows, new_hits in partition_rows(wanted, partition):
            hits += new_hits
            versions += len(rows.visits)
            last |= {row.row_key: row for row in rows.visits}
            ledger |= {row.row_key: row for row in rows.ledger}
    assert hits == len(drawn())
    assert sum(row.hits for row in ledger.values() if row.outcome == COUNTED) > 0.98 * hits
    assert sum(row.hits for row in ledger.values()) == hits
    assert versions > 1.5 * len(last), "a visit's row is written again while it goes on"
    events = sum(row.events for row in last.values())
    assert events == sum(1 for _, hit in drawn() if hit.kind is not Kind.ENGAGEMENT)


def test_what_is_kept_is_named_by_what_made_it() -> None:
    assert stock_name(stock(quick=True)) != stock_name(stock(quick=False))
