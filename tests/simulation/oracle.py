"""What the numbers must be, counted from the raw hits in memory. Shares no code with the fold.

No windows, no checkpoints, no eviction: visits are kept for ever, in plain dictionaries.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.events import Hit, Kind
from tests.simulation.workload import Arrival

GAP_MS = 30 * 60_000
AHEAD_MS = 5 * 60_000
LIVE_S = 25 * 60  # of the 30 minutes kept; the edge is the fold's own to define


@dataclass(slots=True)
class Visit:
    site_id: int
    visitor_id: int
    started_ms: int
    last_ms: int
    gap_ms: int
    ids: set[int]
    pages: list[str] = field(default_factory=list)
    exit_page: str = ""
    bounced: bool = True
    duration_s: int = 0
    events: int = 0
    seen_ms: int = 0

    def near(self, at_ms: int) -> bool:
        return self.started_ms - self.gap_ms <= at_ms <= self.last_ms + self.gap_ms

    def add(self, hit: Hit) -> None:
        self.ids.add(hit.event_id)
        self.seen_ms = max(self.seen_ms, hit.at_ms)
        newest = hit.at_ms >= self.last_ms
        if newest:
            self.last_ms, self.duration_s = hit.at_ms, (hit.at_ms - self.started_ms) // 1000
        if hit.kind != Kind.ENGAGEMENT:
            self.events += 1
        if hit.kind == Kind.PAGEVIEW:
            if newest or not self.pages:
                self.exit_page = hit.path
            self.pages.append(hit.path)
        if len(self.pages) > 1 or (hit.kind == Kind.EVENT and hit.interactive):
            self.bounced = False


@dataclass(slots=True)
class Clock:
    now_ms: int = 0
    ids_now: set[int] = field(default_factory=set)
    visits: dict[tuple[int, int], Visit] = field(default_factory=dict)
    finished: bool = False


class Oracle:
    """The truth about a log of several partitions."""

    def __init__(self, log: Sequence[Arrival], partitions: int, ruled: bool = False) -> None:
        """`ruled`: site 2 counts bots, leaves out pageviews of /c, and has a gap of an hour."""
        self.ruled = ruled
        self.hits: Counter[tuple[int, int, str, str]] = Counter()  # site, minute, name, path
        self.ledger: Counter[tuple[int, int, str]] = Counter()  # site, minute, outcome
        self.visitors: dict[tuple[int, int], set[int]] = defaultdict(set)
        self.visits: list[Visit] = []
        self.letters: set[str] = set()
        self.minutes: Counter[tuple[int, int]] = Counter()  # pageviews of the live clock
        self.live_visits: dict[int, list[Visit]] = {p: [] for p in range(partitions)}
        self.live_pageviews: Counter[tuple[int, int, int]] = Counter()  # partition, site, minute
        self.live_ms: dict[int, int] = {}
        for partition in range(partitions):
            self._partition(partition, [each for each in log if each.partition == partition])

    def _partition(self, partition: int, records: Sequence[Arrival]) -> None:
        clocks: dict[tuple[int, str], Clock] = defaultdict(Clock)
        for offset, record in enumerate(records):
            ahead = [hit for hit in record.hits if _is_ahead(hit, record)]
            if ahead or not (record.hits or record.watermarks):
                self.letters.add(f"hits/{partition}/{offset}")
            for hit in record.hits:
                at_ms, outcome = hit.at_ms, "clock_ahead"
                if _is_ahead(hit, record):
                    at_ms = record.appended_ms
                else:
                    key = (hit.site_id, hit.import_name) if hit.import_name else (0, "")
                    outcome = self._count(partition, clocks[key], hit)
                self.ledger[hit.site_id, at_ms // 60_000 * 60, outcome] += 1
            for mark in record.watermarks:
                clock = clocks[mark.site_id, mark.import_name]
                if mark.final:
                    clock.finished = True
                elif mark.at_ms <= record.appended_ms + AHEAD_MS:
                    clock.now_ms = max(clock.now_ms, mark.at_ms)
        self.live_ms[partition] = clocks[0, ""].now_ms

    def _count(self, partition: int, clock: Clock, hit: Hit) -> str:
        if hit.import_name:
            if clock.finished:
                return "import_finished"
            if hit.at_ms < clock.now_ms:
                return "import_out_of_order"
            if hit.at_ms > clock.now_ms:
                clock.now_ms, clock.ids_now = hit.at_ms, set()
            if hit.event_id in clock.ids_now:
                return "duplicate"
            clock.ids_now.add(hit.event_id)
        else:
            clock.now_ms = max(clock.now_ms, hit.received_at_ms)
        if reason := self._left_out(hit):
            return reason
        visit = self._visit_so_far(clock, hit)
        if visit is not None and hit.event_id in visit.ids:
            return "duplicate"
        if visit is None or not visit.near(hit.at_ms):
            if hit.kind == Kind.ENGAGEMENT:
                return "no_session"
            visit = self._new_visit(partition, clock, hit, visit)
        visit.add(hit)
        minute = hit.at_ms // 60_000 * 60
        self.hits[hit.site_id, minute, hit.name, hit.path] += 1
        self.visitors[hit.site_id, minute].add(visit.visitor_id)
        if not hit.import_name and hit.kind == Kind.PAGEVIEW:
            self.minutes[hit.site_id, minute] += 1
            self.live_pageviews[partition, hit.site_id, minute] += 1
        return "counted"

    def _left_out(self, hit: Hit) -> str:
        if not (self.ruled and hit.site_id == 2):
            return hit.left_out
        if hit.left_out != "bot" and hit.left_out:
            return hit.left_out
        return "excluded" if hit.kind == Kind.PAGEVIEW and hit.path == "/c" else ""

    @staticmethod
    def _visit_so_far(clock: Clock, hit: Hit) -> Visit | None:
        visit = clock.visits.get((hit.site_id, hit.visitor_id))
        if visit is None and hit.prev_visitor_id:
            before = clock.visits.get((hit.site_id, hit.prev_visitor_id))
            if before is not None and before.near(hit.at_ms):
                del clock.visits[hit.site_id, hit.prev_visitor_id]
                clock.visits[hit.site_id, hit.visitor_id] = visit = before
        return visit

    def _new_visit(self, partition: int, clock: Clock, hit: Hit, before: Visit | None) -> Visit:
        ids = before.ids if before else set()
        gap_ms = 2 * GAP_MS if self.ruled and hit.site_id == 2 else GAP_MS
        visit = Visit(hit.site_id, hit.visitor_id, hit.at_ms, hit.at_ms, gap_ms, ids)
        clock.visits[hit.site_id, hit.visitor_id] = visit
        self.visits.append(visit)
        if not hit.import_name:
            self.live_visits[partition].append(visit)
        return visit


def _is_ahead(hit: Hit, record: Arrival) -> bool:
    return max(hit.received_at_ms, hit.at_ms) > record.appended_ms + AHEAD_MS
