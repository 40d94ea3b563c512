"""Which session a hit belongs to, and what it does to it.

Hits may come out of order. One within the session gap of its visitor's session, before or after,
joins that session; the entry page stays that of the pageview folded first. One from further back
is a visit of its own, closed at once: the session that goes on is not touched.
"""

from aggregates.core.hashing import hash64
from aggregates.core.state import (
    EVENT_IDS_MAX,
    SESSION_GAP_MS,
    ClockState,
    Session,
    VisitKey,
    VisitorKey,
)
from schemas.events import Hit, Kind


def find_session(clock: ClockState, hit: Hit) -> Session | None:
    """The visitor's session, also the one begun under yesterday's salt (then moved to today's)."""
    key = VisitorKey(hit.site_id, hit.visitor_id)
    session = clock.sessions.get(key)
    if session is None and hit.prev_visitor_id:
        before = VisitorKey(hit.site_id, hit.prev_visitor_id)
        session = clock.sessions.get(before)
        if session is not None and within_gap(session, hit.at_ms):
            clock.sessions[key] = clock.sessions.pop(before)
        else:
            session = None
    return session


def within_gap(session: Session, at_ms: int) -> bool:
    """Whether a hit at `at_ms` belongs to the session."""
    return (
        at_ms - session.last_ms <= SESSION_GAP_MS and session.started_ms - at_ms <= SESSION_GAP_MS
    )


def new_session(hit: Hit, offset: int, event_ids: list[int]) -> Session:
    """A session without a hit yet; `apply` adds the one that began it.

    `event_ids` are the visitor's until now: a retry may come after the next visit has begun.
    """
    return Session(
        session_id=hash64(hit.site_id, hit.visitor_id, hit.event_id, hit.at_ms, offset),
        site_id=hit.site_id,
        visitor_id=hit.visitor_id,
        started_ms=hit.at_ms,
        last_ms=hit.at_ms,
        touched_ms=0,
        key=VisitKey("", "", "", "", hit.visit),
        event_ids=event_ids,
    )


def remember(session: Session, hit: Hit, watermark_ms: int) -> None:
    """Keep the event id, and the session with it for another gap: the same again is a retry."""
    session.touched_ms = watermark_ms
    session.event_ids.append(hit.event_id)
    if len(session.event_ids) > EVENT_IDS_MAX:
        del session.event_ids[0]


def apply(session: Session, hit: Hit, watermark_ms: int) -> None:
    """Count `hit` into `session`. Moves `session.key` when the entry or exit page changes."""
    in_order = hit.at_ms >= session.last_ms
    session.last_ms = max(session.last_ms, hit.at_ms)
    remember(session, hit, watermark_ms)
    if hit.kind is Kind.PAGEVIEW:
        if not session.pageviews:
            session.key = session.key._replace(
                entry_hostname=hit.hostname, entry_page=hit.path,
                exit_hostname=hit.hostname, exit_page=hit.path,
            )  # fmt: skip
        elif in_order:
            session.key = session.key._replace(exit_hostname=hit.hostname, exit_page=hit.path)
        session.pageviews += 1
        session.events += 1
    elif hit.kind is Kind.EVENT:
        session.events += 1
        session.interactive_events += hit.interactive
