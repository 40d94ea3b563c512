"""The stats API: what is asked of the rollups, what comes back, what is refused."""

import datetime as dt

import pytest
from asgiref.sync import async_to_sync
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aggregates.clickhouse.reader import TooCostly
from aggregates.clickhouse.vocabulary import DIMENSIONS, Metric
from aggregates.protocols import StoreUnavailable
from aggregates.redis.memory import MemoryMirror
from schemas.live import LiveShard
from tests.web.conftest import FakeReader, holder_of
from webapp.api.views import SiteView
from webapp.sites.models import Site
from webapp.stats.comparisons import Mode
from webapp.stats.dialects import Dialect
from webapp.stats.parameters import INTERVALS
from webapp.stats.periods import PERIODS

ROOT = "/api/v1/stats"
NOW_S = int(dt.datetime(2026, 11, 25, 10, 20, tzinfo=dt.UTC).timestamp())
OPERATIONS = ("realtime", "realtime/visitors", "aggregate", "timeseries", "breakdown", "ledger")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SiteView, "now_s", lambda self: NOW_S)


def _get(key: str, path: str, **parameters: str | int) -> tuple[int, object]:
    response = holder_of(key).get(f"{ROOT}/{path}", {"site_id": "alice.example", **parameters})
    return response.status_code, response.json()


def _epoch(date: str) -> int:
    return int(dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC).timestamp())


def test_aggregate_compares(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.rows = [(12, 33.4, None)]
    status, body = _get(
        key,
        "aggregate",
        period="7d",
        metrics="visitors,bounce_rate,visit_duration",
        compare="previous_period",
        dialect="pawprint",
        filters="visit:country==DE|AT",
    )
    assert (status, body) == (
        200,
        {
            "results": {
                "visitors": {"value": 12, "change": 0, "comparison_value": 12},
                "bounce_rate": {"value": 33, "change": 0, "comparison_value": 33},
                "visit_duration": {"value": None, "change": None, "comparison_value": None},
            },
            "meta": {
                "timezone": "UTC",
                "start": _epoch("2026-11-19"),
                "end": _epoch("2026-11-26"),
                "compared": {"start": _epoch("2026-11-12"), "end": _epoch("2026-11-19")},
            },
        },
    )
    asked = [(params["start_s"], params["end_s"]) for params in rollups.asked]
    assert asked == [
        (_epoch("2026-11-19"), _epoch("2026-11-26")),
        (_epoch("2026-11-12"), _epoch("2026-11-19")),
    ]
    assert all(params["site_id"] == site.pk for params in rollups.asked)
    assert ("DE", "AT") in rollups.asked[0].values()


def test_aggregate_without_compare_has_no_change(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.rows = [(12,)]
    _, body = _get(key, "aggregate")
    assert isinstance(body, dict)
    assert body["results"] == {"visitors": {"value": 12}}


def test_timeseries_has_every_bucket(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.rows = [(_epoch("2026-11-25T09:00:00"), 3, 1.456)]
    _, body = _get(
        key, "timeseries", period="day", metrics="visitors,views_per_visit", dialect="pawprint"
    )
    assert isinstance(body, dict)
    assert len(body["results"]) == 24
    assert body["results"][9] == {
        "date": "2026-11-25 09:00:00",
        "visitors": 3,
        "views_per_visit": 1.46,
    }
    assert body["results"][10] == {
        "date": "2026-11-25 10:00:00",
        "visitors": 0,
        "views_per_visit": None,
    }


def test_breakdown_names_properties_without_prefix(
    site: Site, key: str, rollups: FakeReader
) -> None:
    rollups.rows = [("/a", 1_764_064_800, 7), ("/b", 1_764_064_860, 7)]
    _, body = _get(
        key, "breakdown", property="event:page,time:minute", metrics="pageviews", limit=2, page=3
    )
    assert isinstance(body, dict)
    assert body["results"] == [
        {"page": "/a", "minute": 1_764_064_800, "pageviews": 7},
        {"page": "/b", "minute": 1_764_064_860, "pageviews": 7},
    ]
    assert (rollups.asked[0]["limit"], rollups.asked[0]["offset"]) == (2, 4)


def test_ledger_adds_up(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.rows = [("counted", 90), ("bot", 9), ("duplicate", 1)]
    rollups.base_rows = [("accepted", 98), ("rate_limited", 4)]
    _, body = _get(key, "ledger", period="day")
    assert isinstance(body, dict)
    assert body["results"] == {
        "accepted": 100,
        "counted": 90,
        "left_out": {"bot": 9, "duplicate": 1},
        "received": 102,
        "refused": {"rate_limited": 4},
    }


async def _fill(mirror: MemoryMirror, site_id: int) -> None:
    for shard, visitors in ((0, 3), (1, 2)):
        live = LiveShard(1, (), ((NOW_S - 20, visitors), (NOW_S - 900, 5)), (), (), (), ())
        await mirror.write(shard, {site_id: live})


def test_realtime_visitors_is_a_bare_number(site: Site, key: str, mirror: MemoryMirror) -> None:
    async_to_sync(_fill)(mirror, site.pk)
    assert _get(key, "realtime/visitors") == (200, 5)


def test_realtime(site: Site, key: str, mirror: MemoryMirror) -> None:
    minute = NOW_S // 60 * 60
    pages, sources = (("/", 3), ("/a", 1)), (("", 4),)
    live = LiveShard(1, ((minute, 6, 4),), ((NOW_S - 20, 4),), pages, sources, (), ())
    async_to_sync(mirror.write)(0, {site.pk: live})
    status, body = _get(key, "realtime")
    assert status == 200
    assert isinstance(body, dict)
    assert (body["visitors"], body["last_30m"], len(body["minutes"])) == (4, 4, 30)
    assert body["minutes"][-1] == {"minute": minute, "visitors": 4, "pageviews": 6}
    assert body["pages"] == [{"name": "/", "visitors": 3}, {"name": "/a", "visitors": 1}]
    assert body["sources"] == [{"name": "", "visitors": 4}]
    assert (body["countries"], body["devices"]) == ([], [])
    assert body["meta"] == {"now": NOW_S}


@pytest.mark.parametrize(
    ("path", "parameters", "named"),
    [
        ("aggregate", {"period": "8w"}, "Error parsing `period` parameter: invalid period `8w`."),
        ("aggregate", {"period": "3661d"}, "Error parsing `period` parameter: invalid period"),
        ("aggregate", {"period": "121mo"}, "Error parsing `period` parameter: invalid period"),
        (
            "aggregate",
            {"period": "day", "date": "23.11.2026"},
            "Error parsing `date` parameter: invalid_format. Please specify a valid date in ISO",
        ),
        (
            "aggregate",
            {"period": "day", "date": "2026-02-30"},
            "Error parsing `date` parameter: invalid_date. Please specify a valid date in ISO",
        ),
        ("aggregate", {"period": "day", "date": "0001-01-01"}, "date: must be from 1990"),
        ("aggregate", {"period": "day", "date": "9999-12-31"}, "date: must be from 1990"),
        ("aggregate", {"period": "24h", "date": "2026-11-23"}, "date: cannot be given"),
        (
            "aggregate",
            {"period": "custom"},
            "The `date` parameter is required when using a custom period",
        ),
        (
            "aggregate",
            {"period": "custom", "date": "2020-131-2piaskj,s,a90uac"},
            "Invalid format for `date` parameter. When using a custom period, please include two",
        ),
        ("aggregate", {"period": "custom", "date": "2026-02-01,2026-01-01"}, "date: must end"),
        ("aggregate", {"period": "custom", "date": "1990-01-01,2105-01-01"}, "date: must end"),
        (
            "aggregate",
            {"metrics": "visitors,baa"},
            "The metric `baa` is not recognized. Valid metrics are `visitors`, `visits`",
        ),
        ("aggregate", {"metrics": "visits,visits"}, "Metrics cannot be queried multiple times."),
        (
            "aggregate",
            {"metrics": "conversion_rate"},
            "Metric `conversion_rate` can only be queried in a goal breakdown or",
        ),
        ("aggregate", {"metrics": "total_revenue"}, "currency: is needed for revenue"),
        ("aggregate", {"metrics": "lcp", "percentile": "80"}, "percentile: no '80'; one of 50, 75"),
        ("aggregate", {"currency": "euro"}, "currency: must be a code of ISO 4217"),
        ("aggregate", {"dialect": "klingon"}, "dialect: no 'klingon'; one of plausible, pawprint"),
        ("aggregate", {"compare": "last_year"}, "compare: no 'last_year'; one of previous_period"),
        ("aggregate", {"compare": "custom"}, "compare_from: compare=custom needs compare_from and"),
        (
            "aggregate",
            {"compare": "custom", "compare_from": "x", "compare_to": "2026-01-01"},
            "Invalid format for `date` parameter.",
        ),
        (
            "aggregate",
            {"compare": "previous_period", "period": "12mo", "date": "1990-06-01"},
            "compare: would reach back",
        ),
        (
            "aggregate",
            {"compare": "previous_period", "match_day_of_week": "yes"},
            "match_day_of_week: no 'yes'; one of true",
        ),
        (
            "aggregate",
            {"filters": "visit:planet==Mars"},
            "Invalid filter property 'visit:planet'. Valid filter properties are `event:name`",
        ),
        ("aggregate", {"filters": "event:props:==x"}, "Invalid filter property 'event:props:'"),
        ("aggregate", {"filters": "visit:country=DE"}, "filters: 'visit:country=DE' is not like"),
        ("aggregate", {"filters": "time:minute==1"}, "filters: time:minute cannot be filtered"),
        (
            "aggregate",
            {"filters": "event:goal==Signup"},
            "The goal `Signup` is not configured for this site.",
        ),
        ("aggregate", {"filters": "[["}, "filters: is no JSON"),
        ("aggregate", {"filters": "[" * 15_000}, "filters: is no JSON"),
        ("aggregate", {"filters": '[["is"]]'}, "filters/0: Invalid filter"),
        ("aggregate", {"filters": '[["is", "segment", [1]]]'}, "Invalid filters. Some segments"),
        (
            "timeseries",
            {"interval": "alskd"},
            "Error parsing `interval` parameter: invalid interval `alskd`. Valid intervals are",
        ),
        ("timeseries", {"interval": "minute", "period": "12mo"}, "interval: more than"),
        ("breakdown", {}, "The `property` parameter is required. Please provide at least one"),
        ("breakdown", {"property": "event:planet"}, "Invalid property 'event:planet'. Valid prop"),
        ("breakdown", {"property": "event:page,event:page"}, "property: each at most once"),
        (
            "breakdown",
            {"property": "event:page", "limit": "1001"},
            "Please provide limit as a number between 1 and 1000.",
        ),
        (
            "breakdown",
            {"property": "event:page", "limit": "٣"},
            "Please provide limit as a number between 1 and 1000.",
        ),
        (
            "breakdown",
            {"property": "visit:exit_page", "metrics": "lcp"},
            "metrics: lcp is not known",
        ),
        (
            "breakdown",
            {"property": "event:page", "page": "0"},
            "Please provide page as a positive number",
        ),
        (
            "breakdown",
            {"property": "event:page", "order_by": "bounce_rate"},
            "order_by: no 'bounce_rate'; one of page, event:page, visitors",
        ),
        (
            "breakdown",
            {"property": "time:minute", "compare": "previous_period"},
            "compare: time:minute never comes twice",
        ),
    ],
)
def test_refusals_name_the_parameter_and_what_it_may_be(
    path: str, parameters: dict[str, str], named: str, site: Site, key: str, rollups: FakeReader
) -> None:
    status, body = _get(key, path, **parameters)
    assert status == 400
    assert isinstance(body, dict)
    assert set(body) == {"error"}
    assert body["error"].startswith(named)


@pytest.mark.parametrize("path", OPERATIONS)
def test_a_store_that_is_away(path: str, site: Site, key: str) -> None:
    """Nobody listens where the settings of the tests point to."""
    response = holder_of(key).get(
        f"{ROOT}/{path}", {"site_id": site.domain, "property": "event:page"}
    )
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "cannot be read right now" in response.json()["error"]


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (TooCostly("needs too much memory"), 400, "fewer days"),
        (StoreUnavailable("table missing, stack trace"), 503, "right now"),
    ],
)
def test_what_the_store_says(
    error: Exception, status: int, text: str, site: Site, key: str, rollups: FakeReader
) -> None:
    rollups.error = error
    answer_status, body = _get(key, "aggregate", period="30d")
    assert answer_status == status
    assert isinstance(body, dict)
    assert text in body["error"]
    assert "stack trace" not in body["error"]


any_text = st.text(max_size=60)
likely = {
    "period": st.sampled_from(PERIODS),
    "date": st.one_of(
        st.dates().map(str),
        st.tuples(st.dates(), st.dates()).map(lambda pair: f"{pair[0]},{pair[1]}"),
        st.tuples(st.datetimes(), st.datetimes()).map(
            lambda pair: ",".join(at.isoformat() for at in pair)
        ),
    ),
    "metrics": st.lists(st.sampled_from(list(Metric)), max_size=8).map(",".join),
    "property": st.lists(st.sampled_from(list(DIMENSIONS)), max_size=6).map(",".join),
    "filters": st.tuples(st.sampled_from(list(DIMENSIONS)), any_text).map("==".join),
    "interval": st.sampled_from(list(INTERVALS)),
    "dialect": st.sampled_from(list(Dialect)),
    "compare": st.sampled_from(list(Mode)),
    "compare_from": st.dates().map(str),
    "compare_to": st.dates().map(str),
    "match_day_of_week": st.sampled_from(["true", "false"]),
    "order_by": st.sampled_from(["-visitors", "visitors", "-source", "date"]),
    "currency": st.sampled_from(["EUR", "usd"]),
    "percentile": st.sampled_from(["50", "99"]),
    "total_rows": st.sampled_from(["true", "false"]),
    "with_imported": st.sampled_from(["true", "false"]),
    "limit": st.integers().map(str),
    "page": st.integers().map(str),
}
queries = st.fixed_dictionaries(
    {"site_id": st.one_of(st.just("alice.example"), any_text)},
    optional={name: st.one_of(each, any_text) for name, each in likely.items()},
)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(path="aggregate", query={"site_id": "alice.example\x00"})
@example(path="timeseries", query={"site_id": "alice.example", "period": "month", "date": "9999"})
@given(path=st.sampled_from(OPERATIONS), query=queries)
def test_no_query_string_is_our_fault(
    path: str,
    query: dict[str, str],
    site: Site,
    key: str,
    rollups: FakeReader,
    mirror: MemoryMirror,
) -> None:
    response = holder_of(key).get(f"{ROOT}/{path}", query)
    assert response.status_code in (200, 400, 401)
    if response.status_code != 200:
        assert set(response.json()) == {"error"}
