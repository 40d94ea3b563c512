"""Retention: what is older than its site keeps is deleted, at the start and once in a while.

Each worker does it: a deletion that is not needed is not made, one asked for twice does no harm.
Survives a kill: the server goes on with what it was asked for, the next look asks for the rest.
"""

import asyncio
import logging

from redis.exceptions import RedisError

from aggregates.protocols import StoreUnavailable
from streams import metrics
from streams.protocol.ports import Worker
from streams.site_settings import read_sites, wanted_cutoffs
from streams.stores import ThreadedExpiry, ThreadedRows

logger = logging.getLogger(__name__)

RETRY_S = 10.0


async def expire_for_ever(worker: Worker, expiry: ThreadedExpiry, rows: ThreadedRows) -> None:
    """From then on `rows` writes nothing of that either: late hits, imports, a fold from the start.

    While a store is away, what was known before goes on.
    """
    while not worker.process.stopping:
        pause_s = worker.settings.retention_interval_s
        try:
            await expire_once(worker, expiry, rows)
        except (StoreUnavailable, RedisError) as error:
            logger.warning("retention waits: %s", error)
            pause_s = min(RETRY_S, pause_s)
        await worker.clock.sleep(pause_s)


async def expire_once(worker: Worker, expiry: ThreadedExpiry, rows: ThreadedRows) -> None:
    """Raises `StoreUnavailable`, `redis.RedisError`."""
    sites = await asyncio.to_thread(read_sites, worker.settings.redis_url)
    now_s = worker.clock.epoch_ms() // 1000
    rows.cutoffs = wanted_cutoffs(sites.values(), await expiry.cutoffs(), now_s)
    if not rows.cutoffs:
        return
    deleted = await expiry.expire(rows.cutoffs)
    if deleted:
        logger.info("retention: %d rows deleted", deleted)
        metrics.ROWS_EXPIRED.inc(deleted)
