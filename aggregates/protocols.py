"""What the streams need of the stores. One contract suite tests each adapter and its fake."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from aggregates.core.rows import Rows
from schemas.live import LiveShard, ShardStatus


class StoreUnavailable(Exception):
    """The store did not confirm. Nothing may be taken as written; try again later."""


class RollupStore(Protocol):
    """Where rollups are kept."""

    def insert(self, rows: Rows) -> None:
        """Write absolute rows; returns once the store confirmed all of them. Blocking.

        Writing a row again, or an older version of it later, changes no answer.
        Raises `StoreUnavailable` if any of it is not confirmed.
        """

    def close(self) -> None: ...


class LiveMirror(Protocol):
    """Where live counters are read from."""

    async def write(self, shard: int, counters: Mapping[int, LiveShard]) -> None:
        """Set the counters of `shard` for some sites (site id -> counters) and announce the change.

        A value older (by `applied`) than the one that is there is not written, so a worker that
        woke up late brings no old number back. Raises `StoreUnavailable`.
        """

    async def read(self, site_id: int) -> dict[int, LiveShard]:
        """The counters of one site: shard -> counters. Raises `StoreUnavailable`."""

    async def write_status(self, shard: int, status: ShardStatus) -> bool:
        """Returns whether there was none of `shard`: a store that is new, or was emptied.

        Raises `StoreUnavailable`.
        """

    async def read_statuses(self) -> dict[int, ShardStatus]:
        """All shards' statuses. Raises `StoreUnavailable`."""

    async def forget(self, site_ids: Iterable[int]) -> None:
        """Remove all counters of these sites. Raises `StoreUnavailable`."""

    async def close(self) -> None: ...
