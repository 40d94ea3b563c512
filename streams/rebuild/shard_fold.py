"""One partition folded again: the same fold as the worker's, without what belongs to live traffic.

Rows are taken when their windows close, so each is written once. Closed minutes of the past are
forgotten and not sent: they would raise alerts of long ago. Those of the last minutes stay in the
state, so that none is missing after a switch; one that was sent before changes nothing.
"""

from itertools import chain
from typing import Protocol

import msgspec

from aggregates.core.flush import confirm_site_minutes
from aggregates.core.fold import fold, skip
from aggregates.core.spikes import MINUTES_KEPT_S
from aggregates.core.state import LIVE_CLOCK, Closed, Shard, ShardState
from schemas.events import UnknownVersion, decode_batch
from schemas.rules import Rules
from streams.log_reader import LogUnusable


class LogRecord(Protocol):
    """What a consumer gives."""

    offset: int
    timestamp: int  # the broker's, epoch milliseconds
    value: bytes | None


class ShardFold:
    """The fold of one partition, from its first record on."""

    def __init__(self, partition: int, rules: Rules) -> None:
        self.partition = partition
        self.shard = Shard(ShardState(shard=partition), rules)
        self.hits = 0  # of the records folded

    @property
    def next_offset(self) -> int:
        return self.shard.state.applied + 1

    @property
    def closed(self) -> Closed:
        return self.shard.state.closed

    @property
    def open_since_s(self) -> int:
        """Epoch seconds: no earlier minute of live traffic can still change, but by late hits."""
        clock = self.shard.state.clocks.get(LIVE_CLOCK)
        if clock is None:
            return 2**32 - 1  # nothing of it is here
        minutes = [minute for minute, _ in chain(clock.hit_windows, clock.visit_windows)]
        return min(minutes, default=clock.watermark_ms // 60_000 * 60)

    def fold(self, record: LogRecord) -> None:
        """Fold the next record. One that cannot be decoded is a dead letter already: skipped.

        Raises `LogUnusable` over a gap.
        """
        self._expect(record)
        try:
            batch = decode_batch(record.value or b"")
        except (msgspec.DecodeError, UnknownVersion):
            skip(self.shard, record.offset)
            return
        fold(self.shard, record.offset, batch, record.timestamp)
        self.hits += len(batch.hits)

    def _expect(self, record: LogRecord) -> None:
        if record.offset != self.next_offset:
            raise LogUnusable(
                f"partition {self.partition}: record {self.next_offset} is missing from the log"
            )

    def forget_old_minutes(self) -> None:
        """Keep only closed minutes that spike detection would still look at."""
        clock = self.shard.state.clocks.get(LIVE_CLOCK)
        oldest = (clock.watermark_ms if clock else 0) // 1000 - MINUTES_KEPT_S
        old = [each for each in self.closed.site_minutes if each.minute < oldest]
        confirm_site_minutes(self.shard, dict.fromkeys(old))
