"""Rows to ClickHouse and closed minutes to `site-minutes`, about once a second.

Survives replay: rows are absolute and versioned, closed minutes absolute and keyed. What is not
confirmed stays in the state, and so in the checkpoint, until it is.
"""

import asyncio
import logging
import time

from aggregates.core.flush import confirm_rows, confirm_site_minutes, unconfirmed_rows
from aggregates.core.rows import Rows
from aggregates.protocols import StoreUnavailable
from schemas.records import encode
from streams import metrics
from streams.app import app, ownership, settings, site_minutes
from streams.shards import OwnedShard
from streams.stores import insert_rows

logger = logging.getLogger(__name__)


@app.task
async def flush_for_ever() -> None:
    while not app.should_stop:
        more = False
        try:
            more = await flush_rows()
        except StoreUnavailable as error:
            metrics.STORE_FAILURES.labels("clickhouse").inc()
            logger.warning("rows wait for ClickHouse: %s", error)
        metrics.ROWS_UNCONFIRMED.set(ownership.unconfirmed)
        try:
            await flush_site_minutes()
        except Exception as error:  # whatever the driver raises: they stay, and are sent again
            metrics.STORE_FAILURES.labels("kafka").inc()
            logger.warning("closed minutes wait for Kafka: %r", error)
        await asyncio.sleep(0 if more else settings.flush_interval_s)


async def flush_rows() -> bool:
    """Write unconfirmed rows of every shard in one insert. Returns whether a full one was written.

    Raises `StoreUnavailable`.
    """
    cuts = []
    for owned in list(ownership.shards.values()):
        cuts.append((owned, unconfirmed_rows(owned.shard, settings.rows_per_insert_max)))
        await asyncio.sleep(0)  # a shard's rows are made in one go; between shards the fold goes on
    rows = Rows(
        hits=[row for _, cut in cuts for row in cut.hits],
        visits=[row for _, cut in cuts for row in cut.visits],
        ledger=[row for _, cut in cuts for row in cut.ledger],
    )
    if any(rows):
        with metrics.FLUSH_SECONDS.time():
            await insert_rows(rows)
    metrics.ROWS_FLUSHED.labels("hit_rows").inc(len(rows.hits))
    metrics.ROWS_FLUSHED.labels("visit_rows").inc(len(rows.visits))
    metrics.ROWS_FLUSHED.labels("ledger_rows").inc(len(rows.ledger))
    for owned, cut in cuts:
        confirm_rows(owned.shard, cut)
        if not owned.shard.unconfirmed:
            owned.stored_at_ms = time.time_ns() // 1_000_000
    return any(len(kind) >= settings.rows_per_insert_max for _, cut in cuts for kind in cut)


async def flush_site_minutes() -> None:
    """Send closed minutes; they leave the state once the broker has them."""
    for owned in list(ownership.shards.values()):
        await _flush_site_minutes(owned)


async def _flush_site_minutes(owned: OwnedShard) -> None:
    closed = list(owned.shard.state.closed.site_minutes)
    sent = [
        await site_minutes.send(key=str(minute.site_id).encode(), value=encode(minute))
        for minute in closed
    ]
    for each in sent:
        await each
    confirm_site_minutes(owned.shard, dict.fromkeys(closed))
