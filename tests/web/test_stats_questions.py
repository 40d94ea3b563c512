"""The stats API, request by request: which question is asked, and how its answer comes back.

`ask` is a fake here; tests/integration/webapp/test_rollups.py asks real rollups the same way.
"""

import datetime as dt
from typing import Any

import pytest

from aggregates.clickhouse.filters import AnyOf, Converted, Filter, Operator
from aggregates.clickhouse.questions import Order, Row
from aggregates.clickhouse.vocabulary import (
    DIMENSIONS,
    GOAL,
    Bucket,
    Metric,
    prop_dimension,
)
from tests.web.conftest import FakeRollups, holder_of
from webapp.api.views import SiteView
from webapp.goals.models import Kind
from webapp.goals.selectors import goals_of
from webapp.goals.services import WantedGoal, find_or_create_goal
from webapp.sites.models import Site

NOW_S = int(dt.datetime(2026, 11, 25, 10, 20, tzinfo=dt.UTC).timestamp())
SOURCE, PAGE = DIMENSIONS["visit:source"], DIMENSIONS["event:page"]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, rollups_asked: FakeRollups) -> None:
    monkeypatch.setattr(SiteView, "now_s", lambda self: NOW_S)


def get(key: str, path: str, **parameters: str | int) -> dict[str, Any]:
    response = holder_of(key).get(
        f"/api/v1/stats/{path}", {"site_id": "alice.example", **parameters}
    )
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def _epoch(date: str) -> int:
    return int(dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC).timestamp())


def add_goals(site: Site, currency: str = "") -> None:
    find_or_create_goal(site, WantedGoal(Kind.EVENT, event_name="Signup", currency=currency))
    find_or_create_goal(site, WantedGoal(Kind.PAGE, page="/thanks"))


# ---- As clients of Plausible's ask


def test_seven_days_end_with_yesterday(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    get(key, "aggregate", period="7d")
    get(key, "aggregate", period="7d", dialect="pawprint")
    assert [(question.start_s, question.end_s) for question in rollups_asked.asked] == [
        (_epoch("2026-11-18"), _epoch("2026-11-25")),
        (_epoch("2026-11-19"), _epoch("2026-11-26")),
    ]


def test_a_goal_filter_and_its_conversion_rate(
    site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    add_goals(site)
    rollups_asked.rows = [[Row((), (3, 33.333))]]
    body = get(
        key,
        "aggregate",
        metrics="visitors,conversion_rate",
        filters="event:goal==Signup|Visit /thanks",
    )
    assert body["results"] == {"visitors": {"value": 3}, "conversion_rate": {"value": 33.33}}
    (question,) = rollups_asked.asked
    assert question.filters == (Converted(goals_of(site)),)
    assert question.metrics == (Metric.VISITORS, Metric.CONVERSION_RATE)


@pytest.mark.parametrize(
    ("path", "parameters", "metric"),
    [
        ("breakdown", {"property": "visit:source"}, Metric.GROUP_CONVERSION_RATE),
        ("breakdown", {"property": "event:goal"}, Metric.CONVERSION_RATE),
        ("breakdown", {"property": "event:props:method"}, Metric.CONVERSION_RATE),
        ("timeseries", {}, Metric.GROUP_CONVERSION_RATE),
        (
            "breakdown",
            {"property": "visit:source", "dialect": "pawprint"},
            Metric.CONVERSION_RATE,
        ),
    ],
)
def test_whose_conversion_rate_it_is(
    path: str,
    parameters: dict[str, str],
    metric: Metric,
    site: Site,
    key: str,
    rollups_asked: FakeRollups,
) -> None:
    add_goals(site)
    get(key, path, metrics="conversion_rate", filters="event:goal==Signup", **parameters)
    assert rollups_asked.asked[0].metrics == (metric,)


def test_a_breakdown_by_goals(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    add_goals(site)
    rollups_asked.rows = [[Row(("Signup",), (3, 4))]]
    body = get(key, "breakdown", property="event:goal", metrics="visitors,events")
    assert body["results"] == [{"goal": "Signup", "visitors": 3, "events": 4}]
    assert rollups_asked.asked[0].goals == goals_of(site)
    get(key, "breakdown", property="event:goal", filters="event:goal==Signup")
    assert [goal.name for goal in rollups_asked.asked[1].goals] == ["Signup"]


def test_a_site_without_goals_has_no_rows_of_them(
    site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    assert get(key, "breakdown", property="event:goal")["results"] == []
    assert [goal.condition for goal in rollups_asked.asked[0].goals] == [AnyOf(())]


def test_custom_properties(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    rollups_asked.rows = [[Row(("HTTP",), (3,)), Row(("",), (1,))]]
    body = get(
        key, "breakdown", property="event:props:method", filters="event:props:plan==pro|(none)"
    )
    assert body["results"] == [
        {"method": "HTTP", "visitors": 3},
        {"method": "(none)", "visitors": 1},
    ]
    (question,) = rollups_asked.asked
    assert question.dimensions == (prop_dimension("method"),)
    assert question.filters == (Filter(prop_dimension("plan"), False, ("pro", "")),)


def test_what_most_visits_lack_is_listed_only_where_known(
    site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    get(key, "breakdown", property="visit:utm_source")
    get(key, "breakdown", property="visit:utm_source", dialect="pawprint")
    get(key, "breakdown", property="visit:source")
    known = Filter(DIMENSIONS["visit:utm_source"], True, ("",), Operator.IS)
    assert [question.filters for question in rollups_asked.asked] == [(known,), (), ()]


def test_versions_come_with_their_browser(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    rollups_asked.rows = [[Row(("Firefox", "133"), (3,)), Row(("Safari", ""), (1,))]]
    assert get(key, "breakdown", property="visit:browser_version")["results"] == [
        {"browser": "Firefox", "browser_version": "133", "visitors": 3},
        {"browser": "Safari", "browser_version": "(not set)", "visitors": 1},
    ]


@pytest.mark.parametrize("path", ["aggregate", "timeseries", "breakdown"])
def test_imports_are_warned_of(path: str, site: Site, key: str) -> None:
    body = get(key, path, property="event:page", with_imported="true")
    assert body["warning"].startswith("Imported stats are not included in the results because")
    assert "warning" not in get(key, path, property="event:page", with_imported="false")


def test_what_is_not_known_is_ignored(site: Site, key: str) -> None:
    assert get(key, "aggregate", property="nonsense", limit="x", auth="y")["results"]


# ---- More than theirs


def test_filters_as_json(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    add_goals(site)
    text = '[["or", [["is", "visit:source", ["Direct / None"]], ["is", "event:goal", ["Signup"]]]]]'
    get(key, "aggregate", filters=text, metrics="conversion_rate")
    source = Filter(SOURCE, False, ("",), Operator.IS)
    signup = Converted(goals_of(site)[:1])
    assert rollups_asked.asked[0].filters == (AnyOf((source, signup)),)


def test_order(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    get(
        key,
        "breakdown",
        property="visit:source,event:page",
        metrics="visitors,pageviews",
        order_by="-pageviews,page",
    )
    assert rollups_asked.asked[0].order == (Order(Metric.PAGEVIEWS, True), Order(PAGE))


@pytest.mark.parametrize("path", ["aggregate", "timeseries"])
def test_what_has_no_order_is_not_asked_for_one(
    path: str, site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    get(key, path, order_by="-visitors,nonsense")
    assert rollups_asked.asked[0].order == ()


@pytest.mark.parametrize(
    ("interval", "bucket"),
    [("week", Bucket.WEEK), ("date", Bucket.DAY), ("day", Bucket.DAY), ("", Bucket.DAY)],
)
def test_intervals(
    interval: str, bucket: Bucket, site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    body = get(key, "timeseries", interval=interval, period="custom", date="2026-11-20,2026-11-24")
    assert rollups_asked.asked[0].bucket is bucket
    assert body["results"][0]["date"] == ("2026-11-16" if bucket is Bucket.WEEK else "2026-11-20")


def test_percentile(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    get(key, "aggregate", metrics="lcp", percentile=95)
    get(key, "aggregate", metrics="lcp")
    assert [question.percentile for question in rollups_asked.asked] == [95, 75]


def test_total_rows(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    rollups_asked.rows = [[Row(("/2",), (7,)), Row(("/3",), (6,))]]
    rollups_asked.row_count = 5
    body = get(key, "breakdown", property="event:page", total_rows="true", limit=2, page=2)
    assert [row["page"] for row in body["results"]] == ["/2", "/3"]
    assert body["meta"]["total_rows"] == 5
    assert (rollups_asked.asked[0].limit, rollups_asked.asked[0].offset) == (2, 2)
    assert rollups_asked.counted == rollups_asked.asked


def test_rows_are_counted_only_if_asked_for(
    site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    body = get(key, "breakdown", property="event:page")
    assert "total_rows" not in body["meta"]
    assert rollups_asked.counted == []


def test_estimates_say_how_good_they_are(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    assert "uniques_error" not in get(key, "aggregate")["meta"]
    rollups_asked.rows, rollups_asked.error = [[Row((), (1_000_000,))]], 0.004
    assert get(key, "aggregate")["meta"]["uniques_error"] == 0.004


def test_a_series_is_compared_step_by_step(
    site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    dates = [_epoch("2026-11-23"), _epoch("2026-11-24")]
    rollups_asked.rows = [
        [Row((date,), (6,)) for date in dates],
        [Row((_epoch("2025-11-23"),), (4,))],
    ]
    body = get(
        key,
        "timeseries",
        period="custom",
        date="2026-11-23,2026-11-24",
        compare="year_over_year",
    )
    assert body["results"] == [
        {
            "date": "2026-11-23",
            "visitors": 6,
            "comparison": {"date": "2025-11-23", "visitors": 4, "change": {"visitors": 50}},
        },
        {
            "date": "2026-11-24",
            "visitors": 6,
            "comparison": {"date": "2025-11-24", "visitors": 0, "change": {"visitors": 100}},
        },
    ]
    assert body["meta"]["compared"] == {
        "start": _epoch("2025-11-23"),
        "end": _epoch("2025-11-25"),
    }


def test_a_breakdown_is_compared_row_by_row(
    site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    rollups_asked.rows = [[Row(("Google",), (6,))], [Row(("Bing",), (9,)), Row(("Google",), (8,))]]
    body = get(
        key,
        "breakdown",
        property="visit:source",
        limit=1,
        compare="custom",
        compare_from="2026-01-01",
        compare_to="2026-01-31",
    )
    assert body["results"] == [
        {
            "source": "Google",
            "visitors": 6,
            "comparison": {"visitors": 8, "change": {"visitors": -25}},
        }
    ]
    current, compared = rollups_asked.asked
    assert (compared.start_s, compared.end_s) == (_epoch("2026-01-01"), _epoch("2026-02-01"))
    assert (current.limit, compared.limit) == (1, 10_000)


# ---- Tenants


def test_goals_of_another_site_are_not_known(
    site: Site, charlies_site: Site, key: str, charlies_key: str
) -> None:
    add_goals(charlies_site)
    response = holder_of(key).get(
        "/api/v1/stats/aggregate", {"site_id": site.domain, "filters": "event:goal==Signup"}
    )
    assert response.status_code == 400
    assert response.json() == {"error": "The goal `Signup` is not configured for this site."}


def test_listed_goals_are_the_sites_own(
    site: Site, charlies_site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    add_goals(charlies_site)
    find_or_create_goal(site, WantedGoal(Kind.EVENT, event_name="Download"))
    get(key, "breakdown", property=GOAL.name)
    assert [goal.name for goal in rollups_asked.asked[0].goals] == ["Download"]
