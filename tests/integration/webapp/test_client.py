"""The Python client against the running web application."""

import datetime as dt
import gzip
from pathlib import Path

import pytest

from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.rows import LedgerRow, Rows
from pawprint_client import (
    AsyncPawprint,
    AuthError,
    InvalidRequest,
    Pawprint,
    Retries,
    Unavailable,
    equals,
)
from schemas.events import Visit
from tests.contract.aggregates.oracle import OracleHit, OracleSession, make_rows
from tests.fresh import free_port
from tests.integration.webapp.conftest import Webapp

pytestmark = pytest.mark.integration

DAY = dt.date(2026, 4, 7)
MIDNIGHT_S = int(dt.datetime(2026, 4, 7, tzinfo=dt.UTC).timestamp())
PATHS = ("/", "/a*b;c|d", "/e", "/f", "/g")
PERIOD = (DAY, DAY)
# 00:00 one visit that sees all PATHS, a page a minute
SESSION = OracleSession(
    70,
    1,
    Visit(country="DE", source="Google"),
    tuple(
        OracleHit(MIDNIGHT_S + 60 * at, "pageview", "demo.example", path, visitor_id=70)
        for at, path in enumerate(PATHS)
    ),
)


@pytest.fixture(scope="module", autouse=True)
def rows(webapp: Webapp, rollups_url: str) -> None:
    store = ClickHouseStore(rollups_url)
    made = make_rows(webapp.site_id, (SESSION,), version=1)
    ledger = [LedgerRow(webapp.site_id, MIDNIGHT_S, 1, 1, "counted", len(PATHS))]
    store.insert(Rows(made.hits, made.visits, ledger))
    store.close()


@pytest.fixture
def site(webapp: Webapp) -> str:
    return webapp.demo["domain"]


def _client(webapp: Webapp, key: str = "") -> Pawprint:
    return Pawprint(webapp.url, key or webapp.demo["stats_key"])


def test_numbers(webapp: Webapp, site: str) -> None:
    with _client(webapp) as pawprint:
        totals = pawprint.aggregate(site, ["visitors", "pageviews", "lcp"], period=PERIOD)
        hours = pawprint.timeseries(site, "pageviews", period=PERIOD, interval="hour")
        ledger = pawprint.ledger(site, period=PERIOD)
        assert [each.domain for each in pawprint.sites()] == [site]
        assert pawprint.realtime(site) >= 0
        assert len(pawprint.now(site).minutes) == 30
        assert len(pawprint.alerts(site)) == 0
    assert dict(totals) == {"visitors": 1, "pageviews": 5, "lcp": None}
    assert totals.meta.start == dt.datetime(2026, 4, 7, tzinfo=dt.UTC)
    assert hours.to_pandas()["pageviews"].tolist() == [5] + [0] * 23
    assert hours.to_polars()["date"].dt.hour().to_list() == list(range(24))
    assert (ledger.accepted, ledger.counted) == (5, 5)


def test_all_rows_and_values_with_special_characters(webapp: Webapp, site: str) -> None:
    with _client(webapp) as pawprint:
        rows = list(pawprint.breakdown_rows(site, "event:page", period=PERIOD, page_rows=2))
        assert sorted(row["page"] for row in rows) == sorted(PATHS)
        only = [equals("event:page", PATHS[1])]
        (row,) = pawprint.breakdown(site, "event:page", period=PERIOD, filters=only)
    assert row == {"page": PATHS[1], "visitors": 1}


def test_any_question(webapp: Webapp, site: str) -> None:
    day = [DAY.isoformat()] * 2
    with _client(webapp) as pawprint:
        found = pawprint.query(
            site,
            ["visitors", "pageviews"],
            day,
            dimensions=["visit:source"],
            filters=[["is", "visit:country", ["DE"]]],
        )
        pages = list(
            pawprint.query_rows(site, ["visitors"], day, dimensions=["event:page"], page_rows=2)
        )
        with pytest.raises(InvalidRequest):
            pawprint.query(site, ["visitors"], day, dimensions=["visit:shoe_size"])
    assert found.rows == ({"source": "Google", "visitors": 1, "pageviews": 5},)
    assert sorted(row["page"] for row in pages) == sorted(PATHS)


def test_reports(webapp: Webapp, site: str) -> None:
    first, second = (equals("event:page", path) for path in PATHS[:2])
    last = [equals("event:page", PATHS[-1]), equals("visit:country", "DE")]
    with _client(webapp) as pawprint:
        funnel = pawprint.funnel(site, [first, second, last], period=PERIOD)
        back = pawprint.funnel(site, [second, first], period=PERIOD, by="visitor", within=30)
        journey = pawprint.journeys(site, first, period=PERIOD, depth=2)
        retention = pawprint.retention(site, period=PERIOD, bucket="hour")
    assert funnel.column("visits") == funnel.column("visitors") == [1, 1, 1]
    assert back.column("visitors") == [1, 0]
    (step,) = journey.start.steps
    assert (journey.start.visits, step.page, step.steps[0].page) == (1, PATHS[1], PATHS[2])
    (cohort,) = retention.cohorts
    assert cohort.start == dt.datetime(2026, 4, 7, tzinfo=dt.UTC)
    assert (cohort.visitors[0], sum(retention.visits.values())) == (1, 1)


async def test_exports(webapp: Webapp, site: str, tmp_path: Path) -> None:
    with _client(webapp) as pawprint:
        rows = list(pawprint.export_rows(site, period=PERIOD))
        pawprint.export(site, PERIOD, tmp_path / "hits.csv.gz")
    async with AsyncPawprint(webapp.url, webapp.demo["stats_key"]) as twin:
        assert [row async for row in twin.export_rows(site, period=PERIOD)] == rows
    assert sorted(row["path"] for row in rows) == sorted(PATHS)
    assert {(row["country"], row["hits"]) for row in rows} == {("DE", 1)}
    text = gzip.decompress((tmp_path / "hits.csv.gz").read_bytes())
    assert text.count(b"\r\n") == 1 + len(PATHS)


async def test_the_twin(webapp: Webapp, site: str) -> None:
    async with AsyncPawprint(webapp.url, webapp.demo["stats_key"]) as pawprint:
        totals = await pawprint.aggregate(site, "pageviews", period=PERIOD)
        async for event in pawprint.live(site):
            assert event.kind == "live"
            assert event.data["current"] >= 0
            break
    assert totals["pageviews"] == 5


def test_errors(webapp: Webapp, site: str) -> None:
    with _client(webapp) as pawprint:
        with pytest.raises(InvalidRequest) as caught:
            pawprint.breakdown(site, "event:page", limit=9_999)
        assert caught.value.field == "limit"
        with pytest.raises(AuthError):
            pawprint.realtime("somebody-elses.example")
    with _client(webapp, "pp_invented") as pawprint, pytest.raises(AuthError):
        pawprint.sites()


def test_nobody_there() -> None:
    away = f"http://127.0.0.1:{free_port()}"
    quick = Retries(attempts=2, base_s=0.01)
    with (
        Pawprint(away, "pp_x", retries=quick) as pawprint,
        pytest.raises(Unavailable, match="does not answer"),
    ):
        pawprint.sites()
