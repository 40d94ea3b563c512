"""`date_range`: what it means on the site's calendar. Pure, the present is a parameter.

now = Wed 2026-11-25 10:20, timezone UTC
day            today                                         11-25 00:00:00 .. 11-25 23:59:59
24h            until now                                     11-24 10:20:00 .. 11-25 10:20:00
7d             7 whole days until yesterday                  11-18 00:00:00 .. 11-24 23:59:59
month, year    this one, until its end                       11-01 00:00:00 .. 11-30 23:59:59
6mo            6 whole months until the last one             05-01 00:00:00 .. 10-31 23:59:59
all            from the day of the site's first hit until today
[a, b]         two dates, both included, or two datetimes with their offset from UTC
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from aggregates.clickhouse.buckets import DAY_S, HOUR_S
from aggregates.clickhouse.vocabulary import Bucket
from webapp.api.errors import InvalidInput
from webapp.stats import rows
from webapp.stats.elixir import inspect
from webapp.stats.periods import local_date, month_start, require_in_range, span_s

FIELD: Final = "#/date_range"
DAYS_MAX: Final = 5_000
MONTHS_MAX: Final = 100
WORDS: Final = ("all", "day", "24h", "month", "year")
UTC_NAMES: Final = ("UTC", "Etc/UTC")
WEEK_S: Final = 7 * DAY_S

_COUNTED: Final = re.compile(r"([0-9]{1,9})(d|mo)")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True)
class Range:
    """From `first_s` to `last_s`, both included, epoch seconds, on the calendar of `timezone`."""

    first_s: int
    last_s: int
    timezone: str

    @property
    def first_date(self) -> dt.date:
        return local_date(self.first_s, ZoneInfo(self.timezone))

    def shown(self) -> list[str]:
        """Two ISO timestamps with their offset from UTC."""
        return [_iso(self.first_s, self.timezone), _iso(self.last_s, self.timezone)]


def is_date_range(value: Any) -> bool:
    """Whether it has a date range's shape."""
    if isinstance(value, str):
        return value in WORDS or _COUNTED.fullmatch(value) is not None
    if not isinstance(value, list) or len(value) != 2:
        return False
    if not all(isinstance(each, str) for each in value):
        return False
    return _are(value, _DATE, dt.date.fromisoformat) or _are(
        value, _DATETIME, dt.datetime.fromisoformat
    )


def parse_date_range(
    value: Any, timezone: str, now_s: int, first_hit_s: Callable[[], int | None]
) -> Range:
    """The range that a value of the right shape means.

    `first_hit_s` is asked for `all` only; None without hits. Raises `InvalidInput`.
    """
    zone = ZoneInfo(timezone)
    if isinstance(value, list):
        return _pair(value[0], value[1], timezone)
    if value == "24h":
        return Range(now_s - DAY_S, now_s, timezone)
    first, last = _dates(value, now_s, zone, first_hit_s)
    return _of_dates(first, last, timezone)


def trimmed(value: Any, found: Range, now_s: int) -> Range:
    """Without the hours (of `day`) or days (of `month`, `year`) that are still to come."""
    zone = ZoneInfo(found.timezone)
    if value == "day":
        return Range(
            found.first_s, min(found.last_s, now_s // HOUR_S * HOUR_S + HOUR_S - 1), found.timezone
        )
    if value in ("month", "year"):
        today = local_date(now_s, zone)
        return _of_dates(found.first_date, today, found.timezone)
    return found


def bucket_of(found: Range) -> Bucket:
    """The steps that suit a range."""
    length_s = found.last_s - found.first_s
    if length_s // HOUR_S <= 48:
        return Bucket.HOUR
    if length_s // DAY_S <= 40:
        return Bucket.DAY
    return Bucket.WEEK if length_s // WEEK_S <= 52 else Bucket.MONTH


def label(start_s: int, bucket: Bucket, found: Range) -> str:
    """A bucket's start on the site's clock; that of a week is not before the range."""
    text = rows.label(start_s, bucket, ZoneInfo(found.timezone))
    return max(text, found.first_date.isoformat()) if bucket is Bucket.WEEK else text


def _dates(
    value: str, now_s: int, zone: ZoneInfo, first_hit_s: Callable[[], int | None]
) -> tuple[dt.date, dt.date]:
    today = local_date(now_s, zone)
    if value == "day":
        return today, today
    if value == "month":
        return today.replace(day=1), month_start(today, 1) - dt.timedelta(days=1)
    if value == "year":
        return today.replace(month=1, day=1), today.replace(month=12, day=31)
    if value == "all":
        first_s = first_hit_s()
        first = today if first_s is None else local_date(first_s, zone)
        return min(first, today), today
    match = _COUNTED.fullmatch(value)
    count, unit = (int(match[1]), match[2]) if match else (0, "")
    yesterday = today - dt.timedelta(days=1)
    if unit == "d" and 0 < count <= DAYS_MAX:
        return today - dt.timedelta(days=count), yesterday
    if unit == "mo" and 0 < count <= MONTHS_MAX:
        return month_start(today, -count), today.replace(day=1) - dt.timedelta(days=1)
    raise _invalid(f"Invalid date_range {inspect(value)}")


def _pair(first: str, last: str, timezone: str) -> Range:
    if _DATE.fullmatch(first):
        found = _of_dates(dt.date.fromisoformat(first), dt.date.fromisoformat(last), timezone)
    else:
        ends = [dt.datetime.fromisoformat(each) for each in (first, last)]
        if any(each.tzinfo is None for each in ends):
            raise _invalid(f"Invalid date_range '{inspect([first, last])}'.")
        for each in ends:
            require_in_range(each.date(), FIELD)
        found = Range(int(ends[0].timestamp()), int(ends[1].timestamp()), timezone)
    if found.first_s > found.last_s:
        raise InvalidInput(FIELD, "must not end before it starts")
    return found


def _of_dates(first: dt.date, last: dt.date, timezone: str) -> Range:
    for date in (first, last):
        require_in_range(date, FIELD)
    start_s, end_s = span_s(first, last, ZoneInfo(timezone))
    return Range(start_s, end_s - 1, timezone)


def _iso(at_s: int, timezone: str) -> str:
    text = dt.datetime.fromtimestamp(at_s, ZoneInfo(timezone)).isoformat()
    return text.replace("+00:00", "Z") if timezone in UTC_NAMES else text


def _are(values: list[str], pattern: re.Pattern[str], parse: Callable[[str], Any]) -> bool:
    try:
        return all(pattern.fullmatch(each) and parse(each) is not None for each in values)
    except ValueError:
        return False


def _invalid(text: str) -> InvalidInput:
    error = InvalidInput(FIELD, text)
    error.args = (text,)
    return error
