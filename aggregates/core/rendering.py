"""Rows made of open cells."""

from aggregates.core.rows import HitRow, LedgerRow, VisitRow
from aggregates.core.state import OpenHits, OpenLedger, OpenVisits


def hit_row(open_hits: OpenHits) -> HitRow:
    (minute, site_id), key, cell = open_hits
    parts = cell.sessions.values()
    return HitRow(
        site_id=site_id,
        minute=minute,
        row_key=cell.row_key,
        version=cell.version,
        name=key.name,
        hostname=key.hostname,
        path=key.path,
        prop_keys=tuple(name for name, _ in key.props),
        prop_values=tuple(value for _, value in key.props),
        currency=key.currency,
        visit=key.visit,
        hits=sum(part.hits for part in parts),
        revenue_micros=cell.revenue_micros,
        session_ids=tuple(cell.sessions),
        visitor_ids=tuple(part.visitor_id for part in parts),
        session_hits=tuple(part.hits for part in parts),
        session_engaged_ms=tuple(part.engaged_ms for part in parts),
        session_scroll_depths=tuple(part.scroll_depth for part in parts),
    )


def visit_row(open_visits: OpenVisits) -> VisitRow:
    (minute, site_id), key, cell = open_visits
    parts = cell.sessions.values()
    return VisitRow(
        site_id=site_id,
        minute=minute,
        row_key=cell.row_key,
        version=cell.version,
        entry_hostname=key.entry_hostname,
        entry_page=key.entry_page,
        exit_hostname=key.exit_hostname,
        exit_page=key.exit_page,
        visit=key.visit,
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
    )


def ledger_row(open_ledger: OpenLedger) -> LedgerRow:
    (minute, site_id), outcome, cell = open_ledger
    return LedgerRow(site_id, minute, cell.row_key, cell.version, outcome, cell.hits)
