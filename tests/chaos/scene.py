"""What a fault acts on: the stack, the load, the log, and how far the pipeline is."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from aiokafka.errors import KafkaError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from collector.sites import hash_key
from schemas import redis_keys
from schemas.sites import IngestKey, encode
from tests.chaos.load import KEY, SITES, Load
from tests.chaos.log import Follower
from tests.chaos.stack import SPARE_WORKER, WORKERS, ChaosStack
from tests.chaos.stored import Rollups

POLL_S: Final = 0.5


@dataclass
class Progress:
    """How far the pipeline is, polled; while a server is away, what it last said."""

    follower: Follower
    rollups: Rollups
    health: Mapping[str, str]  # worker -> its health page
    stored: int = 0  # hits of the log whose outcome is in ClickHouse
    applied: dict[int, int] = field(default_factory=dict)  # partition -> the last offset folded

    @property
    def behind(self) -> int:
        """Hits of the log that are not in ClickHouse yet."""
        return max(0, self.follower.log.count - self.stored)

    async def poll(self) -> None:
        """Until cancelled."""
        async with httpx.AsyncClient(timeout=1.0, trust_env=False) as client:
            while True:
                with suppress(Exception):  # whatever a driver raises: it is away
                    self.stored = await asyncio.to_thread(self.rollups.ledger)
                for found in await asyncio.gather(
                    *(_partitions(client, url) for url in self.health.values())
                ):
                    for partition, offset in found.items():
                        self.applied[partition] = max(self.applied.get(partition, -1), offset)
                await asyncio.sleep(POLL_S)

    async def ends(self) -> dict[int, int]:
        """The log's next offsets now; waits while Kafka is away."""
        while True:
            try:
                async with asyncio.timeout(5):
                    return await self.follower.ends()
            except (KafkaError, TimeoutError, OSError):
                await asyncio.sleep(POLL_S)

    async def reaches(self, ends: Mapping[int, int]) -> None:
        """Returns when every record before `ends` is folded and stored."""
        while not self.follower.log.reaches(dict(ends)):
            await asyncio.sleep(POLL_S / 2)
        hits = self.follower.log.count
        while self.stored < hits or any(
            self.applied.get(partition, -1) < end - 1 for partition, end in ends.items()
        ):
            await asyncio.sleep(POLL_S / 2)


async def _partitions(client: httpx.AsyncClient, url: str) -> dict[int, int]:
    """Partition -> the last offset folded, of one worker; empty while it does not answer."""
    try:
        told: dict[str, Any] = (await client.get(url)).json()
    except (httpx.TransportError, ValueError):
        return {}
    return {int(number): part["applied"] for number, part in told["partitions"].items()}


@dataclass
class Scene:
    """Everything a fault may touch."""

    stack: ChaosStack
    load: Load
    progress: Progress
    ends_at: float  # monotonic seconds; no new fault begins after it
    minutes: float
    refused: bool = False  # whether ClickHouse has refused inserts for long in this run

    @property
    def broker(self) -> str:
        return self.stack.stack.found.kafka

    @property
    def redis_url(self) -> str:
        return self.stack.stack.found.redis

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.ends_at - time.monotonic())

    async def write_sites(self) -> None:
        """Sites and the ingest key into Redis, as the webapp does; waits while it is away."""
        while True:
            try:
                async with Redis.from_url(self.redis_url, socket_timeout=5) as client:
                    await _write_sites(client)
                return
            except (RedisError, OSError):
                await asyncio.sleep(POLL_S)


async def _write_sites(client: Redis) -> None:
    key = IngestKey(1, tuple(site.site_id for site in SITES))
    await client.hset(redis_keys.INGEST_KEYS, hash_key(KEY), encode(key).decode())
    for site in SITES:
        await client.hset(redis_keys.SITES, site.domain, encode(site).decode())
        await client.publish(redis_keys.SITES_CHANGED, site.domain)


def health_pages(stack: ChaosStack) -> dict[str, str]:
    """Worker -> its health page."""
    return {name: f"{stack.url(name)}/healthz" for name in (*WORKERS, SPARE_WORKER)}
