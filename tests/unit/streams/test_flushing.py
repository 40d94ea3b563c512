"""Which rows are written when: all of them, but of a shard that is behind those that are final."""

import asyncio
from typing import Any, Final, cast

import pytest

from aggregates.core.rows import Rows
from aggregates.protocols import StoreUnavailable
from streams.protocol.flushing import OPEN_S_MAX, flush_rows
from streams.protocol.ports import Worker
from streams.settings import read_settings
from streams.shards import BEHIND_MS, OwnedShard, Ownership
from tests.unit.streams.clocks import Clock
from tests.unit.streams.folding import fold_hit

NOT_ASKED: Final = cast(Any, None)
CLOSED_AFTER_S: Final = 400  # of the log's time: a window is long closed
ROWS_MAX: Final = 40


class Store:
    """What was written, insert by insert."""

    def __init__(self) -> None:
        self.inserts: list[Rows] = []
        self.away = False

    async def insert(self, rows: Rows) -> None:
        if self.away:
            raise StoreUnavailable("away")
        self.inserts.append(rows)


class Flushed:
    """A worker with one shard, whose log is `delay_ms` old where it begins."""

    def __init__(self, delay_ms: int, lag: int) -> None:
        self.clock, self.store = Clock(), Store()
        self.at_ms = self.clock.epoch_ms() - delay_ms
        ownership = Ownership()
        self.owned: OwnedShard = ownership.take(0, {})
        self.owned.lag = lag
        settings = read_settings({"PAWPRINT_ROWS_UNCONFIRMED_MAX": str(ROWS_MAX)})
        self.worker = Worker(
            settings, ownership, self.clock, NOT_ASKED, NOT_ASKED, NOT_ASKED, self.store,
            NOT_ASKED, NOT_ASKED,
        )  # fmt: skip

    def hit(self, path: str, after_s: float = 0) -> None:
        """One more, of a visitor of its own."""
        self.at_ms += round(after_s * 1000)
        fold_hit(self.owned, self.at_ms, path)

    def flush(self, after_s: float = 0) -> list[str]:
        """The paths of the hit rows it writes."""
        self.clock.at_s += after_s
        before = len(self.store.inserts)
        asyncio.run(flush_rows(self.worker))
        return [row.path for rows in self.store.inserts[before:] for row in rows.hits]


@pytest.fixture
def behind() -> Flushed:
    """Its first row is written: a worker that begins writes all it has."""
    flushed = Flushed(delay_ms=BEHIND_MS + 1_000_000, lag=3)
    flushed.hit("/first")
    assert flushed.flush() == ["/first"]
    return flushed


def test_a_row_is_written_whenever_it_has_grown() -> None:
    flushed = Flushed(delay_ms=BEHIND_MS, lag=3)
    for _ in range(3):
        flushed.hit("/", after_s=1)
        assert flushed.flush(1) == ["/"]
        assert flushed.owned.stored == flushed.owned.applied


def test_a_shard_that_is_behind_writes_a_row_once_it_is_final(behind: Flushed) -> None:
    behind.hit("/a")
    assert behind.flush(1) == []
    behind.hit("/a")
    assert behind.flush(1) == []
    behind.hit("/b", CLOSED_AFTER_S)
    assert behind.flush(1) == ["/a"]
    assert behind.store.inserts[-1].hits[0].hits == 2
    assert behind.flush(1) == []


def test_what_is_stored_is_not_said_to_be_more(behind: Flushed) -> None:
    assert behind.owned.stored == 0
    behind.hit("/a")
    behind.hit("/b", CLOSED_AFTER_S)
    behind.flush(1)
    assert behind.owned.stored == 0
    behind.owned.lag = 0  # it has caught up
    assert behind.flush(1) == ["/b"]
    assert behind.owned.stored == behind.owned.applied


def test_a_shard_that_stays_behind_writes_its_open_rows_now_and_then(behind: Flushed) -> None:
    behind.hit("/a")
    assert behind.flush(OPEN_S_MAX - 1) == []
    assert behind.flush(1) == ["/a"]
    behind.hit("/a")
    assert behind.flush(OPEN_S_MAX - 1) == []


def test_open_rows_are_written_before_too_many_wait(behind: Flushed) -> None:
    """Else nothing would be read on, and they would wait for ever."""
    while not behind.worker.held_back:
        behind.hit(f"/{behind.owned.applied}")
    assert len(behind.flush(1)) > ROWS_MAX / 3
    assert not behind.worker.held_back


def test_a_store_that_was_away_is_given_all_of_it(behind: Flushed) -> None:
    behind.hit("/a")
    behind.store.away = True
    with pytest.raises(StoreUnavailable):
        behind.flush(OPEN_S_MAX)
    behind.store.away = False
    assert behind.flush(1) == ["/a"]
