"""The real worker over a log that is already there, against the baseline on the same log."""

import time
from collections.abc import Iterator, Sequence
from typing import Final

from tests.bench import baseline
from tests.bench.baseline import Consumed
from tests.bench.filling import ended_now, fill
from tests.bench.results import Result, at_least, ratio_at_least, result
from tests.bench.run import Bench, pipeline
from tests.bench.workloads import HOT_SITE, NEW_VISITORS, PLAIN, SMALL_SITES, Workload
from tests.workers import Worker

PARTITIONS: Final = 4
HITS: Final = 1_000_000
HITS_QUICK: Final = 200_000
HITS_OTHERS: Final = 300_000  # of the workloads that are only reported
LOOK_S: Final = 0.5  # looking costs the worker a millisecond
SECONDS_MAX: Final = 180.0


def run(bench: Bench) -> Iterator[Result]:
    """The plain workload with its targets; the others as they are."""
    yield from _results(bench, PLAIN, bench.of(HITS, HITS_QUICK))
    if not bench.quick:
        for workload in (HOT_SITE, SMALL_SITES, NEW_VISITORS):
            yield from _results(bench, workload, HITS_OTHERS)


def _results(bench: Bench, workload: Workload, hits: int) -> Iterator[Result]:
    plain = workload is PLAIN
    with pipeline(bench, f"worker-{workload.name}", PARTITIONS) as found:
        bench.say(f"worker, {workload.name}: writing {hits:,} hits to the log")
        fill(found.settings, workload, hits, ended_now(workload, hits))
        bench.say(f"worker, {workload.name}: the baseline reads them")
        plainly = baseline.measured(found.settings, hits)
        bench.say(f"worker, {workload.name}: the worker reads them")
        consumed = consume([found.workers.start()], hits)
    yield result(
        f"worker.{workload.name}.ratio", consumed.hits_per_core_s, "hit/s/core",
        plainly.hits_per_core_s, ratio_at_least(0.5) if plain else None,
    )  # fmt: skip
    yield result(
        f"worker.{workload.name}", consumed.hits_per_core_s, "hit/s/core",
        target=at_least(100_000) if plain else None,
    )  # fmt: skip
    yield result(f"worker.{workload.name}.wall", consumed.hits / consumed.wall_s, "hit/s")


def consume(workers: Sequence[Worker], hits: int) -> Consumed:
    """Until `workers` have folded `hits` hits together, stored every row and saved every state.

    Counted from the first look that sees a hit folded: starting is no part of it. The seconds on
    the wall end with the last hit folded, those of the processor with everything written.
    """
    until = time.monotonic() + SECONDS_MAX
    began: tuple[float, float, float] | None = None
    folded_s = 0.0
    while time.monotonic() < until:
        now_s, cpu_s, folded = time.monotonic(), sum(w.cpu_s() for w in workers), 0.0
        folded = sum(folded_by(worker) for worker in workers)
        if folded and began is None:
            began = now_s, cpu_s, folded
        if folded >= hits and not folded_s:
            folded_s = now_s
        if began and folded_s and all(is_settled(worker) for worker in workers):
            cpu_s = sum(w.cpu_s() for w in workers)
            return Consumed(round(folded - began[2]), cpu_s - began[1], folded_s - began[0])
        time.sleep(LOOK_S)
    raise TimeoutError(f"{folded:,.0f} of {hits:,} hits folded in {SECONDS_MAX:.0f} s")


def folded_by(worker: Worker) -> float:
    """Hits it has folded; 0 while it starts."""
    try:
        return worker.metric("pawprint_streams_hits_folded_total")
    except OSError:
        return 0


def is_settled(worker: Worker) -> bool:
    """Every row is stored and every state saved."""
    health = worker.health()
    if health is None or health["rows_unconfirmed"]:
        return False
    return all(each["saved"] == each["applied"] for each in health["partitions"].values())
