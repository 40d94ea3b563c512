"""Migrations on the real server: one schema, however often they run."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from clickhouse_driver import Client

from aggregates.clickhouse.columns import TABLES
from aggregates.clickhouse.migrate import MIGRATIONS_DIR, migrate
from aggregates.protocols import StoreUnavailable
from tests.contract.aggregates.schema import SNAPSHOT, describe
from tests.fresh import drop_database

pytestmark = pytest.mark.integration


@pytest.fixture
def missing_url(clickhouse_url: str) -> Iterator[str]:
    """A database that does not exist yet."""
    url = f"{clickhouse_url}_migrations"
    drop_database(url)
    yield url
    drop_database(url)


def test_the_schema_is_the_committed_one(rollups_url: str) -> None:
    assert describe(rollups_url) == SNAPSHOT.read_text()


def test_tables_have_the_columns_of_the_rows(rollups_url: str) -> None:
    client = Client.from_url(rollups_url)
    for table in TABLES:
        described = client.execute(f"DESCRIBE TABLE {table.name}")
        assert tuple(name for name, *_ in described) == table.columns
    client.disconnect()


def test_running_again_changes_nothing(missing_url: str) -> None:
    assert migrate(missing_url) == len(list(MIGRATIONS_DIR.glob("*.sql")))
    before = describe(missing_url)
    assert migrate(missing_url) == 0
    assert describe(missing_url) == before


def test_the_command(missing_url: str) -> None:
    def run(url: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "aggregates.clickhouse", "migrate"],
            env={**os.environ, "CLICKHOUSE_URL": url},
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert f"applied: {len(list(MIGRATIONS_DIR.glob('*.sql')))}" in run(missing_url).stdout
    assert "applied: 0" in run(missing_url).stdout
    away = run("clickhouse://default@127.0.0.1:1/nowhere")
    assert away.returncode == 1
    assert "ClickHouse cannot be migrated" in away.stderr


def test_a_server_that_is_away() -> None:
    with pytest.raises(StoreUnavailable):
        migrate("clickhouse://default@127.0.0.1:1/nowhere")
