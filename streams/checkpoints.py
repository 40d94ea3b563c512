"""Snapshots as records of the changelog: cutting one into chunks, finding the best whole one.

A snapshot is keyed (generation, partition, epoch, slot, chunk). A worker sees those of the
generation it folds and no others. The epoch is new each time a worker takes the partition, so a
worker that wakes up late cannot write over its successor; two slots take turns, so a torn write
never destroys the last whole snapshot. Every chunk carries the snapshot's `applied`, its number of
chunks and a digest of the whole; a snapshot counts only when all of them are there and agree.
`applied` alone would not do: a write that failed in the middle is tried again from a state that has
folded nothing since, but has fewer rows waiting for the stores.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import cramjam
import msgpack

CHUNK_BYTES: Final = 400_000  # well under a broker's message limit of 1 MB
_LEVEL: Final = 1
_DIGEST_BYTES: Final = 8


class _Chunk(NamedTuple):
    """The value of one record. The first three are the same in all chunks of a snapshot."""

    applied: int
    pieces: int
    digest: bytes
    piece: bytes


class SnapshotKey(NamedTuple):
    generation: int
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
    digest = hashlib.blake2b(packed, digest_size=_DIGEST_BYTES).digest()
    cut = [packed[at : at + CHUNK_BYTES] for at in range(0, len(packed), CHUNK_BYTES)]
    return [
        (
            encode_key(snapshot.key, i),
            bytes(msgpack.packb(_Chunk(snapshot.applied, len(cut), digest, piece))),
        )
        for i, piece in enumerate(cut)
    ]


def generation_of(key: bytes) -> int:
    """The generation a record key belongs to."""
    return int(msgpack.unpackb(key)[0])


def keys_of_partition(records: Iterable[bytes], generation: int, partition: int) -> list[bytes]:
    """The record keys that belong to `partition` in `generation`."""
    wanted = [generation, partition]
    return [key for key in records if msgpack.unpackb(key)[:2] == wanted]


def best_snapshot(
    records: Mapping[bytes, bytes], generation: int, partition: int
) -> Snapshot | None:
    """The whole snapshot of `partition` with the highest `applied`, None if there is none."""
    chunks: dict[SnapshotKey, dict[int, _Chunk]] = defaultdict(dict)
    for raw_key in keys_of_partition(records, generation, partition):
        *key, chunk = msgpack.unpackb(raw_key)
        if (read := _read_chunk(msgpack.unpackb(records[raw_key]))) is not None:
            chunks[SnapshotKey(*key)][chunk] = read
    whole = [(found[0].applied, key, found) for key, found in chunks.items() if _is_whole(found)]
    if not whole:
        return None
    applied, key, found = max(whole, key=lambda each: each[0])
    packed = b"".join(found[i].piece for i in range(found[0].pieces))
    return Snapshot(key, applied, bytes(cramjam.zstd.decompress(packed)))


def _read_chunk(value: list[Any]) -> _Chunk | None:
    """None for one of another version of Pawprint: the log is the truth."""
    return _Chunk(*value) if len(value) == len(_Chunk._fields) else None


def _is_whole(chunks: Mapping[int, _Chunk]) -> bool:
    """An older, longer snapshot in the slot may leave chunks beyond the count: no matter."""
    if 0 not in chunks:
        return False
    first = chunks[0][:-1]
    return all(i in chunks and chunks[i][:-1] == first for i in range(chunks[0].pieces))
