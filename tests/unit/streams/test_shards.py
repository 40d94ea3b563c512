"""Taking a partition from the snapshots of its earlier owner."""

from aggregates.core.snapshots import snapshot
from aggregates.core.state import ShardState
from schemas.rules import Rules, SiteRules
from streams.checkpoints import Snapshot, SnapshotKey, cut_chunks, keys_of_partition
from streams.shards import OwnedShard, Ownership


def test_a_recovered_snapshot_is_not_ones_own() -> None:
    """Its owner may wake up and tear it: no offset is committed before there is one of ours."""
    state = ShardState(shard=0, applied=7)
    records = dict(cut_chunks(Snapshot(SnapshotKey(1, 0, b"before", 1), 7, snapshot(state))))
    owned = OwnedShard(0, records)
    assert owned.applied == 7
    assert owned.applied > owned.saved
    assert owned.older_epochs == list(records)
    cut = owned.cut()
    assert cut.key.epoch != b"before"
    owned.saved_as(cut)
    assert owned.saved == 7


def test_a_generation_sees_its_own_snapshots_only() -> None:
    records: dict[bytes, bytes] = {}
    for generation, applied in ((1, 9), (2, 7)):
        state = ShardState(shard=0, applied=applied)
        key = SnapshotKey(generation, 0, b"before", 1)
        records |= dict(cut_chunks(Snapshot(key, applied, snapshot(state))))
    ownership = Ownership()
    ownership.serve(2, Rules(SiteRules(session_gap_s=60)))
    owned = ownership.take(0, records)
    assert owned.applied == 7
    assert owned.shard.rules.session_gap_max_ms == 60_000
    assert owned.cut().key.generation == 2
    assert owned.older_epochs == keys_of_partition(records, 2, 0), "the first one's are kept"
