"""Rows to ClickHouse and closed minutes to `site-minutes`, about once a second.

Survives replay: rows are absolute and versioned, closed minutes absolute and keyed. What is not
confirmed stays in the state, and so in the checkpoint, until it is.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from aggregates.core.flush import confirm_rows, confirm_site_minutes, joined, unconfirmed_slices
from aggregates.core.rows import Rows
from aggregates.protocols import StoreUnavailable
from streams import metrics
from streams.garbage import not_looking
from streams.protocol.pacing import rest_s
from streams.protocol.ports import Worker
from streams.shards import OwnedShard

logger = logging.getLogger(__name__)

SLICE_ROWS: Final = 2_000  # made in one go, some 10 ms; between slices the fold goes on
RETRY_S_MAX: Final = 5.0  # between inserts while ClickHouse is away: making rows is not free
# Under load an open row is written whole, again and again, as it grows; the more there is to write,
# the more seldom.
SHARE_MAX: Final = 0.2  # of the time, while rows are not older than PAUSE_S_MAX
PAUSE_S_MAX: Final = 10.0
# While a shard is behind, rows that may still grow wait: for their window to close, for this long,
# or for as many as this share of all that may wait.
OPEN_S_MAX: Final = 20.0
OPEN_SHARE_MAX: Final = 0.75


async def flush_for_ever(worker: Worker) -> None:
    """Flushes until the process stops; a store that is away is asked again, ever more seldom."""
    settings, retry_s = worker.settings, worker.settings.flush_interval_s
    while not worker.process.stopping:
        began_s = worker.clock.now_s()
        try:
            with not_looking():  # a row is a dozen tuples
                full = await flush_rows(worker)
            took_s = worker.clock.now_s() - began_s
            pause_s = 0 if full else _rest_s(worker, took_s)
            retry_s = settings.flush_interval_s
        except StoreUnavailable as error:
            metrics.STORE_FAILURES.labels("clickhouse").inc()
            logger.warning("%s: %s", _standing(worker), error)
            await worker.clock.sleep(retry_s)
            pause_s, retry_s = 0, min(RETRY_S_MAX, retry_s * 2)
        metrics.ROWS_UNCONFIRMED.set(worker.ownership.unconfirmed)
        try:
            await flush_site_minutes(worker)
        except Exception as error:  # whatever the driver raises: they stay, and are sent again
            metrics.STORE_FAILURES.labels("kafka").inc()
            logger.warning("closed minutes wait for Kafka: %r", error)
        await _pause(worker, pause_s)


def _rest_s(worker: Worker, took_s: float) -> float:
    least_s = worker.settings.flush_interval_s
    return rest_s(took_s, share=SHARE_MAX, least_s=least_s, most_s=PAUSE_S_MAX)


async def _pause(worker: Worker, pause_s: float) -> None:
    """Ends early, but not before the usual interval, when there is enough for a whole insert."""
    settings, until_s = worker.settings, worker.clock.now_s() + pause_s
    await worker.clock.sleep(min(pause_s, settings.flush_interval_s))
    while (left_s := until_s - worker.clock.now_s()) > 0 and not worker.process.stopping:
        if worker.ownership.unconfirmed >= settings.rows_per_insert_max:
            return
        await worker.clock.sleep(min(left_s, settings.flush_interval_s))


def _standing(worker: Worker) -> str:
    offsets = {owned.partition: owned.applied for owned in worker.ownership.shards.values()}
    return (
        f"{worker.ownership.unconfirmed} rows wait for ClickHouse"
        f"{', the log is not read on' if worker.held_back else ''}; partition: offset {offsets}"
    )


@dataclass(slots=True)
class _Cut:
    """What is written of a shard: rows of its state at `applied` or later."""

    owned: OwnedShard
    applied: int
    with_open: bool
    slices: list[Rows] = field(default_factory=list)


async def flush_rows(worker: Worker) -> bool:
    """Write unconfirmed rows of every shard in one insert. Returns whether a full one was written.

    Of a shard that is behind, those of closed windows; now and then the others too. Each row is
    whole at its own version, so rows of one insert may be of different moments.
    Raises `StoreUnavailable`.
    """
    owned_now = list(worker.ownership.shards.values())
    limit = max(1, worker.settings.rows_per_insert_max // max(1, len(owned_now)))
    cuts: list[_Cut] = []
    for owned in owned_now:
        cut = _Cut(owned, owned.applied, _open_are_due(worker, owned))
        for rows in unconfirmed_slices(owned.shard, limit, SLICE_ROWS, with_open=cut.with_open):
            cut.slices.append(rows)
            await asyncio.sleep(0)
        cuts.append(cut)
    together = joined([rows for cut in cuts for rows in cut.slices])
    if any(together):
        with metrics.FLUSH_SECONDS.time():
            await worker.rows.insert(together)
    metrics.ROWS_FLUSHED.labels("hit_rows").inc(len(together.hits))
    metrics.ROWS_FLUSHED.labels("visit_rows").inc(len(together.visits))
    metrics.ROWS_FLUSHED.labels("ledger_rows").inc(len(together.ledger))
    for cut in cuts:
        owned = cut.owned
        for rows in cut.slices:
            confirm_rows(owned.shard, rows)
            await asyncio.sleep(0)
        if not owned.shard.unconfirmed:
            owned.stored_at_ms = worker.clock.epoch_ms()
        if cut.with_open:
            owned.opened_s = worker.clock.now_s()
            if not _full(cut.slices, limit):  # what was there when it began is all in it
                owned.stored = cut.applied
    return any(_full(cut.slices, limit) for cut in cuts)


def _open_are_due(worker: Worker, owned: OwnedShard) -> bool:
    """Whether rows that may still grow are to be written too."""
    rows_max = worker.settings.rows_unconfirmed_max * OPEN_SHARE_MAX
    return (
        not owned.is_behind(worker.clock.epoch_ms())
        or worker.ownership.unconfirmed >= rows_max
        or worker.clock.now_s() - owned.opened_s >= OPEN_S_MAX
    )


def _full(slices: Sequence[Rows], limit: int) -> bool:
    hits, visits, ledger = joined(slices)
    return max(len(hits), len(visits), len(ledger)) >= limit


async def flush_site_minutes(worker: Worker) -> None:
    """Send closed minutes; they leave the state once the broker has them."""
    for owned in list(worker.ownership.shards.values()):
        closed = list(owned.shard.state.closed.site_minutes)
        for sent in [await worker.outlet.close_minute(minute) for minute in closed]:
            await sent
        confirm_site_minutes(owned.shard, dict.fromkeys(closed))
