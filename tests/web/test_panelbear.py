"""Panelbear's stats API: request to question, answer to response, and what is refused.

`ask` is a fake here; tests/integration/webapp/test_rollups.py asks real rollups the same way.
"""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregates.clickhouse.filters import Filter, Operator
from aggregates.clickhouse.questions import Order, Row
from aggregates.clickhouse.vocabulary import DIMENSIONS, Bucket, Metric
from aggregates.protocols import StoreUnavailable
from tests.web.conftest import FakeReader, FakeRollups, holder_of, session_of
from webapp.accounts.models import User
from webapp.api.views import SiteView
from webapp.sites.models import Site

pytestmark = pytest.mark.any_database

ROOT = "/v1/stats"
NOW_S = int(dt.datetime(2026, 11, 25, 10, 20, tzinfo=dt.UTC).timestamp())
NAME, PAGE = DIMENSIONS["event:name"], DIMENSIONS["event:page"]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SiteView, "now_s", lambda self: NOW_S)


def _post(key: str, path: str, **body: object) -> tuple[int, Any]:
    whole = {"site_id": "alice.example", "aggregate": ["session_count"], **body}
    response = holder_of(key).post(f"{ROOT}/{path}", whole, content_type="application/json")
    return response.status_code, response.json()


def test_aggregation(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    rollups_asked.rows = [[Row((), (1417, 33.4))]]
    status, body = _post(
        key,
        "aggregation",
        period="24h",
        aggregate=["session_count", "bounce_rate"],
        filter=[
            {"dimension": "event_name", "operator": "eq", "value": "Pageview"},
            {"dimension": "path", "operator": "not_contains", "value": "/admin"},
            {"dimension": "country", "operator": "in", "value": ["DE", "AT"]},
        ],
    )
    assert (status, body) == (
        200,
        {"data": {"session_count": {"value": 1417}, "bounce_rate": {"value": 33}}},
    )
    (question,) = rollups_asked.asked
    assert question.metrics == (Metric.VISITORS, Metric.BOUNCE_RATE)
    assert question.filters == (
        Filter(NAME, False, ("pageview",), Operator.IS),
        Filter(PAGE, True, ("/admin",), Operator.CONTAINS),
        Filter(DIMENSIONS["visit:country"], False, ("DE", "AT"), Operator.IS),
    )


def test_an_hour_is_what_is_asked_about_by_default(
    site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    _post(key, "aggregation")
    assert (rollups_asked.asked[0].start_s, rollups_asked.asked[0].end_s) == (
        NOW_S - 3540,
        NOW_S + 60,
    )


def test_timeseries(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    midnight = int(dt.datetime(2026, 11, 25, 6, tzinfo=dt.UTC).timestamp())
    rollups_asked.rows = [[Row((midnight,), (7, 50.0))]]
    status, body = _post(
        key,
        "timeseries",
        period="today",
        timezone="America/Costa_Rica",
        aggregate=["session_count", "bounce_rate"],
    )
    assert status == 200
    assert len(body["data"]) == 24
    assert body["data"][:2] == [
        {"ts": "2026-11-25T00:00:00-06:00", "session_count": 7, "bounce_rate": 50},
        {"ts": "2026-11-25T01:00:00-06:00", "session_count": 0, "bounce_rate": None},
    ]
    assert rollups_asked.asked[0].bucket is Bucket.HOUR


def test_breakdown(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    rollups_asked.rows = [[Row(("/",), (7,)), Row(("/a",), (3,))]]
    status, body = _post(
        key,
        "breakdown",
        period="24m",
        group_by="path",
        order_by=["-session_count", "path"],
        page=3,
        page_size=2,
    )
    assert (status, body) == (
        200,
        {"data": [{"path": "/", "session_count": 7}, {"path": "/a", "session_count": 3}]},
    )
    (question,) = rollups_asked.asked
    assert (question.limit, question.offset) == (2, 4)
    assert question.order == (Order(Metric.VISITORS, True), Order(PAGE))


def test_pageviews_go_by_their_name(site: Site, key: str, rollups_asked: FakeRollups) -> None:
    rollups_asked.rows = [[Row(("pageview",), (7,)), Row(("Signup",), (3,))]]
    _, body = _post(key, "breakdown", group_by="event_name")
    assert [row["event_name"] for row in body["data"]] == ["Pageview", "Signup"]
    assert rollups_asked.asked[0].limit == 10


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("aggregation", {"site_id": ""}, "site_id: "),
        ("aggregation", {"aggregate": []}, "aggregate: "),
        ("aggregation", {"aggregate": ["nonsense"]}, "aggregate: "),
        ("aggregation", {"aggregate": ["session_count"] * 2}, "aggregate: each at most once"),
        ("aggregation", {"aggregate": "session_count"}, "aggregate: "),
        ("aggregation", {"period": "5y"}, "period: "),
        ("aggregation", {"timezone": "Mars/Olympus"}, "timezone: no IANA timezone"),
        ("aggregation", {"filter": {}}, "filter: "),
        (
            "aggregation",
            {
                "filter": [
                    {"dimension": "path", "operator": "eq", "value": "/"},
                    {"dimension": "path", "operator": "like", "value": "/"},
                ]
            },
            "filter: 1: operator: ",
        ),
        (
            "aggregation",
            {"filter": [{"dimension": "path", "operator": "eq", "value": ["/"]}]},
            "filter: a value must be a text",
        ),
        (
            "aggregation",
            {"filter": [{"dimension": "path", "operator": "eq", "value": "/"}] * 21},
            "filter: ",
        ),
        ("timeseries", {"time_bucket": "year"}, "time_bucket: "),
        (
            "timeseries",
            {"time_bucket": "minute", "period": "7d"},
            "time_bucket: must be one of day, hour for 7d",
        ),
        ("breakdown", {}, "group_by: "),
        ("breakdown", {"group_by": "path", "page_size": 1001}, "page_size: "),
        ("breakdown", {"group_by": "path", "order_by": ["browser"]}, "order_by: no 'browser'"),
        ("breakdown", {"group_by": "path", "order_by": ["path"] * 3}, "order_by: "),
    ],
)
def test_refusals(
    path: str,
    body: dict[str, object],
    message: str,
    site: Site,
    key: str,
    rollups_asked: FakeRollups,
) -> None:
    status, answer = _post(key, path, **body)
    assert status == 400
    assert answer["message"].startswith(message)
    assert answer["error"] == answer["message"]
    assert rollups_asked.asked == []


def test_a_body_that_is_none(site: Site, key: str) -> None:
    for body in ("", "[]", "{", "1", "null"):
        response = holder_of(key).post(f"{ROOT}/breakdown", body, content_type="application/json")
        assert response.status_code == 400, body
        assert set(response.json()) == {"message", "error"}


def test_the_store_is_away(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.error = StoreUnavailable("gone")
    status, body = _post(key, "aggregation")
    assert status == 503
    assert "right now" in body["message"]


def test_persons_may_ask_too(site: Site, alice: User, rollups_asked: FakeRollups) -> None:
    response = session_of(alice).post(
        f"{ROOT}/aggregation",
        {"site_id": "alice.example", "aggregate": ["session_count"]},
        content_type="application/json",
    )
    assert response.status_code == 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = (
    *("aggregate", "period", "filter", "timezone", "time_bucket"),
    *("group_by", "order_by", "page", "page_size"),
)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    path=st.sampled_from(["aggregation", "timeseries", "breakdown"]),
    body=st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=3),
)
def test_no_body_is_our_fault(
    path: str, body: dict[str, object], site: Site, key: str, rollups_asked: FakeRollups
) -> None:
    whole = {"site_id": site.domain, "aggregate": ["session_count"], "group_by": "path", **body}
    response = holder_of(key).post(
        f"{ROOT}/{path}", json.dumps(whole), content_type="application/json"
    )
    assert response.status_code in (200, 400), response.content
