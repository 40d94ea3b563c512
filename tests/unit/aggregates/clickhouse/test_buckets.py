"""Buckets on the clocks of the world, with zoneinfo read minute by minute as the judge."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregates.clickhouse.buckets import (
    BUCKETS_MAX,
    Offset,
    bucket_starts,
    key_sql,
    offsets,
    starts_by_key,
)
from aggregates.clickhouse.values import Values
from aggregates.clickhouse.vocabulary import Bucket, InvalidQuestion

DAY_S = 86_400
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",  # -3:30
    "Asia/Kathmandu",  # +5:45
    "Australia/Lord_Howe",  # moves by half an hour
    "America/Sao_Paulo",  # until 2018 the clock skipped midnight itself
    "Africa/Cairo",  # and here it still does
    "America/Havana",  # midnight happens twice
    "Pacific/Apia",  # left out 2011-12-30
    "Africa/Casablanca",  # summer time pauses for Ramadan
]


def utc(text: str) -> int:
    return int(dt.datetime.fromisoformat(f"{text}+00:00").timestamp())


def walked(start_s: int, end_s: int, bucket: Bucket, timezone: str) -> list[int]:
    """The first minute of each label in the period, found minute by minute."""
    zone = ZoneInfo(timezone)
    found: dict[object, int] = {}
    for at_s in range(start_s, end_s, 60):
        local = dt.datetime.fromtimestamp(at_s, zone)
        label: object = {
            Bucket.MINUTE: at_s,
            Bucket.HOUR: (local.date(), local.hour, local.utcoffset()),
            Bucket.DAY: local.date(),
            Bucket.WEEK: local.isocalendar()[:2],
            Bucket.MONTH: (local.year, local.month),
        }[bucket]
        found.setdefault(label, at_s)
    return sorted(found.values())


@pytest.mark.parametrize("bucket", Bucket)
@settings(max_examples=50, deadline=None)
@given(
    timezone=st.sampled_from(ZONES),
    day=st.dates(dt.date(2008, 1, 1), dt.date(2030, 1, 1)),
    minutes=st.integers(1, 5_000),
)
def test_buckets_begin_where_the_label_changes(
    bucket: Bucket, timezone: str, day: dt.date, minutes: int
) -> None:
    start_s = utc(day.isoformat())
    end_s = start_s + 60 * minutes
    starts = bucket_starts(start_s, end_s, bucket, timezone)
    days = {Bucket.MONTH: 32, Bucket.WEEK: 8}.get(bucket, 2)
    walked_from_s = start_s - days * DAY_S
    expected = walked(walked_from_s, end_s, bucket, timezone)
    first = max(at_s for at_s in expected if at_s <= start_s)
    assert list(starts) == [at_s for at_s in expected if at_s >= first]


@pytest.mark.parametrize(
    ("timezone", "day", "hours"),
    [
        ("UTC", "2026-10-25", 24),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Asia/Kolkata", "2026-10-25", 24),
        ("Australia/Lord_Howe", "2026-04-05", 25),  # one of them 30 minutes long
        ("Africa/Cairo", "2026-04-24", 23),
    ],
)
def test_hours_of_a_day(timezone: str, day: str, hours: int) -> None:
    zone = ZoneInfo(timezone)
    start = dt.datetime.fromisoformat(day).replace(tzinfo=zone)
    end_s = int((start + dt.timedelta(days=1)).timestamp())
    assert len(bucket_starts(int(start.timestamp()), end_s, Bucket.HOUR, timezone)) == hours


def test_a_day_without_a_midnight_starts_when_the_clock_has_moved() -> None:
    start = utc("2018-11-04 03:00")  # 00:00 at -3, which became 01:00 at -2
    starts = bucket_starts(start - DAY_S, start + DAY_S, Bucket.DAY, "America/Sao_Paulo")
    assert starts == (start - DAY_S, start, start + 23 * 3_600)


def test_a_date_that_never_was_has_no_bucket() -> None:
    noon = utc("2011-12-29 22:00")  # 12:00 at -10; the 30th was left out
    starts = bucket_starts(noon, noon + DAY_S, Bucket.DAY, "Pacific/Apia")
    assert starts == (utc("2011-12-29 10:00"), utc("2011-12-30 10:00"))


def test_a_bucket_may_begin_before_the_period() -> None:
    noon = utc("2026-11-23 12:30")
    assert bucket_starts(noon, noon + 60, Bucket.MONTH, "UTC") == (utc("2026-11-01"),)
    assert bucket_starts(noon, noon + 60, Bucket.DAY, "UTC") == (utc("2026-11-23"),)
    assert bucket_starts(noon, noon + 60, Bucket.HOUR, "UTC") == (utc("2026-11-23 12:00"),)


@pytest.mark.parametrize("bucket", Bucket)
@pytest.mark.parametrize("timezone", ZONES)
def test_every_bucket_has_a_key_of_its_own(bucket: Bucket, timezone: str) -> None:
    start_s, end_s = utc("2011-12-20"), utc("2012-01-15")
    keys = starts_by_key(start_s, end_s, bucket, timezone)
    assert list(keys.values()) == list(bucket_starts(start_s, end_s, bucket, timezone))
    assert list(keys) == sorted(keys)


def test_offsets_of_a_year() -> None:
    found = offsets(utc("2026-01-01"), utc("2027-01-01"), ZoneInfo("Europe/Berlin"))
    assert found == (
        Offset(0, 3_600),
        Offset(utc("2026-03-29 01:00"), 7_200),
        Offset(utc("2026-10-25 01:00"), 3_600),
    )


def test_sql_holds_no_name_of_a_zone() -> None:
    values = Values()
    start_s, end_s = utc("2026-10-01"), utc("2026-11-01")
    assert "Berlin" not in key_sql(start_s, end_s, Bucket.DAY, "Europe/Berlin", values)
    assert {7_200, 3_600} <= set(values.params.values())


@pytest.mark.parametrize(("bucket", "days"), [(Bucket.MINUTE, 32), (Bucket.HOUR, 1_900)])
def test_too_many_buckets(bucket: Bucket, days: int) -> None:
    with pytest.raises(InvalidQuestion, match=f"bucket: more than {BUCKETS_MAX}"):
        bucket_starts(0, days * DAY_S, bucket, "UTC")


def test_a_whole_epoch_of_months() -> None:
    assert len(bucket_starts(0, 2**32 - 1, Bucket.MONTH, "UTC")) == 136 * 12 + 2
