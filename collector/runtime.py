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
from collector.ledger import Ledger
from collector.ledger_sink import LedgerSink
from collector.metrics import Metrics
from collector.operator_files import OperatorFiles
from collector.outbox import Outbox
from collector.pipeline import Pipeline
from collector.remembered import FILE, remember_partitions, remembered_partitions
from collector.salts import Salts
from collector.settings import Settings
from collector.sites import SNAPSHOT, Sites
from collector.spool import Spool
from collector.spool_files import SpoolFiles
from collector.steps import make_steps
from collector.steps.agents import make_classifier
from collector.steps.identity import utc_day
from collector.steps.limits import RateLimits

REDIS_TIMEOUT_S = 2.0
SPOOL = "spool"
# A start with Kafka there takes less; then the partitions of the last time will do.
KAFKA_START_S = 3.0

log = logging.getLogger(__name__)


class Runtime:
    """`outbox` is None until Kafka and the topic were found, now or by the process before."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.outbox: Outbox | None = None
        self._clock = Clock()
        self._collector_id = secrets.token_hex(6)
        self._ledger = Ledger(self._collector_id, self._clock.now_ms)
        self.metrics.gauge("pawprint_collector_ledger_lost").set_function(lambda: self._ledger.lost)
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
        files = SpoolFiles(settings.data_dir / SPOOL, settings.spool_bytes_max)
        self._spool = Spool(files, self._sink, self.metrics)
        self._files = OperatorFiles(settings)
        limits = RateLimits(
            settings.address_rate_per_s, settings.site_rate_per_s, settings.trusted_proxies
        )
        steps = make_steps(
            self._sites, make_classifier(), self._salts, settings.route_secret, limits, self._files
        )
        pipeline = Pipeline(steps, self.metrics, self._ledger)
        self.events = Events(settings, pipeline, self._clock.now_ms)
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
        self._spawn(self._spool.run())
        self._spawn(LedgerSink(self.settings, self._ledger).run())
        self._spawn(self._write())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_event_loop().create_task(work)
        task.add_done_callback(_die)
        self._tasks.append(task)

    async def _write(self) -> None:
        partitions = await self._partitions()
        await self._spool.adopt()  # first, so that nothing overtakes it
        self.outbox = Outbox(
            self.settings,
            partitions,
            self._collector_id,
            self._sink,
            self._spool,
            self.metrics,
            self._ledger,
            self._clock.now_ms,
        )
        fields = {"collector_id": self._collector_id, "partitions": partitions}
        log.info("collector ready", extra={"fields": fields})
        await self.outbox.run()

    async def _partitions(self) -> int:
        """How many the topic has, or had when Kafka was last seen; waits for the one or other."""
        path = self.settings.data_dir / FILE
        remembered = await asyncio.to_thread(remembered_partitions, path)
        try:
            async with asyncio.timeout(KAFKA_START_S if remembered else None):
                await self._sink.ready.wait()
        except TimeoutError:
            log.warning("started without kafka", extra={"fields": {"partitions": remembered}})
            return remembered
        found = self._sink.partition_count
        if found != remembered:
            await asyncio.to_thread(remember_partitions, path, found)
        return found

    def _kafka_state(self) -> str:
        """ "away" while the spool takes its place; "waiting" when nothing takes hits."""
        if self.outbox is not None:
            if self._sink.connected:
                return "ok"
            if self._spool.state in ("ok", "replaying"):
                return "away"
        return "waiting"

    def health(self) -> dict[str, str]:
        """What each part is at; only "waiting" means that hits cannot be taken."""
        today = utc_day(self._clock.now_ms())
        return {
            "kafka": self._kafka_state(),
            "spool": self._spool.state,
            "salt": "ok" if self._salts.salt(today) else "waiting",
            "sites": "ok" if self._sites.loaded else "waiting",
            "redis": "ok" if self._feed.redis_answers else "away",
        }

    async def stop(self) -> None:
        """Write what is waiting, to Kafka or the spool, then end. The rest is answered with 503."""
        if self.outbox is not None:
            try:
                await self.outbox.drain(self.settings.drain_timeout_s)
            except TimeoutError:
                log.warning("stopped before all was written")
        for task in reversed(self._tasks):
            task.remove_done_callback(_die)
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._spool.close()
        await self._redis.aclose()


def _die(task: "asyncio.Task[None]") -> None:
    """Background work never ends by itself: if it does, start afresh rather than limp on."""
    if not task.cancelled():
        log.critical("background work ended", exc_info=task.exception())
        os.kill(os.getpid(), signal.SIGTERM)
