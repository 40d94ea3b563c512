"""Plausible's Stats API v2 over a real ClickHouse: what was written is what its clients get."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import pytest

from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.rows import HitRow, Rows
from schemas.events import Visit
from tests.contract.aggregates.oracle import OracleHit, OracleSession, make_rows
from tests.integration.webapp.conftest import Webapp, manage

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

# The next day 54, 55 and 56 see /. 54 buys for 1,200 dollars; 55 for 60, and gives 3 euros.
BOUGHT_S = MIDNIGHT_S + 86_400
GOAL_DAY = ["2026-04-11", "2026-04-11"]
GOALS = """
from webapp.goals.services import WantedGoal, find_or_create_goal
from webapp.sites.models import Site
for name, currency in (("Buy", "USD"), ("Give", "EUR"), ("Never", "")):
    wanted = WantedGoal("event", event_name=name, currency=currency)
    find_or_create_goal(Site.objects.get(), wanted)
"""


PAID: Final = {(54, "Buy"): (1_200, "USD"), (55, "Buy"): (60, "USD"), (55, "Give"): (3, "EUR")}


def _buyer(number: int) -> OracleSession:
    """A pageview, then events, one a minute."""
    names = ("pageview", *(name for visitor, name in PAID if visitor == number))
    hits = tuple(
        OracleHit(BOUGHT_S + 60 * at, name, "demo.example", "/", visitor_id=number)
        for at, name in enumerate(names)
    )
    return OracleSession(number, number % 2, Visit(source=f"s{number}"), hits)


def _paid(hit: HitRow) -> HitRow:
    """Each row of an event is of one visitor here, as their sources differ."""
    units, currency = PAID.get((hit.visitor_ids[0], hit.name), (0, ""))
    micros = units * 1_000_000
    return hit._replace(
        currency=currency,
        revenue_micros=micros,
        session_revenue_micros=(micros,) if micros else (),
    )


@pytest.fixture(scope="module", autouse=True)
def rows(webapp: Webapp, rollups_url: str) -> Iterator[None]:
    store = ClickHouseStore(rollups_url)
    buyers = make_rows(webapp.site_id, tuple(_buyer(number) for number in (54, 55, 56)), version=1)
    store.insert(make_rows(webapp.site_id, SESSIONS, version=1))
    store.insert(Rows([_paid(hit) for hit in buyers.hits], buyers.visits, []))
    store.close()
    manage(webapp.environment, "shell", "-c", GOALS)
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
        ["2026-04-08", 6]
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


def _usd(value: float, short: str, long: str) -> dict[str, Any]:
    return {"value": value, "currency": "USD", "short": short, "long": long}


GIVEN = {"value": 3.0, "currency": "EUR", "short": "€3.0", "long": "€3.00"}


def test_goals_with_their_rates_and_revenue(webapp: Webapp) -> None:
    metrics = ["visitors", "events", "conversion_rate", "total_revenue"]
    asked: dict[str, Any] = {"dimensions": ["event:goal"], "date_range": GOAL_DAY}
    assert _rows(webapp, metrics, **asked) == [
        ["Buy", 2, 2, 66.67, _usd(1260.0, "$1.3K", "$1,260.00")],
        ["Give", 1, 1, 33.33, GIVEN],
    ]


def test_goals_filtered_for(webapp: Webapp) -> None:
    asked: dict[str, Any] = {"date_range": GOAL_DAY, "filters": [["is", "event:goal", ["Buy"]]]}
    metrics = ["visitors", "group_conversion_rate", "average_revenue"]
    assert _rows(webapp, metrics, dimensions=["visit:source"], **asked) == [
        ["s54", 1, 100, _usd(1200.0, "$1.2K", "$1,200.00")],
        ["s55", 1, 100, _usd(60.0, "$60.0", "$60.00")],
    ]
    found = _rows(webapp, ["visitors"], dimensions=["event:goal"], **asked)
    assert found == [["Buy", 2]]
    nobody = [["is", "event:goal", ["Never"]]]
    assert _rows(webapp, ["visitors"], date_range=GOAL_DAY, filters=nobody) == [[0]]


def test_pages_with_metrics_of_their_visits(webapp: Webapp) -> None:
    metrics = ["visitors", "bounce_rate", "visit_duration"]
    assert _rows(webapp, metrics, dimensions=["event:page"]) == [["/", 3, 67, 20], ["/a", 1, 0, 60]]
