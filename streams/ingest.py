"""The collectors' counts on their way to ClickHouse: held until it confirmed them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec

from aggregates.protocols import StoreUnavailable
from schemas.records import IngestCount, decode

logger = logging.getLogger(__name__)

HELD_MAX: Final = 5_000  # bounds the memory while ClickHouse is away: then the partition waits
FLUSH_EVERY_S: Final = 1.0
RETRY_S: Final = 1.0


class HeldCounts:
    """Events of `ingest-ledger` that are read and not yet acknowledged.

    Replay: what was not acknowledged is read again, and writing a count again changes nothing.
    """

    def __init__(self, insert: Callable[[Sequence[IngestCount]], Awaitable[None]]) -> None:
        self._insert = insert
        self._events: list[Any] = []
        self._counts: list[IngestCount] = []
        self._flushing = asyncio.Lock()

    async def hold(self, event: Any) -> None:
        """Take one event; waits for ClickHouse if there are too many already."""
        try:
            self._counts.append(decode(event.value or b"", IngestCount))
        except msgspec.DecodeError as error:  # counted by nobody, as nobody knows of what it is
            offset = event.message.offset
            logger.error("ingest-ledger offset=%d unreadable: %s", offset, error)
        self._events.append(event)
        if len(self._events) >= HELD_MAX:
            await self.flush()

    async def flush(self) -> None:
        """Write what is held, for as long as it takes; then acknowledge it in order."""
        async with self._flushing:
            events, self._events = self._events, []
            counts, self._counts = self._counts, []
            if counts:
                await self._write(counts)
            for event in events:
                event.ack()

    async def _write(self, counts: Sequence[IngestCount]) -> None:
        while True:
            try:
                await self._insert(counts)
                return
            except StoreUnavailable as error:
                logger.warning("%d counts not written, trying again: %s", len(counts), error)
                await asyncio.sleep(RETRY_S)
