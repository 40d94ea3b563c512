"""Redis as one process of the web application reads it for its live streams."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from aggregates.protocols import LiveMirror
from aggregates.redis.mirror import RedisMirror
from schemas import redis_keys
from schemas.live import LiveShard, ShardStatus
from webapp.live.limits import IDLE_S, RETRY_MAX_S, RETRY_MIN_S, STATUS_AGE_S_MAX

Shards = dict[int, LiveShard]


class Listener(Protocol):
    """Who is told what Redis announces."""

    def heard(self, channel: str, data: bytes) -> None: ...

    def heard_nothing_for_a_while(self) -> None:
        """Announcements may have been missed."""


class Source:
    """One connection that listens for all sites, others that read. Lives on one event loop."""

    def __init__(self, url: str, listener: Listener) -> None:
        self._url = url
        self._listener = listener
        self._mirror: LiveMirror = RedisMirror(url)
        self._statuses: dict[int, ShardStatus] = {}
        self._statuses_read_at = float("-inf")  # on the monotonic clock
        self._listening = asyncio.create_task(self._listen_for_ever())

    async def read(self, site_id: int) -> tuple[Shards, dict[int, ShardStatus]]:
        """The counters of a site, and all shards' statuses. Raises `StoreUnavailable`."""
        shards, statuses = await asyncio.gather(self._mirror.read(site_id), self._read_statuses())
        return shards, statuses

    async def close(self) -> None:
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        await self._mirror.close()

    async def _read_statuses(self) -> dict[int, ShardStatus]:
        if time.monotonic() - self._statuses_read_at > STATUS_AGE_S_MAX:
            self._statuses = await self._mirror.read_statuses()
            self._statuses_read_at = time.monotonic()
        return self._statuses

    async def _listen_for_ever(self) -> None:
        retry_s = RETRY_MIN_S

        def connected() -> None:
            nonlocal retry_s
            retry_s = RETRY_MIN_S
            self._listener.heard_nothing_for_a_while()

        while True:
            try:
                await self._listen(connected)
            except (RedisError, OSError):
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, RETRY_MAX_S)

    async def _listen(self, connected: Callable[[], None]) -> None:
        """Until Redis goes away: raises `RedisError` or `OSError`."""
        client = redis.asyncio.Redis.from_url(
            self._url, socket_connect_timeout=IDLE_S, retry=Retry(NoBackoff(), 0)
        )
        async with client, client.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(redis_keys.LIVE_CHANGED, redis_keys.ALERT_CHANGED)
            connected()
            while True:
                message = await pubsub.get_message(timeout=None)
                if message is not None:
                    self._listener.heard(message["channel"].decode(), message["data"])
