"""The web application as real processes on a free port, with a database of its own."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from redis import Redis

from tests.forwarder import Forwarder, before, through
from tests.fresh import free_port, rollups

ROOT = Path(__file__).parents[3]
READY_S_MAX = 30.0
PARTITIONS = 2


@dataclass
class Webapp:
    """`python -m webapp serve`, with the demo site."""

    url: str
    demo: dict[str, str]
    environment: dict[str, str]
    folder: Path

    def client(self) -> httpx.Client:
        """A program that holds the site's key."""
        return httpx.Client(
            base_url=self.url,
            headers={"authorization": f"Bearer {self.demo['stats_key']}"},
            timeout=20,
        )

    @property
    def site_id(self) -> int:
        return int(self.demo["site_id"])

    @property
    def stream_path(self) -> str:
        return f"/api/v1/live/stream?site_id={self.demo['domain']}"


@pytest.fixture(scope="session")
def rollups_url(clickhouse_url: str) -> Iterator[str]:
    """A migrated, empty database beside the one tests are given."""
    with rollups(clickhouse_url, "webapp") as url:
        yield url


@pytest.fixture(scope="session")
def redis_way(redis_url: str) -> Iterator[Forwarder]:
    """The processes' way to Redis, which a test may cut."""
    with Redis.from_url(redis_url) as redis, before(redis_url) as forwarder:
        redis.flushdb()
        yield forwarder
        redis.flushdb()


@pytest.fixture(scope="session")
def environment(
    redis_url: str, redis_way: Forwarder, rollups_url: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    port = free_port()
    return os.environ | {
        "DJANGO_SECRET_KEY": "for tests only " * 4,
        "DATABASE_URL": "",
        "PAWPRINT_DATA_DIR": str(tmp_path_factory.mktemp("webapp")),
        "PAWPRINT_WEBAPP_PORT": str(port),
        "PAWPRINT_BASE_URL": f"http://127.0.0.1:{port}",
        "PAWPRINT_PARTITIONS": str(PARTITIONS),
        "REDIS_URL": through(redis_way, redis_url),
        "CLICKHOUSE_URL": rollups_url,
        "CLICKHOUSE_READ_URL": "",
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture(scope="session")
def webapp(environment: dict[str, str]) -> Iterator[Webapp]:
    manage(environment, "migrate")
    made = manage(environment, "make_demo", "--domain", "demo.example", "--spike-threshold", "60")
    webapp = Webapp(
        url=environment["PAWPRINT_BASE_URL"],
        demo=json.loads(made),
        environment=environment,
        folder=Path(environment["PAWPRINT_DATA_DIR"]),
    )
    with process(environment, "serve.log", "-m", "webapp", "serve"):
        _wait_for(f"{webapp.url}/healthz")
        yield webapp


@contextlib.contextmanager
def process(environment: dict[str, str], log_name: str, *arguments: str) -> Iterator[None]:
    """A Python process for as long as the block lasts; it has to end when it is asked to."""
    with (Path(environment["PAWPRINT_DATA_DIR"]) / log_name).open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        running.terminate()
        try:
            running.wait(timeout=15)
        except subprocess.TimeoutExpired:
            running.kill()
            raise


def manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "webapp", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout


def _wait_for(url: str) -> None:
    ends_at = time.monotonic() + READY_S_MAX
    while time.monotonic() < ends_at:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url).status_code == 200:
                return
        time.sleep(0.1)
    raise TimeoutError(f"{url} is not there after {READY_S_MAX} s")
