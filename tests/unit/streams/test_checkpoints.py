"""Snapshots cut into records and found again, whatever of them was written."""

import random

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from streams.checkpoints import (
    CHUNK_BYTES,
    Snapshot,
    SnapshotKey,
    best_snapshot,
    cut_chunks,
    keys_of_partition,
)


def snapshot(applied: int, partition: int = 0, epoch: bytes = b"e", slot: int = 0) -> Snapshot:
    blob = random.Random(applied).randbytes(3 * CHUNK_BYTES + 5)  # does not compress: 4 chunks
    return Snapshot(SnapshotKey(1, partition, epoch, slot), applied, blob)


def test_a_snapshot_comes_back_whole() -> None:
    wanted = snapshot(7)
    records = cut_chunks(wanted)
    assert len(records) == 4
    assert all(len(value) < CHUNK_BYTES + 100 for _, value in records)
    assert best_snapshot(dict(records), 1, 0) == wanted
    assert best_snapshot(dict(records), 1, 1) is None


def test_an_empty_state_is_a_snapshot_too() -> None:
    wanted = Snapshot(SnapshotKey(1, 0, b"e", 1), 0, b"")
    assert best_snapshot(dict(cut_chunks(wanted)), 1, 0) == wanted


@given(st.integers(0, 3))
def test_a_torn_write_leaves_the_one_before(written: int) -> None:
    before, after = snapshot(7, slot=0), snapshot(9, slot=1)
    records = dict(cut_chunks(before)) | dict(cut_chunks(after)[:written])
    assert best_snapshot(records, 1, 0) == before


@given(st.integers(0, 3))
def test_a_write_torn_over_an_older_one_does_not_count(written: int) -> None:
    older, newer = snapshot(7, slot=0), snapshot(9, slot=0)
    records = dict(cut_chunks(older)) | dict(cut_chunks(newer)[:written])
    found = best_snapshot(records, 1, 0)
    assert found == (older if written == 0 else None)


@given(st.integers(1, 3))
def test_a_second_try_at_the_same_offset_is_not_the_first(written: int) -> None:
    first = snapshot(7)  # its write fails in the middle; meanwhile a store confirms some rows
    again = Snapshot(first.key, first.applied, random.Random(8).randbytes(len(first.blob)))
    records = dict(cut_chunks(first)) | dict(cut_chunks(again)[:written])
    assert best_snapshot(records, 1, 0) is None
    assert best_snapshot(dict(cut_chunks(first)) | dict(cut_chunks(again)), 1, 0) == again


def test_chunks_of_an_older_pawprint_do_not_count() -> None:
    records = {key: bytes(msgpack.packb([7, 1, b"blob"])) for key, _ in cut_chunks(snapshot(7))}
    assert best_snapshot(records, 1, 0) is None


def test_chunks_beyond_a_shorter_snapshot_do_not_matter() -> None:
    long, short = snapshot(7), Snapshot(SnapshotKey(1, 0, b"e", 0), 8, b"short")
    assert best_snapshot(dict(cut_chunks(long)) | dict(cut_chunks(short)), 1, 0) == short


def test_a_zombies_epoch_never_hides_its_successors() -> None:
    zombie = snapshot(5, epoch=b"old", slot=1)
    successor = snapshot(9, epoch=b"new", slot=1)
    for records in (
        dict(cut_chunks(successor)) | dict(cut_chunks(zombie)),
        dict(cut_chunks(zombie)) | dict(cut_chunks(successor)),
    ):
        assert best_snapshot(records, 1, 0) == successor


def test_keys_of_a_partition() -> None:
    records = dict(cut_chunks(snapshot(1, partition=0))) | dict(cut_chunks(snapshot(1, 3)))
    assert len(keys_of_partition(records, 1, 3)) == 4
    assert not set(keys_of_partition(records, 1, 3)) & set(keys_of_partition(records, 1, 0))
