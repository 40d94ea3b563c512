"""Panelbear's periods and the steps each may be shown in: pure, the present is a parameter.

now = Wed 2026-11-25 10:20:30, in the request's timezone
1h             60 minutes that end with the running one    10-25 09:21 .. 10:21
24h            24 hours that end with the running one      11-24 11:00 .. 11-25 11:00
today, 7d, 4w  days that end with today                    11-19       .. 11-26
3m, 12m, 24m   since that day so many months ago           08-25       .. 11-26
mtd, ytd       since the month, the year began             11-01       .. 11-26
"""

import calendar
import datetime as dt
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from aggregates.clickhouse.buckets import HOUR_S, MINUTE_S
from aggregates.clickhouse.vocabulary import Bucket
from webapp.stats.periods import local_date, month_start, parse_period, span_s

DEFAULT_PERIOD: Final = "1h"
_DAYS: Final = {"today": 1, "7d": 7, "4w": 28}
_MONTHS: Final = {"3m": 3, "12m": 12, "24m": 24}
_LONG: Final = (Bucket.DAY, Bucket.WEEK, Bucket.MONTH)

# The first is taken unless another is asked for.
BUCKETS: Final[Mapping[str, tuple[Bucket, ...]]] = {
    "1h": (Bucket.MINUTE,),
    "24h": (Bucket.HOUR,),
    "today": (Bucket.HOUR,),
    "7d": (Bucket.DAY, Bucket.HOUR),
    "4w": (Bucket.DAY, Bucket.WEEK),
    "3m": _LONG,
    "12m": (Bucket.MONTH, Bucket.DAY, Bucket.WEEK),
    "24m": (Bucket.MONTH, Bucket.DAY, Bucket.WEEK),
    "mtd": _LONG,
    "ytd": _LONG,
}
PERIODS: Final = tuple(BUCKETS)


def period_s(period: str, zone: ZoneInfo, now_s: int) -> tuple[int, int]:
    """From (inclusive) and to (exclusive) in epoch seconds; `period` is one of PERIODS."""
    if period == "1h":
        end_s = now_s // MINUTE_S * MINUTE_S + MINUTE_S
        return end_s - HOUR_S, end_s
    if period == "24h":
        parsed = parse_period(period, "", zone.key, now_s)
        return parsed.start_s, parsed.end_s
    today = local_date(now_s, zone)
    return span_s(_first(period, today), today, zone)


def _first(period: str, today: dt.date) -> dt.date:
    if period in _DAYS:
        return today - dt.timedelta(days=_DAYS[period] - 1)
    if period in _MONTHS:
        month = month_start(today, -_MONTHS[period])
        return month.replace(day=min(today.day, calendar.monthrange(month.year, month.month)[1]))
    return today.replace(day=1) if period == "mtd" else today.replace(month=1, day=1)
