"""The period of a question, from `period` and `date`: pure, the present is a parameter.

now = Wed 2026-11-25 10:20, timezone UTC
24h            24 hours that end with the running one      11-24 11:00 .. 11-25 11:00
day            today, or the day of `date`                 11-25       .. 11-26
7d, 30d        days that end with today, or with `date`    11-19       .. 11-26
month          the month of today, or of `date`            11-01       .. 12-01
6mo, 12mo      months that end with that one               06-01       .. 12-01
custom         `date=a,b`: two dates, both included, or two datetimes, the second excluded
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from aggregates.clickhouse.buckets import DAY_S, HOUR_S, bucket_starts
from aggregates.clickhouse.vocabulary import Bucket
from webapp.api.errors import InvalidInput

PERIODS: Final = ("24h", "day", "7d", "30d", "month", "6mo", "12mo", "custom")
DEFAULT_PERIOD: Final = "30d"
CUSTOM: Final = "custom"
DATE_MIN: Final = dt.date(1990, 1, 1)  # the Web is not older
DATE_MAX: Final = dt.date(2105, 12, 31)  # the rollups' clock ends in 2106
CUSTOM_DAYS_MAX: Final = 3_660

T = TypeVar("T")

_DAYS: Final = {"day": 1, "7d": 7, "30d": 30}
_MONTHS: Final = {"month": 1, "6mo": 6, "12mo": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """From `start_s` (inclusive) to `end_s` (exclusive), epoch seconds."""

    start_s: int
    end_s: int
    previous_start_s: int  # the period it is compared with ends where this one starts
    bucket: Bucket  # the steps of its series unless others are asked for


def parse_period(period: str, date: str, timezone: str, now_s: int) -> Period:
    """The period that `period` and `date` ("" if not given) mean on the site's calendar.

    Raises `InvalidInput`.
    """
    zone = ZoneInfo(timezone)
    if period == "24h":
        if date:
            raise InvalidInput("date", "cannot be given with period=24h, which ends now")
        return _last_24_hours(timezone, now_s)
    if period in _DAYS:
        return _days(_day(date, zone, now_s), _DAYS[period], zone)
    if period in _MONTHS:
        return _months(_day(date, zone, now_s), _MONTHS[period], zone)
    if period == CUSTOM:
        return _custom(date, zone)
    raise InvalidInput("period", f"must be one of {', '.join(PERIODS)}")


def _last_24_hours(timezone: str, now_s: int) -> Period:
    hour_s = bucket_starts(now_s, now_s + 1, Bucket.HOUR, timezone)[-1]
    return _between(hour_s + HOUR_S - DAY_S, hour_s + HOUR_S, Bucket.HOUR)


def _days(last: dt.date, count: int, zone: ZoneInfo) -> Period:
    first = last - dt.timedelta(days=count - 1)
    return Period(
        start_s=_midnight_s(first, zone),
        end_s=_midnight_s(last + dt.timedelta(days=1), zone),
        previous_start_s=_midnight_s(first - dt.timedelta(days=count), zone),
        bucket=Bucket.HOUR if count == 1 else Bucket.DAY,
    )


def _months(last: dt.date, count: int, zone: ZoneInfo) -> Period:
    return Period(
        start_s=_midnight_s(_month_start(last, 1 - count), zone),
        end_s=_midnight_s(_month_start(last, 1), zone),
        previous_start_s=_midnight_s(_month_start(last, 1 - 2 * count), zone),
        bucket=Bucket.DAY if count == 1 else Bucket.MONTH,
    )


def _custom(date: str, zone: ZoneInfo) -> Period:
    first, comma, last = date.partition(",")
    if not comma:
        raise InvalidInput("date", "period=custom needs two dates, as in 2026-11-01,2026-11-30")
    if "T" in first or "T" in last or " " in first:
        return _custom_instants(_instant_s(first, zone), _instant_s(last, zone))
    first_day, last_day = _date(first), _date(last)
    count = (last_day - first_day).days + 1
    _require_length(0 < count <= CUSTOM_DAYS_MAX)
    return _days(last_day, count, zone)


def _custom_instants(start_s: int, end_s: int) -> Period:
    _require_length(0 < end_s - start_s <= CUSTOM_DAYS_MAX * DAY_S)
    return _between(start_s, end_s, Bucket.HOUR if end_s - start_s <= 2 * DAY_S else Bucket.DAY)


def _require_length(fits: bool) -> None:
    if not fits:
        raise InvalidInput(
            "date", f"must end after it starts, and be at most {CUSTOM_DAYS_MAX} days long"
        )


def _between(start_s: int, end_s: int, bucket: Bucket) -> Period:
    return Period(start_s, end_s, previous_start_s=2 * start_s - end_s, bucket=bucket)


def _day(date: str, zone: ZoneInfo, now_s: int) -> dt.date:
    return _date(date) if date else dt.datetime.fromtimestamp(now_s, zone).date()


def _date(text: str) -> dt.date:
    return _in_range(_parsed(text, dt.date.fromisoformat, "2026-11-23"))


def _instant_s(text: str, zone: ZoneInfo) -> int:
    """Epoch seconds of a datetime; without an offset it is on the site's clock."""
    at = _parsed(text, dt.datetime.fromisoformat, "2026-11-23T10:00:00")
    _in_range(at.date())
    return int((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp())


def _parsed(text: str, parse: Callable[[str], T], example: str) -> T:
    try:
        return parse(text)
    except ValueError:
        raise InvalidInput("date", f"{text[:40]!r} is not like {example}") from None


def _in_range(date: dt.date) -> dt.date:
    if not DATE_MIN <= date <= DATE_MAX:
        raise InvalidInput("date", f"must be from {DATE_MIN} to {DATE_MAX}")
    return date


def _month_start(date: dt.date, months: int) -> dt.date:
    """The first day of the month that lies `months` after that of `date`."""
    years, month = divmod(date.month - 1 + months, 12)
    return dt.date(date.year + years, month + 1, 1)


def _midnight_s(date: dt.date, zone: ZoneInfo) -> int:
    """The day's first second: where a clock change skips midnight, the instant it jumps at."""
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=zone).timestamp())
