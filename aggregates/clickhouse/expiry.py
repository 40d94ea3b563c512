"""Retention: a site's numbers from before a cutoff are deleted from every generation, for good.

Deletions are ClickHouse's mutations: kept by the server, carried out in the background and safe to
ask for twice, so any number of processes may do this at the same time, and be killed in it.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from aggregates.clickhouse.clients import ClientPool
from aggregates.clickhouse.columns import ROLLUPS, SEALED_TABLES
from aggregates.clickhouse.generations import FIRST, State, database_url, list_generations
from aggregates.clickhouse.queries import read_query
from aggregates.core.rows import HitRow, LedgerRow, Rows, VisitRow
from aggregates.protocols import StoreUnavailable

Cutoffs = Mapping[int, int]  # site id -> epoch seconds: no earlier minute is kept
R = TypeVar("R", HitRow, VisitRow, LedgerRow)

DAY_S: Final = 86_400
INGEST_ROWS: Final = "ingest_rows"  # in the base database alone
SITES_PER_STATEMENT: Final = 200  # bounds the text of a query
TIMEOUT_S: Final = 120.0
MUTATION_S_MAX: Final = 3_600.0  # it rewrites every part that holds a row to delete
POLL_S: Final = 0.25


def cutoff_s(now_s: int, retention_days: int) -> int:
    """The start of the first day (UTC) that is kept, today not counted among the days."""
    return max(0, (now_s // DAY_S - retention_days) * DAY_S)


def latest(*several: Cutoffs) -> dict[int, int]:
    """Of each site the latest cutoff: what was deleted does not come back."""
    found: dict[int, int] = {}
    for cutoffs in several:
        for site_id, at_s in cutoffs.items():
            found[site_id] = max(at_s, found.get(site_id, 0))
    return found


def kept_rows(rows: Rows, cutoffs: Cutoffs) -> Rows:
    """`rows` without those of minutes that are kept no more."""
    if not cutoffs:
        return rows
    return Rows(_kept(rows.hits, cutoffs), _kept(rows.visits, cutoffs), _kept(rows.ledger, cutoffs))


def _kept(rows: Iterable[R], cutoffs: Cutoffs) -> list[R]:
    return [row for row in rows if row.minute >= cutoffs.get(row.site_id, 0)]


def before_cutoffs(cutoffs: Cutoffs) -> Iterator[str]:
    """Conditions on `site_id` and `minute` that choose what is kept no more, of some sites each."""
    parts = [
        f"(site_id = {int(site_id)} AND minute < toDateTime({int(at_s)}))"
        for site_id, at_s in sorted(cutoffs.items())
    ]
    for start in range(0, len(parts), SITES_PER_STATEMENT):
        yield " OR ".join(parts[start : start + SITES_PER_STATEMENT])


def chosen(table: str, condition: str) -> str:
    """The query that counts what a deletion would take."""
    return read_query("rows_chosen").format(table=table, condition=condition)


def deletion(table: str, condition: str) -> str:
    """The statement that deletes it."""
    return read_query("rows_delete").format(table=table, condition=condition)


class Expiry:
    """What is kept no more, and its deletion. Threads may not share it."""

    def __init__(self, url: str) -> None:
        """`url` of the base database, as a user who may delete. Connects at the first use."""
        self._url = url
        self._base = ClientPool(url, TIMEOUT_S, {})

    def close(self) -> None:
        self._base.close()

    def cutoffs(self) -> dict[int, int]:
        """How far retention has come. Raises `StoreUnavailable`."""
        return dict(self._base.execute(read_query("expiries_list")))

    def expire(self, cutoffs: Cutoffs) -> int:
        """Delete what lies before `cutoffs` from every generation; how many rows that were.

        Returns once all of it is gone. The cutoffs are written down first: from then on no rebuild
        makes the rows again. Safe to repeat. Raises `StoreUnavailable`.
        """
        known = self.cutoffs()
        later = [(site, at_s) for site, at_s in cutoffs.items() if at_s > known.get(site, 0)]
        if later:
            self._base.insert("expiries", ("site_id", "cutoff"), later)
        deleted = self._delete(FIRST, (*ROLLUPS, INGEST_ROWS), cutoffs)
        for each in list_generations(self._base):
            if each.state == State.READY and each.number != FIRST:
                deleted += self._delete(each.number, ROLLUPS, cutoffs)
        return deleted

    def _delete(self, generation: int, tables: Sequence[str], cutoffs: Cutoffs) -> int:
        """How many rows of `tables`; what was made of them goes as well."""
        clients = ClientPool(database_url(self._url, generation), TIMEOUT_S, {})
        try:
            deleted = sum(delete_rows(clients, name, before_cutoffs(cutoffs)) for name in tables)
            for name in SEALED_TABLES:
                delete_rows(clients, name, before_cutoffs(cutoffs))
        finally:
            clients.close()
        return deleted


def delete_rows(clients: ClientPool, table: str, conditions: Iterable[str]) -> int:
    """Delete the rows of `table` that fit one of `conditions`, and wait until they are gone.

    Where nothing fits, nothing is rewritten. Returns how many rows there were, superseded versions
    included. Raises `StoreUnavailable`, also when it takes longer than MUTATION_S_MAX: the server
    goes on with it.
    """
    deleted = 0
    for condition in conditions:
        rows = sum(count for _, count in clients.execute(chosen(table, condition)))
        if rows:
            deleted += rows
            clients.execute(deletion(table, condition))
    _wait(clients, table)
    return deleted


def _wait(clients: ClientPool, table: str) -> None:
    until = time.monotonic() + MUTATION_S_MAX
    while clients.execute(read_query("mutations_pending"), {"table": table}) != [(0,)]:
        if time.monotonic() > until:
            raise StoreUnavailable(f"ClickHouse still deletes from {table}")
        time.sleep(POLL_S)
