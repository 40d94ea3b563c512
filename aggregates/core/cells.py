"""What the fold touches at every hit: sessions, and the cells that are the rows of open windows.

Plain classes and not msgspec structs like the rest of the state, because compiled (deploy/docs:
benchmarks) their fields are read without a look-up and their numbers stored without a box. They
refer to what they stand beside, which a snapshot leaves out and `ShardState` puts back. Nothing
refers back to them, so there are no cycles: compiled, the garbage collector knows nothing of them.
"""

from typing import TypeAlias

from mypy_extensions import mypyc_attr

from schemas.timings import Timing

# Keys are plain tuples: the fold makes several for each hit, and a NamedTuple costs ten times more.
# (site id, visitor id)
VisitorKey: TypeAlias = tuple[int, int]
# (epoch seconds of the minute's start, site id)
WindowKey: TypeAlias = tuple[int, int]
# What the hits of one row share: (name, hostname, path, props, currency, packed visit)
HitKey: TypeAlias = tuple[str, str, str, tuple[tuple[str, str], ...], str, bytes]
# What the visits of one row share: (entry hostname, entry page, packed visit)
VisitKey: TypeAlias = tuple[str, str, bytes]
# Where the visitors of a last-seen bucket came from and are: (source, country, device)
Audience: TypeAlias = tuple[str, str, str]


@mypyc_attr(acyclic=True)
class SessionHits:
    """One session's part of a hit row."""

    __slots__ = ("engaged_ms", "hits", "scroll_depth", "visitor_id")

    def __init__(
        self, visitor_id: int, hits: int = 0, engaged_ms: int = 0, scroll_depth: int = 0
    ) -> None:
        self.visitor_id = visitor_id
        self.hits = hits
        self.engaged_ms = engaged_ms
        self.scroll_depth = scroll_depth


@mypyc_attr(acyclic=True)
class SessionVisit:
    """One session's part of a visit row.

    It bounced with fewer than two pageviews and no interactive event (contract: Sessions);
    `events` are pageviews and custom events.
    """

    __slots__ = (
        "bounced", "duration_s", "events", "exit_hostname", "exit_page", "pageviews", "visitor_id",
    )  # fmt: skip

    def __init__(
        self,
        visitor_id: int,
        bounced: bool = True,
        duration_s: int = 0,
        pageviews: int = 0,
        events: int = 0,
        exit_hostname: str = "",
        exit_page: str = "",
    ) -> None:
        self.visitor_id = visitor_id
        self.bounced = bounced
        self.duration_s = duration_s
        self.pageviews = pageviews
        self.events = events
        self.exit_hostname = exit_hostname
        self.exit_page = exit_page


@mypyc_attr(acyclic=True)
class HitCell:
    """The running values of one hit row, and where it stands."""

    __slots__ = ("at", "key", "revenues", "row_key", "sessions", "timings", "version")

    def __init__(self, at: WindowKey, key: HitKey, row_key: int, version: int = 0) -> None:
        self.at = at
        self.key = key
        self.row_key = row_key
        self.version = version
        # By session; few rows have any, so the others have no dictionary.
        self.revenues: dict[int, int] | None = None
        self.sessions: dict[int, SessionHits] = {}
        self.timings: tuple[Timing, ...] = ()  # of all its hits


@mypyc_attr(acyclic=True)
class VisitCell:
    """The running values of one visit row, and where it stands."""

    __slots__ = ("at", "key", "row_key", "sessions", "version")

    def __init__(self, at: WindowKey, key: VisitKey, row_key: int, version: int = 0) -> None:
        self.at = at
        self.key = key
        self.row_key = row_key
        self.version = version
        self.sessions: dict[int, SessionVisit] = {}


@mypyc_attr(acyclic=True)
class LedgerCell:
    """The running value of one ledger row, and where it stands."""

    __slots__ = ("at", "hits", "outcome", "row_key", "version")

    def __init__(
        self, at: WindowKey, outcome: str, row_key: int, version: int = 0, hits: int = 0
    ) -> None:
        self.at = at
        self.outcome = outcome
        self.row_key = row_key
        self.version = version
        self.hits = hits


@mypyc_attr(acyclic=True)
class LiveBucket:
    """The visitors of a site last seen in one bucket of BUCKET_S seconds."""

    __slots__ = ("audiences", "pages", "visitors")

    def __init__(self) -> None:
        self.visitors = 0
        self.pages: dict[str, int] = {}
        self.audiences: dict[Audience, int] = {}


@mypyc_attr(acyclic=True)
class LiveMinute:
    """The hits of a site in one minute of the live clock."""

    __slots__ = ("pageviews", "visitors")

    def __init__(self, pageviews: int = 0, visitors: int = 0) -> None:
        self.pageviews = pageviews
        self.visitors = visitors


@mypyc_attr(acyclic=True)
class Session:
    """One visit of one visitor, while it lives. Its numbers are in `part`, of the row `cell`."""

    __slots__ = (
        "bucket", "cell", "event_ids", "key", "last_ms", "live_bucket", "live_minute", "live_page",
        "part", "session_id", "site_id", "started_ms", "touched_ms", "visitor_id",
    )  # fmt: skip

    def __init__(
        self,
        session_id: int,
        site_id: int,
        visitor_id: int,
        started_ms: int,
        last_ms: int,
        touched_ms: int,
        key: VisitKey,
        event_ids: bytes,
        live_minute: int = -1,
        live_bucket: int = -1,
        live_page: str = "",
    ) -> None:
        self.session_id = session_id
        self.site_id = site_id
        self.visitor_id = visitor_id  # the one it began with, also after midnight brought another
        self.started_ms = started_ms
        self.last_ms = last_ms
        self.touched_ms = touched_ms  # the clock's watermark when its last hit was folded
        self.key = key  # of the visit row it is in
        self.event_ids = event_ids  # the last EVENT_IDS_MAX, 8 bytes each
        self.live_minute = live_minute  # the last minute it was counted in as a live visitor
        self.live_bucket = live_bucket  # the last-seen bucket it stands in
        self.live_page = live_page
        self.part: SessionVisit | None = None  # none before its first hit is counted
        self.cell: VisitCell | None = None
        self.bucket: LiveBucket | None = None  # the one of `live_bucket`, while it is kept
