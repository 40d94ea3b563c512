"""Plausible's Stats API v2: what is asked of the rollups, and what comes back."""

import datetime as dt
from typing import Any

import pytest

from tests.web.conftest import FakeReader
from tests.web.v2.calls import post
from webapp.goals.models import Goal
from webapp.plausible import documentation
from webapp.sites.models import Site


def epoch(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def test_totals(key: str, rollups: FakeReader) -> None:
    rollups.rows = [(12, 33.4, None, 1.456, 5)]
    metrics = ["visitors", "bounce_rate", "visit_duration", "views_per_visit", "pageviews"]
    assert post(key, {"metrics": metrics, "date_range": "7d"}) == (
        200,
        {
            "results": [{"metrics": [12, 33, 0, 1.46, 5], "dimensions": []}],
            "meta": {},
            "query": {
                "site_id": "alice.example",
                "metrics": metrics,
                "date_range": ["2026-11-18T00:00:00Z", "2026-11-24T23:59:59Z"],
                "filters": [],
                "dimensions": [],
                "order_by": [["visitors", "desc"]],
                "include": {},
                "pagination": {"limit": 10000, "offset": 0},
            },
        },
    )
    asked = rollups.asked[0]
    assert (asked["start_s"], asked["end_s"]) == (epoch("2026-11-18"), epoch("2026-11-25"))


def test_series_leaves_empty_steps_out_and_lists_labels(
    key: str, site: Site, rollups: FakeReader
) -> None:
    site.timezone = "Asia/Kolkata"
    site.save()
    rollups.rows = [(epoch("2026-11-25T04:30:00"), 3)]  # 10:00 there
    status, body = post(key, {"dimensions": ["time"], "include": {"time_labels": True}})
    assert status == 200
    assert body["results"] == [{"metrics": [3], "dimensions": ["2026-11-25 10:00:00"]}]
    assert body["query"]["date_range"] == ["2026-11-25T00:00:00+05:30", "2026-11-25T23:59:59+05:30"]
    assert body["query"]["dimensions"] == ["time:hour"]
    assert body["query"]["order_by"] == [["time:hour", "asc"], ["visitors", "desc"]]
    labels = body["meta"]["time_labels"]
    assert (len(labels), labels[0], labels[-1]) == (
        24,
        "2026-11-25 00:00:00",
        "2026-11-25 23:00:00",
    )


@pytest.mark.parametrize(
    ("date_range", "step", "labels"),
    [
        ("30d", "time:day", ("2026-10-26", "2026-11-24", 30)),
        (["2026-11-05", "2026-11-20"], "time:week", ("2026-11-05", "2026-11-16", 3)),
        (["2026-10-15", "2026-11-20"], "time:month", ("2026-10-01", "2026-11-01", 2)),
        ("24h", "time:hour", ("2026-11-24 10:00:00", "2026-11-25 10:00:00", 25)),
    ],
)
def test_labels(
    date_range: Any, step: str, labels: tuple[str, str, int], key: str, rollups: FakeReader
) -> None:
    _, body = post(
        key, {"date_range": date_range, "dimensions": [step], "include": {"time_labels": True}}
    )
    found = body["meta"]["time_labels"]
    assert (found[0], found[-1], len(found)) == labels


@pytest.mark.parametrize(
    ("date_range", "step"),
    [("24h", "hour"), ("7d", "day"), ("6mo", "week"), ("year", "week"), ("24mo", "month")],
)
def test_time_is_of_steps_that_suit_the_range(
    date_range: str, step: str, key: str, rollups: FakeReader
) -> None:
    _, body = post(key, {"date_range": date_range, "dimensions": ["time"]})
    assert body["query"]["dimensions"] == [f"time:{step}"]


@pytest.mark.parametrize(
    ("date_range", "first", "last"),
    [
        ("day", "2026-11-25T00:00:00Z", "2026-11-25T23:59:59Z"),
        ("24h", "2026-11-24T10:20:00Z", "2026-11-25T10:20:00Z"),
        ("10d", "2026-11-15T00:00:00Z", "2026-11-24T23:59:59Z"),
        ("month", "2026-11-01T00:00:00Z", "2026-11-30T23:59:59Z"),
        ("year", "2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z"),
        ("3mo", "2026-08-01T00:00:00Z", "2026-10-31T23:59:59Z"),
        ("all", "2026-11-25T00:00:00Z", "2026-11-25T23:59:59Z"),  # no hits
        (["2026-02-01", "2026-02-28"], "2026-02-01T00:00:00Z", "2026-02-28T23:59:59Z"),
        (
            ["2026-02-01T12:00:00+02:00", "2026-02-01T15:59:59+02:00"],
            "2026-02-01T10:00:00Z",
            "2026-02-01T13:59:59Z",
        ),
    ],
)
def test_date_ranges(date_range: Any, first: str, last: str, key: str, rollups: FakeReader) -> None:
    assert post(key, {"date_range": date_range})[1]["query"]["date_range"] == [first, last]


def test_a_day_without_midnight_begins_right_after_the_gap(
    key: str, site: Site, rollups: FakeReader
) -> None:
    site.timezone = "America/Santiago"
    site.save()
    _, body = post(key, {"date_range": ["2022-09-11", "2022-09-11"]})
    assert body["query"]["date_range"] == ["2022-09-11T01:00:00-03:00", "2022-09-11T23:59:59-03:00"]


def test_all_begins_with_the_first_hit(key: str, rollups: FakeReader) -> None:
    rollups.rows = [(epoch("2025-03-04T05:06:00"),)]
    _, body = post(key, {"date_range": "all"})
    assert body["query"]["date_range"] == ["2025-03-04T00:00:00Z", "2026-11-25T23:59:59Z"]
    post(key, {"date_range": "all"})
    assert sum("start_s" not in asked for asked in rollups.asked) == 1  # kept


def test_what_is_to_come_is_cut_off_if_wanted(key: str, rollups: FakeReader) -> None:
    for date_range, last in (
        ("day", "2026-11-25T10:59:59Z"),
        ("month", "2026-11-25T23:59:59Z"),
        ("7d", "2026-11-24T23:59:59Z"),
    ):
        _, body = post(
            key, {"date_range": date_range, "include": {"trim_relative_date_range": True}}
        )
        assert body["query"]["date_range"][1] == last


@pytest.mark.parametrize(
    ("dimension", "value", "shown"),
    [
        ("visit:source", "", "Direct / None"),
        ("visit:referrer", "", "Direct / None"),
        ("visit:utm_source", "", "(not set)"),
        ("visit:device", "", "(not set)"),
        ("visit:country", "", ""),
        ("visit:country_name", "DE", "Germany"),
        ("visit:country_name", "ZZ", "ZZ"),
        ("visit:region_name", "US-TX", "Texas"),
        ("visit:city_name", "Graz", "Graz"),
        ("event:props:plan", "", "(none)"),
        ("event:page", "/a", "/a"),
        ("event:goal", "Buy", "Buy"),
    ],
)
def test_values(dimension: str, value: str, shown: str, key: str, rollups: FakeReader) -> None:
    rollups.rows = [(value, 3)]
    _, body = post(key, {"dimensions": [dimension]})
    assert body["results"] == [{"metrics": [3], "dimensions": [shown]}]


def test_dimensions_come_in_the_order_they_are_asked_for(key: str, rollups: FakeReader) -> None:
    day = (dt.date(2026, 11, 25) - dt.date(1970, 1, 1)).days  # as the rollups group by it
    rollups.rows = [(day, "DE", "/a", 3)]
    _, body = post(
        key,
        {"dimensions": ["visit:country_name", "time:day", "visit:country", "event:page"]},
    )
    assert body["results"][0]["dimensions"] == ["Germany", "2026-11-25", "DE", "/a"]


def test_shares_have_two_decimals_and_engagement_none(key: str, rollups: FakeReader) -> None:
    rollups.rows = [("/a", 33.333, 49.5, None)]
    metrics = ["percentage", "scroll_depth", "time_on_page"]
    _, body = post(key, {"metrics": metrics, "dimensions": ["event:page"]})
    assert body["results"][0]["metrics"] == [33.33, 50, None]


def test_total_rows_counts_all_pages(key: str, rollups: FakeReader) -> None:
    rollups.rows, rollups.row_count = [("/a", 3), ("/b", 2)], 9
    asked = {"dimensions": ["event:page"], "include": {"total_rows": True}}
    _, body = post(key, {**asked, "pagination": {"limit": 2}})
    assert (len(body["results"]), body["meta"]) == (2, {"total_rows": 9})
    assert [params.get("limit") for params in rollups.asked] == [2, None]


def test_total_rows_of_the_last_page_are_not_counted_again(key: str, rollups: FakeReader) -> None:
    rollups.rows = [("/a", 3), ("/b", 2)]
    asked = {"dimensions": ["event:page"], "include": {"total_rows": True}}
    _, body = post(key, {**asked, "pagination": {"limit": 3, "offset": 5}})
    assert (body["meta"], len(rollups.asked)) == ({"total_rows": 7}, 1)


def test_total_rows_are_counted_behind_the_last_page(key: str, rollups: FakeReader) -> None:
    rollups.rows, rollups.row_count = [], 4
    asked = {"dimensions": ["event:page"], "include": {"total_rows": True}}
    _, body = post(key, {**asked, "pagination": {"limit": 3, "offset": 5}})
    assert (body["results"], body["meta"]) == ([], {"total_rows": 4})


def test_imports_are_hits_like_all_others(key: str, rollups: FakeReader) -> None:
    _, body = post(key, {"include": {"imports": True, "total_rows": False}})
    assert body["meta"] == {"imports_included": False, "imports_skip_reason": "no_imported_data"}
    assert body["query"]["include"] == {"imports": True}


def test_a_segment_is_echoed_as_its_filters(key: str, rollups: FakeReader) -> None:
    _, body = post(key, {"filters": [["is", "segment", [7]]]})
    assert body["query"]["filters"] == [["is", "visit:country", ["DE"]]]


REVENUE = ["total_revenue", "visitors"]
BUY = {"value": 1500.5, "currency": "USD", "short": "$1.5K", "long": "$1,500.50"}


def test_revenue_of_one_goal(key: str, rollups: FakeReader) -> None:
    rollups.rows = [(1500.5, 3)]
    _, body = post(key, {"metrics": REVENUE, "filters": [["is", "event:goal", ["Buy"]]]})
    assert (body["results"][0]["metrics"], body["meta"]) == ([BUY, 3], {})


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ([], "no_revenue_goals_matching"),
        ([["is", "event:goal", ["Signup"]]], "no_revenue_goals_matching"),
        ([["is", "event:goal", ["Buy", "Give"]]], "no_single_revenue_currency"),
    ],
)
def test_revenue_that_cannot_be_told(
    filters: Any, code: str, key: str, rollups: FakeReader
) -> None:
    rollups.rows = [(3,)]
    _, body = post(key, {"metrics": REVENUE, "filters": filters})
    assert body["results"][0]["metrics"] == [None, 3]
    assert body["meta"]["metric_warnings"]["total_revenue"]["code"] == code


def test_revenue_by_goal_is_in_the_goals_own_currency(key: str, rollups: FakeReader) -> None:
    rollups.rows = [("Signup", 0, 9)]
    _, body = post(key, {"metrics": REVENUE, "dimensions": ["event:goal"]})
    assert body["results"] == [{"metrics": [None, 9], "dimensions": ["Signup"]}]
    assert len(rollups.asked) == 2  # once in each currency


def test_a_site_without_goals_has_no_rows_by_goal(
    key: str, site: Site, rollups: FakeReader
) -> None:
    Goal.objects.filter(site=site).delete()
    _, body = post(key, {"dimensions": ["event:goal"], "include": {"total_rows": True}})
    assert (body["results"], body["meta"], rollups.asked) == ([], {"total_rows": 0}, [])


@pytest.mark.parametrize("metric", ["bounce_rate", "visit_duration"])
def test_metrics_of_visits_go_with_pages(metric: str, key: str, rollups: FakeReader) -> None:
    rollups.rows = [("/", 10.0)]
    assert post(key, {"metrics": [metric], "dimensions": ["event:page"]})[0] == 200


@pytest.mark.parametrize("example", documentation.EXAMPLES, ids=lambda example: example.name)
def test_examples_run(example: Any, key: str, rollups: FakeReader) -> None:
    assert post(key, {**example.value, "site_id": "alice.example"})[0] == 200
