"""Fans the live counters out: one reading a site however many watch, one listener a process.

    Redis ──announcements──▶ Hub ──▶ Feed of a site ──frames──▶ Watcher ──▶ one open stream
          ◀────readings───────────────┘

Everything that belongs to an event loop is made with the first watcher and ends with the last.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncGenerator

import msgspec

from aggregates.live import summarize
from aggregates.protocols import StoreUnavailable
from schemas import redis_keys
from schemas.live import ShardStatus
from webapp.alerts.messages import AlertMessage
from webapp.live import frames
from webapp.live.limits import (
    ALERTS_WAITING_MAX,
    IDLE_S,
    STREAM_S_MAX,
    UPDATE_INTERVAL_S,
    WATCHERS_MAX,
)
from webapp.live.source import Shards, Source

RETRY = b"retry: 1000\n\n"  # ms after which a browser comes again


class Watcher:
    """One open stream: the newest frame and the alerts it has not been sent yet."""

    def __init__(self, *, hears_alerts: bool = True) -> None:
        self._hears_alerts = hears_alerts
        self._frame: bytes | None = None
        self._alerts: deque[bytes] = deque(maxlen=ALERTS_WAITING_MAX)
        self._ready = asyncio.Event()

    def offer_frame(self, frame: bytes) -> None:
        """A frame that was not taken yet is replaced: who reads slowly gets the newest only."""
        self._frame = frame
        self._ready.set()

    def offer_alert(self, alert: bytes) -> None:
        if not self._hears_alerts:
            return
        self._alerts.append(alert)
        self._ready.set()

    async def take(self) -> bytes:
        """Wait for something to send; all that waits, as one piece."""
        await self._ready.wait()
        self._ready.clear()
        pieces = [*self._alerts, *([self._frame] if self._frame else [])]
        self._alerts.clear()
        self._frame = None
        return b"".join(pieces)


class Feed:
    """The numbers of one site while anyone watches it."""

    def __init__(self, site_id: int, source: Source, partitions: int) -> None:
        self.watchers: set[Watcher] = set()
        self._site_id = site_id
        self._source = source
        self._partitions_min = partitions
        self._began_s = self._read_at_s = int(time.time())
        self._shards: Shards = {}
        self._statuses: dict[int, ShardStatus] = {}
        self._frame: bytes | None = None
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def join(self, watcher: Watcher) -> None:
        """Add a watcher; it gets the last frame at once, or the first one as soon as it is read."""
        self.watchers.add(watcher)
        if self._frame is not None:
            watcher.offer_frame(self._frame)

    def change(self) -> None:
        """The counters may have changed."""
        self._changed.set()

    def stop(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            self._changed.clear()  # a change from here on is read in the next round
            self._frame = await self._read_frame()
            for watcher in self.watchers:
                watcher.offer_frame(self._frame)
            await asyncio.sleep(UPDATE_INTERVAL_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE_S - UPDATE_INTERVAL_S):
                    await self._changed.wait()

    async def _read_frame(self) -> bytes:
        """As things are now; without Redis what was last read, grown older, and since when."""
        stale_live: int | None = None
        try:
            self._shards, self._statuses = await self._source.read(self._site_id)
            self._read_at_s = int(time.time())
        except StoreUnavailable:
            stale_live = self._read_at_s
        now_s = int(time.time())
        data = frames.live_data(
            view=summarize(self._shards, now_s),
            final_until=frames.final_until_s(self._statuses, self._partitions()),
            stale_live=stale_live or frames.live_stale_since_s(self._statuses, now_s),
            stale_rollups=frames.rollups_stale_since_s(
                self._statuses, self._partitions(), now_s, self._began_s
            ),
        )
        return frames.encode_event("live", data)

    def _partitions(self) -> int:
        """Grown when a later shard has told of itself."""
        return max(self._partitions_min, max(self._statuses, default=-1) + 1)


class Hub:
    """All open streams of this process."""

    def __init__(self, redis_url: str, partitions: int) -> None:
        self._redis_url = redis_url
        self._partitions = partitions
        self._source: Source | None = None
        self._feeds: dict[int, Feed] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        return sum(len(feed.watchers) for feed in self._feeds.values()) >= WATCHERS_MAX

    async def watch(self, site_id: int, *, hears_alerts: bool = True) -> AsyncGenerator[bytes]:
        """The events of one stream, until its time is over or nobody reads it any more."""
        ends_at = time.monotonic() + STREAM_S_MAX
        watcher = self._join(site_id, Watcher(hears_alerts=hears_alerts))
        try:
            yield RETRY
            while time.monotonic() < ends_at:
                yield await watcher.take()
        finally:
            self._leave(site_id, watcher)

    def heard(self, channel: str, data: bytes) -> None:
        """An announcement; what cannot be read is none."""
        with contextlib.suppress(ValueError):  # as is msgspec.DecodeError
            if channel == redis_keys.LIVE_CHANGED:
                self._change(int(data))
            else:
                self._alert(msgspec.json.decode(data, type=AlertMessage))

    def heard_nothing_for_a_while(self) -> None:
        for feed in self._feeds.values():
            feed.change()

    def _change(self, site_id: int) -> None:
        if site_id in self._feeds:
            self._feeds[site_id].change()

    def _alert(self, message: AlertMessage) -> None:
        if message.site_id in self._feeds:
            event = frames.encode_event("alert", message.alert)
            for watcher in self._feeds[message.site_id].watchers:
                watcher.offer_alert(event)

    def _join(self, site_id: int, watcher: Watcher) -> Watcher:
        if self._source is None:
            self._source = Source(self._redis_url, self)
        if site_id not in self._feeds:
            self._feeds[site_id] = Feed(site_id, self._source, self._partitions)
        self._feeds[site_id].join(watcher)
        return watcher

    def _leave(self, site_id: int, watcher: Watcher) -> None:
        feed = self._feeds[site_id]
        feed.watchers.discard(watcher)
        if not feed.watchers:
            feed.stop()
            del self._feeds[site_id]
        if not self._feeds and self._source is not None:
            closing = asyncio.create_task(self._source.close())
            self._closing.add(closing)  # the loop itself keeps no task alive
            closing.add_done_callback(self._closing.discard)
            self._source = None
