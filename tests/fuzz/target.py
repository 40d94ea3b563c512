"""The collector in this process, asked one request after the other: no sockets, no servers."""

import asyncio
import contextlib
import logging
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collector.logs import JsonFormatter
from tests.fuzz.checking import problems
from tests.fuzz.drawing import EVENT, Case
from tests.unit.collector.support import Collector, FakeExchange, FakeScope, running

CPU_S_MAX: Final = 0.25  # of one request
TRIES: Final = 3
PEAK_BYTES_MAX: Final = 96 * 2**20  # that one request adds to the process' peak
GROWTH_BYTES_MAX: Final = 48 * 2**20  # after warming up, however many requests come
PAGE_BYTES: Final = resource.getpagesize()
# The first agent that is seen has all patterns compiled.
WARM: Final = Case("POST", EVENT, (("user-agent", "x"),), b'{"n":"a","u":"https://example.com/"}')
PIECES: Final = 3  # a body of no declared length comes in so many


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class _Lines(logging.Handler):
    """Log lines as the process would write them."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@dataclass(slots=True)
class Target:
    """One collector. `ask` says what is wrong with its answer, "" for nothing."""

    collector: Collector
    runner: asyncio.Runner
    log: _Lines
    slowest_s: float = field(default=0.0)

    def ask(self, case: Case) -> str:
        """What took long once is asked again: the first time may have paid for others' garbage."""
        for _ in range(TRIES):
            problem, spent_s = self._ask(case)
            if spent_s <= CPU_S_MAX:
                self.slowest_s = max(self.slowest_s, spent_s)
                return problem
        self.slowest_s = max(self.slowest_s, spent_s)
        return f"took {spent_s * 1000:.0f} ms; {problem}"

    def _ask(self, case: Case) -> tuple[str, float]:
        """(what is wrong with the answer, seconds of CPU)."""
        sink = self.collector.sink
        sink.records.clear()
        self.log.lines.clear()
        length = dict(case.headers).get("content-length")
        step = len(case.body) if length else len(case.body) // PIECES
        pieces = [case.body[at : at + step + 1] for at in range(0, len(case.body), step + 1)]
        exchange = FakeExchange(pieces)
        peak, began_s = peak_bytes(), time.thread_time()
        scope = FakeScope(case.method, case.path, dict(case.headers), case.query)
        try:
            self.runner.run(self.collector.app.__rsgi__(scope, exchange))
        except Exception as error:  # whatever it is, it is the find
            return f"raised {type(error).__name__}: {error}", 0.0
        spent_s = time.thread_time() - began_s
        if len(exchange.replies) != 1:
            return f"{len(exchange.replies)} answers", spent_s
        records = [each for _, each in sink.records]
        found = problems(case, exchange.replies[0], records, self.log.lines)
        if peak_bytes() - peak > PEAK_BYTES_MAX:
            found.append(f"took {(peak_bytes() - peak) // 2**20} MB")
        return "; ".join(found), spent_s


@contextlib.contextmanager
def one_target() -> Iterator[Target]:
    """A collector that runs until the end of the block, its patterns compiled."""
    log = _Lines()
    logging.getLogger().addHandler(log)
    with asyncio.Runner() as runner:
        # Without rate limits: the clock of a test stands still, and soon nobody could send more.
        context = running(linger_ms=0, address_rate_per_s=0, key_batches_per_s=0)
        try:
            target = Target(runner.run(context.__aenter__()), runner, log)
            target.ask(WARM)
            target.slowest_s = 0.0
            yield target
        finally:
            runner.run(context.__aexit__(None, None, None))
            logging.getLogger().removeHandler(log)
