"""Fixtures of the real servers. `./inv test` starts them and sets TEST_*; none is faked here."""

import os

import pytest


def _server(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        pytest.fail(f"{variable} is not set: run `./inv test`, which starts the servers")
    return value


@pytest.fixture(scope="session")
def kafka_broker() -> str:
    """host:port of a real Kafka that tests may make topics in."""
    return _server("TEST_KAFKA_BROKER")


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A real Redis database that tests may flush."""
    return _server("TEST_REDIS_URL")


@pytest.fixture(scope="session")
def clickhouse_url() -> str:
    """A real ClickHouse, `clickhouse://user@host:port/database`; tests may drop that database."""
    return _server("TEST_CLICKHOUSE_URL")


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A real PostgreSQL server on which tests may create databases."""
    return _server("TEST_DATABASE_URL")
