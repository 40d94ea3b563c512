"""Sessions in plain Python: the rollup rows they make, and the right answer to any question.

Shares no code with the read path: metrics are counted session by session from their definitions,
buckets are found by walking back through zoneinfo minute by minute.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from zoneinfo import ZoneInfo

from aggregates.clickhouse.filters import Filter
from aggregates.clickhouse.questions import Question, Row
from aggregates.clickhouse.vocabulary import TIMING_METRICS, Bucket, Dimension, Grain, Metric
from aggregates.core.rows import HitRow, Rows, VisitRow
from schemas.events import Visit
from schemas.timings import TIMINGS

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class OracleHit:
    """One hit; an engagement report if named so."""

    minute: int
    name: str
    hostname: str
    path: str
    visitor_id: int
    timings: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class OracleSession:
    """A whole visit with its hits by time. The last of `hits` at a minute is the later one."""

    session_id: int
    shard: int
    visit: Visit
    hits: tuple[OracleHit, ...]

    @property
    def minute(self) -> int:
        return self.hits[0].minute

    @property
    def views(self) -> list[OracleHit]:
        return [hit for hit in self.hits if hit.name == "pageview"]

    @property
    def entry(self) -> tuple[str, str]:
        return (self.views[0].hostname, self.views[0].path) if self.views else ("", "")

    @property
    def exit(self) -> tuple[str, str]:
        return (self.views[-1].hostname, self.views[-1].path) if self.views else ("", "")

    @property
    def bounced(self) -> bool:
        return len([hit for hit in self.hits if hit.name != "engagement"]) < 2

    @property
    def duration_s(self) -> int:
        return self.hits[-1].minute - self.hits[0].minute


def make_rows(site_id: int, sessions: Iterable[OracleSession], version: int) -> Rows:
    """The rows these sessions fold to; sessions of one shard share a row where all else agrees."""
    hit_groups: dict[tuple[object, ...], dict[int, list[OracleHit]]] = defaultdict(dict)
    visit_groups: dict[tuple[object, ...], list[OracleSession]] = defaultdict(list)
    for session in sessions:
        for hit in session.hits:
            key = (session.shard, hit.minute, hit.name, hit.hostname, hit.path, session.visit)
            hit_groups[key].setdefault(session.session_id, []).append(hit)
        start = (session.shard, session.minute, *session.entry, session.visit)
        visit_groups[start].append(session)
    return Rows(
        [_hit_row(site_id, version, i, *item) for i, item in enumerate(hit_groups.items())],
        [_visit_row(site_id, version, i, *item) for i, item in enumerate(visit_groups.items())],
        [],
    )


def _hit_row(
    site_id: int, version: int, row_key: int, key: object, by_session: dict[int, list[OracleHit]]
) -> HitRow:
    assert isinstance(key, tuple)
    _, minute, name, hostname, path, visit = key
    counts = tuple(len(hits) for hits in by_session.values())
    timings = [each for hits in by_session.values() for hit in hits for each in hit.timings]
    return HitRow(
        site_id=site_id,
        minute=minute,
        row_key=row_key,
        version=version,
        name=name,
        hostname=hostname,
        path=path,
        prop_keys=(),
        prop_values=(),
        currency="",
        visit=visit,
        hits=sum(counts),
        revenue_micros=0,
        session_ids=tuple(by_session),
        visitor_ids=tuple(hits[0].visitor_id for hits in by_session.values()),
        session_hits=counts,
        session_engaged_ms=(0,) * len(counts),
        session_scroll_depths=(0,) * len(counts),
        timing_names=tuple(name for name, _ in timings),
        timing_values=tuple(value for _, value in timings),
        session_revenue_micros=(),
    )


def _visit_row(
    site_id: int, version: int, row_key: int, key: object, sessions: list[OracleSession]
) -> VisitRow:
    assert isinstance(key, tuple)
    _, minute, entry_hostname, entry_page, visit = key
    bounced = tuple(int(each.bounced) for each in sessions)
    durations = tuple(each.duration_s for each in sessions)
    views = tuple(len(each.views) for each in sessions)
    events = tuple(len([h for h in each.hits if h.name != "engagement"]) for each in sessions)
    return VisitRow(
        site_id=site_id,
        minute=minute,
        row_key=row_key,
        version=version,
        entry_hostname=entry_hostname,
        entry_page=entry_page,
        visit=visit,
        visits=len(sessions),
        bounces=sum(bounced),
        duration_s=sum(durations),
        pageviews=sum(views),
        events=sum(events),
        session_ids=tuple(each.session_id for each in sessions),
        visitor_ids=tuple(each.hits[0].visitor_id for each in sessions),
        session_bounced=bounced,
        session_durations_s=durations,
        session_pageviews=views,
        session_events=events,
        session_exit_hostnames=tuple(each.exit[0] for each in sessions),
        session_exit_pages=tuple(each.exit[1] for each in sessions),
    )


def stale(rows: Rows) -> Rows:
    """Earlier versions of the same rows with other numbers, as a restart writes them again."""
    return Rows(
        [
            row._replace(
                version=row.version - 1,
                hits=99,
                session_ids=(1, 2),
                visitor_ids=(1, 2),
                session_hits=(50, 49),
                session_engaged_ms=(0, 0),
                session_scroll_depths=(0, 0),
            )
            for row in rows.hits
        ],
        [
            row._replace(
                version=row.version - 1,
                visits=9,
                bounces=9,
                duration_s=999,
                pageviews=99,
                events=99,
                session_ids=row.session_ids * 2,
                visitor_ids=row.visitor_ids * 2,
                session_bounced=(1,) * len(row.session_ids) * 2,
                session_durations_s=(99,) * len(row.session_ids) * 2,
                session_pageviews=(50,) * len(row.session_ids) * 2,
                session_events=(50,) * len(row.session_ids) * 2,
            )
            for row in rows.visits
        ],
        [],
    )


def answer(sessions: Iterable[OracleSession], question: Question) -> tuple[Row, ...]:
    """The rows `ask` must give, in its order, paged."""
    sessions = list(sessions)
    used = {*question.dimensions, *(chosen.dimension for chosen in _filters(question))}
    of_hits = any(dimension.grain is Grain.HIT for dimension in used)
    hits: dict[Key, list[tuple[OracleSession, OracleHit]]] = defaultdict(list)
    visits: dict[Key, dict[int, OracleSession]] = defaultdict(dict)
    for session in sessions:
        for hit in session.hits:
            if hit.name != "engagement" and _matches(question, session, hit):
                key = _key(question, session, hit)
                hits[key].append((session, hit))
                if of_hits:
                    visits[key][session.session_id] = session
        start = replace(session.hits[0], minute=session.minute)
        if not of_hits and _matches(question, session, start):
            visits[_key(question, session, start)][session.session_id] = session
    timings = _timings(sessions, question)
    asks_hits = any(metric in _OF_HITS for metric in question.metrics)
    asks_visits = any(metric not in (*_OF_HITS, *TIMING_METRICS) for metric in question.metrics)
    keys = (set(hits) if asks_hits else set()) | (set(visits) if asks_visits else set())
    if any(metric in TIMING_METRICS for metric in question.metrics):
        keys |= set(timings)
    if not question.dimensions and question.bucket is None:
        keys = {()}
    rows = [
        Row(
            key,
            tuple(
                _quartile(m, timings[key][m])
                if m in TIMING_METRICS
                else _metric(m, hits[key], visits[key])
                for m in question.metrics
            ),
        )
        for key in keys
    ]
    rows.sort(key=lambda row: _order(question, row))
    return tuple(rows[question.offset : question.offset + question.limit])


def _timings(
    sessions: Iterable[OracleSession], question: Question
) -> dict[Key, dict[str, list[int]]]:
    """What was reported by key and name, engagement's reports among them."""
    found: dict[Key, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for session in sessions:
        for hit in session.hits:
            for index, value in hit.timings if _matches(question, session, hit) else ():
                found[_key(question, session, hit)][TIMINGS[index]].append(value)
    return found


def _quartile(metric: Metric, values: list[int]) -> int | float | None:
    if not values:
        return None
    found = sorted(values)[len(values) * 3 // 4]
    return found / 1000 if metric is Metric.CLS else found


_OF_HITS = {Metric.VISITORS, Metric.PAGEVIEWS, Metric.EVENTS}


def _metric(
    metric: Metric,
    hits: list[tuple[OracleSession, OracleHit]],
    visits: dict[int, OracleSession],
) -> int | float | None:
    count = len(visits)
    if metric is Metric.VISITORS:
        return len({hit.visitor_id for _, hit in hits})
    if metric is Metric.PAGEVIEWS:
        return len([hit for _, hit in hits if hit.name == "pageview"])
    if metric is Metric.EVENTS:
        return len(hits)
    if metric is Metric.VISITS:
        return count
    if count == 0:
        return None
    if metric is Metric.BOUNCE_RATE:
        return 100 * sum(session.bounced for session in visits.values()) / count
    if metric is Metric.VISIT_DURATION:
        return sum(session.duration_s for session in visits.values()) / count
    return sum(len(session.views) for session in visits.values()) / count


def _order(question: Question, row: Row) -> tuple[object, ...]:
    buckets = 0 if question.bucket is None else 1
    first = row.metrics[0]
    highest_first = (1, 0.0) if first is None else (0, -first)
    return (*row.dimensions[:buckets], highest_first, *row.dimensions[buckets:])


def _matches(question: Question, session: OracleSession, hit: OracleHit) -> bool:
    first = question.start_s - question.start_s % 60
    return first <= hit.minute < question.end_s and all(
        _passes(chosen, str(_value(chosen.dimension, session, hit)))
        for chosen in _filters(question)
    )


def _filters(question: Question) -> list[Filter]:
    """No other conditions are drawn."""
    return [condition for condition in question.filters if isinstance(condition, Filter)]


def _passes(chosen: Filter, value: str) -> bool:
    return chosen.negated != any(_fits(pattern, value) for pattern in chosen.values)


def _fits(pattern: str, value: str) -> bool:
    parts = re.findall(r"\\\*|\*|.", pattern, re.DOTALL)
    regex = "".join(
        ".*" if part == "*" else re.escape("*" if part == "\\*" else part) for part in parts
    )
    return re.fullmatch(regex, value, re.DOTALL) is not None


def _key(question: Question, session: OracleSession, hit: OracleHit) -> Key:
    dimensions = tuple(_value(dimension, session, hit) for dimension in question.dimensions)
    if question.bucket is None:
        return dimensions
    return (bucket_start(hit.minute, question.bucket, question.timezone), *dimensions)


def _value(dimension: Dimension, session: OracleSession, hit: OracleHit) -> str | int:
    name = dimension.name
    known: dict[str, str | int] = {
        "event:name": hit.name,
        "event:page": hit.path,
        "event:hostname": hit.hostname,
        "visit:entry_page_hostname": session.entry[0],
        "visit:entry_page": session.entry[1],
        "visit:exit_page_hostname": session.exit[0],
        "visit:exit_page": session.exit[1],
        "time:minute": hit.minute,
    }
    found = known[name] if name in known else getattr(session.visit, name.partition(":")[2])
    assert isinstance(found, str | int)
    return found


@lru_cache(maxsize=100_000)
def bucket_start(minute: int, bucket: Bucket, timezone: str) -> int:
    """The first minute before `minute` from which on the label never changes."""
    zone = ZoneInfo(timezone)

    def label(at_s: int) -> tuple[object, ...]:
        local = dt.datetime.fromtimestamp(at_s, zone)
        if bucket is Bucket.MINUTE:
            return (at_s,)
        if bucket is Bucket.HOUR:
            return local.date(), local.hour, local.utcoffset()
        return (local.date(),) if bucket is Bucket.DAY else (local.year, local.month)

    start = minute
    while label(start - 60) == label(minute):
        start = (
            start - 60
            if bucket is not Bucket.MONTH
            else bucket_start(start - 60, Bucket.DAY, timezone)
        )
    return start
