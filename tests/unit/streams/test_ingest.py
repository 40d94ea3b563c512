"""The collectors' counts: nothing is acknowledged that was not written, nothing held for ever."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from aggregates.protocols import StoreUnavailable
from schemas.records import IngestCount, encode
from streams import ingest
from streams.ingest import HeldCounts


@dataclass
class Event:
    value: bytes
    acks: list[int]
    message: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(offset=0))

    def ack(self) -> None:
        self.acks.append(self.message.offset)


class Store:
    """Refuses as often as it is told to."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.stored: list[IngestCount] = []

    async def insert(self, counts: Sequence[IngestCount]) -> None:
        await asyncio.sleep(0)
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("away")
        self.stored += counts


def counted(number: int) -> IngestCount:
    return IngestCount(1, 60, "c", "accepted", number)


def events(numbers: range, acks: list[int]) -> list[Event]:
    return [
        Event(encode(counted(number)), acks, SimpleNamespace(offset=number)) for number in numbers
    ]


async def test_acknowledged_in_order_once_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "RETRY_S", 0.0)
    store, acks = Store(refusals=2), list[int]()
    held = HeldCounts(store.insert)
    for event in events(range(3), acks):
        await held.hold(event)
    assert (store.stored, acks) == ([], [])
    await held.flush()
    assert (store.stored, acks) == ([counted(n) for n in range(3)], [0, 1, 2])
    await held.flush()
    assert len(acks) == 3


async def test_no_more_are_held_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "HELD_MAX", 3)
    store, acks = Store(), list[int]()
    held = HeldCounts(store.insert)
    for event in events(range(4), acks):
        await held.hold(event)
    assert (len(store.stored), acks) == (3, [0, 1, 2])


async def test_what_comes_while_it_writes_waits_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ingest, "RETRY_S", 0.01)
    store, acks = Store(refusals=1), list[int]()
    held = HeldCounts(store.insert)
    first, second = events(range(2), acks)
    await held.hold(first)
    flushing = asyncio.create_task(held.flush())
    await asyncio.sleep(0.005)
    await held.hold(second)
    await asyncio.gather(flushing, held.flush())
    assert (store.stored, acks) == ([counted(0), counted(1)], [0, 1])


async def test_what_is_no_count_is_let_go() -> None:
    store, acks = Store(), list[int]()
    held = HeldCounts(store.insert)
    await held.hold(Event(b"{", acks))
    await held.flush()
    assert (store.stored, acks) == ([], [0])
