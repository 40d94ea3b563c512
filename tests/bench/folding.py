"""The fold alone: hits a second of one core, with and without decoding, and what a session takes.

Each workload runs in a process of its own, with the garbage collector as the worker sets it.
"""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aggregates.core.flush import confirm_rows, unconfirmed_rows
from aggregates.core.fold import fold
from aggregates.core.snapshots import snapshot
from aggregates.core.state import LIVE_CLOCK, Shard, ShardState
from schemas.events import decode_batch, encode_batch
from streams.garbage import spare_the_state
from tests.bench.results import Result, at_least, result
from tests.bench.run import Bench
from tests.bench.workloads import NEW_VISITORS, PLAIN, WORKLOADS, Workload, batches

HITS: Final = 300_000
HITS_QUICK: Final = 60_000
SESSIONS: Final = 50_000
START_MS: Final = 1_763_928_000_000
FLUSH_EVERY_MS: Final = 1_000  # of the log: what is not confirmed piles up
WHOLE: Final = 2**62
_PAGE_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True)
class Folded:
    """Processor seconds and counts of one run over one partition's records."""

    hits: int
    decode_s: float
    fold_s: float
    flush_s: float  # rendering rows and forgetting them
    rows: int
    sessions: int
    snapshot_bytes: int
    memory_bytes: int  # resident, grown over the run


def run(bench: Bench) -> Iterator[Result]:
    """Yields results as they come."""
    hits = bench.of(HITS, HITS_QUICK)
    for workload in WORKLOADS:
        bench.say(f"fold alone, {workload.name}: {hits:,} hits")
        yield from _results(workload, in_a_process(workload, hits))
    bench.say(f"state of {SESSIONS:,} live sessions")
    # One visit a hit, as quick as the fold's minutes allow: nearly all of them live at the end.
    state = in_a_process(NEW_VISITORS.at_pace(SESSIONS / 600), SESSIONS)
    yield result("state.bytes_per_session", state.snapshot_bytes / state.sessions, "byte")
    yield result("state.memory_per_session", state.memory_bytes / state.sessions, "byte")


def _results(workload: Workload, one: Folded) -> Iterator[Result]:
    target = at_least(100_000) if workload is PLAIN else None
    both_s = one.decode_s + one.fold_s
    yield result(f"fold.{workload.name}", one.hits / one.fold_s, "hit/s")
    yield result(f"fold_and_decode.{workload.name}", one.hits / both_s, "hit/s", target=target)
    yield result(f"fold.{workload.name}.hits_per_row", one.hits / max(1, one.rows), "hit/row")
    yield result(f"rows.{workload.name}", one.rows / max(1e-9, one.flush_s), "row/s")


def in_a_process(workload: Workload, hits: int) -> Folded:
    """`measure` in a new process."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(measure, workload, hits).result()


def measure(workload: Workload, hits: int) -> Folded:
    """Fold `hits` hits of one partition; rows are confirmed as the log's seconds pass."""
    spare_the_state()
    encoded = [encode_batch(batch) for batch in batches(workload, 1, 0, 1, hits, START_MS)]
    shard = Shard(ShardState(shard=0))
    before_bytes = resident_bytes()
    decode_s = fold_s = flush_s = 0.0
    rows, flushed_ms = 0, START_MS
    for offset, value in enumerate(encoded):
        began = time.process_time()
        batch = decode_batch(value)
        decoded = time.process_time()
        fold(shard, offset, batch, batch.hits[-1].received_at_ms)
        folded = time.process_time()
        decode_s += decoded - began
        fold_s += folded - decoded
        if batch.hits[-1].received_at_ms - flushed_ms >= FLUSH_EVERY_MS:
            flushed_ms = batch.hits[-1].received_at_ms
            rows += flush(shard)
            flush_s += time.process_time() - folded
    memory_bytes = resident_bytes() - before_bytes
    state = shard.state
    return Folded(
        hits, decode_s, fold_s, flush_s, rows, len(state.clocks[LIVE_CLOCK].sessions),
        len(snapshot(state)), memory_bytes,
    )  # fmt: skip


def flush(shard: Shard) -> int:
    """As if a store confirmed every row; returns how many."""
    rows = unconfirmed_rows(shard, WHOLE)
    confirm_rows(shard, rows)
    return sum(len(kind) for kind in rows)


def resident_bytes() -> int:
    """Of this process (proc(5): statm)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
