"""The stores a worker writes to, as its event loop needs them; they connect on first use."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from aggregates.clickhouse.expiry import Cutoffs, Expiry, kept_rows
from aggregates.clickhouse.ingest import IngestStore
from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.rows import Rows
from aggregates.protocols import LiveMirror
from aggregates.redis.mirror import RedisMirror
from schemas.records import IngestCount


class ThreadedRows:
    """`ports.RowStore`: ClickHouse beside the event loop."""

    def __init__(self, url: Callable[[], str]) -> None:
        """`url` is asked for at the first insert."""
        self._url = url
        self.cutoffs: Cutoffs = {}  # what lies before is not written
        self._store: ClickHouseStore | None = None
        # One thread: inserts of one worker are serial anyway.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="clickhouse")

    async def insert(self, rows: Rows) -> None:
        """Raises `StoreUnavailable` if any of it is not confirmed."""
        if self._store is None:
            self._store = ClickHouseStore(self._url())
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._store.insert, kept_rows(rows, self.cutoffs))


class ThreadedIngest:
    """The collectors' counts into ClickHouse, beside the event loop."""

    def __init__(self, url: str) -> None:
        self._store = IngestStore(url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ingest")

    async def insert(self, counts: Sequence[IngestCount]) -> None:
        """Raises `StoreUnavailable` if any of it is not confirmed."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._store.insert, counts)


class ThreadedExpiry:
    """Deletions from ClickHouse, beside the event loop."""

    def __init__(self, url: str) -> None:
        self._expiry = Expiry(url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="expiry")

    async def cutoffs(self) -> Cutoffs:
        """How far retention has come. Raises `StoreUnavailable`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._expiry.cutoffs)

    async def expire(self, cutoffs: Cutoffs) -> int:
        """Returns how many rows were deleted once all are gone. Raises `StoreUnavailable`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._expiry.expire, cutoffs)


def live_mirror(url: str) -> LiveMirror:
    """Where the live counters go. Its connections belong to the event loop that first uses it."""
    return RedisMirror(url)
