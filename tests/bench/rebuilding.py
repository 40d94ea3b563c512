"""`./inv rebuild` of a log that is already there: folded whole, written, verified as it does."""

import resource
import time
from collections.abc import Iterator
from typing import Final

from tests.bench.baseline import Consumed
from tests.bench.filling import ended_now, fill
from tests.bench.results import Result, at_least, result
from tests.bench.run import Bench, Pipeline, pipeline
from tests.bench.workloads import PLAIN

PARTITIONS: Final = 4
HITS: Final = 1_000_000
HITS_QUICK: Final = 200_000
SECONDS_MAX: Final = 180.0
OUTPUT_CHARS_MAX: Final = 2_000


def run(bench: Bench) -> Iterator[Result]:
    """One process, so that seconds of the processor are those of one core."""
    hits = bench.of(HITS, HITS_QUICK)
    with pipeline(bench, "rebuild", PARTITIONS) as found:
        bench.say(f"rebuild: writing {hits:,} hits to the log")
        fill(found.settings, PLAIN, hits, ended_now(PLAIN, hits))
        bench.say("rebuild: folding them with `./inv rebuild --no-switch --processes 1`")
        rebuilt = _rebuilt(found, hits)
    yield result(
        "rebuild.plain", rebuilt.hits_per_core_s, "hit/s/core", target=at_least(100_000)
    )  # fmt: skip
    yield result("rebuild.plain.wall", rebuilt.hits / rebuilt.wall_s, "hit/s")


def _rebuilt(found: Pipeline, hits: int) -> Consumed:
    """The whole command, its start and end included. Raises RuntimeError when it fails."""
    began_s, began_cpu_s = time.monotonic(), _children_cpu_s()
    command = found.workers.command("rebuild", "--no-switch", "--processes", "1")
    try:
        said, _ = command.communicate(timeout=SECONDS_MAX)
    finally:
        command.kill()
        command.wait()
    if command.returncode:
        raise RuntimeError(f"rebuild failed:\n{said[-OUTPUT_CHARS_MAX:]}")
    return Consumed(hits, _children_cpu_s() - began_cpu_s, time.monotonic() - began_s)


def _children_cpu_s() -> float:
    """Of all processes that this one and its children have waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
