"""Taking a partition from the snapshots of its earlier owner."""

from aggregates.core.snapshots import snapshot
from aggregates.core.state import ShardState
from streams.checkpoints import Snapshot, SnapshotKey, cut_chunks
from streams.shards import OwnedShard


def test_a_recovered_snapshot_is_not_ones_own() -> None:
    """Its owner may wake up and tear it: no offset is committed before there is one of ours."""
    state = ShardState(shard=0, applied=7)
    records = dict(cut_chunks(Snapshot(SnapshotKey(0, b"before", 1), 7, snapshot(state))))
    owned = OwnedShard(0, records)
    assert owned.applied == 7
    assert owned.applied > owned.saved
    assert owned.older_epochs == list(records)
    cut = owned.cut()
    assert cut.key.epoch != b"before"
    owned.saved_as(cut)
    assert owned.saved == 7
