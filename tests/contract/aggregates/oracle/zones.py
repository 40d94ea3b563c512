"""Where a bucket starts, found by reading the clock of its timezone minute by minute."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from aggregates.clickhouse.vocabulary import Bucket

MINUTE_S = 60


def label(at_s: int, bucket: Bucket, zone: ZoneInfo) -> tuple[object, ...]:
    """What a clock and a calendar there show of the bucket at that second."""
    local = dt.datetime.fromtimestamp(at_s, zone)
    if bucket is Bucket.MINUTE:
        return (at_s // MINUTE_S,)
    if bucket is Bucket.HOUR:
        return local.date(), local.hour, local.utcoffset()
    if bucket is Bucket.DAY:
        return (local.date(),)
    return local.isocalendar()[:2] if bucket is Bucket.WEEK else (local.year, local.month)


@lru_cache(maxsize=100_000)
def bucket_start(minute: int, bucket: Bucket, timezone: str) -> int:
    """The first minute before `minute` from which on the label never changes."""
    zone = ZoneInfo(timezone)
    by_day = bucket in (Bucket.WEEK, Bucket.MONTH)
    start = minute
    while label(start - MINUTE_S, bucket, zone) == label(minute, bucket, zone):
        start -= MINUTE_S
        if by_day:
            start = bucket_start(start, Bucket.DAY, timezone)
    return start
