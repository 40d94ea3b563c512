"""The period another one is compared with, on the site's calendar: pure.

now = Wed 2026-11-25                  7d              month           year_over_year of the month
the period                            11-18 .. 11-24  11-01 .. 11-30  2026-11-01 .. 11-30
what of it has been                   the same        11-01 .. 11-25  2026-11-01 .. 11-25
compared with                         11-11 .. 11-17  10-01 .. 10-25  2025-11-01 .. 11-25
                      or, by days                     10-07 .. 10-31
                      on the same weekday             11-11 .. 11-17  2025-11-02 .. 11-26

Of a period that is still running only the days that have come are compared, so that like is held
against like. Days are compared with days and months with months, however long their clocks say
they are; 29 February is held against the 28th.
"""

import calendar
import datetime as dt
import enum
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from aggregates.clickhouse.buckets import DAY_S
from webapp.api.errors import InvalidInput
from webapp.stats.periods import DATE_MIN, Period, local_date, month_start, span_s

WEEK_DAYS: Final = 7


class Mode(enum.StrEnum):
    PREVIOUS_PERIOD = "previous_period"
    YEAR_OVER_YEAR = "year_over_year"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a period is to be compared with."""

    mode: Mode
    matches_weekday: bool = False  # begins on the same day of the week
    by_days: bool = False  # months too are compared with as many days just before them
    dates: tuple[dt.date, dt.date] | None = None  # of CUSTOM: first and last


def compared_span(
    period: Period, comparison: Comparison, zone: ZoneInfo, now_s: int
) -> tuple[int, int]:
    """From (inclusive) and to (exclusive), in epoch seconds, what `period` is compared with.

    Raises `InvalidInput` if that is too long ago.
    """
    if comparison.mode is Mode.CUSTOM and comparison.dates is not None:
        first, last = _custom(period, comparison, comparison.dates, zone)
        return span_s(first, last, zone)
    if period.days is None:
        return _instants(period, comparison, zone)
    first, end = period.days
    last = max(first, min(end, local_date(now_s, zone)))
    if comparison.mode is Mode.YEAR_OVER_YEAR:
        shifted = _year_before(first, last, comparison)
    elif period.months and not comparison.by_days and not comparison.matches_weekday:
        shifted = _months_before(first, last, period.months)
    else:
        shifted = _days_before(first, last, comparison)
    _require_in_range(shifted[0])
    return span_s(*shifted, zone)


def _custom(
    period: Period, comparison: Comparison, dates: tuple[dt.date, dt.date], zone: ZoneInfo
) -> tuple[dt.date, dt.date]:
    if not comparison.matches_weekday:
        return dates
    shift = _to_weekday(dates[0], local_date(period.start_s, zone))
    return dates[0] + shift, dates[1] + shift


def _days_before(first: dt.date, last: dt.date, comparison: Comparison) -> tuple[dt.date, dt.date]:
    """As many days just before; for the same weekday some days earlier, so that none is in both."""
    count = (last - first).days + 1
    back = -(-count // WEEK_DAYS) * WEEK_DAYS if comparison.matches_weekday else count
    shift = dt.timedelta(days=back)
    return first - shift, last - shift


def _months_before(first: dt.date, last: dt.date, months: int) -> tuple[dt.date, dt.date]:
    is_whole = last == month_start(last, 1) - dt.timedelta(days=1)
    earlier = month_start(last, -months)
    day = _month_days(earlier) if is_whole else min(last.day, _month_days(earlier))
    return month_start(first, -months), earlier.replace(day=day)


def _year_before(first: dt.date, last: dt.date, comparison: Comparison) -> tuple[dt.date, dt.date]:
    earlier = _a_year_before(first)
    if comparison.matches_weekday:
        earlier += _to_weekday(earlier, first)
        return earlier, earlier + (last - first)
    return earlier, _a_year_before(last)


def _a_year_before(date: dt.date) -> dt.date:
    month = dt.date(date.year - 1, date.month, 1)
    return month.replace(day=min(date.day, _month_days(month)))


def _month_days(date: dt.date) -> int:
    return calendar.monthrange(date.year, date.month)[1]


def _to_weekday(date: dt.date, like: dt.date) -> dt.timedelta:
    """To the nearest day with the weekday of `like`."""
    ahead = (like.weekday() - date.weekday()) % WEEK_DAYS
    return dt.timedelta(days=ahead if ahead <= WEEK_DAYS // 2 else ahead - WEEK_DAYS)


def _instants(period: Period, comparison: Comparison, zone: ZoneInfo) -> tuple[int, int]:
    """A part of a day, or from any instant to any other: as long, in seconds."""
    length_s = period.end_s - period.start_s
    start_s = period.start_s - length_s
    if comparison.mode is Mode.YEAR_OVER_YEAR:
        start_s = _shifted_s(period, zone, _year_before_days(period, comparison, zone))
    elif comparison.matches_weekday:
        start_s = _shifted_s(period, zone, -(-length_s // (WEEK_DAYS * DAY_S)) * WEEK_DAYS)
    _require_in_range(local_date(max(0, start_s), zone))
    return start_s, start_s + length_s


def _year_before_days(period: Period, comparison: Comparison, zone: ZoneInfo) -> int:
    day = local_date(period.start_s, zone)
    return (day - _year_before(day, day, comparison)[0]).days


def _shifted_s(period: Period, zone: ZoneInfo, back_days: int) -> int:
    """The same time of day, on the site's clock, so many days before."""
    at = dt.datetime.fromtimestamp(period.start_s, zone)
    return int((at - dt.timedelta(days=back_days)).timestamp())


def _require_in_range(first: dt.date) -> None:
    if first < DATE_MIN:
        raise InvalidInput("compare", f"would reach back to before {DATE_MIN}")
