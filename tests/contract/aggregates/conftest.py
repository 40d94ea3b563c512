"""Databases of rollups of these tests' own, on both engines, and forwarders to the servers."""

from collections.abc import Iterator

import pytest

from tests.contract.aggregates.engines import CurrentEngine, Engine, ServerEngine
from tests.forwarder import Forwarder, before
from tests.fresh import rollups


@pytest.fixture(scope="session")
def rollups_url(clickhouse_url: str) -> Iterator[str]:
    """A migrated, empty database beside the one tests are given."""
    with rollups(clickhouse_url, "contract") as url:
        yield url


@pytest.fixture(scope="session")
def server_engine(rollups_url: str) -> Iterator[Engine]:
    made = ServerEngine(rollups_url)
    yield made
    made.close()


@pytest.fixture(scope="session")
def current_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = CurrentEngine(tmp_path_factory.mktemp("chdb"))
    yield made
    made.close()


@pytest.fixture(scope="session", params=["server", "current"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """What shared SQL must run on: Debian's server and a current release."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


@pytest.fixture
def clickhouse_forwarder(rollups_url: str) -> Iterator[Forwarder]:
    with before(rollups_url) as forwarder:
        yield forwarder


@pytest.fixture
def redis_forwarder(redis_url: str) -> Iterator[Forwarder]:
    with before(redis_url) as forwarder:
        yield forwarder
