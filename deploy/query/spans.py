"""Which days a question is about: pure, the present is a parameter.

today = Tue 2026-11-24
last 7 days     11-18 .. 11-24         this week      11-23 .. 11-24
last 2 months   10-01 .. 11-24         last week      11-16 .. 11-22
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

COUNT_MAX: Final = {"hour": 1_000, "day": 3_660, "week": 520, "month": 120, "year": 10}
DATE_MIN: Final = dt.date(1990, 1, 1)
DATE_MAX: Final = dt.date(2105, 12, 31)
DAY: Final = dt.timedelta(days=1)

Moment = dt.date | dt.datetime


@dataclass(frozen=True, slots=True)
class Recent:
    """The last `count` units, the running one included; `ago` leaves out that many at the end.

    A whole week, month or year (`is_whole`) begins on its first day.
    """

    unit: str
    count: int = 1
    ago: int = 0
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Fixed:
    """From `first` to `last`, both included; without `last`, to today."""

    first: dt.date
    last: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    """As the API takes them: two dates, both included, or two moments, the second excluded."""

    first: Moment
    last: Moment

    @property
    def text(self) -> str:
        """Its `date` parameter."""
        return f"{self.first.isoformat()},{self.last.isoformat()}"

    def previous(self) -> "Dates":
        """As long, and directly before."""
        if isinstance(self.first, dt.datetime) and isinstance(self.last, dt.datetime):
            return Dates(self.first - (self.last - self.first), self.first)
        days = self.last.toordinal() - self.first.toordinal() + 1
        return Dates(self.first - days * DAY, self.first - DAY)


Span = Recent | Fixed


def dates_of(span: Span, now: dt.datetime) -> Dates:
    """The days of `span` where the clock says `now`."""
    today = now.date()
    if isinstance(span, Fixed):
        return Dates(span.first, max(span.first, today if span.last is None else span.last))
    if span.unit == "hour":
        end = now.replace(tzinfo=None, minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
        return Dates(end - dt.timedelta(hours=span.count), end)
    if span.unit == "day" or (span.unit == "week" and not span.is_whole):
        days = span.count * (7 if span.unit == "week" else 1)
        last = today - span.ago * DAY
        return Dates(last - (days - 1) * DAY, last)
    first = _first_day(span.unit, today, span.ago + span.count - 1)
    end_day = today if not span.ago else _first_day(span.unit, today, span.ago - 1) - DAY
    return Dates(first, end_day)


def month(year: int, number: int) -> Fixed:
    """A month of the calendar."""
    first = dt.date(year, number, 1)
    return Fixed(first, _months_before(first, -1) - DAY)


def _first_day(unit: str, today: dt.date, ago: int) -> dt.date:
    """Of the week, month or year that lies `ago` of them before today's."""
    if unit == "week":
        return today - (today.weekday() + 7 * ago) * DAY
    if unit == "year":
        return dt.date(today.year - ago, 1, 1)
    return _months_before(today.replace(day=1), ago)


def _months_before(first: dt.date, count: int) -> dt.date:
    years, number = divmod(first.year * 12 + first.month - 1 - count, 12)
    return dt.date(years, number + 1, 1)
