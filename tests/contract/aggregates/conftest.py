"""A database of rollups of these tests' own, on the real server, and forwarders to the servers."""

from collections.abc import Iterator

import pytest

from tests.forwarder import Forwarder, before
from tests.fresh import rollups


@pytest.fixture(scope="session")
def rollups_url(clickhouse_url: str) -> Iterator[str]:
    """A migrated, empty database beside the one tests are given."""
    with rollups(clickhouse_url, "contract") as url:
        yield url


@pytest.fixture
def clickhouse_forwarder(rollups_url: str) -> Iterator[Forwarder]:
    with before(rollups_url) as forwarder:
        yield forwarder


@pytest.fixture
def redis_forwarder(redis_url: str) -> Iterator[Forwarder]:
    with before(redis_url) as forwarder:
        yield forwarder
