"""The rollup store of tests: the same promises as ClickHouse's, kept in dictionaries."""

from collections.abc import Iterable
from typing import TypeVar

from aggregates.core.rows import HitRow, LedgerRow, Rows, VisitRow

R = TypeVar("R", HitRow, VisitRow, LedgerRow)
Key = tuple[int, int, int]  # site id, minute, row key


class MemoryStore:
    """`RollupStore` in memory; of each (site, minute, row key) the highest version stays."""

    def __init__(self) -> None:
        self._hits: dict[Key, HitRow] = {}
        self._visits: dict[Key, VisitRow] = {}
        self._ledger: dict[Key, LedgerRow] = {}

    def insert(self, rows: Rows) -> None:
        _replace(self._hits, rows.hits)
        _replace(self._visits, rows.visits)
        _replace(self._ledger, rows.ledger)

    def rows(self) -> Rows:
        """What counts, in order of (site, minute, row key)."""
        return Rows(_ordered(self._hits), _ordered(self._visits), _ordered(self._ledger))

    def close(self) -> None:
        """Nothing to close; what was written stays readable."""


def _replace(kept: dict[Key, R], rows: Iterable[R]) -> None:
    for row in rows:
        key = (row.site_id, row.minute, row.row_key)
        if key not in kept or kept[key].version <= row.version:
            kept[key] = row


def _ordered(kept: dict[Key, R]) -> list[R]:
    return [kept[key] for key in sorted(kept)]
