"""Which session a hit belongs to, and what it does to it.

Hits may come out of order. One within the session gap of its visitor's session, before or after,
joins that session; the entry page stays that of the pageview folded first. One from further back
is a visit of its own, closed at once: the session that goes on is not touched.
"""

from sys import intern

from aggregates.core.cells import Session, SessionVisit
from aggregates.core.hashing import hash64
from aggregates.core.limits import EVENT_IDS_MAX
from aggregates.core.rules import SiteFold, visit_of
from aggregates.core.state import ClockState
from aggregates.core.turns import Turn
from aggregates.core.visits import pack_visit
from schemas.events import Hit, Kind

_PAGEVIEW = Kind.PAGEVIEW
_EVENT = Kind.EVENT


def find_session(clock: ClockState, hit: Hit, gap_ms: int) -> Session | None:
    """The visitor's session, also the one begun under yesterday's salt (then moved to today's)."""
    session = clock.sessions.get((hit.site_id, hit.visitor_id))
    if session is None and hit.prev_visitor_id:
        before = (hit.site_id, hit.prev_visitor_id)
        session = clock.sessions.get(before)
        if session is None or not within_gap(session, hit.at_ms, gap_ms):
            return None
        del clock.sessions[before]
        clock.sessions[hit.site_id, hit.visitor_id] = session
    return session


def within_gap(session: Session, at_ms: int, gap_ms: int) -> bool:
    """Whether a hit at `at_ms` belongs to the session."""
    return at_ms - session.last_ms <= gap_ms and session.started_ms - at_ms <= gap_ms


def new_session(turn: Turn, site: SiteFold, hit: Hit, present: Session | None) -> Session:
    """The session that `hit` begins, without a hit yet, in place of or before the `present` one.

    It takes over the visitor's event ids: a retry may come after the next visit has begun.
    """
    visit = hit.visit if site.plain else visit_of(site, hit)
    # The same hit may begin two in one record: its retry, after the visitor's id has changed.
    turn.begun += 1
    return Session(
        hash64(hit.site_id, hit.visitor_id, hit.event_id, hit.at_ms, turn.offset, turn.begun),
        hit.site_id,
        hit.visitor_id,
        hit.at_ms,
        hit.at_ms,
        0,
        ("", "", pack_visit(visit)),
        b"" if present is None else present.event_ids,
    )


def is_repeat(session: Session, event_id: bytes) -> bool:
    """Whether the visitor's last EVENT_IDS_MAX events hold this id (8 bytes, as they are kept)."""
    at = session.event_ids.find(event_id)
    while at % 8 and at > 0:  # found across two ids
        at = session.event_ids.find(event_id, at + 1)
    return at >= 0


def remember(session: Session, event_id: bytes, watermark_ms: int) -> None:
    """Keep the event id, and the session with it for another gap: the same again is a retry."""
    session.touched_ms = watermark_ms
    event_ids = session.event_ids + event_id
    session.event_ids = event_ids[8:] if len(event_ids) > 8 * EVENT_IDS_MAX else event_ids


def apply(session: Session, part: SessionVisit, hit: Hit) -> bool:
    """Count `hit` into the session and its part of its visit row.

    Names that stay in the state are interned: each was decoded as a string of its own, and most of
    what a fold of many visits does is waiting for memory.

    Returns whether `session.key` moved: its entry page is that of its first pageview, and a visit
    may begin with an event.
    """
    at_ms = hit.at_ms
    in_order = at_ms >= session.last_ms
    if in_order:
        session.last_ms = at_ms
        part.duration_s = (at_ms - session.started_ms) // 1000
    kind = hit.kind
    if kind is _PAGEVIEW:
        part.events += 1
        part.pageviews += 1
        if part.pageviews == 1:
            part.exit_hostname, part.exit_page = intern(hit.hostname), intern(hit.path)
            session.key = (hit.hostname, hit.path, session.key[2])
            return True
        part.bounced = False
        if in_order:
            part.exit_hostname, part.exit_page = intern(hit.hostname), intern(hit.path)
    elif kind is _EVENT:
        part.events += 1
        if hit.interactive:
            part.bounced = False
    return False
