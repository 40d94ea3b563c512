"""One worker's parts, put together, started and stopped."""

import asyncio
import logging
import os
import secrets
import signal
from collections.abc import Coroutine
from typing import Any

from redis.asyncio import Redis

from collector.batches import Batches
from collector.clock import Clock
from collector.events import Events
from collector.feed import Feed
from collector.kafka import KafkaSink
from collector.metrics import Metrics
from collector.operator_files import OperatorFiles
from collector.outbox import Outbox
from collector.pipeline import Pipeline
from collector.salts import Salts
from collector.settings import Settings
from collector.sites import SNAPSHOT, Sites
from collector.steps import make_steps
from collector.steps.agents import make_classifier
from collector.steps.identity import utc_day
from collector.steps.limits import RateLimits

REDIS_TIMEOUT_S = 2.0

log = logging.getLogger(__name__)


class Runtime:
    """`outbox` is None until Kafka and the topic were found."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.outbox: Outbox | None = None
        self._clock = Clock()
        self._redis: Redis = Redis.from_url(
            settings.redis_url,
            socket_timeout=REDIS_TIMEOUT_S,
            socket_connect_timeout=REDIS_TIMEOUT_S,
        )
        self._sites = Sites(settings.data_dir / SNAPSHOT)
        self._salts = Salts(self._redis, self._clock.now_ms)
        self._feed = Feed(
            self._redis, self._sites, self._salts, self.metrics, settings.sites_interval_s
        )
        self._sink = KafkaSink(settings, self.metrics)
        self._files = OperatorFiles(settings)
        limits = RateLimits(
            settings.address_rate_per_s, settings.site_rate_per_s, settings.trusted_proxies
        )
        steps = make_steps(
            self._sites, make_classifier(), self._salts, settings.route_secret, limits, self._files
        )
        pipeline = Pipeline(steps, self.metrics)
        self.events = Events(settings, pipeline, self.metrics, self._clock.now_ms)
        self.batches = Batches(
            settings, pipeline, self._sites.find, self._salts, self._feed, self._clock.now_ms
        )
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the background work; needs a loop, waits for nothing."""
        self._sites.restore()
        self._files.refresh()
        self._spawn(self._files.run())
        self._spawn(self._sink.run())
        self._spawn(self._feed.run())
        self._spawn(self._write())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_event_loop().create_task(work)
        task.add_done_callback(_die)
        self._tasks.append(task)

    async def _write(self) -> None:
        await self._sink.ready.wait()
        collector_id = secrets.token_hex(6)
        self.outbox = Outbox(
            self.settings,
            self._sink.partition_count,
            collector_id,
            self._sink,
            self.metrics,
            self._clock.now_ms,
        )
        fields = {"collector_id": collector_id, "partitions": self.outbox.partition_count}
        log.info("collector ready", extra={"fields": fields})
        await self.outbox.run()

    def health(self) -> dict[str, str]:
        """What each part is at: "ok" or what it waits for; Redis may be "away" without harm."""
        today = utc_day(self._clock.now_ms())
        return {
            "kafka": "ok" if self._sink.connected else "waiting",
            "salt": "ok" if self._salts.salt(today) else "waiting",
            "sites": "ok" if self._sites.loaded else "waiting",
            "redis": "ok" if self._feed.redis_answers else "away",
        }

    async def stop(self) -> None:
        """Write what is waiting, then end. What could not be written was answered with 503."""
        if self.outbox is not None:
            try:
                await self.outbox.drain(self.settings.drain_timeout_s)
            except TimeoutError:
                log.warning("stopped before all was written")
        for task in reversed(self._tasks):
            task.remove_done_callback(_die)
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._redis.aclose()


def _die(task: "asyncio.Task[None]") -> None:
    """Background work never ends by itself: if it does, start afresh rather than limp on."""
    if not task.cancelled():
        log.critical("background work ended", exc_info=task.exception())
        os.kill(os.getpid(), signal.SIGTERM)
