"""A store for tests of the fold: keeps the highest version of each row, as ClickHouse does."""

from collections import Counter

from aggregates.core.flush import confirm_rows, unconfirmed_rows
from aggregates.core.rows import HitRow, LedgerRow, Rows, VisitRow
from aggregates.core.state import Shard


class Store:
    def __init__(self) -> None:
        self.hits: dict[int, HitRow] = {}
        self.visits: dict[int, VisitRow] = {}
        self.ledger: dict[int, LedgerRow] = {}

    def insert(self, rows: Rows) -> None:
        for table, new in ((self.hits, rows.hits), (self.visits, rows.visits)):
            for row in new:
                self._put(table, row)  # type: ignore[arg-type]  # pairs match
        for ledger_row in rows.ledger:
            self._put(self.ledger, ledger_row)  # type: ignore[arg-type]

    @staticmethod
    def _put(table: dict[int, HitRow | VisitRow | LedgerRow], row: HitRow) -> None:
        old = table.get(row.row_key)
        if old is not None and old.version == row.version:
            assert old == row, "the same version must always have the same content"
        if old is None or old.version <= row.version:
            table[row.row_key] = row

    def pageviews(self) -> Counter[tuple[int, int, str]]:
        """(site, minute, path) -> pageviews."""
        counted: Counter[tuple[int, int, str]] = Counter()
        for row in self.hits.values():
            if row.name == "pageview":
                counted[row.site_id, row.minute, row.path] += row.hits
        return counted

    def outcomes(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        for row in self.ledger.values():
            counted[row.outcome] += row.hits
        return counted

    def visit_rows(self) -> list[VisitRow]:
        """Rows that still hold a visit, by minute and entry page."""
        rows = [row for row in self.visits.values() if row.visits]
        return sorted(rows, key=lambda row: (row.minute, row.entry_page, row.session_exit_pages))


def flush(shard: Shard, store: Store, limit: int = 1_000_000) -> None:
    """Write and confirm everything."""
    while shard.unconfirmed:
        rows = unconfirmed_rows(shard, limit)
        store.insert(rows)
        confirm_rows(shard, rows)
