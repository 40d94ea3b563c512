"""Faust, ClickHouse and Redis as the ports of the protocol, and the worker made of them."""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from typing import Any, Final

from faust.types import TP

from aggregates.clickhouse.generations import database_url
from schemas.records import DeadLetter, SiteMinute, encode
from schemas.topics import HITS
from streams.app import app, checkpoints, hits_dead, ownership, settings, site_minutes
from streams.checkpoints import Snapshot, cut_chunks
from streams.ingest import HeldCounts
from streams.protocol.ports import Record, Worker
from streams.stores import ThreadedExpiry, ThreadedIngest, ThreadedRows, ThreadedSealer, live_mirror


class WallClock:
    """`ports.Clock`."""

    def now_s(self) -> float:
        return time.monotonic()

    def epoch_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


CONSUMER_S_MAX: Final = 30.0  # its thread may be gone: then it never answers


class FaustLog:
    """`ports.Log` on the app's consumer."""

    async def commit(self) -> None:
        await app.commit({HITS.name})

    async def seek(self, partition: int, offset: int) -> None:
        """In the consumer's thread: from ours it would break into a fetch and end the worker."""
        async with asyncio.timeout(CONSUMER_S_MAX):
            await app.consumer.seek_wait({TP(HITS.name, partition): offset})

    async def earliest(self, partition: int) -> int:
        tp = TP(HITS.name, partition)
        async with asyncio.timeout(CONSUMER_S_MAX):
            return (await app.consumer.earliest_offsets(tp)).get(tp) or 0

    def end(self, partition: int) -> int | None:
        tp = TP(HITS.name, partition)
        return (app.consumer.highwater(tp) or 0) if tp in app.consumer.assignment() else None


class FaustChangelog:
    """`ports.Changelog` on the table of checkpoints."""

    async def cut(self, snapshot: Snapshot) -> list[tuple[bytes, bytes]]:
        return await asyncio.to_thread(cut_chunks, snapshot)

    def send(self, partition: int, key: bytes, value: bytes | None) -> Awaitable[object]:
        sent: Awaitable[object] = checkpoints.send_changelog(
            partition, key, value, key_serializer="raw", value_serializer="raw"
        )
        return sent

    def keep(self, records: Mapping[bytes, bytes | None]) -> None:
        kept = checkpoints.data.data
        for key, value in records.items():
            if value is None:
                kept.pop(key, None)
            else:
                kept[key] = value


class FaustOutlet:
    """`ports.Outlet` on the app's producer."""

    async def bury(self, letter: DeadLetter) -> None:
        await (await hits_dead.send(key=letter.key.encode(), value=encode(letter)))

    async def close_minute(self, minute: SiteMinute) -> Awaitable[object]:
        return await site_minutes.send(key=str(minute.site_id).encode(), value=encode(minute))


class FaustProcess:
    """`ports.Process` on the app."""

    @property
    def stopping(self) -> bool:
        return bool(app.should_stop)

    async def crash(self, reason: Exception) -> None:
        await app.crash(reason)


def record_of(event: Any) -> Record:
    """The record of an event, which then no longer holds the bytes: it is kept until a checkpoint.

    At 500 records a second of 20 KB each, they would be 20 MB of every 2 s.
    """
    message, value = event.message, event.value or b""
    event.value = message.value = None
    appended_ms = round(message.timestamp * 1000)
    return Record(message.partition, message.offset, appended_ms, value, event.ack)


def generation_url() -> str:
    """The database of the generation that this worker folds."""
    return database_url(settings.clickhouse_url, ownership.generation)


rows: Final = ThreadedRows(generation_url)
sealer: Final = ThreadedSealer(generation_url)
expiry: Final = ThreadedExpiry(settings.clickhouse_url)
worker: Final = Worker(
    settings=settings,
    ownership=ownership,
    clock=WallClock(),
    log=FaustLog(),
    changelog=FaustChangelog(),
    outlet=FaustOutlet(),
    rows=rows,
    mirror=live_mirror(settings.redis_url),
    process=FaustProcess(),
)
held_counts: Final = HeldCounts(ThreadedIngest(settings.clickhouse_url).insert)
