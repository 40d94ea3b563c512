"""Where hits are safe while Kafka is away: on disk, then replayed in order once it is back.

A record is acknowledged when its bytes are synced; all that wait share one sync. While the spool
holds anything, everything new goes in behind it: the log then reads as if Kafka had only been slow,
and no visit is torn apart by hits that come in late.

A record may be in the log and in the spool: when its acknowledgement was given up on, or when the
process died between Kafka's acknowledgement and noting it. Both copies have the same bytes, so the
same event ids, and the fold counts each once, as long as the visitor's last 64 events are still in
its state: for one session gap of the log's own time. An outage of Kafka stops that time for all
collectors. Only one that is cut off alone, for longer than a gap while others write on, can count
twice, and that no more than the one record a partition had in flight when it was cut off.

History (imports) never goes in: an event of an import is refused by the fold once a later one was
folded, and a client that was told "stored" goes on, maybe through another collector.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import Final, Protocol, TypeVar

from collector.errors import Unavailable
from collector.metrics import Metrics
from collector.spool_files import SpoolFiles, SpoolFull
from collector.spool_format import Record

RETRY_S: Final = 0.5
# Directories of dead processes are looked for this often, beside the start.
ADOPT_INTERVAL_S: Final = 10.0
# A disk that does not answer is as good as none; what it still writes then counts once, as ever.
WRITE_TIMEOUT_S: Final = 5.0
# Then it may be tried again: who was told of the problem may send nothing that would show its end.
PROBLEM_S: Final = 10.0

T = TypeVar("T")
log = logging.getLogger(__name__)


class ReplaySink(Protocol):
    """Where the log takes many records at once."""

    async def append_all(self, records: Sequence[Record]) -> None:
        """Returns once all are stored, each partition's in their order. Raises `Unavailable`."""


@dataclass(slots=True, eq=False)
class Waiting:
    record: Record
    done: "asyncio.Future[None]"


class Spool:
    """Bounded in bytes. `run` writes and replays until it is cancelled."""

    def __init__(self, files: SpoolFiles, sink: ReplaySink, metrics: Metrics) -> None:
        self._files = files
        self._sink = sink
        self._metrics = metrics
        self._thread = ThreadPoolExecutor(1, "spool")
        self._waiting: list[Waiting] = []
        self._in_flight: list[Waiting] = []
        self._put = asyncio.Event()
        self._filled = asyncio.Event()
        self._problem = ""
        self._problem_at_s = 0.0
        metrics.gauge("pawprint_collector_spool_bytes").set_function(lambda: files.bytes)
        metrics.gauge("pawprint_collector_spool_damaged").set_function(lambda: files.damaged)

    @property
    def idle(self) -> bool:
        """Whether it holds nothing, so that a record may go to Kafka without overtaking any."""
        return self._files.empty and not self._waiting and not self._in_flight

    @property
    def state(self) -> str:
        """ "full" or "failing" as of a write not long ago; else "replaying" or "ok"."""
        if self._problem and monotonic() - self._problem_at_s < PROBLEM_S:
            return self._problem
        return "ok" if self.idle else "replaying"

    async def append(self, partition: int, value: bytes) -> None:
        """Returns once the record is synced. Raises `Unavailable`: then it is not sure."""
        waiting = Waiting(Record(partition, value), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._put.set()
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await waiting.done
        except TimeoutError as error:
            self._note("failing")
            raise Unavailable("spool") from error
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    async def adopt(self) -> None:
        """Take over what dead processes left."""
        try:
            segments = await self._in_thread(self._files.adopt)
        except OSError as error:
            log.warning("spool cannot be looked through", extra={"fields": {"errno": error.errno}})
            return
        if segments:
            log.info("spool taken over", extra={"fields": {"segments": segments}})
            self._filled.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._write())
            tasks.create_task(self._replay())
            tasks.create_task(self._adopt())

    async def close(self) -> None:
        """After `run` has ended: let go of the directory."""
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._in_thread(self._files.close)
        except OSError as error:  # TimeoutError is one
            log.warning("spool cannot be closed", extra={"fields": {"errno": error.errno}})
        self._thread.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _adopt(self) -> None:
        while True:
            await asyncio.sleep(ADOPT_INTERVAL_S)
            await self.adopt()

    async def _write(self) -> None:
        while True:
            await self._put.wait()
            self._put.clear()
            if self._waiting:
                self._in_flight, self._waiting = self._waiting, []
                await self._write_group(self._in_flight)
                self._in_flight = []

    async def _write_group(self, group: Sequence[Waiting]) -> None:
        """One sync for all of them."""
        records = [waiting.record for waiting in group]
        began = perf_counter()
        try:
            await self._in_thread(lambda: self._files.write(records))
        except SpoolFull:
            self._fail(group, "full", Unavailable("spool_full"))
        except OSError as error:
            log.warning("spool cannot be written", extra={"fields": {"errno": error.errno}})
            self._fail(group, "failing", Unavailable("spool"))
        else:
            self._problem = ""
            self._metrics.histogram("pawprint_collector_spool_sync_seconds").observe(
                perf_counter() - began
            )
            self._metrics.count("pawprint_collector_spool_written_total", len(group))
            self._filled.set()
            for waiting in group:
                if not waiting.done.done():
                    waiting.done.set_result(None)

    def _fail(self, group: Sequence[Waiting], problem: str, error: Unavailable) -> None:
        self._note(problem)
        for waiting in group:
            if not waiting.done.done():
                waiting.done.set_exception(error)

    def _note(self, problem: str) -> None:
        self._problem, self._problem_at_s = problem, monotonic()

    async def _replay(self) -> None:
        records: list[Record] = []
        while True:
            await self._filled.wait()
            try:
                if not records:
                    records = await self._in_thread(self._files.read)
                if records:
                    await self._sink.append_all(records)
                    await self._in_thread(self._files.replayed)
                    self._metrics.count("pawprint_collector_spool_replayed_total", len(records))
                    records = []
                elif self._files.empty:
                    self._filled.clear()
            except Unavailable:
                await asyncio.sleep(RETRY_S)
            except OSError as error:
                records = []
                log.warning("spool cannot be read", extra={"fields": {"errno": error.errno}})
                await asyncio.sleep(RETRY_S)
