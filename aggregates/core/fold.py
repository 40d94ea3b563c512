"""fold(shard, offset, batch): the one way from the log to every number.

Pure and deterministic: the same records give the same state and the same rows, whenever, however
often and with whatever checkpoints in between. Time moves by the records' own time only.

    live clock     moves by `received_at_ms`, the collectors' clock
    import clock   moves by `at_ms`, each import its own, and only forward: an event older than one
                   already folded was sent before, so the same import sent twice counts once
"""

from aggregates.core import live
from aggregates.core.rows import COUNTED
from aggregates.core.sessions import apply, find_session, new_session, remember, within_gap
from aggregates.core.state import (
    CLOCK_AHEAD_MAX_MS,
    EVENTS_OF_ONE_MS_MAX,
    FINISHED_IMPORTS_MAX,
    FOR_EVER_MS,
    LIVE_CLOCK,
    SESSION_GAP_MS,
    SWEEP_MS,
    ClockId,
    ClockState,
    LiveActivity,
    Session,
    Shard,
    VisitorKey,
    clock_of,
    window_at,
)
from aggregates.core.windows import (
    Turn,
    begin_visit,
    close_windows,
    count_hit,
    count_outcome,
    end_visit,
    place_visit,
)
from schemas.drop_reasons import DropReason
from schemas.events import Batch, Hit, Kind, Watermark
from schemas.live import HISTORY_S


def ahead_of_clock(batch: Batch, appended_ms: int) -> list[Hit]:
    """The hits whose time lies after the broker's own (`appended_ms`): `fold` refuses them.

    The caller keeps them as a dead letter before it folds the record.
    """
    latest_ms = appended_ms + CLOCK_AHEAD_MAX_MS
    return [hit for hit in batch.hits if hit.received_at_ms > latest_ms or hit.at_ms > latest_ms]


def fold(shard: Shard, offset: int, batch: Batch, appended_ms: int) -> None:
    """Fold the next record, which must be the one at `applied + 1`.

    `appended_ms` is the broker's time of the record, epoch milliseconds.
    Raises ValueError for any other offset: never fold over a gap, never fold twice.
    """
    state = shard.state
    if offset != state.applied + 1:
        raise ValueError(f"record {offset} is not the next after {state.applied}")
    moved: dict[ClockId, None] = {}
    latest_ms = appended_ms + CLOCK_AHEAD_MAX_MS
    for hit in batch.hits:
        if hit.received_at_ms > latest_ms or hit.at_ms > latest_ms:
            _refuse(shard, offset, hit, appended_ms)
            continue
        moved[_fold_hit(shard, offset, hit)] = None
    for watermark in batch.watermarks:
        if watermark.at_ms > latest_ms:
            continue
        moved[_fold_watermark(shard, offset, watermark)] = None
    for clock_id in moved:
        clock = state.clocks.get(clock_id)
        if clock is not None:
            _sweep(Turn(shard, clock_id, clock, offset))
    state.applied = offset


def _refuse(shard: Shard, offset: int, hit: Hit, appended_ms: int) -> None:
    """A clock that jumped must close no window: the hit is counted out at the broker's time."""
    clock = shard.state.clocks.setdefault(LIVE_CLOCK, ClockState())
    turn = Turn(shard, LIVE_CLOCK, clock, offset)
    count_outcome(turn, window_at(hit.site_id, appended_ms), DropReason.CLOCK_AHEAD)


def skip(shard: Shard, offset: int) -> None:
    """Move past a record that holds nothing to fold (a dead letter).

    Raises ValueError as `fold` does.
    """
    fold(shard, offset, Batch(version=1, collector_id="", hits=()), 0)


def _fold_hit(shard: Shard, offset: int, hit: Hit) -> ClockId:
    clock_id = clock_of(hit)
    outcome: str | None = None
    if clock_id in shard.state.finished_imports:
        # Its own clock is gone; the ledger line goes to the minute's window of the live one.
        clock_id, outcome = LIVE_CLOCK, DropReason.IMPORT_FINISHED
    clock = shard.state.clocks.setdefault(clock_id, ClockState())
    turn = Turn(shard, clock_id, clock, offset)
    if outcome is None and hit.import_name:
        outcome = _repeat_in_import(clock, hit)
    if outcome is None:
        _advance(clock, hit)
        outcome = hit.left_out or _fold_into_session(turn, hit)
    count_outcome(turn, window_at(hit.site_id, hit.at_ms), outcome)
    return clock_id


def _repeat_in_import(clock: ClockState, hit: Hit) -> DropReason | None:
    """Why an import's event was not folded: its clock has passed it, or stands at it."""
    if hit.at_ms < clock.watermark_ms:
        return DropReason.IMPORT_OUT_OF_ORDER
    if hit.at_ms == clock.watermark_ms:
        if hit.event_id in clock.event_ids_at_watermark:
            return DropReason.DUPLICATE
        if len(clock.event_ids_at_watermark) >= EVENTS_OF_ONE_MS_MAX:
            return DropReason.OVER_LIMIT
    return None


def _advance(clock: ClockState, hit: Hit) -> None:
    if not hit.import_name:
        clock.watermark_ms = max(clock.watermark_ms, hit.received_at_ms)
        return
    if hit.at_ms > clock.watermark_ms:
        clock.watermark_ms = hit.at_ms
        clock.event_ids_at_watermark.clear()
    clock.event_ids_at_watermark.add(hit.event_id)


def _fold_into_session(turn: Turn, hit: Hit) -> str:
    """Count the hit into its visitor's session, an old or a new one. Returns the outcome."""
    clock, key = turn.clock, VisitorKey(hit.site_id, hit.visitor_id)
    present = find_session(clock, hit)
    if present is not None and hit.event_id in present.event_ids:
        return DropReason.DUPLICATE
    session = present if present is not None and within_gap(present, hit.at_ms) else None
    if session is None and hit.kind is Kind.ENGAGEMENT:
        return DropReason.NO_SESSION
    if present is not None:
        # To the end: the sweep looks for the longest untouched at the front.
        clock.sessions[key] = clock.sessions.pop(key)
    if session is not None:
        _count(turn, session, hit)
        return COUNTED
    session = new_session(hit, turn.offset, list(present.event_ids) if present else [])
    begin_visit(turn, session)
    _count(turn, session, hit)
    if present is not None and hit.at_ms < present.started_ms:
        end_visit(turn, session)  # from before the visit that goes on
        remember(present, hit, clock.watermark_ms)
        return COUNTED
    if present is not None:
        end_visit(turn, present)
    clock.sessions[key] = session
    return COUNTED


def _count(turn: Turn, session: Session, hit: Hit) -> None:
    before = session.key
    apply(session, hit, turn.clock.watermark_ms)
    place_visit(turn, session, before)
    count_hit(turn, window_at(hit.site_id, hit.at_ms), session, hit)
    if turn.clock_id == LIVE_CLOCK and hit.at_ms > turn.clock.watermark_ms - HISTORY_S * 1000:
        activity = turn.shard.state.live.setdefault(hit.site_id, LiveActivity())
        live.touch(activity, session, hit)
        turn.shard.live_sites.add(hit.site_id)


def _fold_watermark(shard: Shard, offset: int, watermark: Watermark) -> ClockId:
    state = shard.state
    clock_id = (
        ClockId(watermark.site_id, watermark.import_name) if watermark.import_name else LIVE_CLOCK
    )
    if clock_id in state.finished_imports:
        return clock_id
    clock = state.clocks.setdefault(clock_id, ClockState())
    if watermark.at_ms > clock.watermark_ms and not watermark.final:
        clock.watermark_ms = watermark.at_ms
        clock.event_ids_at_watermark.clear()
    if watermark.final and clock_id != LIVE_CLOCK:
        _finish(Turn(shard, clock_id, clock, offset))
    return clock_id


def _finish(turn: Turn) -> None:
    """End an import: nothing of it can change any more."""
    state = turn.shard.state
    for session in turn.clock.sessions.values():
        end_visit(turn, session)
    turn.clock.sessions.clear()
    close_windows(turn, FOR_EVER_MS)
    del state.clocks[turn.clock_id]
    state.finished_imports[turn.clock_id] = True
    while len(state.finished_imports) > FINISHED_IMPORTS_MAX:
        del state.finished_imports[next(iter(state.finished_imports))]


def _sweep(turn: Turn) -> None:
    """End sessions and close windows that time has left behind, every SWEEP_MS of the log's time.

    At points of the log and never of the wall clock: whether a straggler still meets its window
    must not depend on when a store answered.
    """
    clock = turn.clock
    if clock.watermark_ms - clock.swept_ms < SWEEP_MS:
        return
    clock.swept_ms = clock.watermark_ms
    ended = []
    for key, session in clock.sessions.items():
        if session.touched_ms + SESSION_GAP_MS >= clock.watermark_ms:
            break
        ended.append(key)
    for key in ended:
        end_visit(turn, clock.sessions.pop(key))
    close_windows(turn, clock.watermark_ms)
    if turn.clock_id == LIVE_CLOCK:
        _forget_activity(turn.shard, clock.watermark_ms)


def _forget_activity(shard: Shard, watermark_ms: int) -> None:
    for site_id, activity in list(shard.state.live.items()):
        if live.forget(activity, watermark_ms):
            shard.live_sites.add(site_id)
        if not activity.minutes and not activity.buckets:
            del shard.state.live[site_id]
