"""Answers as values: typed, and as data frames of pandas and polars."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    import pandas
    import polars

Value = Union[int, float, None]
Record = dict[str, Any]

# Buckets are named on the site's clock: a date, or a date and a time.
_DATE = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?")
_TIME_COLUMNS = ("date", "time")


@dataclass(frozen=True)
class Meta:
    """Which time the numbers are of: from `start` to before `end`, in UTC."""

    timezone: str  # the site's, IANA
    start: dt.datetime | None
    end: dt.datetime | None
    raw: Mapping[str, Any] = field(repr=False)  # all that the server says of its answer


@dataclass(frozen=True)
class Table:
    """Rows of named values, in the server's order. A missing rate is None."""

    columns: tuple[str, ...]
    rows: tuple[Record, ...]
    meta: Meta

    def __iter__(self) -> Iterator[Record]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Record:
        return self.rows[index]

    def column(self, name: str) -> list[Any]:
        """The values of one column. Raises `KeyError` for one that is not there."""
        if name not in self.columns:
            raise KeyError(f"no column {name!r}; there are {', '.join(self.columns)}")
        return [row.get(name) for row in self.rows]

    def to_pandas(self) -> pandas.DataFrame:
        """A frame with these columns; buckets are datetimes on the site's clock, without a zone."""
        import pandas

        return pandas.DataFrame(self._columns(), columns=list(self.columns))

    def to_polars(self) -> polars.DataFrame:
        """As `to_pandas`."""
        import polars

        # All rows decide a column's type: the first hundred may be whole numbers by chance.
        return polars.DataFrame(self._columns(), strict=False)

    def _columns(self) -> dict[str, list[Any]]:
        return {name: _timed(name, self.column(name)) for name in self.columns}


@dataclass(frozen=True)
class Total:
    """A metric of a whole period, and how it compares with another if asked for.

    `change` is percent, of a bounce rate and other percentages the difference in points;
    `comparison_value` is the value of the other period.
    """

    value: Value
    change: Value = None
    comparison_value: Value = None


@dataclass(frozen=True)
class Aggregate(Mapping[str, Value]):
    """Totals by metric: `totals["visitors"].change`; the object itself maps to the values."""

    totals: Mapping[str, Total]
    meta: Meta

    def __getitem__(self, metric: str) -> Value:
        return self.totals[metric].value

    def __iter__(self) -> Iterator[str]:
        return iter(self.totals)

    def __len__(self) -> int:
        return len(self.totals)

    def to_pandas(self) -> pandas.DataFrame:
        """One row, one column a metric."""
        return self._table().to_pandas()

    def to_polars(self) -> polars.DataFrame:
        """As `to_pandas`."""
        return self._table().to_polars()

    def _table(self) -> Table:
        return Table(tuple(self.totals), (dict(self),), self.meta)


@dataclass(frozen=True)
class Ledger:
    """Where every hit went: `accepted` = `counted` + all of `left_out`, by reason.

    `received` is what the collectors accepted or refused, the latter by reason in `refused`.
    """

    accepted: int
    counted: int
    left_out: Mapping[str, int]
    received: int
    refused: Mapping[str, int]
    meta: Meta


@dataclass(frozen=True)
class Top:
    """A page, source, country or device, and how many of the current visitors are on it."""

    name: str  # "" where it is not known
    visitors: int


@dataclass(frozen=True)
class Now:
    """The site right now: visitors of the last 5 minutes, and what of the last 30 is known."""

    visitors: int
    last_30m: int
    minutes: tuple[Record, ...]  # minute (epoch seconds), visitors, pageviews; oldest first
    pages: tuple[Top, ...]
    sources: tuple[Top, ...]
    countries: tuple[Top, ...]
    devices: tuple[Top, ...]


@dataclass(frozen=True)
class Step:
    """A page of a journey: visits that came to it by the same way, and where they went on to.

    `ended` had no further step, of `unsure` the order of the steps is not known; the rest went on
    by ways not shown. `page` is "" for the start.
    """

    page: str
    visits: int
    visitors: int
    ended: int
    unsure: int
    steps: tuple[Step, ...]  # most visits first


@dataclass(frozen=True)
class Journey:
    start: Step
    meta: Meta


@dataclass(frozen=True)
class Cohort:
    """Visitors whose first hit lies in the same step of time."""

    start: dt.datetime  # of the step, UTC
    visitors: tuple[int, ...]  # all of them; those with a hit one step later; two steps later


@dataclass(frozen=True)
class Retention:
    cohorts: tuple[Cohort, ...]
    visits: Mapping[int, int]  # visits -> visitors that came so often
    returned_rate: Value  # percent of the visitors that came more than once
    meta: Meta


@dataclass(frozen=True)
class LiveEvent:
    """What a live stream says: `kind` is "live" or "alert"."""

    kind: str
    data: Mapping[str, Any]


def aggregate_of(found: Any) -> Aggregate:
    totals = {
        name: Total(each["value"], each.get("change"), each.get("comparison_value"))
        for name, each in found["results"].items()
    }
    return Aggregate(totals, meta_of(found))


def table_of(found: Any) -> Table:
    """Of objects; their keys in order of appearance are the columns."""
    rows = tuple(dict(row) for row in found["results"])
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    return Table(columns, rows, meta_of(found))


def ledger_of(found: Any) -> Ledger:
    entries = found["results"]
    return Ledger(
        entries["accepted"],
        entries["counted"],
        entries["left_out"],
        entries["received"],
        entries["refused"],
        meta_of(found),
    )


def now_of(found: Any) -> Now:
    tops = (
        tuple(Top(each["name"], each["visitors"]) for each in found[name])
        for name in ("pages", "sources", "countries", "devices")
    )
    return Now(found["visitors"], found["last_30m"], tuple(found["minutes"]), *tops)


def query_of(found: Any) -> Table:
    """Of an answer of v2: its rows are two lists, named by the query it echoes."""
    asked = found["query"]
    dimensions, metrics = list(asked.get("dimensions") or ()), list(asked["metrics"])
    names = [_short(name) for name in dimensions]
    # Two of them may be called alike without what stands before the colon.
    columns = dimensions if len({*names, *metrics}) < len(names) + len(metrics) else names
    rows = tuple(
        dict(zip([*columns, *metrics], [*row["dimensions"], *row["metrics"]]))
        for row in found["results"]
    )
    return Table((*columns, *metrics), rows, meta_of(found))


def journey_of(found: Any) -> Journey:
    return Journey(_step(found["results"]), meta_of(found))


def retention_of(found: Any) -> Retention:
    results = found["results"]
    cohorts = (
        Cohort(dt.datetime.fromtimestamp(each["start"], dt.timezone.utc), tuple(each["visitors"]))
        for each in results["cohorts"]
    )
    visits = {each["visits"]: each["visitors"] for each in results["visits"]}
    return Retention(tuple(cohorts), visits, results["returned_rate"], meta_of(found))


def meta_of(found: Any) -> Meta:
    meta = found.get("meta") or {}
    start, end = (_at(meta.get(name)) for name in ("start", "end"))
    return Meta(meta.get("timezone", ""), start, end, meta)


def _step(found: Any) -> Step:
    return Step(
        found["page"],
        found["visits"],
        found["visitors"],
        found["ended"],
        found["unsure"],
        tuple(_step(each) for each in found["steps"]),
    )


def _short(name: str) -> str:
    """ "page" for event:page, "time" for time:day."""
    first, _, rest = name.partition(":")
    return first if first == "time" else rest or first


def _at(value: object) -> dt.datetime | None:
    if not isinstance(value, (int, float)):
        return None
    return dt.datetime.fromtimestamp(value, dt.timezone.utc)


def _timed(name: str, values: list[Any]) -> list[Any]:
    if name not in _TIME_COLUMNS or not all(
        isinstance(value, str) and _DATE.fullmatch(value) for value in values
    ):
        return values
    return [dt.datetime.fromisoformat(value) for value in values]
