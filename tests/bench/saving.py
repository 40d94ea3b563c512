"""Checkpoints of 50,000 live sessions in one partition, while hits come in at real time's pace."""

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from streams.settings import Settings
from tests.bench import states
from tests.bench.filling import ended_now, fill
from tests.bench.results import Result, at_most, result
from tests.bench.run import Bench, pipeline
from tests.bench.sending import send
from tests.bench.workers import consume
from tests.bench.workloads import PLAIN
from tests.workers import Worker

SESSIONS: Final = 50_000
SESSIONS_BEFORE: Final = 40_000  # the others begin, and stay, while checkpoints are watched
HITS_PER_S: Final = 500
SECONDS: Final = 45.0
SECONDS_QUICK: Final = 25.0
LOOK_S: Final = 0.2
CUT: Final = "pawprint_streams_cut_seconds"
CHECKPOINT: Final = "pawprint_streams_checkpoint_seconds"


@dataclass(frozen=True, slots=True)
class Looked:
    """What the worker says of its checkpoints so far."""

    at_s: float
    count: float
    sum_s: float


def run(bench: Bench) -> Iterator[Result]:
    """The cut alone first, then in the worker."""
    bench.say(f"checkpoint: a state of {SESSIONS:,} live sessions, alone")
    alone = states.saved(SESSIONS)
    seconds = bench.of(SECONDS, SECONDS_QUICK)
    visits = states.visits_of(SESSIONS_BEFORE)
    with pipeline(bench, "checkpoint", 1) as found:
        fill(found.settings, visits, SESSIONS_BEFORE, ended_now(visits, SESSIONS_BEFORE))
        worker = found.workers.start()
        consume([worker], SESSIONS_BEFORE)
        cuts_before = worker.buckets(CUT)
        bench.say(f"checkpoint: {HITS_PER_S:,} hits a second for {seconds:.0f} s")
        first, last = watched(found.settings, worker, seconds)
        cuts = {bound: n - cuts_before[bound] for bound, n in worker.buckets(CUT).items()}
        sessions = worker.metric("pawprint_streams_sessions")
        written_bytes = worker.metric("pawprint_streams_checkpoint_bytes")
    times = last.count - first.count
    share = (last.sum_s - first.sum_s) / (last.at_s - first.at_s)
    yield result("checkpoint.cut_alone", alone.cut_s * 1000, "ms", target=at_most(100))
    yield result("checkpoint.pack_alone", alone.pack_s * 1000, "ms")
    yield result("checkpoint.longest_cut", longest(cuts) * 1000, "ms", target=at_most(100))
    yield result("checkpoint.share", share, "of time", target=at_most(0.05))
    yield result("checkpoint.seconds", (last.sum_s - first.sum_s) / times, "s")
    yield result("checkpoint.every", (last.at_s - first.at_s) / times, "s")
    yield result("checkpoint.sessions", sessions, "session")
    yield result("checkpoint.bytes", written_bytes, "byte")


def longest(buckets: dict[float, float]) -> float:
    """The least bound of a histogram that all are not above: at most a bucket too much."""
    total = max(buckets.values())
    return min(bound for bound, not_above in buckets.items() if not_above == total)


def watched(settings: Settings, worker: Worker, seconds: float) -> tuple[Looked, Looked]:
    """The ends of the first and of the last checkpoint while hits came in.

    Raises TimeoutError when there were not two.
    """
    load = threading.Thread(target=_load, args=(settings, seconds), daemon=True)
    load.start()
    before = looked(worker)
    ends: list[Looked] = []
    while load.is_alive():
        now = looked(worker)
        if now.count > before.count:
            ends.append(now)
            before = now
        time.sleep(LOOK_S)
    if len(ends) < 2:
        raise TimeoutError(f"{len(ends)} checkpoints in {seconds:.0f} s")
    return ends[0], ends[-1]


def _load(settings: Settings, seconds: float) -> None:
    sending = send(settings, PLAIN.at_pace(HITS_PER_S), seconds, lambda _sent: None, seed=1)
    asyncio.run(sending)


def looked(worker: Worker) -> Looked:
    return Looked(
        time.monotonic(), worker.metric(f"{CHECKPOINT}_count"), worker.metric(f"{CHECKPOINT}_sum")
    )
