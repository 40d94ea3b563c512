"""Rows as columns."""

from aggregates.clickhouse.columns import HIT_ROWS, LEDGER_ROWS, VISIT_ROWS, transpose
from aggregates.core.rows import LedgerRow, VisitRow
from schemas.events import VISIT_DIMENSIONS, Visit


def test_the_visit_is_one_column_for_each_dimension() -> None:
    at = HIT_ROWS.columns.index("channel")
    assert HIT_ROWS.columns[at : at + len(VISIT_DIMENSIONS)] == VISIT_DIMENSIONS
    assert "visit" not in HIT_ROWS.columns
    assert LEDGER_ROWS.columns == LedgerRow._fields


def test_columns_hold_the_rows_in_order() -> None:
    rows = [
        VisitRow(
            site_id=1,
            minute=60,
            row_key=key,
            version=2,
            entry_hostname="h",
            entry_page="/",
            visit=Visit(source="s", language=str(key)),
            visits=1,
            bounces=1,
            duration_s=0,
            pageviews=1,
            events=1,
            session_ids=(5,),
            visitor_ids=(6,),
            session_bounced=(1,),
            session_durations_s=(0,),
            session_pageviews=(1,),
            session_events=(1,),
            session_exit_hostnames=("h",),
            session_exit_pages=("/x",),
        )
        for key in (8, 9)
    ]
    columns = dict(zip(VISIT_ROWS.columns, transpose(VISIT_ROWS, rows), strict=True))
    assert columns["row_key"] == (8, 9)
    assert columns["language"] == ("8", "9")
    assert columns["session_ids"] == ((5,), (5,))
