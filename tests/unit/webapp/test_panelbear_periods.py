"""Panelbear's periods."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.clickhouse.buckets import bucket_starts
from webapp.panelbear.periods import BUCKETS, PERIODS, period_s


def epoch(text: str, zone: str = "UTC") -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("1h", "2026-11-25T09:21", "2026-11-25T10:21"),
        ("24h", "2026-11-24T11:00", "2026-11-25T11:00"),
        ("today", "2026-11-25", "2026-11-26"),
        ("7d", "2026-11-19", "2026-11-26"),
        ("4w", "2026-10-29", "2026-11-26"),
        ("3m", "2026-08-25", "2026-11-26"),
        ("12m", "2025-11-25", "2026-11-26"),
        ("24m", "2024-11-25", "2026-11-26"),
        ("mtd", "2026-11-01", "2026-11-26"),
        ("ytd", "2026-01-01", "2026-11-26"),
    ],
)
def test_periods(period: str, start: str, end: str) -> None:
    now_s = epoch("2026-11-25T10:20:30")
    assert period_s(period, ZoneInfo("UTC"), now_s) == (epoch(start), epoch(end))


def test_a_day_that_the_month_has_not() -> None:
    assert period_s("3m", ZoneInfo("UTC"), epoch("2026-05-31"))[0] == epoch("2026-02-28")


def test_days_are_of_the_requests_timezone() -> None:
    """At 22:00 UTC it is already tomorrow in Tokyo."""
    zone = ZoneInfo("Asia/Tokyo")
    found = period_s("today", zone, epoch("2026-11-25T22:00"))
    assert found == (epoch("2026-11-26", "Asia/Tokyo"), epoch("2026-11-27", "Asia/Tokyo"))


@given(
    period=st.sampled_from(PERIODS),
    zone=st.sampled_from(("UTC", "Australia/Lord_Howe", "America/St_Johns")),
    now_s=st.integers(epoch("2000-01-01"), epoch("2100-01-01")),
)
def test_each_period_ends_after_now_and_has_the_buckets_it_offers(
    period: str, zone: str, now_s: int
) -> None:
    start_s, end_s = period_s(period, ZoneInfo(zone), now_s)
    assert 0 < start_s <= now_s < end_s
    for bucket in BUCKETS[period]:
        assert bucket_starts(start_s, end_s, bucket, zone)
