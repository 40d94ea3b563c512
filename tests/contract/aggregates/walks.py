"""Funnels, journeys and retention in plain Python, from sessions, hit by hit.

Shares no code with the read path: a funnel is searched over all hits, a journey is put in order hit
by hit, buckets are those of the calendar.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregates.clickhouse.journeys import Node
from aggregates.clickhouse.vocabulary import Bucket
from tests.contract.aggregates.oracle import OracleHit, OracleSession

Holds = Callable[[OracleSession, OracleHit], bool]
Way = tuple[str, ...]


@dataclass(frozen=True)
class Hits:
    """The hits of `sessions` in [start, end) for which `holds`; reports of engagement are none."""

    sessions: tuple[OracleSession, ...]
    start_s: int
    end_s: int
    holds: Holds

    def of(self, session: OracleSession) -> list[OracleHit]:
        return [hit for hit in self.all_of(session) if self.holds(session, hit)]

    def all_of(self, session: OracleSession) -> list[OracleHit]:
        return [
            hit
            for hit in session.hits
            if self.start_s // 60 * 60 <= hit.minute < self.end_s and hit.name != "engagement"
        ]


def visitor_of(session: OracleSession) -> int:
    return session.hits[0].visitor_id


def reached(
    hits: Hits, steps: list[Holds], by_visitor: bool, within_s: int | None
) -> list[tuple[int, int]]:
    """(walkers, different visitors) of each step."""
    walks: dict[int, list[tuple[OracleSession, OracleHit]]] = defaultdict(list)
    visitors = {}
    for session in hits.sessions:
        walker = visitor_of(session) if by_visitor else session.session_id
        visitors[walker] = visitor_of(session)
        walks[walker] += [(session, hit) for hit in hits.of(session)]
    depths = {walker: _depth(walk, steps, within_s) for walker, walk in walks.items()}
    found = []
    for step in range(1, len(steps) + 1):
        walkers = [walker for walker, depth in depths.items() if depth >= step]
        found.append((len(walkers), len({visitors[walker] for walker in walkers})))
    return found


def _depth(
    walk: list[tuple[OracleSession, OracleHit]], steps: list[Holds], within_s: int | None
) -> int:
    """How many steps can be taken, trying every minute for each."""
    minutes: dict[int, list[tuple[OracleSession, OracleHit]]] = defaultdict(list)
    for session, hit in walk:
        minutes[hit.minute].append((session, hit))

    def done(step: int, minute: int) -> list[int]:
        return [place for place, hit in enumerate(minutes[minute]) if steps[step](*hit)]

    def follows(step: int, minute: int, before: int) -> bool:
        if minute != before:
            return minute > before and bool(done(step, minute))
        return any(x != y for x in done(step, minute) for y in done(step - 1, minute))

    def onward(step: int, before: int, first: int) -> int:
        nexts = [m for m in minutes if within_s is None or m <= first + within_s]
        if step == len(steps):
            return step
        taken = [m for m in nexts if follows(step, m, before)]
        return max((onward(step + 1, m, first) for m in taken), default=step)

    return max((onward(1, m, m) for m in minutes if done(0, m)), default=0)


def ways(
    hits: Hits, start: Holds, backwards: bool, depth: int
) -> dict[Way, tuple[int, int, int, int]]:
    """Way -> visits, visitors, ended, unsure."""
    found: dict[Way, list[tuple[int, bool, bool]]] = defaultdict(list)
    for session in hits.sessions:
        steps, places = _steps(hits, session, start, backwards)
        if not steps:
            continue
        shown = steps[: depth + 1]
        unsure = any(places.count(place) > 1 for place, _ in shown)
        way = tuple(page for _, page in shown[1:])
        for length in range(len(way) + 1):
            ended = length == len(steps) - 1
            found[way[:length]].append((visitor_of(session), ended, unsure))
    return {
        way: (
            len(visits),
            len({visitor for visitor, _, _ in visits}),
            sum(ended for _, ended, _ in visits),
            sum(unsure for _, _, unsure in visits),
        )
        for way, visits in found.items()
    }


Place = tuple[int, int]  # minute, and what is known of the order in it


def _steps(
    hits: Hits, session: OracleSession, start: Holds, backwards: bool
) -> tuple[list[tuple[Place, str]], list[Place]]:
    """The start and what came after it (before it); and where all pages of the visit stand."""
    views = [hit for hit in hits.all_of(session) if hit.name == "pageview"]
    last = max((hit.minute for hit in views), default=-1)
    ends_inside = session.minute + session.duration_s + 60 < hits.end_s
    seen: dict[tuple[Place, str, bool], bool] = {}
    for hit in hits.of(session):
        is_view, is_start = hit.name == "pageview", start(session, hit)
        if not is_view and not is_start:
            continue
        place = (hit.minute, 1)
        if is_view and hit.minute == session.minute and hit.path == session.entry[1]:
            place = (hit.minute, 0)
        elif ends_inside and is_view and (hit.minute, hit.path) == (last, session.exit[1]):
            place = (hit.minute, 2)
        key = (place, hit.path, is_view)
        seen[key] = seen.get(key, False) or is_start
    ordered = sorted(
        (place, page, is_start, view) for (place, page, view), is_start in seen.items()
    )
    places = [place for place, *_ in ordered]
    at = next((index for index, (_, _, is_start, _) in enumerate(ordered) if is_start), None)
    if at is None:
        return [], places
    rest = ordered[:at][::-1] if backwards else ordered[at + 1 :]
    steps = [ordered[at][:2]]
    previous = steps[0][1]
    for place, page, _, is_view in rest:
        if is_view:
            if page != previous:
                steps.append((place, page))
            previous = page
    return steps, places


def cohorts(hits: Hits, bucket: Bucket, timezone: str) -> dict[tuple[int, int], int]:
    """(cohort, bucket) -> visitors, both by the start of the bucket on the calendar."""
    zone = ZoneInfo(timezone)
    seen: dict[int, set[int]] = defaultdict(set)
    for session in hits.sessions:
        for hit in hits.of(session):
            seen[visitor_of(session)].add(_start(hit.minute, bucket, zone))
    found: dict[tuple[int, int], int] = defaultdict(int)
    for starts in seen.values():
        for start in starts:
            found[min(starts), start] += 1
    return found


def _start(minute: int, bucket: Bucket, zone: ZoneInfo) -> int:
    """For zones without a change of clocks in the period."""
    if bucket is Bucket.MINUTE:
        return minute
    local = dt.datetime.fromtimestamp(minute, zone).replace(minute=0)
    if bucket is not Bucket.HOUR:
        local = local.replace(hour=0)
    if bucket is Bucket.WEEK:
        local -= dt.timedelta(days=local.weekday())
    if bucket is Bucket.MONTH:
        local = local.replace(day=1)
    return int(local.timestamp())


def loyalty(hits: Hits, most: int) -> dict[int, int]:
    """Visits -> visitors."""
    visits: dict[int, set[int]] = defaultdict(set)
    for session in hits.sessions:
        if hits.of(session):
            visits[visitor_of(session)].add(session.session_id)
    found: dict[int, int] = defaultdict(int)
    for each in visits.values():
        found[min(len(each), most)] += 1
    return dict(found)


def flatten(node: Node, way: Way = ()) -> Iterator[tuple[Way, tuple[int, int, int, int]]]:
    """A tree as the ways through it."""
    yield way, (node.visits, node.visitors, node.ended, node.unsure)
    for step in node.steps:
        yield from flatten(step, (*way, step.page))
