"""A worker killed with 200,000 live sessions in one partition: until its successor is at the end.

Most of it is Kafka's: it waits for the session timeout of the dead worker before it gives the
partition to another.
"""

import signal
import time
from collections.abc import Iterator
from typing import Final

from tests.bench import states
from tests.bench.filling import ended_now, fill
from tests.bench.results import Result, at_most, result
from tests.bench.run import Bench, pipeline
from tests.bench.saving import Looked, looked
from tests.bench.workers import consume, is_settled
from tests.bench.workloads import PLAIN
from tests.workers import Worker

SESSIONS: Final = 200_000
SESSIONS_QUICK: Final = 50_000
# Written when the worker is dead: what 20 s, the longest pause between checkpoints, have at 2,000
# hits a second.
HITS_BEHIND: Final = 40_000
SECONDS_MAX: Final = 90.0
LOOK_S: Final = 0.1


def run(bench: Bench) -> Iterator[Result]:
    """Yields when all is measured."""
    sessions = bench.of(SESSIONS, SESSIONS_QUICK)
    bench.say(f"recovery: a state of {sessions:,} live sessions, alone")
    alone = states.saved(sessions)
    visits, behind = states.visits_of(sessions), PLAIN.at_pace(HITS_BEHIND / 20)
    with pipeline(bench, "recovery", 1) as found:
        bench.say(f"recovery: writing {sessions:,} visits to the log; a worker folds them")
        fill(found.settings, visits, sessions, ended_now(visits, sessions))
        worker = found.workers.start()
        consume([worker], sessions)
        before_s = looked(worker).sum_s
        fill(found.settings, behind, behind.hits_per_record, ended_now(behind, 1), seed=2)
        settle(worker, sessions // visits.hits_per_record)
        checkpoint_s = after_another(worker).sum_s - before_s  # those of nothing new take no time
        at = applied(worker)
        written_bytes = worker.metric("pawprint_streams_checkpoint_bytes")
        bench.say("recovery: kill -9, and the next worker")
        found.workers.end(worker, signal.SIGKILL)
        began_s = time.monotonic()
        worker = found.workers.start()
        fill(found.settings, behind, HITS_BEHIND, ended_now(behind, HITS_BEHIND))
        end = at + HITS_BEHIND // behind.hits_per_record
        ready_s = until(worker, at) - began_s
        folded_s = until(worker, end) - began_s
    yield result("recovery", folded_s, "s", target=at_most(15))
    yield result("recovery.ready", ready_s, "s")
    yield result("recovery.restore_alone", alone.restore_s, "s")
    yield result("recovery.cut_alone", alone.cut_s, "s")
    yield result("recovery.checkpoint", checkpoint_s, "s")
    yield result("recovery.bytes", written_bytes, "byte")
    yield result("recovery.chunks", alone.chunks, "record")


def applied(worker: Worker) -> int:
    """Of partition 0; -1 while it has none."""
    health = worker.health()
    found = health["partitions"].get("0") if health else None
    return int(found["applied"]) if found else -1


def until(worker: Worker, offset: int) -> float:
    """When it has folded up to `offset`, monotonic. Raises TimeoutError."""
    last_s = time.monotonic() + SECONDS_MAX
    while time.monotonic() < last_s:
        if applied(worker) >= offset:
            return time.monotonic()
        time.sleep(LOOK_S)
    raise TimeoutError(f"offset {offset} not folded in {SECONDS_MAX:.0f} s")


def settle(worker: Worker, offset: int) -> None:
    """Until it has folded up to `offset` and saved that. Raises TimeoutError."""
    until(worker, offset)
    last_s = time.monotonic() + SECONDS_MAX
    while not is_settled(worker):
        if time.monotonic() > last_s:
            raise TimeoutError(f"offset {offset} not saved in {SECONDS_MAX:.0f} s")
        time.sleep(LOOK_S)


def after_another(worker: Worker) -> Looked:
    """When one more checkpoint has ended: one that has saved may not have committed yet.

    Raises TimeoutError.
    """
    last_s, before = time.monotonic() + SECONDS_MAX, looked(worker)
    while (now := looked(worker)).count == before.count:
        if time.monotonic() > last_s:
            raise TimeoutError(f"no checkpoint in {SECONDS_MAX:.0f} s")
        time.sleep(LOOK_S)
    return now
