"""Brings sites, ingest keys and salts from Redis and keeps them fresh.

Redis away: all goes on with what is in memory; only a day without a salt cannot be served.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, cast

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from collector.errors import Unavailable
from collector.metrics import Metrics
from collector.salts import Salts
from collector.sites import Sites
from schemas import redis_keys
from schemas.sites import IngestKey

RETRY_S: Final = 1.0
# Short: until a Redis that was emptied has today's salt again, a collector that starts makes one.
SALTS_INTERVAL_S: Final = 2.0
# Somebody guessing keys must not make Redis look up each: a miss is believed for a while.
MISS_MEMORY_S: Final = 5.0
MISSES_MAX: Final = 1_024

log = logging.getLogger(__name__)


class Feed:
    """`run` never ends and never raises but `CancelledError`."""

    def __init__(
        self,
        redis: Redis,
        sites: Sites,
        salts: Salts,
        metrics: Metrics,
        interval_s: float,
    ) -> None:
        self._redis = redis
        self._sites = sites
        self._salts = salts
        self._metrics = metrics
        self._interval_s = interval_s
        self._misses: OrderedDict[str, float] = OrderedDict()
        self.redis_answers = False

    async def run(self) -> None:
        await asyncio.gather(self._keep_sites(), self._keep_salts())

    async def _keep_salts(self) -> None:
        while True:
            fresh = await self._attempt("salts", self._salts.refresh)
            await asyncio.sleep(SALTS_INTERVAL_S if fresh else RETRY_S)

    async def _keep_sites(self) -> None:
        while True:
            await self._attempt("sites", self._follow)
            await asyncio.sleep(RETRY_S)

    async def _attempt(self, task: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether Redis answered."""
        try:
            await work()
        except (RedisError, OSError) as error:
            if self.redis_answers:
                log.warning("redis away", extra={"fields": {"error": type(error).__name__}})
            self._metrics.count("pawprint_collector_redis_failures_total", task=task)
            self.redis_answers = False
        else:
            self.redis_answers = True
        return self.redis_answers

    async def _follow(self) -> None:
        """Read all, then again at each change and each interval; ends when Redis fails."""
        async with self._redis.pubsub() as messages:
            await messages.subscribe(redis_keys.SITES_CHANGED)
            while True:  # subscribed first: a change between reading and listening is not lost
                await self._read_all()
                self.redis_answers = True
                await self._next_change(messages)

    async def _next_change(self, messages: PubSub) -> None:
        """Returns at a change, or after the interval."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._interval_s
        while (left := until - loop.time()) > 0:
            message = await messages.get_message(ignore_subscribe_messages=True, timeout=left)
            if message is not None:
                return

    async def _read_all(self) -> None:
        self._sites.replace_sites(await self._read_hash(redis_keys.SITES))
        self._sites.replace_keys(await self._read_hash(redis_keys.INGEST_KEYS))
        self._misses.clear()
        self._metrics.gauge("pawprint_collector_sites").set(len(self._sites))
        try:
            await asyncio.to_thread(self._sites.save)
        except OSError:
            log.warning("snapshot of sites cannot be written", exc_info=True)

    async def _read_hash(self, key: str) -> dict[bytes, bytes]:
        """The client is made without decoding, which its types cannot tell."""
        return cast("dict[bytes, bytes]", await self._redis.hgetall(key))

    async def ingest_key(self, key_hash: str) -> IngestKey | None:
        """From memory, else from Redis. Raises `Unavailable` if Redis cannot be asked."""
        found = self._sites.find_key(key_hash)
        now = asyncio.get_running_loop().time()
        if found is not None or self._misses.get(key_hash, 0.0) > now:
            return found
        try:
            value = await self._redis.hget(redis_keys.INGEST_KEYS, key_hash)
        except (RedisError, OSError) as error:
            self._metrics.count("pawprint_collector_redis_failures_total", task="keys")
            raise Unavailable("redis") from error
        if value is None:
            self._misses[key_hash] = now + MISS_MEMORY_S
            if len(self._misses) > MISSES_MAX:
                self._misses.popitem(last=False)
            return None
        self._sites.put_key(key_hash, cast(bytes, value))
        return self._sites.find_key(key_hash)
