"""Where hours, days, weeks and months begin in a timezone, for Python and for SQL from one source.

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
from aggregates.clickhouse.values import Values
from aggregates.clickhouse.vocabulary import Bucket, InvalidQuestion

BUCKETS_MAX: Final = 44_640  # the minutes of a month
MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400

_SHORTEST_S: Final = {
    Bucket.MINUTE: MINUTE_S,
    Bucket.HOUR: HOUR_S,
    Bucket.DAY: DAY_S,
    Bucket.WEEK: 7 * DAY_S,
    Bucket.MONTH: 28 * DAY_S,
}


@dataclass(frozen=True, slots=True)
class Offset:
    """A zone's distance from UTC, from `since_s` (epoch seconds) until the next one begins."""

    since_s: int
    utc_offset_s: int


def bucket_starts(start_s: int, end_s: int, bucket: Bucket, timezone: str) -> tuple[int, ...]:
    """Starts (epoch seconds, ascending) of all buckets that the period [start, end) touches.

    A day, week or month starts at its first instant, also where its midnight is skipped. Raises
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
    starts = (_first_instant(date, bucket, zone) for date in dates)
    return tuple(start for start in starts if start is not None)


def starts_by_key(start_s: int, end_s: int, bucket: Bucket, timezone: str) -> Mapping[int, int]:
    """What `key_sql` gives for a bucket -> the epoch second the bucket starts at."""
    zone = require_timezone(timezone)
    key = _KEYS[bucket]
    starts = bucket_starts(start_s, end_s, bucket, timezone)
    return {key(start, _local(start, zone)): start for start in starts}


def key_sql(
    start_s: int, end_s: int, bucket: Bucket, timezone: str, values: Values, at: str = "minute"
) -> str:
    """The key of the bucket that the SQL expression `at` lies in, as one.

    The minute's or hour's start in epoch seconds; the local day in days since 1970-01-01; the
    local week in weeks since that of 1970-01-01; the local month as the number YYYYMM.
    """
    epoch = f"toInt64(toUnixTimestamp({at}))"
    if bucket is Bucket.MINUTE:
        return epoch
    steps = offsets(start_s, end_s, require_timezone(timezone))
    changes = [values.put(step.since_s) for step in steps]
    utc_offset = _step_sql(at, changes, [values.put(step.utc_offset_s) for step in steps])
    local = f"({epoch} + {utc_offset})"
    if bucket is Bucket.HOUR:
        since = _step_sql(at, changes, changes)
        return f"greatest({epoch} - modulo({local}, {HOUR_S}), {since})"
    day = f"intDiv({local}, {DAY_S})"
    if bucket is Bucket.DAY:
        return day
    if bucket is Bucket.WEEK:
        return f"intDiv({day} + {_EPOCH_WEEKDAY}, 7)"
    return f"toYYYYMM(toDate(toUInt16({day})))"


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


def _step_sql(at: str, changes: list[str], steps: list[str]) -> str:
    """The parameter of the step that is in force at `at`."""
    if len(steps) == 1:
        return f"toInt64({steps[0]})"
    branches = "".join(
        f"toUnixTimestamp({at}) < {until}, toInt64({step}), "
        for step, until in zip(steps, changes[1:], strict=False)
    )
    return f"multiIf({branches}toInt64({steps[-1]}))"


def _hours(start_s: int, end_s: int, steps: tuple[Offset, ...]) -> Iterator[int]:
    ends = [*(step.since_s for step in steps[1:]), end_s]
    for step, step_end_s in zip(steps, ends, strict=True):
        at_s = max(step.since_s, start_s)
        at_s = max(at_s - (at_s + step.utc_offset_s) % HOUR_S, step.since_s)
        while at_s < step_end_s:
            yield at_s
            at_s += HOUR_S - (at_s + step.utc_offset_s) % HOUR_S


def _dates(first: dt.date, last: dt.date, bucket: Bucket) -> Iterator[dt.date]:
    """The first date of each bucket from that of `first` to that of `last`."""
    date = first
    if bucket is Bucket.WEEK:
        date -= dt.timedelta(days=first.weekday())
    elif bucket is Bucket.MONTH:
        date = first.replace(day=1)
    while date <= last:
        yield date
        date += _STEPS[bucket]
        if bucket is Bucket.MONTH:
            date = date.replace(day=1)


def _first_instant(date: dt.date, bucket: Bucket, zone: ZoneInfo) -> int | None:
    """The first second of the bucket that begins with `date`; None for a day the zone skipped."""
    midnight = dt.datetime(date.year, date.month, date.day, tzinfo=zone)
    start_s = int(midnight.timestamp())
    if _local(start_s, zone).date() == date:
        return start_s
    if bucket is Bucket.DAY:
        return None
    return _first_instant(date + dt.timedelta(days=1), bucket, zone)


def _local(at_s: int, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.fromtimestamp(at_s, zone)


def _utc_offset_s(at_s: int, zone: ZoneInfo) -> int:
    offset = _local(at_s, zone).utcoffset()
    assert offset is not None  # noqa: S101 - a zoneinfo time always has one
    return int(offset.total_seconds())


_EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY: Final = dt.date(1970, 1, 1).weekday()
_STEPS: Final = {
    Bucket.DAY: dt.timedelta(days=1),
    Bucket.WEEK: dt.timedelta(days=7),
    Bucket.MONTH: dt.timedelta(days=32),
}

_KEYS: Final[dict[Bucket, Callable[[int, dt.datetime], int]]] = {
    Bucket.MINUTE: lambda start_s, _: start_s,
    Bucket.HOUR: lambda start_s, _: start_s,
    Bucket.DAY: lambda _, local: local.toordinal() - _EPOCH_ORDINAL,
    Bucket.WEEK: lambda _, local: (local.toordinal() - _EPOCH_ORDINAL + _EPOCH_WEEKDAY) // 7,
    Bucket.MONTH: lambda _, local: local.year * 100 + local.month,
}
