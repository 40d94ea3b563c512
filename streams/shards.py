"""The shards this worker owns: built after recovery, dropped when their partition moves."""

import logging
import os
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from aggregates.core.snapshots import restore, snapshot
from aggregates.core.state import LIVE_CLOCK, Shard, ShardState
from schemas.rules import NO_RULES, Rules
from streams import metrics
from streams.checkpoints import Snapshot, SnapshotKey, best_snapshot, keys_of_partition

logger = logging.getLogger(__name__)

# A shard that is this far behind shows nobody what happens now. It writes for people as seldom as
# may be, and catches up the sooner.
BEHIND_MS: Final = 10_000


class OwnedShard:
    """One partition while this worker owns it. `shard.state` is the fold of 0..applied, exactly."""

    def __init__(
        self,
        partition: int,
        records: Mapping[bytes, bytes],
        generation: int = 1,
        rules: Rules = NO_RULES,
    ) -> None:
        """`records` is the recovered checkpoint table: record key -> value, of all partitions."""
        self.partition, self.generation = partition, generation
        self.shard = Shard(_recovered(records, generation, partition), rules)
        # `applied` of the last whole snapshot of this epoch. None yet: an earlier owner, woken up,
        # may still tear the one we recovered, so nothing is committed before we have our own.
        self.saved = -1
        self.epoch = os.urandom(6)
        self.slot = 0
        self.held: list[Callable[[], object]] = []  # acknowledge records folded, oldest first
        self.older_epochs = keys_of_partition(records, generation, partition)
        self.lag = 0
        self.watched = -2  # `applied` when it was last looked at
        self.progressed_s = 0.0  # monotonic; when `applied` last moved or lag was 0
        self.sought_s = float("-inf")  # monotonic; of the last seek back
        self.refreshed_s = float("-inf")  # monotonic; when all live counters were last due
        self.told_s = float("-inf")  # monotonic; of the last status
        self.stored_at_ms = 0  # when every row was last confirmed by ClickHouse
        self.stored = -1  # up to this offset every row is
        self.opened_s = float("-inf")  # monotonic; when rows of open windows were last written

    @property
    def applied(self) -> int:
        return self.shard.state.applied

    @property
    def watermark_ms(self) -> int:
        """Of the live clock; 0 before its first record."""
        clock = self.shard.state.clocks.get(LIVE_CLOCK)
        return clock.watermark_ms if clock else 0

    def is_behind(self, epoch_ms: int) -> bool:
        """Whether it folds what happened more than BEHIND_MS ago, and there is more to fold."""
        return self.lag > 0 and epoch_ms - self.watermark_ms > BEHIND_MS

    def cut(self) -> Snapshot:
        """A snapshot for the slot that does not hold the last whole one."""
        key = SnapshotKey(self.generation, self.partition, self.epoch, 1 - self.slot)
        with metrics.CUT_SECONDS.time():
            return Snapshot(key, self.applied, snapshot(self.shard.state))

    def saved_as(self, saved: Snapshot) -> None:
        """Every chunk of `saved` is written: it is now the last whole one."""
        self.slot, self.saved = saved.key.slot, saved.applied


def _recovered(records: Mapping[bytes, bytes], generation: int, partition: int) -> ShardState:
    """The newest state there is a whole snapshot of; without one the log is folded from 0."""
    best = best_snapshot(records, generation, partition)
    if best is not None:
        try:
            return restore(best.blob)
        except msgspec.DecodeError as error:
            # Of another version of Pawprint: the log is the truth.
            logger.warning("partition=%d snapshot at offset=%d: %s", partition, best.applied, error)
    return ShardState(shard=partition)


class Ownership:
    """Partition -> shard, for the partitions this worker holds now."""

    def __init__(self) -> None:
        self.shards: dict[int, OwnedShard] = {}
        self.generation, self.rules = 1, NO_RULES

    def serve(self, generation: int, rules: Rules) -> None:
        """Fold this generation: said once, before the first partition is taken."""
        self.generation, self.rules = generation, rules

    def take(self, partition: int, records: Mapping[bytes, bytes]) -> OwnedShard:
        """Build the shard of a partition just assigned."""
        owned = OwnedShard(partition, records, self.generation, self.rules)
        self.shards[partition] = owned
        return owned

    def drop(self, partition: int) -> OwnedShard | None:
        return self.shards.pop(partition, None)

    def holds(self, owned: OwnedShard) -> bool:
        """Whether `owned` is still ours; after an await it may be a successor's."""
        return self.shards.get(owned.partition) is owned

    @property
    def unconfirmed(self) -> int:
        return sum(owned.shard.unconfirmed for owned in self.shards.values())
