"""Rows made of open cells."""

from aggregates.core.cells import HitCell, LedgerCell, VisitCell
from aggregates.core.rows import HitRow, LedgerRow, VisitRow
from aggregates.core.visits import unpack_visit


def hit_row(cell: HitCell) -> HitRow:
    minute, site_id = cell.at
    name, hostname, path, props, currency, visit = cell.key
    parts = cell.sessions.values()
    revenues = cell.revenues or {}
    return HitRow(
        site_id=site_id,
        minute=minute,
        row_key=cell.row_key,
        version=cell.version,
        name=name,
        hostname=hostname,
        path=path,
        prop_keys=tuple(name for name, _ in props),
        prop_values=tuple(value for _, value in props),
        currency=currency,
        visit=unpack_visit(visit),
        hits=sum(part.hits for part in parts),
        revenue_micros=sum(revenues.values()),
        session_ids=tuple(cell.sessions),
        visitor_ids=tuple(part.visitor_id for part in parts),
        session_hits=tuple(part.hits for part in parts),
        session_engaged_ms=tuple(part.engaged_ms for part in parts),
        session_scroll_depths=tuple(part.scroll_depth for part in parts),
        timing_names=tuple(name for name, _ in cell.timings),
        timing_values=tuple(value for _, value in cell.timings),
        session_revenue_micros=tuple(revenues.get(session_id, 0) for session_id in cell.sessions)
        if revenues
        else (),
    )


def visit_row(cell: VisitCell) -> VisitRow:
    minute, site_id = cell.at
    entry_hostname, entry_page, visit = cell.key
    parts = cell.sessions.values()
    return VisitRow(
        site_id=site_id,
        minute=minute,
        row_key=cell.row_key,
        version=cell.version,
        entry_hostname=entry_hostname,
        entry_page=entry_page,
        visit=unpack_visit(visit),
        visits=len(parts),
        bounces=sum(part.bounced for part in parts),
        duration_s=sum(part.duration_s for part in parts),
        pageviews=sum(part.pageviews for part in parts),
        events=sum(part.events for part in parts),
        session_ids=tuple(cell.sessions),
        visitor_ids=tuple(part.visitor_id for part in parts),
        session_bounced=tuple(int(part.bounced) for part in parts),
        session_durations_s=tuple(part.duration_s for part in parts),
        session_pageviews=tuple(part.pageviews for part in parts),
        session_events=tuple(part.events for part in parts),
        session_exit_hostnames=tuple(part.exit_hostname for part in parts),
        session_exit_pages=tuple(part.exit_page for part in parts),
    )


def ledger_row(cell: LedgerCell) -> LedgerRow:
    minute, site_id = cell.at
    return LedgerRow(site_id, minute, cell.row_key, cell.version, cell.outcome, cell.hits)
