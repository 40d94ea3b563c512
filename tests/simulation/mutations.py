"""Defects put into the real code on purpose: each must be caught, or the simulation proves nothing.

Each is a context manager that patches core or protocol for the time of a run.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

import msgpack

from aggregates.core import flush, fold, sessions, windows
from aggregates.core.cells import HitCell, VisitCell
from aggregates.core.flush import confirm_rows, joined, unconfirmed_slices
from aggregates.core.rendering import hit_row
from aggregates.core.rows import HitRow, Rows
from aggregates.core.snapshots import restore
from aggregates.core.state import LATENESS_MS, REORDER_MS, Shard, ShardState
from aggregates.core.turns import Turn
from schemas.events import Hit
from streams import checkpoints, shards
from streams.checkpoints import Snapshot
from streams.protocol import checkpointing, flushing, folding
from streams.protocol.ports import Record, Worker
from streams.shards import OwnedShard
from tests.simulation.stores import Redis

Patch = AbstractContextManager[object]


@dataclass(frozen=True, slots=True)
class Mutation:
    """`broken` patches the code for the time it is entered."""

    name: str
    what: str
    broken: Callable[[], Patch]


def _fold_any_record() -> Patch:
    real = folding._fold_next

    async def take(worker: Worker, record: Record) -> None:
        owned = worker.ownership.shards.get(record.partition)
        if owned is not None:
            owned.shard.state.applied = record.offset - 1
            await real(worker, owned, record)
            owned.held.append(record.acknowledge)

    return patch.object(folding, "take_record", take)


def _acknowledge_first() -> Patch:
    real = checkpointing._checkpoint_shard

    async def checkpoint(worker: Worker, owned: OwnedShard) -> bool:
        for acknowledge in owned.held:
            acknowledge()
        return await real(worker, owned)

    return patch.object(checkpointing, "_checkpoint_shard", checkpoint)


def _no_waiting_for_chunks() -> Patch:
    async def write(worker: Worker, owned: OwnedShard, snapshot: Snapshot) -> None:
        for key, value in await worker.changelog.cut(snapshot):
            worker.changelog.send(owned.partition, key, value)
        owned.saved_as(snapshot)
        await checkpointing._delete_older_epochs(worker, owned)

    return patch.object(checkpointing, "_write", write)


def _lowest_snapshot() -> Patch:
    real = checkpoints.best_snapshot

    def lowest(records: dict[bytes, bytes], *of: int) -> Snapshot | None:
        slots: dict[bytes, dict[bytes, bytes]] = {}
        for key, value in records.items():
            *slot, _ = msgpack.unpackb(key)
            slots.setdefault(bytes(msgpack.packb(slot)), {})[key] = value
        whole = [found for each in slots.values() if (found := real(each, *of))]
        return min(whole, key=lambda each: each.applied, default=None)

    return patch.object(shards, "best_snapshot", lowest)


def _torn_snapshots() -> Patch:
    def whole(chunks: dict[int, Any]) -> bool:
        return 0 in chunks and all(i in chunks for i in range(chunks[0].pieces))

    return patch.object(checkpoints, "_is_whole", whole)


def _no_digest() -> Patch:
    def whole(chunks: dict[int, Any]) -> bool:
        return 0 in chunks and all(
            i in chunks and chunks[i][:2] == chunks[0][:2] for i in range(chunks[0].pieces)
        )

    return patch.object(checkpoints, "_is_whole", whole)


def _one_slot() -> Patch:
    real = OwnedShard.cut

    def cut(self: OwnedShard) -> Snapshot:
        found = real(self)
        return found._replace(key=found.key._replace(slot=0))

    return patch.object(OwnedShard, "cut", cut)


def _one_epoch() -> Patch:
    real = OwnedShard.__init__

    def init(self: OwnedShard, *arguments: Any) -> None:
        real(self, *arguments)
        self.epoch = b"always"

    return patch.object(OwnedShard, "__init__", init)


def _no_zero_rows() -> Patch:
    real = windows._raise_visit

    def raise_visit(turn: Turn, cell: VisitCell) -> None:
        if cell.sessions:
            real(turn, cell)

    return patch.object(windows, "_raise_visit", raise_visit)


def _deltas() -> Patch:
    written: dict[int, int] = {}

    def delta(cell: HitCell) -> HitRow:
        row = hit_row(cell)
        before, written[row.row_key] = written.get(row.row_key, 0), row.hits
        return row._replace(hits=row.hits - before)

    return patch.object(flush, "hit_row", delta)


def _any_version_confirms() -> Patch:
    def forget(closed: dict[int, Any], open_rows: dict[int, Any], stored: list[Any]) -> None:
        for row in stored:
            closed.pop(row.row_key, None)
            open_rows.pop(row.row_key, None)

    return patch.object(flush, "_forget", forget)


def _confirm_first() -> Patch:
    async def flush_rows(worker: Worker) -> bool:
        for owned in list(worker.ownership.shards.values()):
            rows = joined(list(unconfirmed_slices(owned.shard, 1_000, 1_000)))
            confirm_rows(owned.shard, rows)
            if any(rows):
                await worker.rows.insert(rows)
        return False

    return patch.object(flushing, "flush_rows", flush_rows)


def _close_at_flush() -> Patch:
    def confirm(shard: Shard, rows: Rows) -> None:
        confirm_rows(shard, rows)
        for clock_id, clock in shard.state.clocks.items():
            turn = Turn(shard, clock_id, clock, shard.state.applied)
            for at in list(clock.hit_windows):
                windows._close_hit_window(turn, at)

    return patch.object(flushing, "confirm_rows", confirm)


def _forget_closed() -> Patch:
    def forgetful(blob: bytes) -> ShardState:
        state = restore(blob)
        closed = state.closed
        for rows in (closed.hits, closed.visits, closed.ledger):
            rows.clear()
        return state

    return patch.object(shards, "restore", forgetful)


def _mirror_anything() -> Patch:
    return patch.object(Redis, "replaces", staticmethod(lambda known, value: True))


def _no_dedupe() -> Patch:
    return patch.object(fold, "is_repeat", lambda session, event_id: False)


def _imports_count_again() -> Patch:
    return patch.object(fold, "_repeat_in_import", lambda turn, hit: "")


def _late_hits_dropped() -> Patch:
    real = fold._fold_hit

    def fold_hit(turn: Turn, place: Any, hit: Hit, at_ms: int) -> str:
        late = hit.at_ms < turn.clock.watermark_ms - LATENESS_MS - REORDER_MS
        return "too_old" if late else real(turn, place, hit, at_ms)

    return patch.object(fold, "_fold_hit", fold_hit)


def _late_windows_overwrite() -> Patch:
    real = windows._row_key

    def row_key(turn: Turn, kind: str, at: Any, opened_at: int, key: object) -> int:
        return real(turn, kind, at, 0, key)

    return patch.object(windows, "_row_key", row_key)


def _poison_stays() -> Patch:
    return patch.object(folding, "skip", lambda shard, offset: None)


def _letters_once() -> Patch:
    real = folding._bury

    async def bury(worker: Worker, record: Record, error: str, value: bytes) -> None:
        steps = real(worker, record, error, value)
        try:
            steps.send(None)  # handed over, and not waited for
        except StopIteration:
            return
        steps.close()

    return patch.object(folding, "_bury", bury)


@contextmanager
def _clocks_trusted() -> Iterator[None]:
    def never(batch: object, appended_ms: int) -> list[Hit]:
        return []

    def trusting(shard: Shard, offset: int, batch: Any, appended_ms: int) -> None:
        fold.fold(shard, offset, batch, 2**42)

    with patch.object(folding, "ahead_of_clock", never), patch.object(folding, "fold", trusting):
        yield


def _minutes_forgotten() -> Patch:
    async def flush_minutes(worker: Worker) -> None:
        for owned in list(worker.ownership.shards.values()):
            closed = owned.shard.state.closed
            minutes, closed.site_minutes = closed.site_minutes, []
            for minute in minutes:
                await worker.outlet.close_minute(minute)

    return patch.object(flushing, "flush_site_minutes", flush_minutes)


def _midnight_ends_visits() -> Patch:
    real = sessions.find_session

    def find(clock: Any, hit: Hit, gap_ms: int) -> Any:
        if (hit.site_id, hit.visitor_id) in clock.sessions:
            return real(clock, hit, gap_ms)
        return None

    return patch.object(fold, "find_session", find)


MUTATIONS: Final = (
    Mutation("any-record", "the fence is skipped: any record is folded", _fold_any_record),
    Mutation("early-ack", "records are acknowledged before the write", _acknowledge_first),
    Mutation("early-commit", "offsets are committed before every chunk is there",
             _no_waiting_for_chunks),
    Mutation("lowest-snapshot", "the lower of two whole snapshots is recovered", _lowest_snapshot),
    Mutation("torn-snapshot", "a torn snapshot is taken for whole", _torn_snapshots),
    Mutation("no-digest", "chunks of two tries at one offset are taken for one", _no_digest),
    Mutation("one-slot", "snapshots overwrite the last whole one", _one_slot),
    Mutation("one-epoch", "every owner writes under the same epoch", _one_epoch),
    Mutation("no-zero-row", "a row that everyone left is not written as zeros", _no_zero_rows),
    Mutation("deltas", "rows hold what is new, not what is", _deltas),
    Mutation("any-version", "an older version of a row confirms a newer one",
             _any_version_confirms),
    Mutation("early-confirm", "rows are forgotten before the store has them", _confirm_first),
    Mutation("close-at-flush", "windows close when the store answers, not by the log",
             _close_at_flush),
    Mutation("closed-rows-lost", "rows of closed windows are not in the checkpoint",
             _forget_closed),
    Mutation("mirror-anything", "the live mirror does not compare `applied`", _mirror_anything),
    Mutation("no-dedupe", "a retry counts again", _no_dedupe),
    Mutation("import-twice", "an import sent again counts again", _imports_count_again),
    Mutation("late-dropped", "a late hit is dropped", _late_hits_dropped),
    Mutation("late-overwrites", "a late window takes the key of the one before",
             _late_windows_overwrite),
    Mutation("poison-stays", "a record that cannot be read is not passed", _poison_stays),
    Mutation("letter-lost", "a dead letter is not waited for", _letters_once),
    Mutation("clock-trusted", "a clock a year ahead is believed", _clocks_trusted),
    Mutation("minute-lost", "a closed minute is forgotten before the broker has it",
             _minutes_forgotten),
    Mutation("midnight-split", "a visit ends when the day's salt changes", _midnight_ends_visits),
)  # fmt: skip
