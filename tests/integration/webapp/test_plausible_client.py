"""A client library for Plausible from npm, unchanged, reads our numbers by another host name."""

import datetime as dt
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregates.clickhouse.store import ClickHouseStore
from deploy.local.builds import install
from deploy.local.settings import VENV_BIN
from schemas.events import Visit
from tests.contract.aggregates.oracle import OracleHit, OracleSession, make_rows
from tests.integration.webapp.conftest import Webapp

pytestmark = pytest.mark.integration

FOLDER = Path(__file__).parent / "plausible_client"
READ_S_MAX = 60
YESTERDAY = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)


def _session(number: int, hour: int, *paths: str) -> OracleSession:
    """A visit of yesterday's with one pageview a minute; the site is in UTC."""
    noon_s = int(dt.datetime.combine(YESTERDAY, dt.time(hour), dt.UTC).timestamp())
    hits = tuple(
        OracleHit(noon_s + 60 * at, "pageview", "demo.example", path, visitor_id=number)
        for at, path in enumerate(paths)
    )
    return OracleSession(number, number % 2, Visit(), hits)


@pytest.fixture(scope="module")
def found(webapp: Webapp, rollups_url: str) -> Iterator[dict[str, Any]]:
    """What the library gives for two visits: / and then /a, and only /."""
    store = ClickHouseStore(rollups_url)
    sessions = (_session(61, 12, "/", "/a"), _session(62, 15, "/"))
    store.insert(make_rows(webapp.site_id, sessions, version=1))
    store.close()
    install(FOLDER, os.environ)
    command = ("node", "read.mjs", webapp.url, webapp.demo["stats_key"], webapp.demo["domain"])
    read = subprocess.run(
        command,
        cwd=FOLDER,
        env=os.environ | {"PATH": f"{VENV_BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        check=False,
        text=True,
        timeout=READ_S_MAX,
    )
    assert read.returncode == 0, read.stderr
    yield json.loads(read.stdout)


def test_aggregate(found: dict[str, Any]) -> None:
    values = {metric: each["value"] for metric, each in found["aggregate"].items()}
    assert values == {"visitors": 2, "pageviews": 3, "bounce_rate": 50}
    assert all("change" in each for each in found["aggregate"].values())


def test_breakdown(found: dict[str, Any]) -> None:
    assert found["breakdown"] == [
        {"page": "/", "visitors": 2, "pageviews": 2},
        {"page": "/a", "visitors": 1, "pageviews": 1},
    ]


def test_timeseries(found: dict[str, Any]) -> None:
    rows = found["timeseries"]
    assert len(rows) == 7
    assert rows[-1] == {"date": YESTERDAY.isoformat(), "visitors": 2, "pageviews": 3}


def test_an_error_is_one_the_library_tells(found: dict[str, Any]) -> None:
    assert "Invalid API key" in found["refusal"]
