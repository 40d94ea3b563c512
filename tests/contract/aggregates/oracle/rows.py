"""The rollup rows that sessions fold to (aggregates/core/rows.py), and earlier versions of them."""

from collections import defaultdict
from collections.abc import Iterable

from aggregates.core.rows import HitRow, Rows, VisitRow
from tests.contract.aggregates.oracle.sessions import OracleHit, OracleSession


def make_rows(site_id: int, sessions: Iterable[OracleSession], version: int) -> Rows:
    """The rows these sessions fold to; sessions of one shard share a row where all else agrees."""
    hit_groups: dict[tuple[object, ...], dict[int, list[OracleHit]]] = defaultdict(dict)
    visit_groups: dict[tuple[object, ...], list[OracleSession]] = defaultdict(list)
    for session in sessions:
        for hit in session.hits:
            place = (session.shard, hit.minute, hit.name, hit.hostname, hit.path)
            key = (*place, hit.props, hit.currency, session.visit)
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
    _, minute, name, hostname, path, props, currency, visit = key
    parts = by_session.values()
    counts = tuple(len(part) for part in parts)
    hits = [hit for part in parts for hit in part]
    timings = [each for hit in hits for each in hit.timings]
    return HitRow(
        site_id=site_id,
        minute=minute,
        row_key=row_key,
        version=version,
        name=name,
        hostname=hostname,
        path=path,
        prop_keys=tuple(key for key, _ in props),
        prop_values=tuple(value for _, value in props),
        currency=currency,
        visit=visit,
        hits=len(hits),
        revenue_micros=sum(hit.revenue_micros for hit in hits),
        session_ids=tuple(by_session),
        visitor_ids=tuple(part[0].visitor_id for part in parts),
        session_hits=counts,
        session_engaged_ms=tuple(sum(h.engaged_ms for h in part) for part in parts),
        session_scroll_depths=tuple(max(h.scroll_depth for h in part) for part in parts),
        timing_names=tuple(name for name, _ in timings),
        timing_values=tuple(value for _, value in timings),
        session_revenue_micros=tuple(sum(h.revenue_micros for h in part) for part in parts)
        if any(hit.revenue_micros for hit in hits)
        else (),
    )


def _visit_row(
    site_id: int, version: int, row_key: int, key: object, sessions: list[OracleSession]
) -> VisitRow:
    assert isinstance(key, tuple)
    _, minute, entry_hostname, entry_page, visit = key
    bounced = tuple(int(each.bounced) for each in sessions)
    durations = tuple(each.duration_s for each in sessions)
    views = tuple(len(each.views) for each in sessions)
    events = tuple(len(each.counted) for each in sessions)
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
                revenue_micros=99_000_000,
                session_ids=(1, 2),
                visitor_ids=(1, 2),
                session_hits=(50, 49),
                session_engaged_ms=(9_000, 90_000),
                session_scroll_depths=(99, 100),
                session_revenue_micros=(9_000_000, 90_000_000),
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
