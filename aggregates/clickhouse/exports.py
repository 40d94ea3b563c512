"""The hit rows of a period, one after the other: for those who want to count themselves."""

from collections.abc import Iterator
from typing import Final, cast

from aggregates.clickhouse.buckets import DAY_S, MINUTE_S
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.reader import Streams
from schemas.events import VISIT_DIMENSIONS

# Of `export_hits`, in order; `minute` is in epoch seconds, `props` a dictionary.
COLUMNS: Final = (
    "minute",
    "name",
    "hostname",
    "path",
    "props",
    *VISIT_DIMENSIONS,
    "hits",
    "visits",
    "visitors",
    "engaged_s",
    "currency",
    "revenue",
)
_MICROS: Final = 1_000_000


def export_hits(reader: Streams, site_id: int, start_s: int, end_s: int) -> Iterator[list[object]]:
    """All rows of the minutes that [start, end), epoch seconds, touches, day by day.

    Holds no more than a block of rows. Raises `TooCostly`, `StoreUnavailable`, at any row.
    """
    sql = read_query("hits_export").format(dimensions=", ".join(VISIT_DIMENSIONS))
    for since_s in range(start_s // MINUTE_S * MINUTE_S, end_s, DAY_S):
        until_s = min(since_s + DAY_S, end_s)
        params = {"site_id": site_id, "start_s": since_s, "end_s": until_s}
        for row in reader.stream(sql, params):
            yield _exported(row)


def _exported(row: tuple[object, ...]) -> list[object]:
    at_s, name, hostname, path, keys, values, *rest, revenue = row
    props = dict(zip(cast("tuple[str]", keys), cast("tuple[str]", values), strict=True))
    has_revenue = rest[-1] != ""  # its currency
    shown = cast("int", revenue) / _MICROS if has_revenue else None
    return [at_s, name, hostname, path, props, *rest, shown]
