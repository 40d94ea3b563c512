"""Models of ClickHouse and Redis: what they keep, and how they fail."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from aggregates.core.rows import HitRow, LedgerRow, Rows, VisitRow
from aggregates.protocols import StoreUnavailable
from schemas.live import LiveShard, ShardStatus
from tests.simulation.faults import Faults, Violation
from tests.simulation.scheduler import Answer, Pause, Scheduler

AnyRow: TypeAlias = HitRow | VisitRow | LedgerRow


class ClickHouse:
    """The three tables. The highest version of a row is what a reader sees.

    An insert goes on when the worker that sent it is killed, and may reach some tables only.
    """

    def __init__(self, scheduler: Scheduler, faults: Faults) -> None:
        self._scheduler, self._faults = scheduler, faults
        self.hits: dict[int, HitRow] = {}
        self.visits: dict[int, VisitRow] = {}
        self.ledger: dict[int, LedgerRow] = {}
        self._contents: dict[tuple[int, int], AnyRow] = {}  # by row key and version
        self.zero_rows = 0

    async def insert(self, rows: Rows) -> None:
        answer = Answer()
        self._scheduler.spawn(self._insert(rows, answer))
        await answer

    async def _insert(self, rows: Rows, answer: Answer) -> None:
        faults = self._faults
        await Pause(faults.delay_ms())
        fate = "failed" if faults.clickhouse_away else faults.fate()
        tables = faults.draw.randrange(3) if fate == "failed" else 3
        if faults.clickhouse_away:
            tables = 0
        if fate != "done":
            faults.note(self._scheduler.now_ms, f"insert {fate}, {tables} of 3 tables written")
        written = [self._put_hits, self._put_visits, self._put_ledger]
        for put in written[:tables]:
            put(rows)
            if not faults.draw.randrange(4):
                await Pause(faults.delay_ms())
        error = None if fate == "done" else StoreUnavailable(f"ClickHouse: {fate}")
        self._scheduler.give(answer, error)

    def _put_hits(self, rows: Rows) -> None:
        for row in rows.hits:
            if self._newest(self.hits.get(row.row_key), row):
                self.hits[row.row_key] = row

    def _put_visits(self, rows: Rows) -> None:
        for row in rows.visits:
            self.zero_rows += not row.visits
            if self._newest(self.visits.get(row.row_key), row):
                self.visits[row.row_key] = row

    def _put_ledger(self, rows: Rows) -> None:
        for row in rows.ledger:
            if self._newest(self.ledger.get(row.row_key), row):
                self.ledger[row.row_key] = row

    def _newest(self, old: AnyRow | None, row: AnyRow) -> bool:
        known = self._contents.setdefault((row.row_key, row.version), row)
        if known != row:
            raise Violation(f"one version, two contents:\n  {known}\n  {row}")
        return old is None or old.version <= row.version


class Redis:
    """`LiveMirror`; a value is kept only if its `applied` is not lower than that of the one there.

    What the script in aggregates/redis does; the contract suite holds that to it.
    """

    def __init__(self, scheduler: Scheduler, faults: Faults) -> None:
        self._scheduler, self._faults = scheduler, faults
        self.live: dict[int, dict[int, LiveShard]] = {}  # site id -> shard -> counters
        self.statuses: dict[int, ShardStatus] = {}

    def flush_all(self) -> None:
        self.live.clear()
        self.statuses.clear()

    async def write(self, shard: int, counters: Mapping[int, LiveShard]) -> None:
        await Pause(self._faults.delay_ms())
        fate = "failed" if self._faults.redis_away else self._faults.fate()
        if fate != "failed":
            for site_id, value in counters.items():
                self._set(site_id, shard, value)
        if fate != "done":
            raise StoreUnavailable(f"Redis: {fate}")

    def _set(self, site_id: int, shard: int, value: LiveShard) -> None:
        shards = self.live.setdefault(site_id, {})
        known = shards.get(shard)
        if known is None or self.replaces(known, value):
            if known is not None and known.applied > value.applied:
                raise Violation(f"live counters of site {site_id} went back to {value.applied}")
            shards[shard] = value

    @staticmethod
    def replaces(known: LiveShard, value: LiveShard) -> bool:
        return known.applied <= value.applied

    async def read(self, site_id: int) -> dict[int, LiveShard]:
        return dict(self.live.get(site_id, {}))

    async def write_status(self, shard: int, status: ShardStatus) -> bool:
        await Pause(self._faults.delay_ms())
        if self._faults.redis_away or self._faults.fate() == "failed":
            raise StoreUnavailable("Redis: failed")
        is_new = shard not in self.statuses
        self.statuses[shard] = status
        return is_new

    async def read_statuses(self) -> dict[int, ShardStatus]:
        return dict(self.statuses)

    async def forget(self, site_ids: Iterable[int]) -> None:
        for site_id in site_ids:
            self.live.pop(site_id, None)

    async def close(self) -> None:
        """Nothing to close."""
