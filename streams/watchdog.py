"""Lag, and what to do about a partition that stands still: seek back, then end the process.

Crash-only: starting is recovering, so a process that cannot help itself ends with its reason.
"""

import asyncio
import time
from typing import Any

from faust.types import TP

from schemas.topics import HITS
from streams import metrics
from streams.app import app, ownership, settings
from streams.recovery import seek_back
from streams.shards import OwnedShard

STALLED_SEEK_S = 5.0
STALLED_END_S = 30.0


@app.task
async def watch_for_ever() -> None:
    seen: dict[int, int] = {}
    while not app.should_stop:
        await asyncio.sleep(1.0)
        for owned in list(ownership.shards.values()):
            await _watch(owned, seen)


async def _watch(owned: OwnedShard, seen: dict[int, int]) -> None:
    tp = TP(HITS.name, owned.partition)
    if tp not in app.consumer.assignment():
        return  # a rebalance runs
    highwater: Any = app.consumer.highwater(tp)
    owned.lag = max(0, (highwater or 0) - owned.applied - 1)
    metrics.LAG.labels(owned.partition).set(owned.lag)
    if owned.watermark_ms:
        delay = time.time() - owned.watermark_ms / 1000
        metrics.WATERMARK_DELAY.labels(owned.partition).set(delay)
    now = time.monotonic()
    held_back = ownership.unconfirmed > settings.rows_unconfirmed_max
    if not owned.lag or held_back or seen.get(owned.partition) != owned.applied:
        seen[owned.partition] = owned.applied
        owned.progressed_at = now
    elif now - owned.progressed_at > STALLED_END_S:
        await app.crash(
            RuntimeError(
                f"partition {owned.partition} stands at offset {owned.applied} with a lag of "
                f"{owned.lag} records for {STALLED_END_S:.0f} s"
            )
        )
    elif now - owned.progressed_at > STALLED_SEEK_S:
        await seek_back(owned)
