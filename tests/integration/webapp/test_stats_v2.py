"""Plausible's Stats API v2 over a real ClickHouse: what was written is what its clients get."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from aggregates.clickhouse.store import ClickHouseStore
from schemas.events import Visit
from tests.contract.aggregates.oracle import OracleHit, OracleSession, make_rows
from tests.integration.webapp.conftest import Webapp

pytestmark = pytest.mark.integration

MIDNIGHT_S = int(dt.datetime(2026, 4, 10, tzinfo=dt.UTC).timestamp())
DAY = ["2026-04-10", "2026-04-10"]


def _session(number: int, minute_s: int, *paths: str, **visit: str) -> OracleSession:
    """A visit with one pageview a minute."""
    hits = tuple(
        OracleHit(minute_s + 60 * at, "pageview", "demo.example", path, visitor_id=number)
        for at, path in enumerate(paths)
    )
    return OracleSession(number, number % 2, Visit(**visit), hits)


# 00:00  visitor 51: / then /a, from Germany      10:00  visitor 53: /, from nowhere known
# 00:00  visitor 52: /, from Texas
SESSIONS = (
    _session(51, MIDNIGHT_S, "/", "/a", country="DE", source="Google", browser="Firefox"),
    _session(52, MIDNIGHT_S, "/", country="US", region="US-TX", source="Google"),
    _session(53, MIDNIGHT_S + 36_000, "/"),
)


@pytest.fixture(scope="module", autouse=True)
def rows(webapp: Webapp, rollups_url: str) -> Iterator[None]:
    store = ClickHouseStore(rollups_url)
    store.insert(make_rows(webapp.site_id, SESSIONS, version=1))
    store.close()
    yield


def _query(webapp: Webapp, metrics: list[str], **query: Any) -> dict[str, Any]:
    body = {"site_id": webapp.demo["domain"], "metrics": metrics, "date_range": DAY, **query}
    with webapp.client() as client:
        response = client.post("/api/v2/query", json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def _rows(webapp: Webapp, metrics: list[str], **query: Any) -> list[list[Any]]:
    results = _query(webapp, metrics, **query)["results"]
    return [[*row["dimensions"], *row["metrics"]] for row in results]


def test_totals(webapp: Webapp) -> None:
    metrics = ["visitors", "visits", "pageviews", "events", "views_per_visit", "bounce_rate"]
    assert _rows(webapp, [*metrics, "visit_duration"]) == [[3, 3, 4, 4, 1.33, 67, 20]]


def test_hours(webapp: Webapp) -> None:
    found = _query(webapp, ["visitors"], dimensions=["time"], include={"time_labels": True})
    assert found["results"] == [
        {"metrics": [2], "dimensions": ["2026-04-10 00:00:00"]},
        {"metrics": [1], "dimensions": ["2026-04-10 10:00:00"]},
    ]
    assert len(found["meta"]["time_labels"]) == 24


def test_weeks_begin_with_the_range(webapp: Webapp) -> None:
    """The 10th is a Friday; its week began on the 6th, the range on the 8th."""
    dates = ["2026-04-08", "2026-04-20"]
    assert _rows(webapp, ["visitors"], dimensions=["time:week"], date_range=dates) == [
        ["2026-04-08", 3]
    ]


def test_sources_and_places_by_name(webapp: Webapp) -> None:
    assert _rows(webapp, ["visitors", "percentage"], dimensions=["visit:source"]) == [
        ["Google", 2, 66.67],
        ["Direct / None", 1, 33.33],
    ]
    assert _rows(
        webapp,
        ["visitors"],
        dimensions=["visit:country_name", "visit:country"],
        order_by=[["visit:country_name", "asc"]],
    ) == [["", "", 1], ["Germany", "DE", 1], ["United States", "US", 1]]


@pytest.mark.parametrize(
    ("filters", "visitors"),
    [
        ([["is", "visit:country_name", ["Germany", "Austria"]]], 1),
        ([["is_not", "visit:country_name", [""]]], 2),
        ([["contains", "visit:region_name", ["exa"], {"case_sensitive": False}]], 1),
        ([["is", "visit:source", ["Direct / None"]]], 1),
        ([["is", "visit:browser", ["(not set)"]]], 2),
        ([["matches", "event:page", ["^/a$"]]], 1),
        ([["contains_not", "event:page", ["a"]]], 3),
        ([["has_done", ["is", "event:page", ["/a"]]], ["is", "event:page", ["/"]]], 1),
        ([["has_not_done", ["is", "event:page", ["/a"]]]], 2),
        ([["or", [["is", "event:page", ["/a"]], ["is", "visit:region", ["US-TX"]]]]], 2),
        ([["not", ["is", "visit:country", ["DE"]]]], 2),
        ([["is", "event:props:plan", ["(none)"]]], 3),
        ([["contains_not", "event:props:plan", ["x"]]], 0),
        ([["contains", "visit:country_name", ["Utopia"]]], 0),
    ],
)
def test_filters(filters: Any, visitors: int, webapp: Webapp) -> None:
    assert _rows(webapp, ["visitors"], filters=filters) == [[visitors]]


def test_pages_in_pages(webapp: Webapp) -> None:
    asked: dict[str, Any] = {"dimensions": ["event:page"], "include": {"total_rows": True}}
    first = _query(webapp, ["pageviews"], **asked, pagination={"limit": 1})
    assert [first["results"], first["meta"]] == [
        [{"metrics": [3], "dimensions": ["/"]}],
        {"total_rows": 2},
    ]
    last = _query(webapp, ["pageviews"], **asked, pagination={"limit": 5, "offset": 1})
    assert [last["results"], last["meta"]] == [
        [{"metrics": [1], "dimensions": ["/a"]}],
        {"total_rows": 2},
    ]


def test_all_begins_with_the_first_hit(webapp: Webapp) -> None:
    """Other tests of this session write earlier hits of the site, never later ones than today."""
    first, last = _query(webapp, ["visitors"], date_range="all")["query"]["date_range"]
    assert first <= "2026-04-10T00:00:00Z" < last


def test_a_pattern_that_is_none_is_the_callers_fault(webapp: Webapp) -> None:
    with webapp.client() as client:
        response = client.post(
            "/api/v2/query",
            json={
                "site_id": webapp.demo["domain"],
                "metrics": ["visitors"],
                "date_range": DAY,
                "filters": [["matches", "event:page", ["("]]],
            },
        )
    assert response.status_code == 400, response.text
