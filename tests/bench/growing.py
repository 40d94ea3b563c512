"""What more workers and more sites do to the throughput.

The workers have their partitions before the log is written. On a machine whose cores they share
with the servers two workers cannot be twice as fast as one; what it can show is that a hit costs no
more processor time with two of them.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from tests.bench.baseline import Consumed
from tests.bench.filling import encoded, ended_now, write
from tests.bench.results import Result, ratio_at_least, result
from tests.bench.run import Bench, pipeline
from tests.bench.workers import consume
from tests.bench.workloads import PLAIN, Workload
from tests.workers import Worker

PARTITIONS: Final = 4
HITS: Final = 300_000
HITS_QUICK: Final = 200_000
SITES: Final = (1, 100, 10_000)
SITES_QUICK: Final = (1, 10_000)
SHARED_S_MAX: Final = 90.0


def run(bench: Bench) -> Iterator[Result]:
    """One worker and two; then one worker, few sites and many."""
    one, two = (_consumed(bench, PLAIN, count) for count in (1, 2))
    yield result("growth.workers_1", one.hits / one.wall_s, "hit/s")
    yield result("growth.workers_2", two.hits / two.wall_s, "hit/s", one.hits / one.wall_s)
    yield result(
        "growth.workers_2.core", two.hits_per_core_s, "hit/s/core", one.hits_per_core_s,
        ratio_at_least(0.7),
    )  # fmt: skip
    of_one_site: float | None = None
    for sites in bench.of(SITES, SITES_QUICK):
        found = _consumed(bench, replace(PLAIN, name=f"sites_{sites}", sites=sites), 1)
        yield result(f"growth.sites_{sites}", found.hits_per_core_s, "hit/s/core", of_one_site)
        of_one_site = of_one_site or found.hits_per_core_s


def _consumed(bench: Bench, workload: Workload, count: int) -> Consumed:
    hits = bench.of(HITS, HITS_QUICK)
    with pipeline(bench, f"growth-{workload.name}-{count}", PARTITIONS) as found:
        bench.say(f"growth, {workload.name}: {hits:,} hits, workers: {count}")
        records = list(encoded(PARTITIONS, workload, hits, ended_now(workload, hits)))
        workers = [found.workers.start() for _ in range(count)]
        _wait_shared(workers)
        write(found.settings, records)
        return consume(workers, hits)


def _wait_shared(workers: Sequence[Worker]) -> None:
    """Until each has partitions and together they have all. Raises TimeoutError."""
    until = time.monotonic() + SHARED_S_MAX
    while time.monotonic() < until:
        owned = [len(health["partitions"]) for w in workers if (health := w.health())]
        if len(owned) == len(workers) and all(owned) and sum(owned) == PARTITIONS:
            return
        time.sleep(0.5)
    raise TimeoutError(f"partitions not shared in {SHARED_S_MAX:.0f} s: {owned}")
