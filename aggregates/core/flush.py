"""What a shard has for the stores, and what to forget once they confirmed it."""

from collections.abc import Mapping, Sequence
from itertools import chain, islice
from typing import TypeVar

from aggregates.core.cells import HitCell, LedgerCell, VisitCell
from aggregates.core.rendering import hit_row, ledger_row, visit_row
from aggregates.core.rows import HitRow, LedgerRow, Rows, VisitRow
from aggregates.core.state import Shard
from schemas.records import SiteMinute

AnyRow = TypeVar("AnyRow", HitRow, VisitRow, LedgerRow)
AnyCell = TypeVar("AnyCell", HitCell, VisitCell, LedgerCell)


def unconfirmed_rows(shard: Shard, limit: int) -> Rows:
    """Up to `limit` rows of each kind that no store has confirmed, those of closed windows first.

    Changes nothing: rows stay unconfirmed until `confirm_rows`.
    """
    closed = shard.state.closed
    return Rows(
        hits=list(islice(chain(closed.hits.values(), map(hit_row, shard.hits.values())), limit)),
        visits=list(
            islice(chain(closed.visits.values(), map(visit_row, shard.visits.values())), limit)
        ),
        ledger=list(
            islice(chain(closed.ledger.values(), map(ledger_row, shard.ledger.values())), limit)
        ),
    )


def confirm_rows(shard: Shard, rows: Rows) -> None:
    """The store holds `rows`. A row that has changed since stays unconfirmed."""
    closed = shard.state.closed
    _forget(closed.hits, shard.hits, rows.hits)
    _forget(closed.visits, shard.visits, rows.visits)
    _forget(closed.ledger, shard.ledger, rows.ledger)


def _forget(
    closed: dict[int, AnyRow], open_rows: dict[int, AnyCell], stored: Sequence[AnyRow]
) -> None:
    for row in stored:
        key, version = row.row_key, row.version
        if key in closed and closed[key].version == version:
            del closed[key]
        elif key in open_rows and open_rows[key].version == version:
            del open_rows[key]


def confirm_site_minutes(shard: Shard, sent: Mapping[SiteMinute, None]) -> None:
    """The broker holds these closed minutes."""
    closed = shard.state.closed
    closed.site_minutes = [minute for minute in closed.site_minutes if minute not in sent]
