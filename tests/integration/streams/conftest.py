"""A pipeline of its own for each test: empty topics, an empty database, workers."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis
from aiokafka.admin import AIOKafkaAdminClient
from clickhouse_driver import Client

from schemas.topics import TOPICS
from streams.settings import Settings
from streams.topic_admin import create_topics
from tests.fresh import free_port, rollups

ROOT = Path(__file__).parents[3]
READY_S_MAX = 40.0


class Workers:
    """Faust workers as processes of their own."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment, self.folder = environment, folder
        self.running: list[tuple[subprocess.Popen[bytes], int]] = []
        self._started = 0

    def start(self) -> subprocess.Popen[bytes]:
        """Start one more; returns at once."""
        self._started += 1
        port = free_port()
        log = (self.folder / f"worker-{self._started}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "streams", "worker"],
            cwd=ROOT,
            env=self.environment
            | {
                "PAWPRINT_STREAMS_PORT": str(port),
                "PAWPRINT_DATA_DIR": str(self.folder / f"data-{self._started}"),
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        self.running.append((process, port))
        return process

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Until its health page says 200; fails with its log otherwise."""
        port = next(port for each, port in self.running if each is process)
        until = time.monotonic() + READY_S_MAX
        while time.monotonic() < until and process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
                return
            except OSError:
                time.sleep(0.2)
        pytest.fail(f"worker not ready:\n{self.logs()[-3000:]}")

    def end(self, process: subprocess.Popen[bytes], with_signal: signal.Signals) -> None:
        process.send_signal(with_signal)
        process.wait(30)
        self.running = [each for each in self.running if each[0] is not process]

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("worker-*.log")))

    def end_all(self) -> None:
        for process, _ in self.running:
            process.kill()
            process.wait(10)
        self.running = []


@pytest.fixture
async def fresh_topics(kafka_broker: str) -> AsyncIterator[str]:
    """All topics of Pawprint, empty."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_broker)
    await admin.start()
    existing = set(await admin.list_topics())
    await admin.delete_topics([topic.name for topic in TOPICS if topic.name in existing])
    await admin.close()
    settings = Settings(kafka_broker=kafka_broker)
    for _ in range(50):  # deletion goes on behind the answer
        try:
            if len(await create_topics(settings)) == len(TOPICS):
                break
        except Exception:
            pass
        time.sleep(0.2)
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
