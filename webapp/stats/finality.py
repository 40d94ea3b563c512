"""From when on numbers may still change: what the shards have not closed and stored yet.

    first open visit        watermark - gap - lateness      watermark        now
    ------ final --|--------------- may change -----------------------------|

A visit may go on until its gap has passed, and changes the numbers of the minute it began in; a
minute waits a moment for stragglers; and rows reach the store a moment after they are folded. Three
things change what was final: a hit that comes later than all that, an import of history, and a
rebuild with other rules.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Any, Final

from asgiref.sync import async_to_sync
from django.conf import settings

from aggregates.clickhouse.open_visits import first_open_visit_s
from aggregates.clickhouse.plan import VISIT_SPAN_S_MAX
from aggregates.clickhouse.reader import Reads
from aggregates.core.state import LATENESS_MS, REORDER_MS, SWEEP_MS
from aggregates.protocols import StoreUnavailable
from aggregates.redis.mirror import RedisMirror
from schemas.live import ShardStatus
from schemas.rules import SESSION_GAP_S

logger = logging.getLogger(__name__)

MINUTE_MS: Final = 60_000
KEPT_S: Final = 2.0  # as often as quiet shards tell their status
# Sessions are ended, and windows closed, at the sweep after their time; see the fold's state.
SETTLING_MS: Final = SESSION_GAP_S * 1_000 + REORDER_MS + SWEEP_MS + LATENESS_MS + MINUTE_MS


def final_until_s(reader: Reads, site_id: int, end_s: int) -> int | None:
    """The first second of a period that ends at `end_s` that may still change; `end_s` if none may.

    None while nobody knows. Raises `TooCostly`, `StoreUnavailable`.
    """
    until_s = settled().until_s()
    if until_s is None:
        return None
    if end_s > until_s - VISIT_SPAN_S_MAX:
        until_s = first_open_visit_s(reader, site_id, until_s)
    return min(until_s, end_s)


def settled_s(statuses: Mapping[int, ShardStatus], partitions: int) -> int | None:
    """No hit from before it (epoch seconds, a minute) is on its way, or has its gap to run.

    Of every shard the oldest thing that its rows may lack counts: what came after its watermark,
    and while rows up to `applied` are not stored, what came since they last were. None if a shard
    has not been heard of.
    """
    if len(statuses) < partitions:
        return None
    marks = [_settled_ms(status) for status in statuses.values()]
    if not marks or min(marks) <= 0:
        return None
    return min(marks) // MINUTE_MS * 60


def _settled_ms(status: ShardStatus) -> int:
    at_ms = status.watermark_ms
    if status.stored < status.applied:
        at_ms = min(at_ms, status.stored_at_ms)
    return at_ms - SETTLING_MS


def mark(
    rows: Sequence[dict[str, Any]], starts: Sequence[int], period_end_s: int, until_s: int
) -> None:
    """Mark those rows of a series (buckets from `starts` on) as provisional that may change."""
    for row, end_s in zip(rows, (*starts[1:], period_end_s), strict=True):
        if end_s > until_s:
            row["provisional"] = True


class Settled:
    """`settled_s` by the statuses in Redis, asked for at most every KEPT_S; threads share it."""

    def __init__(self, url: str, partitions: int) -> None:
        self._url, self._partitions = url, partitions
        self._lock = Lock()
        self._known: int | None = None
        self._asked_at = float("-inf")  # monotonic seconds

    def until_s(self) -> int | None:
        """None also while Redis is away: an answer about the past does not wait for it."""
        with self._lock:
            if time.monotonic() - self._asked_at > KEPT_S:
                self._known = self._ask()
                self._asked_at = time.monotonic()
            return self._known

    def _ask(self) -> int | None:
        try:
            return settled_s(async_to_sync(_statuses)(self._url), self._partitions)
        except StoreUnavailable as error:
            logger.warning("nobody knows which numbers are final: %s", error)
            return None


@cache
def settled() -> Settled:
    """The process's own."""
    return Settled(settings.REDIS_URL, settings.PARTITIONS)


async def _statuses(url: str) -> dict[int, ShardStatus]:
    mirror = RedisMirror(url)
    try:
        return await mirror.read_statuses()
    finally:
        await mirror.close()
