"""The stores a worker writes to, as its event loop needs them; they connect on first use."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import ParamSpec, TypeVar

from aggregates.clickhouse.expiry import Cutoffs, Expiry, kept_rows
from aggregates.clickhouse.ingest import IngestStore
from aggregates.clickhouse.sealing import Sealer, UnsealedDay
from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.rows import Rows
from aggregates.protocols import LiveMirror
from aggregates.redis.mirror import RedisMirror
from schemas.records import IngestCount

P = ParamSpec("P")
R = TypeVar("R")


class Thread:
    """Calls that block, beside the event loop: in one thread, so one after the other."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `call` returns. Raises what it raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, partial(call, *args, **kwargs))


class ThreadedRows:
    """`ports.RowStore`: ClickHouse beside the event loop; inserts of one worker are serial."""

    def __init__(self, url: Callable[[], str]) -> None:
        """`url` is asked for at the first insert."""
        self._url = url
        self.cutoffs: Cutoffs = {}  # what lies before is not written
        self._thread = Thread("clickhouse")

    @cached_property
    def _store(self) -> ClickHouseStore:
        return ClickHouseStore(self._url())

    async def insert(self, rows: Rows) -> None:
        """Raises `StoreUnavailable` if any of it is not confirmed."""
        await self._thread.run(self._store.insert, kept_rows(rows, self.cutoffs))


class ThreadedIngest:
    """The collectors' counts into ClickHouse, beside the event loop."""

    def __init__(self, url: str) -> None:
        self._store, self._thread = IngestStore(url), Thread("ingest")

    async def insert(self, counts: Sequence[IngestCount]) -> None:
        """Raises `StoreUnavailable` if any of it is not confirmed."""
        await self._thread.run(self._store.insert, counts)


class ThreadedExpiry:
    """Deletions from ClickHouse, beside the event loop."""

    def __init__(self, url: str) -> None:
        self._expiry, self._thread = Expiry(url), Thread("expiry")

    async def cutoffs(self) -> Cutoffs:
        """How far retention has come. Raises `StoreUnavailable`."""
        return await self._thread.run(self._expiry.cutoffs)

    async def expire(self, cutoffs: Cutoffs) -> int:
        """Returns how many rows were deleted once all are gone. Raises `StoreUnavailable`."""
        return await self._thread.run(self._expiry.expire, cutoffs)


class ThreadedSealer:
    """Seals, beside the event loop."""

    def __init__(self, url: Callable[[], str]) -> None:
        """`url` is asked for at the first call."""
        self._url = url
        self._thread = Thread("sealing")

    @cached_property
    def _sealer(self) -> Sealer:
        return Sealer(self._url())

    async def unsealed(self, now_s: int, since_s: int) -> list[UnsealedDay]:
        """Days since then worth a seal that have none which holds. Raises `StoreUnavailable`."""
        return await self._thread.run(self._sealer.unsealed, now_s, since_s)

    async def seal(self, day: UnsealedDay, session_gap_s: int) -> None:
        """Raises `StoreUnavailable`."""
        await self._thread.run(self._sealer.seal, day, session_gap_s)

    async def sweep(self, now_s: int) -> int:
        """How many rows of superseded seals were deleted. Raises `StoreUnavailable`."""
        return await self._thread.run(self._sealer.sweep, now_s)


def live_mirror(url: str) -> LiveMirror:
    """Where the live counters go. Its connections belong to the event loop that first uses it."""
    return RedisMirror(url)
