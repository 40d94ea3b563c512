"""What the rollups hold of a site, or of one visitor of it, and deleting a whole site's rows."""

from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from aggregates.clickhouse.clients import ClientPool
from aggregates.clickhouse.columns import HIT_ROWS, SEALED_TABLES, VISIT_ROWS
from aggregates.clickhouse.expiry import delete_rows
from aggregates.clickhouse.queries import read_query

TIMEOUT_S: Final = 600.0  # it reads all of the site
# Table -> what each element of its arrays adds. The tables whose rows name visitors.
_PARTS: Final = {HIT_ROWS.name: "session_hits", VISIT_ROWS.name: "arrayMap(id -> 1, visitor_ids)"}


@dataclass(frozen=True, slots=True)
class Who:
    """A visitor of a site, or with None the whole site."""

    site_id: int
    visitor_id: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What one generation holds of them."""

    hit_rows: int = 0
    hits: int = 0
    visit_rows: int = 0
    visits: int = 0


def held_query(table: str, only_current: bool) -> str:
    """`only_current` leaves out superseded versions of rows, which are there until a merge."""
    named = f"{table} FINAL" if only_current else table
    return read_query("rows_held").format(table=named, parts=_PARTS[table])


def held_params(who: Who) -> dict[str, object]:
    whole = who.visitor_id is None
    return {"site_id": who.site_id, "visitor_id": who.visitor_id or 0, "whole": int(whole)}


def read_held(url: str, who: Who, only_current: bool = True) -> Held:
    """Of the generation whose database `url` is. Raises `StoreUnavailable`."""
    found: list[Any] = []
    with closing(ClientPool(url, TIMEOUT_S, {})) as clients:
        for table in _PARTS:
            found += clients.execute(held_query(table, only_current), held_params(who))[0]
    return Held(*found)


def delete_site(url: str, site_id: int) -> None:
    """Delete the site's rows from the generation at `url`, and wait until they are gone.

    All but the ledger's, which name nobody. Safe to repeat. Raises `StoreUnavailable`.
    """
    with closing(ClientPool(url, TIMEOUT_S, {})) as clients:
        for table in (*_PARTS, *SEALED_TABLES):
            delete_rows(clients, table, [f"site_id = {int(site_id)}"])
