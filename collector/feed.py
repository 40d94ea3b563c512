"""Brings sites, ingest keys and salts from Redis and keeps them fresh.

A change's message names what changed, and that alone is read again; everything is read at the start
and at an interval, in pieces between which hits are served. Redis away: all goes on with what is in
memory; only a day without a salt cannot be served.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any, Final, cast

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
PIECE_SITES: Final = 500  # read and decoded at once: 2 ms in which no hit is served

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
        """Read all at each interval and what changed at each change; ends when Redis fails."""
        async with self._redis.pubsub() as messages:
            await messages.subscribe(redis_keys.SITES_CHANGED, redis_keys.INGEST_KEYS_CHANGED)
            while True:  # subscribed first: a change between reading and listening is not lost
                await self._read_all(messages)
                self.redis_answers = True
                await self._take_changes(messages)

    async def _take_changes(self, messages: PubSub) -> None:
        """Returns after the interval."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._interval_s
        while (left := until - loop.time()) > 0:
            message = await messages.get_message(ignore_subscribe_messages=True, timeout=left)
            if message is not None:
                await self._take_change(message)

    async def _take_change(self, message: dict[str, Any]) -> None:
        """Read again what the message names. A missing field means that it was taken away: the
        webapp writes before it tells."""
        name = cast(bytes, message["data"]).decode("utf-8", "replace")
        if cast(bytes, message["channel"]).decode() == redis_keys.INGEST_KEYS_CHANGED:
            self._misses.pop(name, None)
            value = await self._read_field(redis_keys.INGEST_KEYS, name)
            if value is None:
                self._sites.remove_key(name)
            else:
                self._sites.put_key(name, value)
            return
        value = await self._read_field(redis_keys.SITES, name)
        if value is None:
            self._sites.remove_site(name)
        else:
            self._sites.put_site(name, value)
        self._metrics.gauge("pawprint_collector_sites").set(len(self._sites))

    async def _read_field(self, key: str, name: str) -> bytes | None:
        return cast("bytes | None", await self._redis.hget(key, name))

    async def _take_waiting(self, messages: PubSub) -> None:
        """The changes that are there by now; waits for none."""
        while message := await messages.get_message(ignore_subscribe_messages=True, timeout=0.0):
            await self._take_change(message)

    async def _read_all(self, messages: PubSub) -> None:
        await self._read_sites(messages)
        keys = cast("dict[bytes, bytes]", await self._redis.hgetall(redis_keys.INGEST_KEYS))
        self._sites.replace_keys(keys)
        self._misses.clear()
        self._metrics.gauge("pawprint_collector_sites").set(len(self._sites))
        if self._sites.unsaved:
            await self._save()

    async def _save(self) -> None:
        try:
            await asyncio.to_thread(self._sites.save, self._sites.saving())
        except OSError:
            self._sites.unsaved = True
            log.warning("snapshot of sites cannot be written", exc_info=True)

    async def _read_sites(self, messages: PubSub) -> None:
        """Piece by piece, with changes between: of 100,000 it takes up to a second.

        What was not met is asked for by name before it is forgotten: a hash that is written anew
        while it is read may not show everything.
        """
        missing = self._sites.domains()
        cursor = 0
        while True:
            cursor, found = await self._redis.hscan(redis_keys.SITES, cursor, count=PIECE_SITES)
            for name, value in cast("dict[bytes, bytes]", found).items():
                domain = name.decode("utf-8", "replace")
                self._sites.put_site(domain, value)
                missing.discard(domain.lower())
            await self._take_waiting(messages)
            await asyncio.sleep(0)
            if not cursor:
                break
        if missing and not await self._redis.exists(redis_keys.SITES):
            # A Redis that lost its data, far more often than a deleted last site; hits turned
            # away meanwhile would be lost for ever.
            log.warning("redis has no sites: keeping those in memory")
            return
        await self._remove_missing(missing)
        self._sites.loaded = True

    async def _remove_missing(self, domains: set[str]) -> None:
        names = iter(sorted(domains))
        while piece := list(islice(names, PIECE_SITES)):
            values = await self._redis.hmget(redis_keys.SITES, piece)
            for domain, value in zip(piece, cast("list[bytes | None]", values), strict=True):
                if value is None:
                    self._sites.remove_site(domain)

    async def ingest_key(self, key_hash: str) -> IngestKey | None:
        """From memory, else from Redis. Raises `Unavailable` if Redis cannot be asked."""
        found = self._sites.find_key(key_hash)
        now = asyncio.get_running_loop().time()
        if found is not None or self._misses.get(key_hash, 0.0) > now:
            return found
        try:
            value = await self._read_field(redis_keys.INGEST_KEYS, key_hash)
        except (RedisError, OSError) as error:
            self._metrics.count("pawprint_collector_redis_failures_total", task="keys")
            raise Unavailable("redis") from error
        if value is None:
            self._misses[key_hash] = now + MISS_MEMORY_S
            if len(self._misses) > MISSES_MAX:
                self._misses.popitem(last=False)
            return None
        self._sites.put_key(key_hash, value)
        return self._sites.find_key(key_hash)
