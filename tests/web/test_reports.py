"""Funnels, journeys and retention over HTTP: shapes, rates, refusals."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import FakeReader, holder_of
from webapp.sites.models import Site

pytestmark = pytest.mark.any_database

ROOT = "/api/v1/stats"
STEPS = ["event:page==/", "event:page==/pricing", "event:name==Signup"]


def _get(key: str, path: str, **parameters: str | list[str]) -> tuple[int, dict[str, Any]]:
    query: dict[str, str | list[str]] = {
        "site_id": "alice.example",
        "period": "day",
        "date": "2026-11-24",
        **parameters,
    }
    response = holder_of(key).get(f"{ROOT}/{path}", query)
    return response.status_code, response.json()


def test_a_funnel(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.rows = [(8, 7, 4, 4, 1, 1)]
    status, body = _get(key, "funnel", step=STEPS)
    assert status == 200
    assert body["results"] == [
        {
            "step": step,
            "visits": visits,
            "visitors": visitors,
            "conversion_rate": rate,
            "dropped": dropped,
            "drop_off_rate": drop_off,
        }
        for step, visits, visitors, rate, dropped, drop_off in (
            (STEPS[0], 8, 7, 100.0, 0, 0.0),
            (STEPS[1], 4, 4, 50.0, 4, 50.0),
            (STEPS[2], 1, 1, 12.5, 3, 75.0),
        )
    ]
    assert rollups.asked[0]["site_id"] == site.pk
    assert {("/",), ("/pricing",), ("Signup",)} <= set(rollups.asked[0].values())


def test_a_funnel_nobody_begins(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.rows = [(0, 0, 0, 0)]
    _, body = _get(key, "funnel", step=STEPS[:2], by="visitor")
    assert body["results"][1] == {
        "step": STEPS[1],
        "visitors": 0,
        "conversion_rate": None,
        "dropped": 0,
        "drop_off_rate": None,
    }


def test_a_journey(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.rows = [([], 3, 2, 1, 0), (["/a"], 2, 2, 2, 1), (["/lost", "/b"], 1, 1, 1, 0)]
    status, body = _get(key, "journeys", start="event:page==/")
    assert status == 200
    assert body["results"] == {
        "page": "",
        "visits": 3,
        "visitors": 2,
        "ended": 1,
        "unsure": 0,
        "steps": [{"page": "/a", "visits": 2, "visitors": 2, "ended": 2, "unsure": 1, "steps": []}],
    }


def test_retention(site: Site, key: str, rollups: FakeReader) -> None:
    status, body = _get(key, "retention")
    assert status == 200
    assert body["results"] == {"cohorts": [], "visits": [], "returned_rate": None}


@pytest.mark.parametrize(
    ("path", "parameters", "named"),
    [
        ("funnel", {}, "step: 2 to 8 are needed"),
        ("funnel", {"step": STEPS[:1]}, "step: 2 to 8 are needed"),
        ("funnel", {"step": STEPS * 3}, "step: at most 8"),
        ("funnel", {"step": ["", STEPS[0]]}, "step: is required"),
        ("funnel", {"step": ["visit:planet==Mars", STEPS[0]]}, "step: "),
        ("funnel", {"step": STEPS, "by": "team"}, "by: no 'team'; one of visit, visitor"),
        ("funnel", {"step": STEPS, "within": "-1"}, "within: must be a number from 0"),
        ("funnel", {"step": STEPS, "filters": "visit:planet==Mars"}, ""),
        ("journeys", {}, "start: is required"),
        ("journeys", {"start": "nonsense"}, "start: "),
        ("journeys", {"start": STEPS[0], "depth": "7"}, "depth: must be a number from 1 to 6"),
        ("journeys", {"start": STEPS[0], "breadth": "x"}, "breadth: must be a number from 1"),
        ("journeys", {"start": STEPS[0], "direction": "up"}, "direction: no 'up'; one of"),
        ("retention", {"bucket": "minute"}, "bucket: no 'minute'; one of hour, day"),
        ("retention", {"bucket": "hour", "period": "30d"}, "bucket: more than 100"),
    ],
)
def test_refusals(
    path: str, parameters: dict[str, str], named: str, site: Site, key: str, rollups: FakeReader
) -> None:
    status, body = _get(key, path, **parameters)
    assert status == 400
    assert set(body) == {"error"}
    assert str(body["error"]).startswith(named)
    assert rollups.asked == []


any_text = st.one_of(st.text(max_size=40), st.sampled_from([*STEPS, "hour", "3", "visitor"]))
NAMES = ("start", "by", "within", "depth", "breadth", "direction", "bucket", "filters", "period")


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    path=st.sampled_from(["funnel", "journeys", "retention"]),
    steps=st.lists(any_text, max_size=9),
    query=st.dictionaries(st.sampled_from(NAMES), any_text),
)
def test_no_query_string_is_our_fault(
    path: str,
    steps: list[str],
    query: dict[str, str],
    site: Site,
    key: str,
    rollups: FakeReader,
) -> None:
    rollups.rows = [tuple([0] * 2 * len(steps))] if path == "funnel" else []
    parameters = {"site_id": site.domain, "step": steps, **query}
    response = holder_of(key).get(f"{ROOT}/{path}", parameters)
    assert response.status_code in (200, 400)
