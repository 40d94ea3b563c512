"""Sealing: days that are over are read once and kept, so that their minutes need not be read again.

One worker does it, the one with the first partition; two for a moment do no harm. Survives a kill:
what has no seal yet is found again at the next look.
"""

import logging
from collections.abc import Iterable
from typing import Final

from aggregates.clickhouse.sealing import UnsealedDay
from aggregates.protocols import StoreUnavailable
from streams import metrics
from streams.protocol.ports import Worker
from streams.stores import ThreadedSealer

logger = logging.getLogger(__name__)

FIRST_PARTITION: Final = 0


class Quiet:
    """Since when nothing was written of the days that are looked at."""

    def __init__(self, quiet_s: float) -> None:
        """`quiet_s` is longer than an insert may take: what a day's writes count is there then."""
        self._quiet_s = quiet_s
        self._since: dict[UnsealedDay, float] = {}

    def of(self, found: Iterable[UnsealedDay], now_s: float) -> list[UnsealedDay]:
        """Those of `found` that have long been as they are now (monotonic seconds)."""
        self._since = {day: self._since.get(day, now_s) for day in found}
        return [day for day, since_s in self._since.items() if now_s - since_s >= self._quiet_s]


async def seal_for_ever(worker: Worker, sealer: ThreadedSealer) -> None:
    """While ClickHouse is away, minutes are read."""
    quiet = Quiet(worker.settings.seal_quiet_s)
    while not worker.process.stopping:
        await worker.clock.sleep(worker.settings.seal_interval_s)
        if FIRST_PARTITION not in worker.ownership.shards:
            continue
        try:
            await seal_once(worker, sealer, quiet)
        except StoreUnavailable as error:
            logger.warning("sealing waits: %s", error)


async def seal_once(worker: Worker, sealer: ThreadedSealer, quiet: Quiet) -> None:
    """Raises `StoreUnavailable`."""
    now_s = worker.clock.epoch_ms() // 1000
    for day in quiet.of(await sealer.unsealed(now_s), worker.clock.now_s()):
        if worker.process.stopping:
            return
        await sealer.seal(day, worker.ownership.rules.of(day.site_id).session_gap_s)
        metrics.DAYS_SEALED.inc()
        logger.info("sealed site=%d day=%d", day.site_id, day.start_s)
    await sealer.sweep(now_s)
