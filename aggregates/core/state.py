"""The state of one partition (a shard): everything the fold knows, and nothing else.

`ShardState` is what a checkpoint holds. Its structs refer to each other by key, never by object, so
encoding it is one call and there are no cycles for the garbage collector to walk.
"""

from typing import Final, NamedTuple

import msgspec

from aggregates.core.rows import HitRow, LedgerRow, VisitRow
from schemas.events import Hit, Visit
from schemas.records import SiteMinute
from schemas.rules import NO_RULES, Rules

SESSION_GAP_MS: Final = 30 * 60_000
# How long a minute waits for stragglers after its end. Records of one partition are written within
# moments of their hits; what comes later opens the minute anew and adds to it, so nothing is lost.
LATENESS_MS: Final = 10_000
SWEEP_MS: Final = 10_000
# A time later than the broker's own by more than this is of a clock that jumped. The collector
# turns away timestamps of clients that lie further ahead than this.
CLOCK_AHEAD_MAX_MS: Final = 5 * 60_000
MINUTE_MS: Final = 60_000
EVENT_IDS_MAX: Final = 64  # of one session: retries come within moments, not after 64 other events
EVENTS_OF_ONE_MS_MAX: Final = 100_000  # of one import and shard: their ids are remembered
FINISHED_IMPORTS_MAX: Final = 10_000  # older ones would count again if they were sent again
FOR_EVER_MS: Final = 2**53


class ClockId(NamedTuple):
    """The live clock, or one import of one site: each moves by its own records only."""

    site_id: int
    import_name: str


LIVE_CLOCK: Final = ClockId(0, "")


class VisitorKey(NamedTuple):
    site_id: int
    visitor_id: int


class WindowKey(NamedTuple):
    minute: int  # epoch seconds
    site_id: int


def window_at(site_id: int, at_ms: int) -> WindowKey:
    return WindowKey(at_ms // MINUTE_MS * 60, site_id)


class HitKey(NamedTuple):
    """What the hits of one row share, within a site and minute."""

    name: str
    hostname: str
    path: str
    props: tuple[tuple[str, str], ...]
    currency: str
    visit: Visit


class VisitKey(NamedTuple):
    """What the visits of one row share, within a site and the minute they began."""

    entry_hostname: str
    entry_page: str
    exit_hostname: str
    exit_page: str
    visit: Visit


class Session(msgspec.Struct, array_like=True):
    """One visit of one visitor, while it lives."""

    session_id: int
    site_id: int
    visitor_id: int  # the one it began with, also after midnight gave the visitor a new one
    started_ms: int
    last_ms: int
    touched_ms: int  # the clock's watermark when its last hit was folded
    key: VisitKey  # the visit row it is in
    pageviews: int = 0
    events: int = 0  # pageviews and custom events
    interactive_events: int = 0  # custom events that make it no bounce
    event_ids: list[int] = []  # the last EVENT_IDS_MAX
    live_minute: int = -1  # the last minute it was counted in as a live visitor
    live_bucket: int = -1  # the last-seen bucket it stands in
    live_page: str = ""

    @property
    def window(self) -> WindowKey:
        """The visit window it is in: its site's minute it began in."""
        return window_at(self.site_id, self.started_ms)

    @property
    def bounced(self) -> bool:
        """Fewer than two pageviews and no interactive custom event (contract: Sessions)."""
        return self.pageviews < 2 and not self.interactive_events

    @property
    def duration_s(self) -> int:
        return (self.last_ms - self.started_ms) // 1000


class SessionHits(msgspec.Struct, array_like=True):
    """One session's part of a hit row."""

    visitor_id: int
    hits: int = 0
    engaged_ms: int = 0
    scroll_depth: int = 0


class SessionVisit(msgspec.Struct, array_like=True):
    """One session's part of a visit row."""

    visitor_id: int
    bounced: bool
    duration_s: int
    pageviews: int
    events: int


class HitCell(msgspec.Struct, array_like=True):
    """The running values of one hit row."""

    row_key: int
    version: int = 0
    revenue_micros: int = 0
    sessions: dict[int, SessionHits] = {}


class VisitCell(msgspec.Struct, array_like=True):
    """The running values of one visit row."""

    row_key: int
    version: int = 0
    sessions: dict[int, SessionVisit] = {}


class LedgerCell(msgspec.Struct, array_like=True):
    """The running value of one ledger row."""

    row_key: int
    version: int = 0
    hits: int = 0


class HitWindow(msgspec.Struct, array_like=True):
    """The hits of one site in one minute."""

    opened_at: int  # offset of the record that opened it
    cells: dict[HitKey, HitCell] = {}
    ledger: dict[str, LedgerCell] = {}  # by outcome


class VisitWindow(msgspec.Struct, array_like=True):
    """The visits of one site that began in one minute."""

    opened_at: int
    live_sessions: int = 0  # it stays open while one of them may still move
    cells: dict[VisitKey, VisitCell] = {}


class ClockState(msgspec.Struct, array_like=True):
    """What belongs to one clock."""

    watermark_ms: int = 0
    swept_ms: int = 0  # the watermark when windows and sessions were last looked through
    event_ids_at_watermark: set[int] = set()  # imports only
    sessions: dict[VisitorKey, Session] = {}  # the longest untouched first
    hit_windows: dict[WindowKey, HitWindow] = {}
    visit_windows: dict[WindowKey, VisitWindow] = {}


class LiveBucket(msgspec.Struct, array_like=True):
    """The visitors last seen in one bucket of BUCKET_S seconds."""

    visitors: int = 0
    pages: dict[str, int] = {}
    sources: dict[str, int] = {}
    countries: dict[str, int] = {}
    devices: dict[str, int] = {}


class LiveMinute(msgspec.Struct, array_like=True):
    pageviews: int = 0
    visitors: int = 0


class LiveActivity(msgspec.Struct, array_like=True):
    """The last 30 minutes of one site by the live clock."""

    minutes: dict[int, LiveMinute] = {}  # by epoch seconds
    buckets: dict[int, LiveBucket] = {}  # by epoch seconds


class Closed(msgspec.Struct, array_like=True):
    """Rows of closed windows that no store has confirmed yet, by row key."""

    hits: dict[int, HitRow] = {}
    visits: dict[int, VisitRow] = {}
    ledger: dict[int, LedgerRow] = {}
    site_minutes: list[SiteMinute] = []


class ShardState(msgspec.Struct, array_like=True):
    """The fold of the records 0..applied of one partition, exactly."""

    shard: int
    applied: int = -1
    clocks: dict[ClockId, ClockState] = {}
    finished_imports: dict[ClockId, bool] = {}  # oldest first
    live: dict[int, LiveActivity] = {}  # by site id
    closed: Closed = msgspec.field(default_factory=Closed)


class OpenHits(NamedTuple):
    """Where an open hit cell stands, to make its row."""

    window: WindowKey
    key: HitKey
    cell: HitCell


class OpenVisits(NamedTuple):
    window: WindowKey
    key: VisitKey
    cell: VisitCell


class OpenLedger(NamedTuple):
    window: WindowKey
    outcome: str
    cell: LedgerCell


class Shard:
    """A shard's state, and what has changed in it since the stores last confirmed.

    Only `state` is in a checkpoint. The rest is rebuilt from it: after a restart every open row
    counts as unconfirmed and is written again, which changes nothing.
    """

    __slots__ = ("hits", "ledger", "live_sites", "rules", "state", "visits")

    def __init__(self, state: ShardState, rules: Rules = NO_RULES) -> None:
        """`rules` are those of the state's generation, from its first record on."""
        self.state = state
        self.rules = rules
        self.hits: dict[int, OpenHits] = {}
        self.visits: dict[int, OpenVisits] = {}
        self.ledger: dict[int, OpenLedger] = {}
        self.live_sites: set[int] = set(state.live)
        for clock in state.clocks.values():
            self._mark_open(clock)

    def _mark_open(self, clock: ClockState) -> None:
        for at, hit_window in clock.hit_windows.items():
            for key, cell in hit_window.cells.items():
                self.hits[cell.row_key] = OpenHits(at, key, cell)
            for outcome, ledger_cell in hit_window.ledger.items():
                self.ledger[ledger_cell.row_key] = OpenLedger(at, outcome, ledger_cell)
        for at, visit_window in clock.visit_windows.items():
            for visit_key, visit_cell in visit_window.cells.items():
                self.visits[visit_cell.row_key] = OpenVisits(at, visit_key, visit_cell)

    @property
    def unconfirmed(self) -> int:
        """How many rows wait for the store."""
        closed = self.state.closed
        return (
            len(self.hits) + len(self.visits) + len(self.ledger)
            + len(closed.hits) + len(closed.visits) + len(closed.ledger)
        )  # fmt: skip


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(ShardState)


def snapshot(state: ShardState) -> bytes:
    """The whole state; `restore` gives back an equal one."""
    return _encoder.encode(state)


def restore(blob: bytes) -> ShardState:
    """Raises `msgspec.DecodeError` for bytes that are no snapshot of this version."""
    return _decoder.decode(blob)


def clock_of(hit: Hit) -> ClockId:
    """The clock a hit moves by."""
    return ClockId(hit.site_id, hit.import_name) if hit.import_name else LIVE_CLOCK
