"""The stores this worker writes to, opened on first use."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.rows import Rows
from aggregates.protocols import LiveMirror, RollupStore
from aggregates.redis.mirror import RedisMirror
from streams.app import settings

# One thread: the driver's connection belongs to one, and inserts of one worker are serial anyway.
_insert_thread = ThreadPoolExecutor(1, thread_name_prefix="clickhouse")


@cache
def rollup_store() -> RollupStore:
    return ClickHouseStore(settings.clickhouse_url)


@cache
def live_mirror() -> LiveMirror:
    return RedisMirror(settings.redis_url)


async def insert_rows(rows: Rows) -> None:
    """`RollupStore.insert` beside the event loop. Raises `StoreUnavailable`."""
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(_insert_thread, partial(rollup_store().insert, rows))
