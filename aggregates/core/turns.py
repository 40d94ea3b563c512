"""One clock's share in folding one record."""

from aggregates.core.cells import LedgerCell, LiveMinute, WindowKey
from aggregates.core.rules import SiteFold
from aggregates.core.state import (
    LIVE_CLOCK,
    ClockId,
    ClockState,
    HitWindow,
    LiveActivity,
    Shard,
)
from schemas.events import Hit


class Place:
    """A site's minute within a turn: what its hits share, looked up once and not at every hit."""

    __slots__ = ("activity", "at", "ledger_cell", "live_minute", "minute", "site", "window")

    def __init__(self, at: WindowKey, site: SiteFold, window: HitWindow) -> None:
        self.minute = at[0]
        self.at = at
        self.site = site
        self.window = window
        # The last ones asked for.
        self.ledger_cell: LedgerCell | None = None
        self.activity: LiveActivity | None = None
        self.live_minute: LiveMinute | None = None


class Turn:
    """What every step of folding the record at `offset` needs, for the hits of one clock."""

    __slots__ = (
        "begun", "clock", "clock_id", "hits", "is_live", "ledger", "offset", "places", "sessions",
        "shard", "version", "visits",
    )  # fmt: skip

    def __init__(self, shard: Shard, clock_id: ClockId, clock: ClockState, offset: int) -> None:
        self.shard = shard
        self.clock_id = clock_id
        self.clock = clock
        self.offset = offset
        self.sessions = clock.sessions
        self.begun = 0  # sessions begun by this record, so that each has an id of its own
        self.places: dict[int, Place] = {}  # by site id: the last minute of each
        # The shard's rows that no store has confirmed, by row key.
        self.hits = shard.hits
        self.visits = shard.visits
        self.ledger = shard.ledger
        self.is_live = clock_id == LIVE_CLOCK
        # What a row changed now is given: 0 is left for rows never written.
        self.version = offset + 1

    def limited(self, bound: str) -> None:
        """Count that a bound has bitten."""
        limited = self.shard.state.limited
        limited[bound] = limited.get(bound, 0) + 1


def clock_of(hit: Hit) -> ClockId:
    """The clock a hit moves by."""
    import_name = hit.import_name
    return (hit.site_id, import_name) if import_name else LIVE_CLOCK
