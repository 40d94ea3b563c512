"""The process that folds some partitions of the log into a generation's database.

It reads, folds and writes until it is told to finish, reports how far it is, and ends when its
parent is gone. Kafka, the fold and ClickHouse work side by side: an insert runs in a thread of its
own while the next records are folded.
"""

import asyncio
import gc
import os
import signal
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

import uvloop
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from aggregates.clickhouse.expiry import Cutoffs, kept_rows
from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.flush import closed_rows, confirm_rows, unconfirmed_rows
from aggregates.core.rows import Rows
from aggregates.protocols import StoreUnavailable
from schemas.rules import Rules
from schemas.topics import HITS
from streams.log_reader import LogUnusable, consumer, ends_of
from streams.rebuild.shard_fold import ShardFold
from streams.rebuild.snapshots import write_snapshots

REPORT_S: Final = 0.25
ROWS_PER_INSERT: Final = 50_000  # of each table: where inserts are fastest
ROWS_WAITING_MAX: Final = 400_000  # of closed windows; then the fold waits for ClickHouse
STORE_PATIENCE_S: Final = 120.0  # ClickHouse may restart; after that the rebuild gives up
RECORDS_PER_TURN: Final = 200  # between two looks at the pipe and the rows


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does; travels to it."""

    broker: str
    clickhouse_url: str  # of the generation's own database
    generation: int
    rules: Rules
    partitions: tuple[int, ...]
    cutoffs: Cutoffs  # rows from before are not written: retention took them away
    save: bool  # write snapshots at the end, for the workers to go on from


@dataclass(frozen=True, slots=True)
class Report:
    """How far a process is."""

    records: int
    hits: int
    rows: int
    behind: int  # records of the log not folded yet
    at_end: bool = False  # of the log as it was when this process last looked
    waiting_for: str = ""  # a store that does not answer, and why
    applied: dict[int, int] | None = None  # partition -> last offset; once all is written
    snapshot_bytes: int = 0
    open_since_s: int = 2**32 - 1  # epoch seconds: all earlier minutes of live traffic are closed


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a process gave up."""

    reason: str


def run(task: Task, pipe: Connection) -> None:
    """The process's main function. Whatever comes through `pipe` tells it to finish."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    # The state has no cycles; a collection would walk millions of objects for nothing.
    gc.disable()
    try:
        uvloop.run(_Folding(task, pipe).run())
    except (LogUnusable, StoreUnavailable) as error:
        pipe.send(Failure(str(error)))
    except (KafkaError, OSError) as error:
        pipe.send(Failure(f"Kafka: {error!r}"))


class _Folding:
    def __init__(self, task: Task, pipe: Connection) -> None:
        self._task, self._pipe = task, pipe
        self._folds = {each: ShardFold(each, task.rules) for each in task.partitions}
        self._store = ClickHouseStore(task.clickhouse_url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="clickhouse")
        self._inserting: asyncio.Task[None] | None = None
        self._ends: dict[int, int] = {}
        self._rows = 0
        self._waiting_for = ""
        self._reported_at = 0.0
        self._finish = False

    async def run(self) -> None:
        asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._on_pipe)
        reader = consumer(self._task.broker)
        await reader.start()
        try:
            tps = [TopicPartition(HITS.name, each) for each in self._task.partitions]
            reader.assign(tps)
            await reader.seek_to_beginning(*tps)
            await self._fold_until_told(reader)
            await self._write_the_rest()
        finally:
            await reader.stop()
        written = 0
        if self._task.save:
            states = [fold.shard.state for fold in self._folds.values()]
            written = await write_snapshots(self._task.broker, self._task.generation, states)
        applied = {each: fold.next_offset - 1 for each, fold in self._folds.items()}
        self._pipe.send(self._report(applied, written))

    def _on_pipe(self) -> None:
        try:
            self._pipe.recv()
        except (EOFError, OSError):
            os._exit(1)  # the parent is gone; nothing is left to do right
        self._finish = True

    async def _fold_until_told(self, reader: Any) -> None:
        """To the end of the log, and on as it grows; when told to finish, to its end then."""
        while True:
            self._ends = await ends_of(reader, HITS.name, self._task.partitions)
            last = self._finish
            await self._fold_to_ends(reader)
            self._send_report(due_s=0.0)
            if last:
                return
            if not self._finish:
                await asyncio.sleep(REPORT_S)

    async def _fold_to_ends(self, reader: Any) -> None:
        while self._behind():
            found = await reader.getmany(timeout_ms=200)
            for tp, records in found.items():
                for start in range(0, len(records), RECORDS_PER_TURN):
                    self._fold(self._folds[tp.partition], records[start : start + RECORDS_PER_TURN])
                    await self._write_closed()
                    self._send_report(due_s=REPORT_S)
                    await asyncio.sleep(0)

    def _fold(self, fold: ShardFold, records: Iterable[Any]) -> None:
        for record in records:
            fold.fold(record)

    async def _write_closed(self) -> None:
        """Begin an insert when enough rows are there; wait only when there are far too many."""
        if self._inserting is not None and self._inserting.done():
            await self._inserting
            self._inserting = None
        waiting = sum(
            len(kind)
            for fold in self._folds.values()
            for kind in (fold.closed.hits, fold.closed.visits, fold.closed.ledger)
        )
        if self._inserting is None and waiting >= ROWS_PER_INSERT:
            self._inserting = asyncio.create_task(self._insert_closed())
        elif self._inserting is not None and waiting >= ROWS_WAITING_MAX:
            await self._inserting
            self._inserting = None

    async def _insert_closed(self) -> None:
        for fold in self._folds.values():
            fold.forget_old_minutes()
        await self._insert(
            [(fold, closed_rows(fold.shard, ROWS_PER_INSERT)) for fold in self._folds.values()]
        )

    async def _write_the_rest(self) -> None:
        """Every row, also of open windows, until ClickHouse has confirmed all."""
        if self._inserting is not None:
            await self._inserting
            self._inserting = None
        for fold in self._folds.values():
            fold.forget_old_minutes()
            while fold.shard.unconfirmed:
                await self._insert([(fold, unconfirmed_rows(fold.shard, ROWS_PER_INSERT))])
                self._send_report(due_s=REPORT_S)

    async def _insert(self, cuts: list[tuple[ShardFold, Rows]]) -> None:
        """Raises `StoreUnavailable` once ClickHouse has refused for STORE_PATIENCE_S."""
        rows = Rows(
            [row for _, cut in cuts for row in cut.hits],
            [row for _, cut in cuts for row in cut.visits],
            [row for _, cut in cuts for row in cut.ledger],
        )
        rows = kept_rows(rows, self._task.cutoffs)
        loop, give_up_at = asyncio.get_running_loop(), time.monotonic() + STORE_PATIENCE_S
        while True:
            try:
                await loop.run_in_executor(self._thread, self._store.insert, rows)
                break
            except StoreUnavailable as error:
                if time.monotonic() > give_up_at:
                    raise
                self._waiting_for = str(error)
                self._send_report(due_s=0.0)
                await asyncio.sleep(1.0)
        self._waiting_for = ""
        self._rows += sum(len(kind) for kind in rows)
        for fold, cut in cuts:
            confirm_rows(fold.shard, cut)

    def _behind(self) -> int:
        folds = self._folds.items()
        return sum(max(0, self._ends[each] - fold.next_offset) for each, fold in folds)

    def _report(self, applied: dict[int, int] | None = None, written: int = 0) -> Report:
        folds = self._folds.values()
        return Report(
            records=sum(fold.next_offset for fold in folds),
            hits=sum(fold.hits for fold in folds),
            rows=self._rows,
            behind=self._behind(),
            at_end=not self._behind(),
            waiting_for=self._waiting_for,
            applied=applied,
            snapshot_bytes=written,
            open_since_s=min(fold.open_since_s for fold in folds),
        )

    def _send_report(self, due_s: float) -> None:
        now = time.monotonic()
        if now - self._reported_at >= due_s:
            self._reported_at = now
            self._pipe.send(self._report())
