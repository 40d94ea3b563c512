"""The fold under any schedule of crashes, confirmations and lost answers, by hypothesis.

log      0 1 2 3 4 5 ...      one log, folded straight in one shard
worker       ^ crashes, goes on from any snapshot it ever took, writes and confirms in any order
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from aggregates.core.flush import confirm_rows, confirm_site_minutes, unconfirmed_rows
from aggregates.core.fold import fold
from aggregates.core.rows import Rows
from aggregates.core.snapshots import restore, snapshot
from aggregates.core.state import Shard, ShardState
from schemas.events import Batch
from schemas.records import SiteMinute
from tests.unit.aggregates.core.hits import NOW_MS
from tests.unit.aggregates.core.store import Store, flush
from tests.unit.aggregates.core.test_replay import drawn_log

RECORDS = 80


class Crashes(RuleBasedStateMachine):
    """A worker that dies and goes on, beside the straight fold of the same records."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.log: list[Batch] = drawn_log(seed, RECORDS)
        self.straight, self.want = Shard(ShardState(shard=3)), Store()
        self.shard, self.store = Shard(ShardState(shard=3)), Store()
        self.snapshots = [snapshot(self.shard.state)]
        self.in_flight: list[Rows] = []  # sent by this worker, neither stored nor confirmed
        self.lost: list[Rows] = []  # sent by workers that died since: they may still arrive
        self.minutes: dict[SiteMinute, None] = {}

    def fold_straight(self, until: int) -> None:
        while self.straight.state.applied < until:
            offset = self.straight.state.applied + 1
            fold(self.straight, offset, self.log[offset], NOW_MS)

    @rule(records=st.integers(1, 12))
    def fold_on(self, records: int) -> None:
        for _ in range(records):
            offset = self.shard.state.applied + 1
            if offset < len(self.log):
                fold(self.shard, offset, self.log[offset], NOW_MS)

    @rule(limit=st.sampled_from([1, 5, 1_000]))
    def send(self, limit: int) -> None:
        self.in_flight.append(unconfirmed_rows(self.shard, limit))

    @rule(records=st.integers(1, 12))
    def store_while_folding(self, records: int) -> None:
        """What the store confirms is older than what the fold has made of it since."""
        rows = unconfirmed_rows(self.shard, 1_000)
        self.fold_on(records)
        self.store.insert(rows)
        confirm_rows(self.shard, rows)

    @precondition(lambda self: self.in_flight)
    @rule(heard=st.booleans(), last=st.booleans())
    def arrive(self, heard: bool, last: bool) -> None:
        rows = self.in_flight.pop(-1 if last else 0)
        self.store.insert(rows)
        if heard:
            confirm_rows(self.shard, rows)

    @precondition(lambda self: self.lost)
    @rule()
    def arrive_late(self) -> None:
        self.store.insert(self.lost.pop())

    @rule(heard=st.booleans())
    def close_minutes(self, heard: bool) -> None:
        closed = dict.fromkeys(self.shard.state.closed.site_minutes)
        self.minutes |= closed
        if heard:
            confirm_site_minutes(self.shard, closed)

    @rule()
    def checkpoint(self) -> None:
        self.snapshots.append(snapshot(self.shard.state))

    @rule(which=st.integers(1, 3))
    def crash(self, which: int) -> None:
        self.shard = Shard(restore(self.snapshots[-min(which, len(self.snapshots))]))
        self.lost += self.in_flight
        self.in_flight = []

    @invariant()
    def the_state_is_the_fold_of_its_records(self) -> None:
        """What is open and live; what waits for the stores differs."""
        applied = self.shard.state.applied
        if applied > self.straight.state.applied:
            self.fold_straight(applied)
            assert open_part(self.shard) == open_part(self.straight)

    def teardown(self) -> None:
        """Everything settles: the same rows and the same closed minutes as in one straight run."""
        if not hasattr(self, "log"):
            return
        self.fold_on(RECORDS + 1)
        self.fold_straight(len(self.log) - 1)
        for rows in (*self.in_flight, *self.lost):
            self.store.insert(rows)
        flush(self.shard, self.store)
        flush(self.straight, self.want)
        assert self.store.hits == self.want.hits
        assert self.store.visits == self.want.visits
        assert self.store.ledger == self.want.ledger
        self.close_minutes(heard=True)
        assert self.minutes == dict.fromkeys(self.straight.state.closed.site_minutes)
        assert open_part(self.shard) == open_part(self.straight)


def open_part(shard: Shard) -> bytes:
    """The snapshot of a shard but for what waits for the stores."""
    state = restore(snapshot(shard.state))
    closed = state.closed
    closed.hits, closed.visits, closed.ledger, closed.site_minutes = {}, {}, {}, []
    return snapshot(state)


TestCrashes = Crashes.TestCase
TestCrashes.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
