"""A database of rollups of these tests' own, on the real server, and forwarders to the servers."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from clickhouse_driver import Client

from aggregates.clickhouse.migrate import migrate
from tests.contract.aggregates.forwarder import Forwarder


@pytest.fixture(scope="session")
def rollups_url(clickhouse_url: str) -> Iterator[str]:
    """A migrated, empty database beside the one tests are given."""
    url = f"{clickhouse_url}_contract"
    drop_database(url)
    migrate(url)
    yield url
    drop_database(url)


@pytest.fixture
def clickhouse_forwarder(rollups_url: str) -> Iterator[Forwarder]:
    parts = urlsplit(rollups_url)
    with Forwarder(parts.hostname or "", parts.port or 9000) as forwarder:
        yield forwarder


@pytest.fixture
def redis_forwarder(redis_url: str) -> Iterator[Forwarder]:
    parts = urlsplit(redis_url)
    with Forwarder(parts.hostname or "", parts.port or 6379) as forwarder:
        yield forwarder


def through(forwarder: Forwarder, url: str) -> str:
    """`url` by way of the forwarder."""
    parts = urlsplit(url)
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return parts._replace(netloc=f"{user}127.0.0.1:{forwarder.port}").geturl()


def drop_database(url: str) -> None:
    name = urlsplit(url).path.lstrip("/")
    client = Client.from_url(urlsplit(url)._replace(path="/default").geturl())
    client.execute(f"DROP DATABASE IF EXISTS {name}")
    client.disconnect()
