"""Buckets found by walking the clock of a zone from hour to hour, with zoneinfo as the judge."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from aggregates.clickhouse.vocabulary import Bucket

MINUTE_S: Final = 60
WALKED: Final = (Bucket.HOUR, Bucket.DAY, Bucket.WEEK, Bucket.MONTH)


def epoch_s(text: str) -> int:
    """Of an ISO date or time of UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@lru_cache(maxsize=16)
def walk(start_s: int, end_s: int, timezone: str) -> Mapping[Bucket, list[int]]:
    """Where buckets start in [start, end), each kind by time; the first began at or before it."""
    found: dict[Bucket, list[int]] = {bucket: [] for bucket in WALKED}
    before: dict[Bucket, object] = dict.fromkeys(WALKED)
    for at_s, local in _hours(start_s, end_s, ZoneInfo(timezone)):
        day = local.toordinal()
        labels = {
            Bucket.HOUR: at_s,
            Bucket.DAY: day,
            Bucket.WEEK: (day - 1) // 7,  # day 1 is a Monday
            Bucket.MONTH: (local.year, local.month),
        }
        for bucket, label in labels.items():
            if label != before[bucket]:
                before[bucket] = label
                found[bucket].append(at_s)
    return found


def _hours(start_s: int, end_s: int, zone: ZoneInfo) -> Iterator[tuple[int, datetime]]:
    """Each instant at which the clock shows a full hour or is moved, and what it shows."""
    at_s, local = start_s, datetime.fromtimestamp(start_s, zone)
    while at_s < end_s:
        yield at_s, local
        next_s = at_s + MINUTE_S * (60 - local.minute)
        shown = datetime.fromtimestamp(next_s, zone)
        if shown.utcoffset() != local.utcoffset():  # it was moved on the way
            minutes = range(at_s + MINUTE_S, next_s + 1, MINUTE_S)
            clock = ((each, datetime.fromtimestamp(each, zone)) for each in minutes)
            next_s, shown = next(
                (each, local_then)
                for each, local_then in clock
                if local_then.utcoffset() != local.utcoffset()
            )
        at_s, local = next_s, shown
