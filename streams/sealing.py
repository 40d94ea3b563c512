"""Sealing: days that are over are read once and kept, so that their minutes need not be read again.

One worker does it, the one with the first partition; two for a moment do no harm. Survives a kill:
what has no seal yet is found again at the next look.
"""

import logging
from collections.abc import Iterable
from typing import Final

from aggregates.clickhouse.buckets import DAY_S
from aggregates.clickhouse.sealing import UnsealedDay
from aggregates.protocols import StoreUnavailable
from streams import metrics
from streams.protocol.ports import Worker
from streams.stores import ThreadedSealer

logger = logging.getLogger(__name__)

FIRST_PARTITION: Final = 0
# Hits come late by days at most; older days are written to by an import or an erasure.
RECENT_S: Final = 7 * DAY_S
ALL_DAYS_EVERY_S: Final = 3_600.0


class Looks:
    """Which days to look at for ones to seal, and which of those found have been quiet.

    All days have many more counts of writes to read than the recent ones, and are looked at seldom.
    """

    def __init__(self, quiet_s: float) -> None:
        """`quiet_s` is longer than an insert may take: what a day's writes count is there then."""
        self._quiet_s = quiet_s
        self._waiting_since: dict[UnsealedDay, float] = {}  # by the clock of `now_s`
        self._all_at_s: float | None = None

    def since_s(self, epoch_s: int, now_s: float) -> int:
        """The first day to look at, epoch seconds: of all, or of the recent and those that wait.

        `now_s`: monotonic seconds.
        """
        if self._all_at_s is None or now_s - self._all_at_s >= ALL_DAYS_EVERY_S:
            return 0
        recent_s = epoch_s - epoch_s % DAY_S - RECENT_S
        return min([recent_s, *(day.start_s for day in self._waiting_since)])

    def quiet(self, found: Iterable[UnsealedDay], since_s: int, now_s: float) -> list[UnsealedDay]:
        """Those of `found` that have long been as they are now; they were looked for since then."""
        if since_s == 0:
            self._all_at_s = now_s
        self._waiting_since = {day: self._waiting_since.get(day, now_s) for day in found}
        return [day for day, at_s in self._waiting_since.items() if now_s - at_s >= self._quiet_s]


async def seal_for_ever(worker: Worker, sealer: ThreadedSealer) -> None:
    """While ClickHouse is away, minutes are read."""
    looks = Looks(worker.settings.seal_quiet_s)
    while not worker.process.stopping:
        await worker.clock.sleep(worker.settings.seal_interval_s)
        if FIRST_PARTITION not in worker.ownership.shards:
            continue
        try:
            await seal_once(worker, sealer, looks)
        except StoreUnavailable as error:
            logger.warning("sealing waits: %s", error)


async def seal_once(worker: Worker, sealer: ThreadedSealer, looks: Looks) -> None:
    """Raises `StoreUnavailable`."""
    epoch_s = worker.clock.epoch_ms() // 1000
    since_s = looks.since_s(epoch_s, worker.clock.now_s())
    found = await sealer.unsealed(epoch_s, since_s)
    for day in looks.quiet(found, since_s, worker.clock.now_s()):
        if worker.process.stopping:
            return
        await sealer.seal(day, worker.ownership.rules.of(day.site_id).session_gap_s)
        metrics.DAYS_SEALED.inc()
        logger.info("sealed site=%d day=%d", day.site_id, day.start_s)
    await sealer.sweep(epoch_s)
