"""Seals days that are over: reads once what each of them comes to, and keeps that.

    days written to since their seal  ->  all rows of the day  ->  rows of a seal, then the seal

A seal's rows count from when the seal itself is written until something is written of the day. So
sealing may be done at any time, twice, by several at once, and be killed in it.
"""

import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol, cast

from aggregates.clickhouse.buckets import DAY_S, MINUTE_S
from aggregates.clickhouse.clients import ClientPool
from aggregates.clickhouse.columns import SEAL_ROWS
from aggregates.clickhouse.conditions import VISIT_ARRAYS, arrays_sql, column_sql
from aggregates.clickhouse.counts import (
    BOUNCES,
    DURATION_S,
    EVENTS,
    PAGEVIEWS,
    VIEWS,
    VISITS,
    Count,
)
from aggregates.clickhouse.expiry import delete_rows
from aggregates.clickhouse.plan import make_counts_plan
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Reads, Rows
from aggregates.clickhouse.sealed import (
    HIT_DIMENSIONS,
    LINKED_DIMENSIONS,
    NEARBY_S,
    SESSION_DIMENSIONS,
    STEP_S,
    VISIT_ROW_DIMENSIONS,
    WHOLE_SITE,
)
from aggregates.clickhouse.values import Values
from aggregates.clickhouse.vocabulary import TIME_MINUTE, Dimension, Metric

# Below it the minutes of a day are read as fast.
WRITES_MIN: Final = 1_000
TIMEOUT_S: Final = 300.0
# Beside the questions people wait for: one thread, and the memory of two of those.
SETTINGS: Final = {"max_threads": 1, "max_memory_usage": 2 * 10**9}
# A seal begins with when it was made, epoch microseconds, so that the latest of a day is the
# highest. Its last bits are drawn, so that two made at once are two.
_DRAWN_BITS: Final = 12
BLOCK_ROWS: Final = 50_000  # a site may have any number of pages: bounds what is held at once
READ_S_MAX: Final = 3_600  # nobody reads by a seal that was superseded so long ago
SEALS_DELETED_MAX: Final = 1_000  # at a time: bounds the text of a statement

# By their column of day_rows.
VISIT_COUNTS: Final = {
    "visits": VISITS, "bounces": BOUNCES, "duration_s": DURATION_S, "views": VIEWS,
}  # fmt: skip
ALL_COUNTS: Final = {"pageviews": PAGEVIEWS, "events": EVENTS, **VISIT_COUNTS}


class Seals(Reads, Protocol):
    """What reads rollups and keeps seals."""

    def insert_values(
        self, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
    ) -> None:
        """Raises `StoreUnavailable` if any of it is not confirmed; none of it counts by itself."""


@dataclass(frozen=True, slots=True)
class UnsealedDay:
    """A day (UTC) of a site without a seal that holds, and the writes one made now holds at."""

    site_id: int
    start_s: int  # epoch seconds
    writes: int
    nearby_writes: int  # with those of the days before that its visits may have begun on


class DaySteps(NamedTuple):
    """As in migrations/0009_day_steps.sql, without the site."""

    dimension: str
    minute: int  # epoch seconds
    value: str
    first_steps: Sequence[int]
    last_steps: Sequence[int]
    lone_visitors: Sequence[int]
    id_first_steps: Sequence[int]
    id_last_steps: Sequence[int]
    visitor_ids: Sequence[int]
    hit_steps: Sequence[int]
    pageviews: Sequence[int]
    events: Sequence[int]


class DayRow(NamedTuple):
    """As in migrations/0008_sealed_days.sql, without the site."""

    dimension: str
    minute: int  # epoch seconds
    value: str = ""
    lone_visitors: int = 0
    lone_visitors_last: int = 0
    visitor_ids: Sequence[int] = ()
    lone_sessions: int = 0
    session_ids: Sequence[int] = ()
    pageviews: int = 0
    events: int = 0
    visits: int = 0
    bounces: int = 0
    duration_s: int = 0
    views: int = 0


def unsealed_days(
    reader: Reads, now_s: int, since_s: int = 0, writes_min: int = WRITES_MIN
) -> list[UnsealedDay]:
    """Days from `since_s` until today with that many writes, the latest first.

    Raises `StoreUnavailable`.
    """
    params = {
        "since_s": since_s,
        "nearby_s": max(0, since_s - NEARBY_S),
        "today_s": now_s // DAY_S * DAY_S,
        "writes_min": writes_min,
    }
    rows = reader.read(read_query("unsealed_days_list"), params)
    return [UnsealedDay(*cast("tuple[int, int, int, int]", row)) for row in rows]


def seal_day(seals: Seals, day: UnsealedDay, session_gap_s: int) -> None:
    """`session_gap_s`: the longest pause within a session of the site, as it was folded.

    The caller has seen `day.writes` for longer than an insert may take: what they count is there.
    Raises `StoreUnavailable`.
    """
    seal = _first_seal(time.time_ns() // 1_000) | secrets.randbits(_DRAWN_BITS)
    params = _params(day, session_gap_s)
    whole = _whole_site(seals, day, params)
    # First: by these what is left of a seal that is never made is swept.
    _insert(seals, "day_rows", day, seal, whole)
    rows: list[DayRow] = []
    for dimension in (*HIT_DIMENSIONS, *LINKED_DIMENSIONS):
        found, steps = _hits_by(seals, dimension, day, params)
        rows = _inserted(seals, day, seal, rows + found)
        _insert(seals, "day_steps", day, seal, steps)
    for dimension in VISIT_ROW_DIMENSIONS:
        rows = _inserted(seals, day, seal, rows + _visits_by(seals, dimension, day))
    _insert(seals, "day_rows", day, seal, rows)
    timings = seals.read(read_query("day_reports_list"), params)
    if timings:
        seals.insert_values(
            "day_timings",
            ("site_id", "minute", "seal", "timing", "value", "reports"),
            [(day.site_id, day.start_s, seal, *row) for row in timings],
        )
    # Hits of a visit that began long before are in no sum by a dimension of visits.
    ((unlinked,),) = seals.read(read_query("day_unlinked_count"), params)
    linked = 0 if unlinked else day.nearby_writes
    seals.insert_values(
        "day_seals",
        ("site_id", "minute", "seal", "writes", "linked_writes", "has_steps"),
        [(day.site_id, day.start_s, seal, day.writes, linked, 1)],
    )


def _inserted(seals: Seals, day: UnsealedDay, seal: int, rows: list[DayRow]) -> list[DayRow]:
    """Insert rows as soon as they are many; those that still wait."""
    if len(rows) < BLOCK_ROWS:
        return rows
    _insert(seals, "day_rows", day, seal, rows)
    return []


def _insert(
    seals: Seals, table: str, day: UnsealedDay, seal: int, rows: Sequence[DayRow | DaySteps]
) -> None:
    values = [(day.site_id, seal, *row) for row in rows]
    if values:
        seals.insert_values(table, ("site_id", "seal", *rows[0]._fields), values)


def _first_seal(at_us: int) -> int:
    return at_us << _DRAWN_BITS


def _params(day: UnsealedDay, session_gap_s: int) -> dict[str, object]:
    end_s = day.start_s + DAY_S
    return {
        "site_id": day.site_id,
        "start_s": day.start_s,
        "end_s": end_s,
        # Rows know minutes: whichever second of one it was.
        "near_start_s": day.start_s + session_gap_s + MINUTE_S,
        "near_end_s": end_s - session_gap_s - MINUTE_S,
        "visits_since_s": max(0, day.start_s - NEARBY_S),
    }


def _whole_site(reader: Reads, day: UnsealedDay, params: Mapping[str, object]) -> list[DayRow]:
    query = read_query("day_visitors_list").format(shared=read_query("day_shared_list"))
    visitors = reader.read(query, params)
    counts = _counted(reader, day, TIME_MINUTE, ALL_COUNTS)
    return whole_site_rows(visitors, counts)


def whole_site_rows(visitors: Rows, counts: Rows) -> list[DayRow]:
    """In steps of STEP_S.

    `visitors`: first and last second, how many lone ones, ids of the others; these are in the step
    of their first and of their last hit. `counts`: minute, then ALL_COUNTS.
    """
    first: dict[int, int] = defaultdict(int)
    last: dict[int, int] = defaultdict(int)
    ids: dict[int, set[int]] = defaultdict(set)
    sums: dict[int, list[int]] = defaultdict(lambda: [0] * len(ALL_COUNTS))
    for first_s, last_s, lone, shared in cast("list[tuple[int, int, int, list[int]]]", visitors):
        first[_step(first_s)] += lone
        last[_step(last_s)] += lone
        for at_s in (first_s, last_s):
            ids[_step(at_s)].update(shared)
    for minute, *numbers in cast("list[tuple[int, ...]]", counts):
        step = sums[_step(minute)]
        step[:] = map(int.__add__, step, numbers)
    return [
        DayRow(
            dimension=WHOLE_SITE,
            minute=at_s,
            lone_visitors=first[at_s],
            lone_visitors_last=last[at_s],
            visitor_ids=sorted(ids[at_s]),
            **_named(ALL_COUNTS, sums[at_s]),
        )
        for at_s in sorted(sums)
    ]


def _named(counts: Iterable[str], numbers: Iterable[int]) -> dict[str, Any]:
    return dict(zip(counts, numbers, strict=True))


def _step(at_s: int) -> int:
    return at_s - at_s % STEP_S


def _hits_by(
    reader: Reads, dimension: Dimension, day: UnsealedDay, params: Mapping[str, object]
) -> tuple[list[DayRow], list[DaySteps]]:
    """The hits of the day by a dimension of theirs or of their visit."""
    column = column_sql(dimension, Values())
    is_linked = dimension in LINKED_DIMENSIONS
    hits = read_query("day_hits_list").format(column="''" if is_linked else column, step=_STEP_SQL)
    if is_linked:
        hits = read_query("day_linked_list").format(
            column=column, hits=hits, visit_arrays=arrays_sql(VISIT_ARRAYS, column)
        )
    asked = {"hits": hits, "shared": read_query("day_shared_list")}
    values = reader.read(read_query("day_values_list").format(**asked), params)
    sessions: dict[object, tuple[Any, ...]] = {}
    if dimension in SESSION_DIMENSIONS:
        found = reader.read(read_query("day_sessions_list").format(**asked), params)
        sessions = {value: tuple(counted) for value, *counted in found}
    steps = [
        DaySteps(dimension.column, day.start_s, *columns)
        for columns in cast("list[tuple[Any, ...]]", values)
    ]
    return [_day_row(each, *sessions.get(each.value, ())) for each in steps], steps


_STEP_SQL: Final = f"toUInt8(intDiv(toUnixTimestamp(minute) - %(start_s)s, {STEP_S}))"


def _day_row(steps: DaySteps, lone_sessions: int = 0, session_ids: Sequence[int] = ()) -> DayRow:
    """The day as a whole."""
    lone = sum(steps.lone_visitors)
    return DayRow(
        dimension=steps.dimension,
        minute=steps.minute,
        value=steps.value,
        lone_visitors=lone,
        lone_visitors_last=lone,
        visitor_ids=steps.visitor_ids,
        lone_sessions=lone_sessions,
        session_ids=session_ids,
        pageviews=sum(steps.pageviews),
        events=sum(steps.events),
    )


def _visits_by(reader: Reads, dimension: Dimension, day: UnsealedDay) -> list[DayRow]:
    """The visits that began on the day by a dimension of theirs; rows of their own."""
    found = cast("list[tuple[Any, ...]]", _counted(reader, day, dimension, VISIT_COUNTS))
    return [
        DayRow(dimension.column, day.start_s, value, **_named(VISIT_COUNTS, numbers))
        for value, *numbers in found
    ]


def _counted(
    reader: Reads, day: UnsealedDay, dimension: Dimension, counts: Mapping[str, Count]
) -> Rows:
    """The day's counts by the values of `dimension`."""
    question = Question(
        day.site_id, day.start_s, day.start_s + DAY_S, (Metric.VISITORS,), (dimension,)
    )
    plan = make_counts_plan(question, tuple(counts.values()))
    return reader.read(plan.sql, plan.params)


class Sealer:
    """Seals on one generation's database. Threads may not share it."""

    def __init__(self, url: str) -> None:
        """`url` of the generation's database. Connects at the first use."""
        self._clients = ClientPool(url, TIMEOUT_S, SETTINGS)

    def close(self) -> None:
        self._clients.close()

    def read(self, sql: str, params: Mapping[str, object]) -> Rows:
        """Raises `StoreUnavailable`."""
        rows: Rows = self._clients.execute(sql, params)
        return rows

    def insert_values(
        self, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
    ) -> None:
        """Raises `StoreUnavailable`."""
        self._clients.insert(table, columns, rows)

    def unsealed(self, now_s: int, since_s: int) -> list[UnsealedDay]:
        """Days since then worth a seal that have none which holds. Raises `StoreUnavailable`."""
        return unsealed_days(self, now_s, since_s)

    def seal(self, day: UnsealedDay, session_gap_s: int) -> None:
        """As `seal_day`."""
        seal_day(self, day, session_gap_s)

    def sweep(self, now_s: int) -> int:
        """Delete what seals that count no more have left; how many rows that were.

        Raises `StoreUnavailable`.
        """
        params = {
            "before": _first_seal((now_s - READ_S_MAX) * 1_000_000),
            "limit": SEALS_DELETED_MAX,
        }
        seals = [seal for (seal,) in self.read(read_query("seals_superseded_list"), params)]
        if not seals:
            return 0
        condition = f"seal IN ({', '.join(map(str, seals))})"
        return sum(delete_rows(self._clients, each, [condition]) for each in SEAL_ROWS)
