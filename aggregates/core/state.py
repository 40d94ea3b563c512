"""The state of one partition (a shard): everything the fold knows, and nothing else.

`ShardState` is what a checkpoint holds (snapshots.py). Nothing in it refers back to what holds it,
so there are no cycles and the garbage collector need not walk it (gc=False).
"""

from typing import Final, TypeAlias

import msgspec

from aggregates.core.cells import (
    HitCell,
    HitKey,
    LedgerCell,
    LiveBucket,
    LiveMinute,
    Session,
    VisitCell,
    VisitKey,
    VisitorKey,
    WindowKey,
)
from aggregates.core.rows import HitRow, LedgerRow, VisitRow
from aggregates.core.rules import CompiledRules, compile_rules
from schemas.records import SiteMinute
from schemas.rules import NO_RULES, Rules

# How long a minute waits for stragglers after its end. Records of one partition are written within
# moments of their hits; what comes later opens the minute anew and adds to it, so nothing is lost.
LATENESS_MS: Final = 10_000
SWEEP_MS: Final = 10_000
# Sessions are kept in order of their last touch only to within this: moving one costs as much as
# counting a hit, and to end it so much later changes no number.
REORDER_MS: Final = 60_000
# A time later than the broker's own by more than this is of a clock that jumped. The collector
# turns away timestamps of clients that lie further ahead than this.
CLOCK_AHEAD_MAX_MS: Final = 5 * 60_000
MINUTE_MS: Final = 60_000
FOR_EVER_MS: Final = 2**53

# (site id, import's name): each clock moves by its own records only.
ClockId: TypeAlias = tuple[int, str]

LIVE_CLOCK: Final[ClockId] = (0, "")


class HitWindow(msgspec.Struct, array_like=True, gc=False):
    """The hits of one site in one minute."""

    opened_at: int  # offset of the record that opened it
    cells: dict[HitKey, HitCell] = {}
    ledger: dict[str, LedgerCell] = {}  # by outcome


class VisitWindow(msgspec.Struct, array_like=True, gc=False):
    """The visits of one site that began in one minute."""

    opened_at: int
    live_sessions: int = 0  # it stays open while one of them may still move
    cells: dict[VisitKey, VisitCell] = {}


class ClockState(msgspec.Struct, array_like=True, gc=False):
    """What belongs to one clock."""

    watermark_ms: int = 0
    swept_ms: int = 0  # the watermark when windows and sessions were last looked through
    event_ids_at_watermark: dict[int, bool] = {}  # imports only; in order, as all of the state
    sessions: dict[VisitorKey, Session] = {}  # the longest untouched first
    hit_windows: dict[WindowKey, HitWindow] = {}
    visit_windows: dict[WindowKey, VisitWindow] = {}


class LiveActivity(msgspec.Struct, array_like=True, gc=False):
    """The last 30 minutes of one site by the live clock."""

    minutes: dict[int, LiveMinute] = {}  # by epoch seconds
    buckets: dict[int, LiveBucket] = {}  # by epoch seconds


class Closed(msgspec.Struct, array_like=True, gc=False):
    """Rows of closed windows that no store has confirmed yet, by row key."""

    hits: dict[int, HitRow] = {}
    visits: dict[int, VisitRow] = {}
    ledger: dict[int, LedgerRow] = {}
    site_minutes: list[SiteMinute] = []


class ShardState(msgspec.Struct, array_like=True, gc=False):
    """The fold of the records 0..applied of one partition, exactly."""

    shard: int
    applied: int = -1
    clocks: dict[ClockId, ClockState] = {}
    finished_imports: dict[ClockId, bool] = {}  # oldest first
    # Records this fold passed over, whole or in part, by their letters' keys; whether what was left
    # out has been folded since, from a replay. Oldest first.
    letters: dict[str, bool] = {}
    live: dict[int, LiveActivity] = {}  # by site id
    closed: Closed = msgspec.field(default_factory=Closed)
    open_cells: int = 0  # of all windows of all clocks
    limited: dict[str, int] = {}  # how often each bound (limits.py) has bitten


class Shard:
    """A shard's state, its rules, and what has changed in it since the stores last confirmed.

    Only `state` is in a checkpoint. The rest is rebuilt from it: after a restart every open row
    counts as unconfirmed and is written again, which changes nothing.
    """

    __slots__ = ("hits", "ledger", "live_sites", "rules", "state", "visits")

    def __init__(self, state: ShardState, rules: Rules = NO_RULES) -> None:
        """`rules` are those of the state's generation, from its first record on."""
        self.state = state
        self.rules: CompiledRules = compile_rules(rules)
        self.hits: dict[int, HitCell] = {}
        self.visits: dict[int, VisitCell] = {}
        self.ledger: dict[int, LedgerCell] = {}
        # Sites whose live counters have changed; those that wait longest first.
        self.live_sites: dict[int, None] = dict.fromkeys(state.live)
        for clock in state.clocks.values():
            self._mark_open(clock)

    def _mark_open(self, clock: ClockState) -> None:
        for hit_window in clock.hit_windows.values():
            for cell in hit_window.cells.values():
                self.hits[cell.row_key] = cell
            for ledger_cell in hit_window.ledger.values():
                self.ledger[ledger_cell.row_key] = ledger_cell
        for visit_window in clock.visit_windows.values():
            for visit_cell in visit_window.cells.values():
                self.visits[visit_cell.row_key] = visit_cell

    @property
    def unconfirmed(self) -> int:
        """How many rows wait for the store."""
        closed = self.state.closed
        return (
            len(self.hits) + len(self.visits) + len(self.ledger)
            + len(closed.hits) + len(closed.visits) + len(closed.ledger)
        )  # fmt: skip
