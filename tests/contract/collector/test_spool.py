"""Where records go that Kafka does not take: one suite for the fake in memory and for the disk."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector.batcher import Overflow
from collector.errors import Unavailable
from collector.metrics import Metrics
from collector.spool import Spool
from collector.spool_files import SpoolFiles
from collector.spool_format import Record, size_of
from tests.unit.collector.support import MemorySink, MemorySpool

BYTES_MAX = 2**20


@dataclass
class Subject:
    """A spool, what is in it, and how to make it refuse."""

    spool: Overflow
    held: Callable[[], Sequence[tuple[int, bytes]]]
    refuse: Callable[[], None]


@contextlib.asynccontextmanager
async def running(
    root: Path, sink: MemorySink, bytes_max: int = BYTES_MAX
) -> AsyncIterator[tuple[Spool, SpoolFiles, Metrics]]:
    files, metrics = SpoolFiles(root, bytes_max), Metrics()
    spool = Spool(files, sink, metrics)
    await spool.adopt()
    task = asyncio.create_task(spool.run())
    try:
        yield spool, files, metrics
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await spool.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


def away() -> MemorySink:
    sink = MemorySink()
    sink.broken = True
    return sink


@pytest.fixture(params=["memory", "disk"])
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
    if request.param == "memory":
        memory = MemorySpool()
        memory.takes = True
        yield Subject(memory, lambda: memory.records, lambda: setattr(memory, "takes", False))
        return
    root = tmp_path / "spool"

    def refuse() -> None:
        """A file where the directory is to be."""
        root.write_text("in the way")

    async with running(root, away()) as (spool, files, _):
        yield Subject(spool, lambda: list(files.read()), refuse)


async def test_what_was_appended_is_there_in_order(subject: Subject) -> None:
    assert subject.spool.idle
    values = [b"\x00\xff", b"x" * 262_144, b""]
    for number, value in enumerate(values):
        await subject.spool.append(number % 2, value)
        assert not subject.spool.idle
    assert subject.held() == [(0, values[0]), (1, values[1]), (0, values[2])]


async def test_appended_at_the_same_time(subject: Subject) -> None:
    await asyncio.gather(*(subject.spool.append(0, b"%d" % number) for number in range(50)))
    assert [int(value) for _, value in subject.held()] == list(range(50))


async def test_what_cannot_be_written_is_refused(subject: Subject) -> None:
    subject.refuse()
    with pytest.raises(Unavailable, match="spool"):
        await subject.spool.append(0, b"x")
    assert subject.spool.idle


async def test_all_that_wait_share_a_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = os.fsync
    synced: list[int] = []

    def counted(file: int) -> None:
        synced.append(file)
        sync(file)

    monkeypatch.setattr(os, "fsync", counted)
    async with running(tmp_path, away()) as (spool, _, metrics):
        await spool.append(0, b"first")
        before = len(synced)
        await asyncio.gather(*(spool.append(0, b"x") for _ in range(100)))
        assert len(synced) == before + 1
        assert b"pawprint_collector_spool_written_total 101.0" in metrics.render()


async def test_replayed_in_order_and_deleted_once_the_log_is_back(tmp_path: Path) -> None:
    sink = away()
    async with running(tmp_path, sink) as (spool, files, metrics):
        for number in range(30):
            await spool.append(number % 3, b"%d" % number)
        assert spool.state == "replaying"
        sink.broken = False
        await spool.append(0, b"30")
        await until(lambda: spool.idle)
        assert spool.state == "ok" and files.bytes == 0
        await until(lambda: b"pawprint_collector_spool_replayed_total 31.0" in metrics.render())
    assert [int(value) for _, value in sink.records] == list(range(31))
    assert list(tmp_path.iterdir()) == []


async def test_what_stays_is_found_by_the_next_one(tmp_path: Path) -> None:
    async with running(tmp_path, away()) as (spool, _, _):
        await spool.append(1, b"kept")
    sink = MemorySink()
    async with running(tmp_path, sink) as (spool, _, _):
        await until(lambda: spool.idle)
    assert sink.records == [(1, b"kept")]


async def test_full(tmp_path: Path) -> None:
    record, sink = Record(0, b"x" * 100), away()
    async with running(tmp_path, sink, 3 * size_of(record)) as (spool, _, _):
        for _ in range(3):
            await spool.append(*record)
        with pytest.raises(Unavailable, match="spool_full"):
            await spool.append(*record)
        assert spool.state == "full"
        sink.broken = False
        await until(lambda: spool.idle)
        await spool.append(*record)
        await until(lambda: spool.idle)
    assert sink.records == [tuple(record)] * 4


async def test_a_disk_that_hangs_is_waited_for_so_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused, and nothing that waits behind it is kept in memory for ever."""
    import threading

    from collector import spool as spool_module

    hangs, sync = threading.Event(), os.fsync

    def hanging(file: int) -> None:
        hangs.wait(5)
        sync(file)

    monkeypatch.setattr(spool_module, "WRITE_TIMEOUT_S", 0.1)
    async with running(tmp_path, away()) as (spool, _, _):
        await spool.append(0, b"before")
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", hanging)
            refused = await asyncio.gather(
                *(spool.append(0, b"x") for _ in range(3)), return_exceptions=True
            )
            await asyncio.gather(spool.append(0, b"y"), return_exceptions=True)
            assert all(isinstance(error, Unavailable) for error in refused)
            assert spool.state == "failing" and spool._waiting == []
            hangs.set()
        await spool.append(0, b"after")
        assert spool.state == "replaying"
