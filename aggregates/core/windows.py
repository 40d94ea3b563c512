"""Windows of a minute: opening them, counting into their rows, closing them by the watermark."""

from aggregates.core.cells import (
    HitCell,
    HitKey,
    LedgerCell,
    Session,
    SessionHits,
    SessionVisit,
    VisitCell,
    WindowKey,
)
from aggregates.core.hashing import hash64
from aggregates.core.limits import (
    HIT_CELLS,
    HIT_CELLS_MAX,
    OPEN_CELLS,
    OPEN_CELLS_MAX,
    OTHER,
    OTHER_VISIT,
    PROPS,
    PROPS_MAX,
    ROW_TIMINGS,
    ROW_TIMINGS_MAX,
    VISIT_CELLS,
    VISIT_CELLS_MAX,
)
from aggregates.core.rendering import hit_row, ledger_row, visit_row
from aggregates.core.sessions import apply
from aggregates.core.state import LATENESS_MS, MINUTE_MS, HitWindow, VisitWindow
from aggregates.core.turns import Place, Turn
from aggregates.core.visits import pack_visit
from schemas.events import ENGAGEMENT, PAGEVIEW, Hit
from schemas.records import SiteMinute
from schemas.timings import Timing

_OTHER_VISIT = pack_visit(OTHER_VISIT)


def _row_key(turn: Turn, kind: str, at: WindowKey, opened_at: int, key: object) -> int:
    return hash64(turn.shard.state.shard, turn.clock_id, kind, at, opened_at, key)


def place_of(turn: Turn, site_id: int, minute: int) -> Place:
    """The site's minute (epoch seconds), with its window of hits: opened if there is none."""
    place = turn.places.get(site_id)
    if place is None or place.minute != minute:
        at: WindowKey = (minute, site_id)
        window = turn.clock.hit_windows.get(at)
        if window is None:
            window = turn.clock.hit_windows[at] = HitWindow(turn.offset)
        place = turn.places[site_id] = Place(at, turn.shard.rules.of(site_id), window)
    return place


def count_outcome(turn: Turn, place: Place, outcome: str) -> None:
    """One more hit of the log went to `outcome`."""
    cell = place.ledger_cell
    if cell is None or cell.outcome != outcome:
        window = place.window
        cell = window.ledger.get(outcome)
        if cell is None:
            row_key = _row_key(turn, "ledger", place.at, window.opened_at, outcome)
            cell = window.ledger[outcome] = LedgerCell(place.at, outcome, row_key)
        place.ledger_cell = cell
    cell.hits += 1
    if cell.version != turn.version:
        cell.version = turn.version
        turn.ledger[cell.row_key] = cell


def count_hit(turn: Turn, place: Place, session: Session, hit: Hit) -> None:
    """Count a hit of `session` into the row of its dimensions."""
    props = hit.props
    if len(props) > PROPS_MAX:
        props = props[:PROPS_MAX]
        turn.limited(PROPS)
    key: HitKey = (hit.name, hit.hostname, hit.path, props, hit.currency, session.key[2])
    cell = place.window.cells.get(key)
    if cell is None:
        cell = _new_hit_cell(turn, place, key)
    session_id = session.session_id
    part = cell.sessions.get(session_id)
    if part is None:
        part = cell.sessions[session_id] = SessionHits(session.visitor_id)
    part.hits += 1
    engaged_ms, scroll_depth = hit.engaged_ms, hit.scroll_depth
    if engaged_ms:
        part.engaged_ms += engaged_ms
    if scroll_depth > part.scroll_depth:
        part.scroll_depth = scroll_depth
    revenue_micros = hit.revenue_micros
    if revenue_micros:
        revenues = cell.revenues
        if revenues is None:
            revenues = cell.revenues = {}
        revenues[session_id] = revenues.get(session_id, 0) + revenue_micros
    timings = hit.timings
    if timings:
        _count_timings(turn, cell, timings)
    if cell.version != turn.version:
        cell.version = turn.version
        turn.hits[cell.row_key] = cell


def _count_timings(turn: Turn, cell: HitCell, timings: tuple[Timing, ...]) -> None:
    if len(cell.timings) + len(timings) > ROW_TIMINGS_MAX:
        turn.limited(ROW_TIMINGS)
    else:
        cell.timings += timings


def _new_hit_cell(turn: Turn, place: Place, key: HitKey) -> HitCell:
    """A cell for `key`, or for what is left of it when the window is full."""
    window = place.window
    full = turn.shard.state.open_cells >= OPEN_CELLS_MAX
    if full or len(window.cells) >= HIT_CELLS_MAX:
        turn.limited(OPEN_CELLS if full else HIT_CELLS)
        name = key[0] if key[0] in (PAGEVIEW, ENGAGEMENT) else OTHER
        all_other = full or len(window.cells) >= 2 * HIT_CELLS_MAX
        key = (name, OTHER, OTHER, (), key[4], _OTHER_VISIT if all_other else key[5])
        cell = window.cells.get(key)
        if cell is not None:
            return cell
    row_key = _row_key(turn, "hits", place.at, window.opened_at, key)
    cell = window.cells[key] = HitCell(place.at, key, row_key)
    turn.shard.state.open_cells += 1
    return cell


def visits_at(session: Session) -> WindowKey:
    """The visit window the session is in: its site's minute it began in."""
    return (session.started_ms // MINUTE_MS * 60, session.site_id)


def begin_visit(turn: Turn, session: Session) -> None:
    """Open (or join) the visit window of the minute `session` began in. It has no row yet."""
    at = visits_at(session)
    window = turn.clock.visit_windows.get(at)
    if window is None:
        window = turn.clock.visit_windows[at] = VisitWindow(turn.offset)
    window.live_sessions += 1


def count_visit(turn: Turn, session: Session, hit: Hit) -> None:
    """Count a hit into the session and its part of its visit row.

    When its entry page changes, the old row is lowered, the new one raised, and both are written.
    The old row, if nobody is left in it, is written as zeros.
    """
    part, old = session.part, session.cell
    if part is None or old is None:
        part = session.part = SessionVisit(session.visitor_id)
        apply(session, part, hit)
    elif apply(session, part, hit):
        del old.sessions[session.session_id]
        _raise_visit(turn, old)
    else:
        _raise_visit(turn, old)
        return
    at = visits_at(session)
    window = turn.clock.visit_windows[at]
    cell = window.cells.get(session.key)
    if cell is None:
        cell = _new_visit_cell(turn, at, window, session)
    session.cell = cell
    session.key = cell.key  # equal, and shared by all visits of the row
    cell.sessions[session.session_id] = part
    _raise_visit(turn, cell)


def _raise_visit(turn: Turn, cell: VisitCell) -> None:
    """The row of `cell` has changed by this record."""
    if cell.version != turn.version:
        cell.version = turn.version
        turn.visits[cell.row_key] = cell


def _new_visit_cell(turn: Turn, at: WindowKey, window: VisitWindow, session: Session) -> VisitCell:
    """A cell for the session's key, which becomes "(other)" when the window is full."""
    full = turn.shard.state.open_cells >= OPEN_CELLS_MAX
    if full or len(window.cells) >= VISIT_CELLS_MAX:
        turn.limited(OPEN_CELLS if full else VISIT_CELLS)
        all_other = full or len(window.cells) >= 2 * VISIT_CELLS_MAX
        session.key = (OTHER, OTHER, _OTHER_VISIT if all_other else session.key[2])
        cell = window.cells.get(session.key)
        if cell is not None:
            return cell
    row_key = _row_key(turn, "visits", at, window.opened_at, session.key)
    cell = window.cells[session.key] = VisitCell(at, session.key, row_key)
    turn.shard.state.open_cells += 1
    return cell


def end_visit(turn: Turn, session: Session) -> None:
    """The session will not move any more; its window closes with the last one of its minute."""
    turn.clock.visit_windows[visits_at(session)].live_sessions -= 1


def close_windows(turn: Turn, until_ms: int) -> None:
    """Close every window whose minute lies LATENESS_MS before `until_ms` and cannot change."""
    past = (until_ms - LATENESS_MS) // 1000 - 60
    for at in [at for at in turn.clock.hit_windows if at[0] <= past]:
        _close_hit_window(turn, at)
    for at in [
        at
        for at, window in turn.clock.visit_windows.items()
        if at[0] <= past and not window.live_sessions
    ]:
        _close_visit_window(turn, at)


def _close_hit_window(turn: Turn, at: WindowKey) -> None:
    """Take the window out of the open ones; its unconfirmed rows wait in `closed`."""
    shard, closed = turn.shard, turn.shard.state.closed
    window = turn.clock.hit_windows.pop(at)
    shard.state.open_cells -= len(window.cells)
    for cell in window.cells.values():
        if shard.hits.pop(cell.row_key, None) is not None:
            closed.hits[cell.row_key] = hit_row(cell)
    for ledger_cell in window.ledger.values():
        if shard.ledger.pop(ledger_cell.row_key, None) is not None:
            closed.ledger[ledger_cell.row_key] = ledger_row(ledger_cell)
    if turn.is_live and window.cells:
        closed.site_minutes.append(_site_minute(shard.state.shard, at, window))


def _site_minute(shard: int, at: WindowKey, window: HitWindow) -> SiteMinute:
    visitors = set()
    pageviews = 0
    for key, cell in window.cells.items():
        for part in cell.sessions.values():
            visitors.add(part.visitor_id)
            if key[0] == PAGEVIEW:
                pageviews += part.hits
    minute, site_id = at
    return SiteMinute(site_id, minute, shard, window.opened_at, pageviews, len(visitors))


def _close_visit_window(turn: Turn, at: WindowKey) -> None:
    """As `_close_hit_window`, for visits."""
    shard, closed = turn.shard, turn.shard.state.closed
    window = turn.clock.visit_windows.pop(at)
    shard.state.open_cells -= len(window.cells)
    for cell in window.cells.values():
        if shard.visits.pop(cell.row_key, None) is not None:
            closed.visits[cell.row_key] = visit_row(cell)
