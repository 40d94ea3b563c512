"""What a shard has for the stores, and what to forget once they confirmed it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    return joined(list(unconfirmed_slices(shard, limit, limit)))


def joined(slices: Sequence[Rows]) -> Rows:
    """All rows of `slices`, in their order."""
    return Rows(
        hits=[row for rows in slices for row in rows.hits],
        visits=[row for rows in slices for row in rows.visits],
        ledger=[row for rows in slices for row in rows.ledger],
    )


def closed_rows(shard: Shard, limit: int) -> Rows:
    """As `unconfirmed_rows`, of closed windows alone: each is written once and is final."""
    return joined(list(unconfirmed_slices(shard, limit, limit, with_open=False)))


def unconfirmed_slices(
    shard: Shard, limit: int, size: int, *, with_open: bool = True
) -> Iterator[Rows]:
    """The same in slices of `size` rows, each made when it is asked for.

    The shard may be folded on in between: a row is whole at the version it then has.
    """
    closed = shard.state.closed
    for keys in _slices(closed.hits, shard.hits if with_open else (), limit, size):
        yield Rows(_made(keys, closed.hits, shard.hits, hit_row), [], [])
    for keys in _slices(closed.visits, shard.visits if with_open else (), limit, size):
        yield Rows([], _made(keys, closed.visits, shard.visits, visit_row), [])
    for keys in _slices(closed.ledger, shard.ledger if with_open else (), limit, size):
        yield Rows([], [], _made(keys, closed.ledger, shard.ledger, ledger_row))


def _slices(
    closed: Iterable[int], open_rows: Iterable[int], limit: int, size: int
) -> Iterator[list[int]]:
    """The first `limit` row keys as they stand now."""
    keys = list(islice(chain(closed, open_rows), limit))
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def _made(
    keys: Iterable[int],
    closed: Mapping[int, AnyRow],
    open_rows: Mapping[int, AnyCell],
    made_of: Callable[[AnyCell], AnyRow],
) -> list[AnyRow]:
    """A row whose window closed after its key was listed is among the closed ones now."""
    return [
        closed[key] if key in closed else made_of(open_rows[key])
        for key in keys
        if key in closed or key in open_rows
    ]


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
