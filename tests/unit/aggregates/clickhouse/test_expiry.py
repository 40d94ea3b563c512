"""What retention takes away: which minutes, and that nothing brings them back."""

import pytest

from aggregates.clickhouse.expiry import (
    SITES_PER_STATEMENT,
    before_cutoffs,
    cutoff_s,
    kept_rows,
    latest,
)
from aggregates.core.rows import LedgerRow, Rows

DAY_S = 86_400
NOON_S = 20_000 * DAY_S + 43_200


@pytest.mark.parametrize(
    ("now_s", "days", "first_day"),
    [
        (NOON_S, 1, 19_999),
        (NOON_S, 30, 19_970),
        (20_000 * DAY_S, 1, 19_999),  # midnight: a new day
        (20_000 * DAY_S - 1, 1, 19_998),
        (NOON_S, 36_500, 0),  # longer than there is time
    ],
)
def test_whole_days_are_kept(now_s: int, days: int, first_day: int) -> None:
    assert cutoff_s(now_s, days) == first_day * DAY_S


def test_the_latest_cutoff_of_each_site_holds() -> None:
    assert latest({1: 10, 2: 20}, {2: 5, 3: 30}, {1: 11}) == {1: 11, 2: 20, 3: 30}


def row(site_id: int, minute: int) -> LedgerRow:
    return LedgerRow(site_id, minute, minute, 1, "counted", 1)


def test_rows_of_before_are_left_out_by_site() -> None:
    rows = Rows([], [], [row(1, 540), row(1, 600), row(2, 0), row(3, 600)])
    kept = kept_rows(rows, {1: 600, 3: 660})
    assert kept.ledger == [row(1, 600), row(2, 0)]
    assert kept_rows(rows, {}) is rows


def test_a_statement_names_a_bounded_number_of_sites() -> None:
    conditions = list(before_cutoffs({site: 60 * site for site in range(SITES_PER_STATEMENT + 1)}))
    assert [each.count("site_id") for each in conditions] == [SITES_PER_STATEMENT, 1]
    assert conditions[1] == (
        f"(site_id = {SITES_PER_STATEMENT} AND minute < toDateTime({60 * SITES_PER_STATEMENT}))"
    )
    assert list(before_cutoffs({})) == []
