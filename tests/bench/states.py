"""A state of many live sessions: into bytes, into chunks and back, alone in a process."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

from aggregates.core.fold import fold
from aggregates.core.snapshots import snapshot
from aggregates.core.state import LIVE_CLOCK, Shard, ShardState
from streams.checkpoints import Snapshot, SnapshotKey, cut_chunks
from streams.garbage import spare_the_state
from streams.shards import OwnedShard
from tests.bench.folding import START_MS, flush
from tests.bench.workloads import NEW_VISITORS, Workload, batches

LIVE_S: Final = 600  # sessions that began within this are all live at its end
TIMES: Final = 3


@dataclass(frozen=True, slots=True)
class Saved:
    """Seconds on the wall, the longest of TIMES, and sizes."""

    sessions: int
    cut_s: float  # the fold stands still
    pack_s: float  # compressed and cut into chunks: in a thread, beside the fold
    restore_s: float
    state_bytes: int
    packed_bytes: int
    chunks: int


def visits_of(sessions: int) -> Workload:
    """One hit each, at the pace at which as many are live in one partition after LIVE_S."""
    return NEW_VISITORS.at_pace(sessions / LIVE_S)


def saved(sessions: int) -> Saved:
    """`measure` in a new process."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(measure, sessions).result()


def measure(sessions: int) -> Saved:
    """Build the state and save it."""
    spare_the_state()
    shard = Shard(ShardState(shard=0))
    for offset, batch in enumerate(batches(visits_of(sessions), 1, 0, 1, sessions, START_MS)):
        fold(shard, offset, batch, batch.hits[-1].received_at_ms)
    flush(shard)
    state, key = shard.state, SnapshotKey(1, 0, b"bench", 0)
    cuts, packs, restores = [], [], []
    for _ in range(TIMES):
        began = time.perf_counter()
        blob = snapshot(state)
        cut = time.perf_counter()
        records = dict(cut_chunks(Snapshot(key, state.applied, blob)))
        packed = time.perf_counter()
        restored = OwnedShard(0, records)
        restores.append(time.perf_counter() - packed)
        cuts.append(cut - began)
        packs.append(packed - cut)
    assert restored.applied == state.applied
    return Saved(
        len(state.clocks[LIVE_CLOCK].sessions), max(cuts), max(packs), max(restores),
        len(blob), sum(map(len, records.values())), len(records),
    )  # fmt: skip
