"""The oracle: counts the log's hits straight from their list. It shares no code with the fold.

It knows no windows, rows, shards, snapshots or versions; only that an event id counts once, that
30 minutes without a hit end a visit, and what a visit, a bounce and a visitor are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from schemas.events import Kind
from tests.chaos.log import LogHit

GAP_MS: Final = 30 * 60_000
BUCKET_S: Final = 10


class Cell(NamedTuple):
    """Hits are compared by these. `minute` is epoch seconds of its start."""

    site_id: int
    minute: int
    name: str
    path: str


class Measure(NamedTuple):
    """One number of a site."""

    site_id: int
    name: str


class LiveMinute(NamedTuple):
    """Pageviews of a site in a minute, as the live counters have them."""

    site_id: int
    minute: int


class LiveBucket(NamedTuple):
    """Visitors of a site last seen in the 10 seconds from `at_s`."""

    site_id: int
    at_s: int
    width_s: int = BUCKET_S  # also what makes it another tuple than a LiveMinute


Key = Cell | Measure | LiveMinute | LiveBucket
Counts = Counter[Key]


class Difference(NamedTuple):
    """What should be counted and what is."""

    key: Key
    want: int
    got: int


@dataclass
class _Visit:
    visitor_id: int
    started_ms: int
    last_ms: int
    pageviews: int = 0
    events: int = 0
    interactive: bool = False

    def near(self, at_ms: int) -> bool:
        return at_ms - self.last_ms <= GAP_MS and self.started_ms - at_ms <= GAP_MS


@dataclass
class Oracle:
    """What should be counted of a log. `events` are the (site, event id) that count."""

    rollups: Counts = field(default_factory=Counter)
    live: Counts = field(default_factory=Counter)
    events: set[tuple[int, int]] = field(default_factory=set)
    in_log: set[tuple[int, int]] = field(default_factory=set)

    def count(self, hits: Iterable[LogHit]) -> None:
        """Count one partition's hits, which come in the log's order. Visitors keep to one."""
        latest: dict[tuple[int, int], _Visit] = {}
        ended: list[tuple[int, _Visit]] = []
        for hit in hits:
            self.in_log.add((hit.site_id, hit.event_id))
            if (hit.site_id, hit.event_id) in self.events:
                continue
            visit = _visit_of(latest, hit)
            if visit is None:
                if hit.kind is Kind.ENGAGEMENT:
                    continue  # nobody is there whom it could be about
                if before := latest.get((hit.site_id, hit.visitor_id)):
                    ended.append((hit.site_id, before))
                visit = _Visit(hit.visitor_id, hit.at_ms, hit.at_ms)
                latest[hit.site_id, hit.visitor_id] = visit
            self._count_hit(hit, visit)
        for (site_id, _), visit in latest.items():
            ended.append((site_id, visit))
            bucket = LiveBucket(site_id, visit.last_ms // 1000 // BUCKET_S * BUCKET_S)
            self.live[bucket] += 1
        self._count_visits(ended)

    def _count_hit(self, hit: LogHit, visit: _Visit) -> None:
        self.events.add((hit.site_id, hit.event_id))
        minute = hit.at_ms // 60_000 * 60
        self.rollups[Cell(hit.site_id, minute, hit.name, hit.path)] += 1
        self.rollups[Measure(hit.site_id, "engaged ms")] += hit.engaged_ms
        visit.last_ms = max(visit.last_ms, hit.at_ms)
        if hit.kind is Kind.PAGEVIEW:
            visit.pageviews += 1
            self.live[LiveMinute(hit.site_id, minute)] += 1
        if hit.kind is not Kind.ENGAGEMENT:
            visit.events += 1
        if hit.kind is Kind.EVENT and hit.interactive:
            visit.interactive = True

    def _count_visits(self, visits: Sequence[tuple[int, _Visit]]) -> None:
        for site_id, visit in visits:
            bounced = visit.pageviews < 2 and not visit.interactive
            for name, value in (
                ("visits", 1),
                ("bounces", int(bounced)),
                ("visit pageviews", visit.pageviews),
                ("visit events", visit.events),
            ):
                self.rollups[Measure(site_id, name)] += value
        for site_id, _ in {(site_id, visit.visitor_id) for site_id, visit in visits}:
            self.rollups[Measure(site_id, "visitors")] += 1


def _visit_of(latest: dict[tuple[int, int], _Visit], hit: LogHit) -> _Visit | None:
    """The visit that goes on with this hit, also over midnight, when a visitor's id changes."""
    visit = latest.get((hit.site_id, hit.visitor_id))
    if visit is None and hit.prev_visitor_id:
        before = latest.get((hit.site_id, hit.prev_visitor_id))
        if before is not None and before.near(hit.at_ms):
            del latest[hit.site_id, hit.prev_visitor_id]
            latest[hit.site_id, hit.visitor_id] = visit = before
    return visit if visit is not None and visit.near(hit.at_ms) else None


def count(partitions: Mapping[int, Sequence[LogHit]]) -> Oracle:
    """What should be counted of the log."""
    oracle = Oracle()
    for hits in partitions.values():
        oracle.count(hits)
    return oracle


def differences(want: Counts, got: Counts) -> list[Difference]:
    """Where the two disagree."""
    return [
        Difference(key, want[key], got[key])
        for key in sorted(want.keys() | got.keys(), key=str)
        if want[key] != got[key]
    ]
