"""Collectors as processes of their own, each with an empty topic and an empty Redis."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from collector.sites import hash_key
from schemas import redis_keys
from schemas.sites import IngestKey, SiteSettings, encode
from tests.contract.collector import kafka_topics
from tests.fresh import free_port

ROOT = Path(__file__).parents[3]
READY_S_MAX = 30.0
PARTITIONS = 4
KEY = "key-of-alice"


@dataclass
class Process:
    """One `python -m collector`."""

    environment: dict[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    terminated: bool = False

    def start(self) -> None:
        self.terminated = False
        path = os.environ.get("PYTHONPATH") or str(ROOT)
        given = {"PAWPRINT_COLLECTOR_PORT": str(self.port), "PYTHONPATH": path}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "collector"],
                cwd=ROOT,
                env=os.environ | self.environment | given,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    async def health(self) -> tuple[int, dict[str, str]]:
        """(0, {}) while nobody listens."""
        async with self.client() as client:
            try:
                answer = await client.get("/healthz")
            except httpx.TransportError:
                return 0, {}
            return answer.status_code, answer.json()

    async def wait(self, wanted: Callable[[int, dict[str, str]], bool]) -> None:
        async with asyncio.timeout(READY_S_MAX):
            while not wanted(*await self.health()):
                await asyncio.sleep(0.05)

    async def ready(self) -> None:
        await self.wait(lambda status, _: status == 200)

    def terminate(self) -> None:
        """SIGTERM, once: a second one means "at once" to many programs."""
        if self.process is not None and not self.terminated:
            self.terminated = True
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the process and, where they are not one, its workers."""
        assert self.process is not None
        for pid in (self.process.pid, *self.workers()):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def workers(self) -> list[int]:
        """Process ids of the server's workers (proc(5): a task's children)."""
        assert self.process is not None
        pid = self.process.pid
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]

    async def stop(self) -> int:
        """The exit status after SIGTERM."""
        assert self.process is not None
        self.terminate()
        return await asyncio.to_thread(self.process.wait, 30)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    await client.flushdb()
    await client.hset(redis_keys.SITES, "example.com", encode(SiteSettings(7, "example.com")))
    await client.hset(redis_keys.INGEST_KEYS, hash_key(KEY), encode(IngestKey(1, (7,))))
    yield client
    await client.aclose()


@pytest.fixture
async def topic(kafka_broker: str) -> AsyncIterator[str]:
    name = kafka_topics.new_name()
    await kafka_topics.create(kafka_broker, name, PARTITIONS)
    yield name
    await kafka_topics.delete(kafka_broker, name)


@pytest.fixture
async def collector(
    kafka_broker: str, redis_url: str, redis: Redis, topic: str, tmp_path: Path
) -> AsyncIterator[Process]:
    """Not started yet, so that a test may change its environment."""
    environment = {
        "KAFKA_BROKER": kafka_broker,
        "REDIS_URL": redis_url,
        "PAWPRINT_HITS_TOPIC": topic,
        "PAWPRINT_ROUTE_SECRET": "00" * 16,
        "PAWPRINT_DATA_DIR": str(tmp_path / "data"),
    }
    process = Process(environment, tmp_path / "collector.log")
    yield process
    if process.process is not None:
        await process.stop()
