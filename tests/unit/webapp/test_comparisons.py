"""What a period is compared with."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.clickhouse.questions import EPOCH_S_MAX
from webapp.api.errors import InvalidInput
from webapp.stats.comparisons import Comparison, Mode, compared_span
from webapp.stats.periods import PERIODS, parse_period, span_s

PREVIOUS, YEAR, CUSTOM = Mode.PREVIOUS_PERIOD, Mode.YEAR_OVER_YEAR, Mode.CUSTOM
UTC = ZoneInfo("UTC")


def epoch(text: str, zone: str = "UTC") -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


NOW_S = epoch("2026-11-25T10:20:30")  # a Wednesday


@pytest.mark.parametrize(
    ("period", "date", "comparison", "first", "last"),
    [
        ("day", "", Comparison(PREVIOUS), "2026-11-24", "2026-11-24"),
        ("day", "", Comparison(PREVIOUS, matches_weekday=True), "2026-11-18", "2026-11-18"),
        ("7d", "", Comparison(PREVIOUS), "2026-11-11", "2026-11-17"),
        # 30 days would overlap with those 28 days before, so it is 35.
        ("30d", "", Comparison(PREVIOUS), "2026-09-26", "2026-10-25"),
        ("30d", "", Comparison(PREVIOUS, matches_weekday=True), "2026-09-21", "2026-10-20"),
        # Of a month that is still running, the days that have come.
        ("month", "", Comparison(PREVIOUS), "2026-10-01", "2026-10-25"),
        ("month", "", Comparison(PREVIOUS, by_days=True), "2026-10-07", "2026-10-31"),
        ("month", "2026-03-15", Comparison(PREVIOUS), "2026-02-01", "2026-02-28"),
        ("month", "2026-03-15", Comparison(PREVIOUS, by_days=True), "2026-01-29", "2026-02-28"),
        ("month", "2024-03-15", Comparison(PREVIOUS), "2024-02-01", "2024-02-29"),
        ("month", "2026-04-15", Comparison(PREVIOUS), "2026-03-01", "2026-03-31"),
        ("12mo", "2026-10-01", Comparison(PREVIOUS), "2024-11-01", "2025-10-31"),
        ("year", "", Comparison(PREVIOUS), "2025-01-01", "2025-11-25"),
        ("month", "", Comparison(YEAR), "2025-11-01", "2025-11-25"),
        ("month", "", Comparison(YEAR, matches_weekday=True), "2025-11-02", "2025-11-26"),
        ("month", "2024-02-01", Comparison(YEAR), "2023-02-01", "2023-02-28"),
        ("day", "2024-02-29", Comparison(YEAR), "2023-02-28", "2023-02-28"),
        ("day", "2025-02-28", Comparison(YEAR), "2024-02-28", "2024-02-28"),
        # Thursday 29 February 2024; 28 February 2023 is a Tuesday.
        ("day", "2024-02-29", Comparison(YEAR, matches_weekday=True), "2023-03-02", "2023-03-02"),
        (
            "7d",
            "",
            Comparison(CUSTOM, dates=(dt.date(2026, 1, 1), dt.date(2026, 1, 9))),
            "2026-01-01",
            "2026-01-09",
        ),
        # 7d begin on Wednesday 18 November; 1 January 2026 is a Thursday.
        (
            "7d",
            "",
            Comparison(CUSTOM, True, dates=(dt.date(2026, 1, 1), dt.date(2026, 1, 9))),
            "2025-12-31",
            "2026-01-08",
        ),
        # A day that has not come is held against the day before it all the same.
        ("day", "2026-12-24", Comparison(PREVIOUS), "2026-12-23", "2026-12-23"),
    ],
)
def test_days(period: str, date: str, comparison: Comparison, first: str, last: str) -> None:
    parsed = parse_period(period, date, "UTC", NOW_S)
    expected = span_s(dt.date.fromisoformat(first), dt.date.fromisoformat(last), UTC)
    assert compared_span(parsed, comparison, UTC, NOW_S) == expected


@pytest.mark.parametrize(
    ("comparison", "start"),
    [
        (Comparison(PREVIOUS), "2026-11-23T11:00"),
        (Comparison(PREVIOUS, matches_weekday=True), "2026-11-17T11:00"),
        (Comparison(YEAR), "2025-11-24T11:00"),
        (Comparison(YEAR, matches_weekday=True), "2025-11-25T11:00"),
    ],
)
def test_24_hours(comparison: Comparison, start: str) -> None:
    """They begin on Tuesday 24 November at 11:00."""
    parsed = parse_period("24h", "", "UTC", NOW_S)
    start_s = epoch(start)
    assert compared_span(parsed, comparison, UTC, NOW_S) == (start_s, start_s + 86_400)


@pytest.mark.parametrize(
    ("date", "hours", "compared_hours"),
    [("2026-10-25", 25, 24), ("2026-10-26", 24, 25), ("2026-03-30", 24, 23)],
)
def test_a_day_is_compared_with_a_day(date: str, hours: int, compared_hours: int) -> None:
    """However long their clocks say they are."""
    zone = ZoneInfo("Europe/Berlin")
    parsed = parse_period("day", date, "Europe/Berlin", NOW_S)
    start_s, end_s = compared_span(parsed, Comparison(PREVIOUS), zone, NOW_S)
    assert parsed.end_s - parsed.start_s == hours * 3600
    assert end_s - start_s == compared_hours * 3600
    assert end_s == parsed.start_s


def test_hours_keep_their_time_of_day_over_a_clock_change() -> None:
    """Berlin's clocks went back on Sunday 25 October."""
    zone = ZoneInfo("Europe/Berlin")
    parsed = parse_period("custom", "2026-10-26T10:00,2026-10-26T12:00", "Europe/Berlin", NOW_S)
    start_s, end_s = compared_span(parsed, Comparison(PREVIOUS, True), zone, NOW_S)
    assert start_s == epoch("2026-10-19T10:00", "Europe/Berlin")
    assert end_s - start_s == 2 * 3600


@given(
    period=st.sampled_from([period for period in PERIODS if period != "custom"]),
    date=st.dates(dt.date(1990, 1, 1), dt.date(2105, 12, 31)),
    comparison=st.builds(
        Comparison,
        mode=st.sampled_from([PREVIOUS, YEAR]),
        matches_weekday=st.booleans(),
        by_days=st.booleans(),
    ),
    zone=st.sampled_from(("UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia")),
    now_s=st.integers(epoch("1990-01-02"), epoch("2100-01-01")),
)
def test_the_other_period_is_over_before_this_one_begins(
    period: str, date: dt.date, comparison: Comparison, zone: str, now_s: int
) -> None:
    parsed = parse_period(period, "" if period == "24h" else str(date), zone, now_s)
    try:
        start_s, end_s = compared_span(parsed, comparison, ZoneInfo(zone), now_s)
    except InvalidInput as error:
        assert error.field == "compare"
        return
    assert 0 <= start_s < end_s <= EPOCH_S_MAX
    assert start_s < parsed.start_s
    if comparison.mode is PREVIOUS:
        assert end_s <= parsed.start_s
    if comparison.matches_weekday:
        days = {
            dt.datetime.fromtimestamp(at_s, ZoneInfo(zone)).weekday()
            for at_s in (start_s, parsed.start_s)
        }
        assert len(days) == 1
