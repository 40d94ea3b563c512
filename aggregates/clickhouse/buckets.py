"""Where hours, days and months begin in a timezone, for Python and for SQL from one source.

The server gets the zone's offsets as numbers and no zone's name, so its own timezone data does not
matter, and answers the same on every version. It groups by a key (`key_sql`), which
`bucket_starts` maps to the epoch second the bucket starts at.

    Europe/Berlin, clocks go back at 01:00 UTC:     00:00Z   01:00Z   02:00Z
    hours start at, local                           02:00    02:00    03:00    (two buckets)
    Australia/Lord_Howe, back by half an hour:      14:00Z   15:00Z   15:30Z
    hours start at, local                           01:00    01:30    02:00    (one of 30 minutes)
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from aggregates.clickhouse.questions import require_timezone
from aggregates.clickhouse.vocabulary import Bucket, InvalidQuestion

BUCKETS_MAX: Final = 44_640  # the minutes of a month
MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400

_SHORTEST_S: Final = {
    Bucket.MINUTE: MINUTE_S,
    Bucket.HOUR: HOUR_S,
    Bucket.DAY: DAY_S,
    Bucket.MONTH: 28 * DAY_S,
}


@dataclass(frozen=True, slots=True)
class Offset:
    """A zone's distance from UTC, from `since_s` (epoch seconds) until the next one begins."""

    since_s: int
    utc_offset_s: int


def bucket_starts(start_s: int, end_s: int, bucket: Bucket, timezone: str) -> tuple[int, ...]:
    """Starts (epoch seconds, ascending) of all buckets that the period [start, end) touches.

    A day or month starts at its first instant, also where its midnight is skipped. Raises
    `InvalidQuestion` for more than BUCKETS_MAX and for an unknown timezone.
    """
    zone = require_timezone(timezone)
    if (end_s - start_s) // _SHORTEST_S[bucket] > BUCKETS_MAX:
        raise InvalidQuestion("bucket", f"more than {BUCKETS_MAX} of a {bucket}: ask for longer")
    if bucket is Bucket.MINUTE:
        return tuple(range(start_s // MINUTE_S * MINUTE_S, end_s, MINUTE_S))
    if bucket is Bucket.HOUR:
        return tuple(_hours(start_s, end_s, offsets(start_s, end_s, zone)))
    dates = _dates(_local(start_s, zone).date(), _local(end_s - 1, zone).date(), bucket)
    return tuple(start for date in dates if (start := _first_instant(date, zone)) is not None)


def starts_by_key(start_s: int, end_s: int, bucket: Bucket, timezone: str) -> Mapping[int, int]:
    """What `key_sql` gives for a bucket -> the epoch second the bucket starts at."""
    zone = require_timezone(timezone)
    key = _KEYS[bucket]
    starts = bucket_starts(start_s, end_s, bucket, timezone)
    return {key(start, _local(start, zone)): start for start in starts}


def key_sql(start_s: int, end_s: int, bucket: Bucket, timezone: str) -> tuple[str, dict[str, int]]:
    """The key of a row's bucket: an SQL expression over `minute`, and its parameters.

    The minute's or hour's start in epoch seconds; the local day in days since 1970-01-01; the
    local month as the number YYYYMM.
    """
    if bucket is Bucket.MINUTE:
        return "toInt64(toUnixTimestamp(minute))", {}
    steps = offsets(start_s, end_s, require_timezone(timezone))
    params = {f"since_{i}": step.since_s for i, step in enumerate(steps)}
    params |= {f"utc_offset_{i}": step.utc_offset_s for i, step in enumerate(steps)}
    epoch = "toInt64(toUnixTimestamp(minute))"
    local = f"({epoch} + {_step_sql('utc_offset', len(steps))})"
    if bucket is Bucket.HOUR:
        since = _step_sql("since", len(steps))
        return f"greatest({epoch} - modulo({local}, {HOUR_S}), {since})", params
    day = f"intDiv({local}, {DAY_S})"
    return (day if bucket is Bucket.DAY else f"toYYYYMM(toDate(toUInt16({day})))"), params


def offsets(start_s: int, end_s: int, zone: ZoneInfo) -> tuple[Offset, ...]:
    """The zone's offsets in [start, end), by time; the first is in force since before it."""
    found = [Offset(0, _utc_offset_s(start_s, zone))]
    days = [*range(start_s, end_s, DAY_S), end_s]
    for earlier, later in pairwise(days):
        if _utc_offset_s(later, zone) != found[-1].utc_offset_s:
            change_s = _change(earlier, later, zone)
            if change_s < end_s:
                found.append(Offset(change_s, _utc_offset_s(change_s, zone)))
    return tuple(found)


def _change(before_s: int, after_s: int, zone: ZoneInfo) -> int:
    """The second at which the offset in force at `before_s` ends."""
    old = _utc_offset_s(before_s, zone)
    while after_s - before_s > 1:
        middle_s = (before_s + after_s) // 2
        if _utc_offset_s(middle_s, zone) == old:
            before_s = middle_s
        else:
            after_s = middle_s
    return after_s


def _step_sql(name: str, steps: int) -> str:
    """The parameter of the step that is in force at `minute`."""
    if steps == 1:
        return f"%({name}_0)s"
    branches = "".join(
        f"toUnixTimestamp(minute) < %(since_{i + 1})s, toInt64(%({name}_{i})s), "
        for i in range(steps - 1)
    )
    return f"multiIf({branches}toInt64(%({name}_{steps - 1})s))"


def _hours(start_s: int, end_s: int, steps: tuple[Offset, ...]) -> Iterator[int]:
    ends = [*(step.since_s for step in steps[1:]), end_s]
    for step, step_end_s in zip(steps, ends, strict=True):
        at_s = max(step.since_s, start_s)
        at_s = max(at_s - (at_s + step.utc_offset_s) % HOUR_S, step.since_s)
        while at_s < step_end_s:
            yield at_s
            at_s += HOUR_S - (at_s + step.utc_offset_s) % HOUR_S


def _dates(first: dt.date, last: dt.date, bucket: Bucket) -> Iterator[dt.date]:
    date = first if bucket is Bucket.DAY else first.replace(day=1)
    while date <= last:
        yield date
        step_days = 1 if bucket is Bucket.DAY else 32
        date += dt.timedelta(days=step_days)
        if bucket is Bucket.MONTH:
            date = date.replace(day=1)


def _first_instant(date: dt.date, zone: ZoneInfo) -> int | None:
    """The date's first second; None if the zone skipped the whole date."""
    midnight = dt.datetime(date.year, date.month, date.day, tzinfo=zone)
    start_s = int(midnight.timestamp())
    return start_s if _local(start_s, zone).date() == date else None


def _local(at_s: int, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.fromtimestamp(at_s, zone)


def _utc_offset_s(at_s: int, zone: ZoneInfo) -> int:
    offset = _local(at_s, zone).utcoffset()
    assert offset is not None  # noqa: S101 - a zoneinfo time always has one
    return int(offset.total_seconds())


_EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()

_KEYS: Final[dict[Bucket, Callable[[int, dt.datetime], int]]] = {
    Bucket.MINUTE: lambda start_s, _: start_s,
    Bucket.HOUR: lambda start_s, _: start_s,
    Bucket.DAY: lambda _, local: local.toordinal() - _EPOCH_ORDINAL,
    Bucket.MONTH: lambda _, local: local.year * 100 + local.month,
}
