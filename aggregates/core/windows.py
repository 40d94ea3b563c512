"""Windows of a minute: opening them, counting into their rows, closing them by the watermark."""

from typing import NamedTuple

from aggregates.core.hashing import hash64
from aggregates.core.rendering import hit_row, ledger_row, visit_row
from aggregates.core.state import (
    LATENESS_MS,
    LIVE_CLOCK,
    ClockId,
    ClockState,
    HitCell,
    HitKey,
    HitWindow,
    LedgerCell,
    OpenHits,
    OpenLedger,
    OpenVisits,
    Session,
    SessionHits,
    SessionVisit,
    Shard,
    VisitCell,
    VisitKey,
    VisitWindow,
    WindowKey,
)
from schemas.events import PAGEVIEW, Hit
from schemas.records import SiteMinute


class Turn(NamedTuple):
    """One clock's share in folding the record at `offset`."""

    shard: Shard
    clock_id: ClockId
    clock: ClockState
    offset: int

    @property
    def version(self) -> int:
        """What a row changed now is given: 0 is left for rows never written."""
        return self.offset + 1

    def row_key(self, kind: str, at: WindowKey, opened_at: int, key: object) -> int:
        return hash64(self.shard.state.shard, self.clock_id, kind, at, opened_at, key)


def hit_window(turn: Turn, at: WindowKey) -> HitWindow:
    """The open window of hits at `at`; opened by this record if there is none."""
    window = turn.clock.hit_windows.get(at)
    if window is None:
        window = turn.clock.hit_windows[at] = HitWindow(opened_at=turn.offset)
    return window


def count_outcome(turn: Turn, at: WindowKey, outcome: str) -> None:
    """One more hit of the log went to `outcome`."""
    window = hit_window(turn, at)
    cell = window.ledger.get(outcome)
    if cell is None:
        row_key = turn.row_key("ledger", at, window.opened_at, outcome)
        cell = window.ledger[outcome] = LedgerCell(row_key)
    cell.hits += 1
    cell.version = turn.version
    turn.shard.ledger[cell.row_key] = OpenLedger(at, outcome, cell)


def count_hit(turn: Turn, at: WindowKey, session: Session, hit: Hit) -> None:
    """Count a hit of `session` into the row of its dimensions."""
    window = hit_window(turn, at)
    key = HitKey(hit.name, hit.hostname, hit.path, hit.props, hit.currency, session.key.visit)
    cell = window.cells.get(key)
    if cell is None:
        cell = window.cells[key] = HitCell(turn.row_key("hits", at, window.opened_at, key))
    part = cell.sessions.get(session.session_id)
    if part is None:
        part = cell.sessions[session.session_id] = SessionHits(session.visitor_id)
    part.hits += 1
    part.engaged_ms += hit.engaged_ms
    part.scroll_depth = max(part.scroll_depth, hit.scroll_depth)
    cell.revenue_micros += hit.revenue_micros
    cell.version = turn.version
    turn.shard.hits[cell.row_key] = OpenHits(at, key, cell)


def begin_visit(turn: Turn, session: Session) -> None:
    """Open (or join) the visit window of the minute `session` began in."""
    at = session.window
    window = turn.clock.visit_windows.get(at)
    if window is None:
        window = turn.clock.visit_windows[at] = VisitWindow(opened_at=turn.offset)
    window.live_sessions += 1


def place_visit(turn: Turn, session: Session, before: VisitKey) -> None:
    """Write the session's present values into the row of its key.

    `before` is the key it had until now: if that was another, the old row is lowered, this one
    raised, and both are written. The old row, if nobody is left in it, is written as zeros.
    """
    at = session.window
    window = turn.clock.visit_windows[at]
    if before != session.key and before in window.cells:
        old = window.cells[before]
        if old.sessions.pop(session.session_id, None) is not None:
            old.version = turn.version
            turn.shard.visits[old.row_key] = OpenVisits(at, before, old)
    cell = window.cells.get(session.key)
    if cell is None:
        row_key = turn.row_key("visits", at, window.opened_at, session.key)
        cell = window.cells[session.key] = VisitCell(row_key)
    cell.sessions[session.session_id] = SessionVisit(
        session.visitor_id, session.bounced, session.duration_s, session.pageviews, session.events
    )
    cell.version = turn.version
    turn.shard.visits[cell.row_key] = OpenVisits(at, session.key, cell)


def end_visit(turn: Turn, session: Session) -> None:
    """The session will not move any more; its window closes with the last one of its minute."""
    turn.clock.visit_windows[session.window].live_sessions -= 1


def close_windows(turn: Turn, until_ms: int) -> None:
    """Close every window whose minute lies LATENESS_MS before `until_ms` and cannot change."""
    past = (until_ms - LATENESS_MS) // 1000 - 60
    for at in [at for at in turn.clock.hit_windows if at.minute <= past]:
        _close_hit_window(turn, at)
    for at in [
        at
        for at, window in turn.clock.visit_windows.items()
        if at.minute <= past and not window.live_sessions
    ]:
        _close_visit_window(turn, at)


def _close_hit_window(turn: Turn, at: WindowKey) -> None:
    """Take the window out of the open ones; its unconfirmed rows wait in `closed`."""
    shard, closed = turn.shard, turn.shard.state.closed
    window = turn.clock.hit_windows.pop(at)
    for cell in window.cells.values():
        open_hits = shard.hits.pop(cell.row_key, None)
        if open_hits is not None:
            closed.hits[cell.row_key] = hit_row(open_hits)
    for ledger_cell in window.ledger.values():
        open_ledger = shard.ledger.pop(ledger_cell.row_key, None)
        if open_ledger is not None:
            closed.ledger[ledger_cell.row_key] = ledger_row(open_ledger)
    if turn.clock_id == LIVE_CLOCK and window.cells:
        closed.site_minutes.append(_site_minute(shard.state.shard, at, window))


def _site_minute(shard: int, at: WindowKey, window: HitWindow) -> SiteMinute:
    visitors = {
        part.visitor_id for cell in window.cells.values() for part in cell.sessions.values()
    }
    pageviews = sum(
        part.hits
        for key, cell in window.cells.items()
        if key.name == PAGEVIEW
        for part in cell.sessions.values()
    )
    return SiteMinute(at.site_id, at.minute, shard, window.opened_at, pageviews, len(visitors))


def _close_visit_window(turn: Turn, at: WindowKey) -> None:
    """As `_close_hit_window`, for visits."""
    shard, closed = turn.shard, turn.shard.state.closed
    window = turn.clock.visit_windows.pop(at)
    for cell in window.cells.values():
        open_visits = shard.visits.pop(cell.row_key, None)
        if open_visits is not None:
            closed.visits[cell.row_key] = visit_row(open_visits)
