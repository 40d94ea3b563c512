"""The version of what a question reads: the same version, the same answer.

Both are taken from ClickHouse itself, so nobody has to tell them of a write, and neither can miss
one. That of the parts is of all sites; that of the rows, of a site's days (UTC), stays the same
while only other sites are written to. The server counts a row after it has stored it.
"""

import datetime as dt
from dataclasses import dataclass

from aggregates.clickhouse.buckets import DAY_S
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.reader import Reads


@dataclass(frozen=True, slots=True)
class Span:
    """The rows a query may read: of a site, from `since_s` to before `end_s`, epoch seconds."""

    site_id: int
    since_s: int
    end_s: int


def parts_version(reader: Reads, span: Span) -> str:
    """Of all sites' rows in the months of `span`. Raises `TooCostly`, `StoreUnavailable`.

    It changes with every insert, merge and mutation, and with the generation.
    """
    params = {
        "first_partition": _partition(span.since_s),
        "last_partition": _partition(span.end_s - 1),
    }
    return _text(reader.read(read_query("parts_version"), params))


def rows_version(reader: Reads, span: Span) -> str:
    """Of the rows of `span`, within one generation. Raises `TooCostly`, `StoreUnavailable`."""
    first_day_s = span.since_s // DAY_S * DAY_S  # writes are counted by the day
    params = {"site_id": span.site_id, "since_s": first_day_s, "end_s": span.end_s}
    return ";".join(
        _text(reader.read(read_query(name), params)) for name in ("rows_version", "ledger_version")
    )


def _partition(at_s: int) -> str:
    """The name of the month's partition (`toYYYYMM`)."""
    return dt.datetime.fromtimestamp(at_s, dt.UTC).strftime("%Y%m")


def _text(rows: list[tuple[object, ...]]) -> str:
    return ",".join(str(value) for row in rows for value in row)
