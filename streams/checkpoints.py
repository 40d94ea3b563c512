"""Snapshots as records of the changelog: cutting one into chunks, finding the best whole one.

A snapshot is keyed (partition, epoch, slot, chunk). The epoch is new each time a worker takes the
partition, so a worker that wakes up late cannot write over its successor; two slots take turns, so
a torn write never destroys the last whole snapshot. Every chunk carries the snapshot's `applied`
and its number of chunks; a snapshot counts only when all of them are there and agree.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import cramjam
import msgpack

CHUNK_BYTES: Final = 400_000  # well under a broker's message limit of 1 MB
_LEVEL: Final = 1


class SnapshotKey(NamedTuple):
    partition: int
    epoch: bytes
    slot: int


class Snapshot(NamedTuple):
    """A whole snapshot: `blob` is the state after folding 0..applied."""

    key: SnapshotKey
    applied: int
    blob: bytes


def encode_key(key: SnapshotKey, chunk: int) -> bytes:
    return bytes(msgpack.packb([*key, chunk]))


def cut_chunks(snapshot: Snapshot) -> list[tuple[bytes, bytes]]:
    """The changelog records of a snapshot: (key, value) each."""
    packed = bytes(cramjam.zstd.compress(snapshot.blob, level=_LEVEL))
    count = max(1, -(-len(packed) // CHUNK_BYTES))
    return [
        (
            encode_key(snapshot.key, i),
            bytes(
                msgpack.packb(
                    [snapshot.applied, count, packed[i * CHUNK_BYTES : (i + 1) * CHUNK_BYTES]]
                )
            ),
        )
        for i in range(count)
    ]


def keys_of_partition(records: Iterable[bytes], partition: int) -> list[bytes]:
    """The record keys that belong to `partition`."""
    return [key for key in records if msgpack.unpackb(key)[0] == partition]


def best_snapshot(records: Mapping[bytes, bytes], partition: int) -> Snapshot | None:
    """The whole snapshot of `partition` with the highest `applied`, None if there is none."""
    chunks: dict[SnapshotKey, dict[int, tuple[int, int, bytes]]] = defaultdict(dict)
    for raw_key in keys_of_partition(records, partition):
        *key, chunk = msgpack.unpackb(raw_key)
        chunks[SnapshotKey(*key)][chunk] = tuple(msgpack.unpackb(records[raw_key]))
    whole = [(found[0][0], key, found) for key, found in chunks.items() if _is_whole(found)]
    if not whole:
        return None
    applied, key, found = max(whole, key=lambda each: each[0])
    packed = b"".join(found[i][2] for i in range(found[0][1]))
    return Snapshot(key, applied, bytes(cramjam.zstd.decompress(packed)))


def _is_whole(chunks: Mapping[int, tuple[int, int, bytes]]) -> bool:
    """An older, longer snapshot in the slot may leave chunks beyond the count: no matter."""
    if 0 not in chunks:
        return False
    applied, count, _ = chunks[0]
    return all(i in chunks and chunks[i][:2] == (applied, count) for i in range(count))
