"""What the steps of the protocol need of the world, and the worker that has all of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aggregates.core.rows import Rows
from aggregates.protocols import LiveMirror
from schemas.records import DeadLetter, SiteMinute
from streams.checkpoints import Snapshot
from streams.settings import Settings
from streams.shards import Ownership


@dataclass(frozen=True, slots=True)
class Record:
    """A record of `hits`. `acknowledge` must not keep `value` alive: it is held much longer."""

    partition: int
    offset: int
    appended_ms: int  # the broker's time, epoch milliseconds
    value: bytes
    acknowledge: Callable[[], object]


class Clock(Protocol):
    """Time for pauses and for what people look at; no number depends on it."""

    def now_s(self) -> float:
        """Monotonic seconds."""

    def epoch_ms(self) -> int: ...

    async def sleep(self, seconds: float) -> None: ...


class Log(Protocol):
    """The consumer of `hits`. Its methods raise what the driver raises."""

    async def commit(self) -> None:
        """Commit what was acknowledged without a gap."""

    async def seek(self, partition: int, offset: int) -> None:
        """Read on from `offset`; records handed over before may still come first."""

    async def earliest(self, partition: int) -> int:
        """The first offset the log still has."""

    def end(self, partition: int) -> int | None:
        """The offset the next record will get; None while the partition is not read."""


class Changelog(Protocol):
    """The topic of the checkpoints, and the table that recovery fills from it."""

    async def cut(self, snapshot: Snapshot) -> list[tuple[bytes, bytes]]:
        """The records of a snapshot, made beside the event loop."""

    def send(self, partition: int, key: bytes, value: bytes | None) -> Awaitable[object]:
        """Hand a record over, in order. Awaited, it returns when the broker has it, or raises."""

    def keep(self, records: Mapping[bytes, bytes | None]) -> None:
        """Put into the table what was written; None takes out."""


class Outlet(Protocol):
    """The topics this worker writes to; handing over may raise what the driver raises."""

    async def bury(self, letter: DeadLetter) -> None:
        """Returns when the broker has the letter."""

    async def close_minute(self, minute: SiteMinute) -> Awaitable[object]:
        """Hand a closed minute over; what it returns is awaited until the broker has it."""


class RowStore(Protocol):
    """`aggregates.protocols.RollupStore`, beside the event loop."""

    async def insert(self, rows: Rows) -> None:
        """Raises `StoreUnavailable` if any of it is not confirmed."""


class Process(Protocol):
    """The process around the worker."""

    @property
    def stopping(self) -> bool: ...

    async def crash(self, reason: Exception) -> None:
        """End the process with `reason`; the supervisor starts it anew."""


@dataclass(frozen=True, slots=True)
class Worker:
    """The shards of one process, and the world around it."""

    settings: Settings
    ownership: Ownership
    clock: Clock
    log: Log
    changelog: Changelog
    outlet: Outlet
    rows: RowStore
    mirror: LiveMirror
    process: Process

    @property
    def held_back(self) -> bool:
        """Too many rows wait for ClickHouse: the log is not read on until some are confirmed."""
        return self.ownership.unconfirmed > self.settings.rows_unconfirmed_max
