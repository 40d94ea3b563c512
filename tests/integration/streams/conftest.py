"""A pipeline of its own for each test: empty topics, an empty database, workers."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis
from clickhouse_driver import Client

from streams.settings import Settings
from tests.fresh import empty_topics, rollups
from tests.workers import Workers


@pytest.fixture
async def fresh_topics(kafka_broker: str) -> AsyncIterator[str]:
    """All topics of Pawprint, empty."""
    await empty_topics(Settings(kafka_broker=kafka_broker))
    yield kafka_broker


@pytest.fixture
def rollups_url(clickhouse_url: str) -> Iterator[str]:
    """An empty, migrated database."""
    with rollups(clickhouse_url, "streams") as url:
        yield url


@pytest.fixture
def stored(rollups_url: str) -> Iterator[Client]:
    """What reads that database."""
    client = Client.from_url(rollups_url)
    yield client
    client.disconnect()


@pytest.fixture
def workers(
    fresh_topics: str, rollups_url: str, redis_url: str, tmp_path: Path
) -> Iterator[Workers]:
    store = redis.Redis.from_url(redis_url)
    store.flushdb()
    store.close()
    environment = os.environ | {
        "KAFKA_BROKER": fresh_topics,
        "REDIS_URL": redis_url,
        "CLICKHOUSE_URL": rollups_url,
        "PAWPRINT_CHECKPOINT_INTERVAL_S": "1",
    }
    workers = Workers(environment, tmp_path)
    yield workers
    workers.end_all()
