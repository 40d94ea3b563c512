"""What `period` and `date` mean on a site's calendar."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.clickhouse.questions import EPOCH_S_MAX
from aggregates.clickhouse.vocabulary import Bucket
from webapp.api.errors import InvalidInput
from webapp.stats.periods import PERIODS, parse_period, span_s


def epoch(text: str, zone: str = "UTC") -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


NOW_S = epoch("2026-11-25T10:20:30")


@pytest.mark.parametrize(
    ("period", "date", "start", "end", "bucket"),
    [
        ("24h", "", "2026-11-24T11", "2026-11-25T11", Bucket.HOUR),
        ("day", "", "2026-11-25", "2026-11-26", Bucket.HOUR),
        ("day", "2026-01-01", "2026-01-01", "2026-01-02", Bucket.HOUR),
        ("7d", "", "2026-11-18", "2026-11-25", Bucket.DAY),
        ("7d", "2021-01-08", "2021-01-01", "2021-01-08", Bucket.DAY),
        ("30d", "", "2026-10-26", "2026-11-25", Bucket.DAY),
        ("1d", "", "2026-11-24", "2026-11-25", Bucket.DAY),
        ("month", "", "2026-11-01", "2026-12-01", Bucket.DAY),
        ("month", "2026-01-31", "2026-01-01", "2026-02-01", Bucket.DAY),
        ("6mo", "", "2026-06-01", "2026-12-01", Bucket.MONTH),
        ("12mo", "", "2025-12-01", "2026-12-01", Bucket.MONTH),
        ("3mo", "2026-02-28", "2025-12-01", "2026-03-01", Bucket.MONTH),
        ("year", "", "2026-01-01", "2027-01-01", Bucket.MONTH),
        ("custom", "2026-11-20,2026-11-21", "2026-11-20", "2026-11-22", Bucket.DAY),
        ("custom", "2026-11-20, 2026-11-20", "2026-11-20", "2026-11-21", Bucket.DAY),
        (
            "custom",
            "2026-11-20T10:00:00,2026-11-20T12:00:00",
            "2026-11-20T10",
            "2026-11-20T12",
            Bucket.HOUR,
        ),
        (
            "custom",
            "2026-11-20T10:00:00+02:00,2026-11-20T12:00:00Z",
            "2026-11-20T08",
            "2026-11-20T12",
            Bucket.HOUR,
        ),
    ],
)
def test_periods(period: str, date: str, start: str, end: str, bucket: Bucket) -> None:
    parsed = parse_period(period, date, "UTC", NOW_S)
    assert (parsed.start_s, parsed.end_s, parsed.bucket) == (epoch(start), epoch(end), bucket)


@pytest.mark.parametrize(
    ("date", "start", "end"),
    [("", "2026-11-19", "2026-11-26"), ("2021-01-08", "2021-01-02", "2021-01-09")],
)
def test_days_end_with_today_if_asked_for(date: str, start: str, end: str) -> None:
    parsed = parse_period("7d", date, "UTC", NOW_S, with_today=True)
    assert (parsed.start_s, parsed.end_s) == (epoch(start), epoch(end))


def test_days_are_the_sites_own() -> None:
    """At 10:20 UTC it is already tomorrow in Kiritimati (+14)."""
    zone = "Pacific/Kiritimati"
    period = parse_period("day", "", zone, NOW_S)
    assert (period.start_s, period.end_s) == (epoch("2026-11-26", zone), epoch("2026-11-27", zone))


def test_hours_begin_with_the_sites_clock() -> None:
    """In Kolkata (+5:30) the hour that runs at 10:20 UTC began at 09:30 UTC."""
    period = parse_period("24h", "", "Asia/Kolkata", NOW_S)
    assert period.end_s == epoch("2026-11-25T10:30")


@pytest.mark.parametrize(
    ("date", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-25", 24)]
)
def test_a_day_is_as_long_as_its_clock_says(date: str, hours: int) -> None:
    period = parse_period("day", date, "Europe/Berlin", NOW_S)
    assert period.end_s - period.start_s == hours * 3600


def test_a_day_without_midnight_starts_at_its_first_instant() -> None:
    """In Beirut the clock went from 23:59 on the 27th to 01:00 on the 28th."""
    zone = ZoneInfo("Asia/Beirut")
    period = parse_period("day", "2021-03-28", "Asia/Beirut", NOW_S)
    assert dt.datetime.fromtimestamp(period.start_s, zone).isoformat()[:16] == "2021-03-28T01:00"
    assert dt.datetime.fromtimestamp(period.start_s - 1, zone).date() == dt.date(2021, 3, 27)


@given(
    period=st.sampled_from((*PERIODS, "3660d", "120mo", "0d", "9999d")),
    date=st.one_of(
        st.just(""),
        st.text(max_size=30),
        st.dates().map(str),
        st.tuples(st.dates(), st.dates()).map(lambda pair: f"{pair[0]},{pair[1]}"),
        st.tuples(
            st.datetimes(timezones=st.timezones()), st.datetimes(timezones=st.timezones())
        ).map(lambda pair: f"{pair[0].isoformat()},{pair[1].isoformat()}"),
    ),
    zone=st.sampled_from(("UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns")),
    now_s=st.integers(epoch("2024-01-01"), epoch("2100-01-01")),
)
def test_whatever_is_given_is_a_period_or_refused(
    period: str, date: str, zone: str, now_s: int
) -> None:
    try:
        parsed = parse_period(period, date, zone, now_s)
    except InvalidInput as error:
        assert error.field in ("date", "period")
        return
    assert 0 <= parsed.start_s < parsed.end_s <= EPOCH_S_MAX
    if parsed.days is not None:
        assert span_s(*parsed.days, ZoneInfo(zone)) == (parsed.start_s, parsed.end_s)
