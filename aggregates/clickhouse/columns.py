"""Rows as columns: how rows.py maps to the tables of `migrations/`, in one place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from msgspec.structs import astuple

from aggregates.core.rows import HitRow, LedgerRow, VisitRow
from schemas.events import VISIT_DIMENSIONS

INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1
VISIT_FIELD: Final = "visit"
REVENUE_FIELD: Final = "revenue_micros"
REVENUES_FIELD: Final = "session_revenue_micros"

Row = HitRow | VisitRow | LedgerRow
Column = Sequence[object]


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the fields of its rows; the struct `visit` is one column for each dimension."""

    name: str
    fields: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(
            chain.from_iterable(
                VISIT_DIMENSIONS if field == VISIT_FIELD else (field,) for field in self.fields
            )
        )


HIT_ROWS: Final = Table("hit_rows", HitRow._fields)
VISIT_ROWS: Final = Table("visit_rows", VisitRow._fields)
LEDGER_ROWS: Final = Table("ledger_rows", LedgerRow._fields)
TABLES: Final = (HIT_ROWS, VISIT_ROWS, LEDGER_ROWS)
ROLLUPS: Final = tuple(table.name for table in TABLES)
# What seals are made of. Each that has rows has some in the last table, as those are written first
# and swept last.
SEAL_ROWS: Final = ("day_timings", "day_steps", "day_rows")
# What is made to answer faster. A seal holds only with its number of writes, so that goes first
# where all of it goes.
SEALED_TABLES: Final = ("row_writes", "day_seals", *SEAL_ROWS)


def transpose(table: Table, rows: Sequence[Row]) -> list[Column]:
    """`rows` as one sequence of values for each of `table.columns`."""
    columns: list[Column] = []
    for field, values in zip(table.fields, zip(*rows, strict=True), strict=True):
        if field == VISIT_FIELD:
            columns.extend(zip(*map(astuple, values), strict=True))
        elif field == REVENUE_FIELD:
            columns.append(_clamp(values))
        elif field == REVENUES_FIELD:
            columns.append([_clamp(each) for each in values])
        else:
            columns.append(values)
    return columns


def _clamp(values: Iterable[int]) -> list[int]:
    """An absurd sum of revenue must not keep the rows around it from being stored."""
    return [min(max(value, INT64_MIN), INT64_MAX) for value in values]
