"""Plausible's Stats API v2: what is refused, in which words and in which order."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import FakeReader, holder_of
from tests.web.v2.calls import post
from webapp.plausible import apis, schema
from webapp.sites.models import Site
from webapp.stats.conditions import FILTERABLE

pytestmark = pytest.mark.any_database

GOAL_FILTER = ["is", "event:goal", ["Buy"]]
PROP_FILTER = ["is", "event:props:plan", ["free"]]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"metrics": ["visitors", "baa"]}, '#/metrics/1: Invalid metric "baa"'),
        ({"metrics": []}, "#/metrics: Expected a minimum of 1 items but got 0."),
        ({"metrics": [1]}, "#/metrics/0: Invalid metric 1"),
        (
            {"metrics": ["visits", "visits"]},
            "#/metrics: Expected items to be unique but they were not.",
        ),
        ({"metrics": "visits"}, "#/metrics: Type mismatch. Expected Array but got String."),
        ({"dimensions": ["badproperty"]}, '#/dimensions/0: Invalid dimension "badproperty"'),
        ({"dimensions": ["event:props:"]}, '#/dimensions/0: Invalid dimension "event:props:"'),
        ({"dimensions": "x"}, "#/dimensions: Type mismatch. Expected Array but got String."),
        ({"date_range": "bad_period"}, '#/date_range: Invalid date range "bad_period"'),
        (
            {"date_range": ["2021-02-03T00:00:00Z", "2021-02-04"]},
            '#/date_range: Invalid date range ["2021-02-03T00:00:00Z", "2021-02-04"]',
        ),
        ({"date_range": "999999999mo"}, 'Invalid date_range "999999999mo"'),
        (
            {"date_range": ["2021-02-03T00:00:00", "2021-02-03T23:59:59"]},
            'Invalid date_range \'["2021-02-03T00:00:00", "2021-02-03T23:59:59"]\'.',
        ),
        ({"date_range": ["2021-02-03", "2021-02-02"]}, "#/date_range: must not end before"),
        ({"date_range": ["1021-02-03", "2021-02-02"]}, "#/date_range: must be from 1990"),
        (
            {"filters": [["is", "event:device", ["foo"]]]},
            '#/filters/0: Invalid filter ["is", "event:device", ["foo"]]',
        ),
        ({"filters": "foobar"}, "#/filters: Type mismatch. Expected Array but got String."),
        ({"include": "foobar"}, "#/include: Type mismatch. Expected Object but got String."),
        ({"include": {"x": True}}, "#/include/x: Schema does not allow additional properties."),
        (
            {"include": {"imports": 1}},
            "#/include/imports: Type mismatch. Expected Boolean but got Integer.",
        ),
        (
            {"include": {"time_labels": True}},
            "Invalid include.time_labels: requires a time dimension.",
        ),
        (
            {"pagination": {"limit": 100_000}},
            "#/pagination/limit: Expected the value to be <= 10000",
        ),
        ({"pagination": {"offset": -5}}, "#/pagination/offset: Expected the value to be >= 0"),
        ({"surprise": 1}, "#/surprise: Schema does not allow additional properties."),
        (
            {"order_by": [["visssss", "desc"]]},
            '#/order_by/0/0: Invalid value in order_by "visssss"',
        ),
        ({"order_by": [["visitors", "up"]]}, "#/order_by/0/1: Value is not allowed in enum."),
        (
            {"order_by": [["events", "desc"]]},
            "Invalid order_by entry '{:events, :desc}'. Entry is not a queried metric or "
            "dimension.",
        ),
        (
            {"order_by": [["event:name", "desc"]]},
            "Invalid order_by entry '{\"event:name\", :desc}'. Entry is not a queried metric or "
            "dimension.",
        ),
        (
            {"filters": [["not", ["is", "event:hostname", ["a"]]]]},
            "Invalid filters. Dimension `event:hostname` can only be filtered at the top level.",
        ),
        (
            {"filters": [["or", [GOAL_FILTER]]]},
            "Invalid filters. Dimension `event:goal` can only be filtered at the top level.",
        ),
        (
            {"filters": [["is", "event:goal", ["Sell"]]]},
            "Invalid filters. The goal `Sell` is not configured for this site.",
        ),
        (
            {"filters": [["has_done", ["is", "visit:browser", ["x"]]]]},
            "Invalid filters. Behavioral filters (has_done, has_not_done) can only be used with "
            "event dimension filters.",
        ),
        (
            {"filters": [["has_done", ["has_not_done", ["is", "event:name", ["x"]]]]]},
            "Invalid filters. Behavioral filters (has_done, has_not_done) cannot be nested.",
        ),
        (
            {"metrics": ["conversion_rate"], "filters": [["not", PROP_FILTER], GOAL_FILTER]},
            "Invalid filters. When `conversion_rate` or `group_conversion_rate` metrics are used, "
            "custom property filters can only be used on top level.",
        ),
        (
            {"metrics": ["conversion_rate"], "filters": [PROP_FILTER]},
            "Metric `conversion_rate` can only be queried with event:goal filters or dimensions.",
        ),
        (
            {"metrics": ["scroll_depth"], "filters": [["not", ["is", "event:page", ["/"]]]]},
            "Metric `scroll_depth` can only be queried with event:page filters or dimensions.",
        ),
        (
            {"metrics": ["time_on_page"], "filters": [["has_done", ["is", "event:page", ["/"]]]]},
            "Metric `time_on_page` can only be queried with event:page filters or dimensions.",
        ),
        (
            {"metrics": ["views_per_visit"], "filters": [["is", "event:page", ["/"]]]},
            "Metric `views_per_visit` cannot be queried with a filter on `event:page`.",
        ),
        (
            {"metrics": ["views_per_visit"], "dimensions": ["event:name"]},
            "Metric `views_per_visit` cannot be queried with `dimensions`.",
        ),
        (
            {"metrics": ["visitors", "bounce_rate"], "dimensions": ["event:name"]},
            "Session metric(s) `bounce_rate` cannot be queried along with event dimension(s) "
            "`event:name`",
        ),
        (
            {"metrics": ["events"], "dimensions": ["visit:exit_page"]},
            "Event metric(s) `events` cannot be queried along with session dimension(s) "
            "`visit:exit_page`",
        ),
        (
            {"dimensions": ["time:minute"], "date_range": "7d"},
            "Dimension `time:minute` is only supported for time ranges up to 30 hours.",
        ),
        (
            {"dimensions": ["time:day", "time:month"]},
            "Invalid dimensions. At most one can be a time dimension.",
        ),
        (
            {"dimensions": [f"event:props:{name}" for name in "abcdef"]},
            "#/dimensions: at most 5",
        ),
        ({"filters": [["is", "event:page", ["x" * 30_000]]]}, "#/filters: at most"),
    ],
)
def test_refusals(body: Any, error: str, key: str, rollups: FakeReader) -> None:
    status, answer = post(key, body)
    assert (status, set(answer)) == (400, {"error"})
    assert answer["error"].startswith(error)
    if error.endswith(("`", ".", '"', "]")):
        assert answer["error"] == error
    assert not rollups.asked


def test_everything_that_is_wrong_is_named(key: str) -> None:
    response = holder_of(key).post(
        "/api/v2/query",
        {"site_id": "alice.example", "dimensions": ["x"]},
        content_type="application/json",
    )
    assert response.json() == {
        "error": '#/dimensions/0: Invalid dimension "x"\n'
        "#: Required properties metrics, date_range were not present."
    }


@pytest.mark.parametrize("body", [[], '"text"', 5, None, {"site_id": None}, {"site_id": ""}])
def test_a_site_must_be_named(body: Any, key: str) -> None:
    response = holder_of(key).post("/api/v2/query", body, content_type="application/json")
    assert (response.status_code, response.json()) == (400, {"error": apis.MISSING_SITE})


@pytest.mark.parametrize("site_id", ["nobody.example", "charlie.example", 5, ["x"]])
def test_a_site_of_nobody_and_of_somebody_else_look_the_same(
    site_id: Any, key: str, charlies_site: Site
) -> None:
    """Before the query is looked at."""
    status, body = post(key, {"metrics": "nonsense"}, site_id=site_id)
    assert (status, body["error"][:15]) == (401, "Invalid API key")


def test_the_key_comes_first() -> None:
    response = holder_of("pp_wrong").post("/api/v2/query", {}, content_type="application/json")
    assert response.status_code == 401


dimensions = st.sampled_from(sorted(FILTERABLE | set(schema.TIMES)))
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | dimensions,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
filters = st.lists(
    st.tuples(
        st.sampled_from(["is", "is_not", "contains", "contains_not", "matches", "matches_not"]),
        dimensions | st.just("event:props:a"),
        st.lists(st.text(max_size=5) | st.sampled_from(["Buy", "DE"]), min_size=1, max_size=2),
    ).map(list),
    max_size=2,
)
likely = {
    "metrics": st.lists(st.sampled_from(schema.METRICS), min_size=1, max_size=3, unique=True),
    "date_range": st.sampled_from(["day", "24h", "7d", "5000d", "100mo", "year", "all"]),
    "dimensions": st.lists(dimensions, max_size=2, unique=True),
    "filters": filters,
    "order_by": st.lists(st.tuples(dimensions, st.just("asc")).map(list), max_size=2),
    "include": st.dictionaries(st.sampled_from(schema.INCLUDES), st.booleans()),
    "pagination": st.fixed_dictionaries({"limit": st.integers(1, 9), "offset": st.integers()}),
}
bodies = st.fixed_dictionaries(
    {}, optional={name: st.one_of(each, each, anything) for name, each in likely.items()}
)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=bodies)
def test_no_query_is_our_fault(body: Any, key: str, rollups: FakeReader) -> None:
    status, answer = post(key, body)
    assert status in (200, 400)
    assert status == 200 or set(answer) == {"error"}
