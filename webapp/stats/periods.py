"""The period of a question, from `period` and `date`: pure, the present is a parameter.

now = Wed 2026-11-25 10:20, timezone UTC
24h            24 hours that end with the running one      11-24 11:00 .. 11-25 11:00
day            today, or the day of `date`                 11-25       .. 11-26
7d, 30d, Nd    days that end before today, or `date`       11-18       .. 11-25
               or with it, if asked for                    11-19       .. 11-26
month          the month of today, or of `date`            11-01       .. 12-01
6mo, 12mo, Nmo months that end with that one               06-01       .. 12-01
year           the year of today, or of `date`             01-01       .. next 01-01
custom         `date=a,b`: two dates, both included, or two datetimes, the second excluded
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from aggregates.clickhouse.buckets import DAY_S, HOUR_S, bucket_starts
from aggregates.clickhouse.vocabulary import Bucket
from webapp.api.errors import InvalidInput
from webapp.stats import refusals

PERIODS: Final = ("24h", "day", "7d", "28d", "30d", "90d", "month", "6mo", "12mo", "year", "custom")
DEFAULT_PERIOD: Final = "30d"
CUSTOM: Final = "custom"
DATE_MIN: Final = dt.date(1990, 1, 1)  # the Web is not older
DATE_MAX: Final = dt.date(2105, 12, 31)  # the rollups' clock ends in 2106
CUSTOM_DAYS_MAX: Final = 3_660
MONTHS_MAX: Final = 120
YEAR_MONTHS: Final = 12

_COUNTED: Final = re.compile(r"([1-9][0-9]{0,3})(d|mo)")


@dataclass(frozen=True, slots=True)
class Period:
    """From `start_s` (inclusive) to `end_s` (exclusive), epoch seconds."""

    start_s: int
    end_s: int
    bucket: Bucket  # the steps of its series unless others are asked for
    days: tuple[dt.date, dt.date] | None = None  # first and last; None for a part of a day
    months: int = 0  # whole months of the calendar that it is made of; 0 if it is not


def parse_period(
    period: str, date: str, timezone: str, now_s: int, with_today: bool = False
) -> Period:
    """The period that `period` and `date` ("" if not given) mean on the site's calendar.

    `with_today`: a number of days ends with today, or `date`, and not before it. Raises
    `InvalidInput`.
    """
    zone = ZoneInfo(timezone)
    if period == "24h":
        if date:
            raise InvalidInput("date", "cannot be given with period=24h, which ends now")
        return _last_24_hours(timezone, now_s)
    if period == CUSTOM:
        return _custom(date, zone)
    counted = _COUNTED.fullmatch(period)
    if period not in ("day", "month", "year") and counted is None:
        raise refusals.bad_period(period, PERIODS)
    last = _date(date) if date else local_date(now_s, zone)
    if counted is None:
        return _calendar(period, last, zone)
    count = int(counted[1])
    if counted[2] == "mo" and count <= MONTHS_MAX:
        return _months(month_start(last, 1 - count), count, zone)
    if counted[2] == "d" and count <= CUSTOM_DAYS_MAX:
        return days(last if with_today else last - dt.timedelta(days=1), count, zone)
    raise refusals.bad_period(period, PERIODS)


def days(last: dt.date, count: int, zone: ZoneInfo, bucket: Bucket = Bucket.DAY) -> Period:
    """`count` whole days, the last of them `last`."""
    first = last - dt.timedelta(days=count - 1)
    start_s, end_s = span_s(first, last, zone)
    return Period(start_s, end_s, bucket, (first, last))


def span_s(first: dt.date, last: dt.date, zone: ZoneInfo) -> tuple[int, int]:
    """When two days, both included, begin and end."""
    return midnight_s(first, zone), midnight_s(last + dt.timedelta(days=1), zone)


def local_date(at_s: int, zone: ZoneInfo) -> dt.date:
    return dt.datetime.fromtimestamp(at_s, zone).date()


def month_start(date: dt.date, months: int) -> dt.date:
    """The first day of the month that lies `months` after that of `date`."""
    years, month = divmod(date.month - 1 + months, YEAR_MONTHS)
    return dt.date(date.year + years, month + 1, 1)


def midnight_s(date: dt.date, zone: ZoneInfo) -> int:
    """The day's first second: where a clock change skips midnight, the instant it jumps at."""
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=zone).timestamp())


def parse_dates(text: str, field: str) -> tuple[dt.date, dt.date]:
    """Two dates joined by a comma, in order. Raises `InvalidInput`."""
    try:
        first, last = (dt.date.fromisoformat(part.strip()) for part in text.split(","))
    except ValueError:
        raise refusals.bad_dates() from None
    for date in (first, last):
        require_in_range(date, field)
    _require_length(0 <= (last - first).days < CUSTOM_DAYS_MAX, field)
    return first, last


def _last_24_hours(timezone: str, now_s: int) -> Period:
    hour_s = bucket_starts(now_s, now_s + 1, Bucket.HOUR, timezone)[-1]
    return Period(hour_s + HOUR_S - DAY_S, hour_s + HOUR_S, Bucket.HOUR)


def _calendar(period: str, date: dt.date, zone: ZoneInfo) -> Period:
    if period == "day":
        return days(date, 1, zone, Bucket.HOUR)
    if period == "month":
        return _months(date.replace(day=1), 1, zone)
    return _months(date.replace(month=1, day=1), YEAR_MONTHS, zone)


def _months(first: dt.date, count: int, zone: ZoneInfo) -> Period:
    last = month_start(first, count) - dt.timedelta(days=1)
    start_s, end_s = span_s(first, last, zone)
    bucket = Bucket.DAY if count == 1 else Bucket.MONTH
    return Period(start_s, end_s, bucket, (first, last), count)


def _custom(text: str, zone: ZoneInfo) -> Period:
    if not text:
        raise refusals.missing_dates()
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 2 and any("T" in part or " " in part for part in parts):
        return _custom_instants(_instant_s(parts[0], zone), _instant_s(parts[1], zone))
    first, last = parse_dates(text, "date")
    return days(last, (last - first).days + 1, zone)


def _custom_instants(start_s: int, end_s: int) -> Period:
    _require_length(0 < end_s - start_s <= CUSTOM_DAYS_MAX * DAY_S, "date")
    return Period(start_s, end_s, Bucket.HOUR if end_s - start_s <= 2 * DAY_S else Bucket.DAY)


def _date(text: str) -> dt.date:
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        is_written = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
        reason = "invalid_date" if is_written else "invalid_format"
        raise refusals.bad_date(text, reason) from None
    require_in_range(date, "date")
    return date


def _instant_s(text: str, zone: ZoneInfo) -> int:
    """Epoch seconds of a datetime; without an offset it is on the site's clock."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise refusals.bad_dates() from None
    require_in_range(at.date(), "date")
    return int((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp())


def require_in_range(date: dt.date, field: str) -> None:
    """Raises `InvalidInput` naming `field`."""
    if not DATE_MIN <= date <= DATE_MAX:
        raise InvalidInput(field, f"must be from {DATE_MIN} to {DATE_MAX}")


def _require_length(fits: bool, field: str) -> None:
    if not fits:
        raise InvalidInput(
            field, f"must end after it starts, and be at most {CUSTOM_DAYS_MAX} days long"
        )
