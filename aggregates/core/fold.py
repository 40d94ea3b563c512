"""fold(shard, offset, batch, appended_ms): the one way from the log to every number.

Pure and deterministic: the same records give the same state and the same rows, whenever, however
often and with whatever checkpoints in between. Time moves by the records' own time only.

    live clock     moves by `received_at_ms`, the collectors' clock, and never past the broker's own
                   time of the record: a collector's clock that jumps closes nothing
    import clock   moves by `at_ms`, each import its own, and only forward: an event older than one
                   already folded was sent before, so the same import sent twice counts once
"""

from aggregates.core import live
from aggregates.core.cells import Session, VisitorKey
from aggregates.core.limits import (
    EVENTS_OF_ONE_MS,
    EVENTS_OF_ONE_MS_MAX,
    FINISHED_IMPORTS_MAX,
    IMPORTS,
    IMPORTS_MAX,
    LETTERS_MAX,
    SESSIONS,
    SESSIONS_MAX,
)
from aggregates.core.rows import COUNTED
from aggregates.core.rules import SiteFold, left_out
from aggregates.core.sessions import find_session, is_repeat, new_session, remember, within_gap
from aggregates.core.state import (
    CLOCK_AHEAD_MAX_MS,
    FOR_EVER_MS,
    LIVE_CLOCK,
    MINUTE_MS,
    REORDER_MS,
    SWEEP_MS,
    ClockId,
    ClockState,
    Shard,
    ShardState,
)
from aggregates.core.turns import Place, Turn, clock_of
from aggregates.core.windows import (
    begin_visit,
    close_windows,
    count_hit,
    count_outcome,
    count_visit,
    end_visit,
    place_of,
)
from schemas.drop_reasons import DropReason
from schemas.events import Batch, Hit, Kind, Watermark
from schemas.live import HISTORY_S
from schemas.records import letter_key
from schemas.topics import HITS

_ENGAGEMENT = Kind.ENGAGEMENT
_DUPLICATE = DropReason.DUPLICATE.value
_NO_SESSION = DropReason.NO_SESSION.value
_CLOCK_AHEAD = DropReason.CLOCK_AHEAD.value
_IMPORT_FINISHED = DropReason.IMPORT_FINISHED.value
_OVER_LIMIT = DropReason.OVER_LIMIT.value


def ahead_of_clock(batch: Batch, appended_ms: int) -> list[Hit]:
    """The hits whose time lies after the broker's own (`appended_ms`): `fold` refuses them.

    The caller keeps them as a dead letter before it folds the record.
    """
    latest_ms = appended_ms + CLOCK_AHEAD_MAX_MS
    return [hit for hit in batch.hits if hit.received_at_ms > latest_ms or hit.at_ms > latest_ms]


def fold(shard: Shard, offset: int, batch: Batch, appended_ms: int) -> None:
    """Fold the next record, which must be the one at `applied + 1`.

    `appended_ms` is the broker's time of the record, epoch milliseconds.
    Raises ValueError for any other: never fold over a gap, never fold twice (DESIGN: Faust, 1).
    """
    state = shard.state
    if offset != state.applied + 1:
        raise ValueError(f"record {offset} is not the next after {state.applied}")
    turns: dict[ClockId, Turn] = {}
    latest_ms = appended_ms + CLOCK_AHEAD_MAX_MS
    again = bool(batch.replay_of) and not _is_owed(state, batch.replay_of)
    ahead = False
    turn: Turn | None = None
    for hit in batch.hits:
        clock_id = clock_of(hit)
        if turn is None or turn.clock_id is not clock_id:
            turn = turns.get(clock_id)
            if turn is None:
                turn = turns[clock_id] = _turn(shard, clock_id, offset)
        at_ms, outcome = hit.at_ms, ""
        if hit.received_at_ms > latest_ms or at_ms > latest_ms:
            at_ms, outcome, ahead = appended_ms, _CLOCK_AHEAD, True
        elif again:
            outcome = _DUPLICATE
        elif turn.clock_id != clock_id:  # its own clock is gone, or was never let in
            finished = clock_id in state.finished_imports
            outcome = _IMPORT_FINISHED if finished else _OVER_LIMIT
        place = place_of(turn, hit.site_id, at_ms // MINUTE_MS * 60)
        if not outcome:
            outcome = _fold_hit(turn, place, hit, at_ms)
        count_outcome(turn, place, outcome)
    for watermark in batch.watermarks:
        # That an import is over is true whatever the time is by the clock of who says it.
        if watermark.final or watermark.at_ms <= latest_ms:
            _fold_watermark(shard, offset, watermark, turns)
    for turn in turns.values():
        if state.clocks.get(turn.clock_id) is turn.clock:  # it may have finished
            _sweep(turn)
    if ahead:
        _owe(state, offset)
    state.applied = offset


def skip(shard: Shard, offset: int) -> None:
    """Move past a record that holds nothing to fold (a dead letter).

    Raises ValueError as `fold` does.
    """
    fold(shard, offset, Batch(version=1, collector_id="", hits=()), 0)
    _owe(shard.state, offset)


def _turn(shard: Shard, clock_id: ClockId, offset: int) -> Turn:
    """The turn of a clock: the live one's for an import that is finished, or one too many."""
    state = shard.state
    clock = state.clocks.get(clock_id)
    if clock is None and clock_id != LIVE_CLOCK:
        full = len(state.clocks) > IMPORTS_MAX
        if full or clock_id in state.finished_imports:
            turn = _turn(shard, LIVE_CLOCK, offset)
            if full:
                turn.limited(IMPORTS)
            return turn
    if clock is None:
        clock = state.clocks[clock_id] = ClockState()
    return Turn(shard, clock_id, clock, offset)


def _owe(state: ShardState, offset: int) -> None:
    """What was left out of this record counts once, when its dead letter is sent again."""
    state.letters[letter_key(HITS.name, state.shard, offset)] = False
    while len(state.letters) > LETTERS_MAX:
        del state.letters[next(iter(state.letters))]


def _is_owed(state: ShardState, letter: str) -> bool:
    """Whether the hits of this letter are to be counted, which from now on they are.

    Not when it was sent again before, and not when this fold could read the record where it stands:
    one that begins anew after a mend.
    """
    if state.letters.get(letter, True):
        return False
    state.letters[letter] = True
    return True


def _fold_hit(turn: Turn, place: Place, hit: Hit, at_ms: int) -> str:
    """Fold a hit of the turn's own clock. Returns its outcome."""
    clock = turn.clock
    if not turn.is_live:
        outcome = _repeat_in_import(turn, hit)
        if outcome:
            return outcome
        _advance_import(clock, hit)
    else:
        received_at_ms = hit.received_at_ms
        if received_at_ms > clock.watermark_ms:
            clock.watermark_ms = received_at_ms
    site = place.site
    outcome = hit.left_out if site.plain else left_out(site, hit)
    if outcome:
        return outcome
    event_id = hit.event_id.to_bytes(8, "big")
    session, outcome = _session_of(turn, site, hit, event_id)
    if session is None:
        return outcome
    watermark_ms = clock.watermark_ms
    count_visit(turn, session, hit)
    count_hit(turn, place, session, hit)
    remember(session, event_id, watermark_ms)
    if turn.is_live and at_ms > watermark_ms - HISTORY_S * 1000:
        live.touch(turn, place, session, hit)
    return COUNTED


def _repeat_in_import(turn: Turn, hit: Hit) -> str:
    """Why an import's event was not folded: its clock has passed it, or stands at it."""
    clock = turn.clock
    if hit.at_ms < clock.watermark_ms:
        return DropReason.IMPORT_OUT_OF_ORDER.value
    if hit.at_ms == clock.watermark_ms:
        if hit.event_id in clock.event_ids_at_watermark:
            return _DUPLICATE
        if len(clock.event_ids_at_watermark) >= EVENTS_OF_ONE_MS_MAX:
            turn.limited(EVENTS_OF_ONE_MS)
            return _OVER_LIMIT
    return ""


def _advance_import(clock: ClockState, hit: Hit) -> None:
    if hit.at_ms > clock.watermark_ms:
        clock.watermark_ms = hit.at_ms
        clock.event_ids_at_watermark.clear()
    clock.event_ids_at_watermark[hit.event_id] = True


def _session_of(
    turn: Turn, site: SiteFold, hit: Hit, event_id: bytes
) -> tuple[Session | None, str]:
    """The session the hit is to be counted into, its visitor's or a new one; or why in none."""
    present = find_session(turn.clock, hit, site.session_gap_ms)
    if present is not None:
        if is_repeat(present, event_id):
            return None, _DUPLICATE
        if within_gap(present, hit.at_ms, site.session_gap_ms):
            if turn.clock.watermark_ms - present.touched_ms >= REORDER_MS:
                _move_to_end(turn, hit, present)
            return present, ""
    if hit.kind is _ENGAGEMENT:
        return None, _NO_SESSION
    return _begin_session(turn, site, hit, event_id, present), ""


def _move_to_end(turn: Turn, hit: Hit, session: Session) -> None:
    """The sweep looks for the longest untouched at the front, to within REORDER_MS."""
    key: VisitorKey = (hit.site_id, hit.visitor_id)
    del turn.sessions[key]
    turn.sessions[key] = session


def _begin_session(
    turn: Turn, site: SiteFold, hit: Hit, event_id: bytes, present: Session | None
) -> Session:
    """The visitor's next session; one from before the `present` one ends as soon as it began."""
    session = new_session(turn, site, hit, present)
    begin_visit(turn, session)
    if present is None:
        _make_room(turn)
        turn.sessions[hit.site_id, hit.visitor_id] = session
    elif hit.at_ms < present.started_ms:
        end_visit(turn, session)
        remember(present, event_id, turn.clock.watermark_ms)
        _move_to_end(turn, hit, present)
    else:
        end_visit(turn, present)
        _move_to_end(turn, hit, session)
    return session


def _make_room(turn: Turn) -> None:
    """End the session of this clock longest untouched when the shard has as many as it may hold."""
    held = 0
    for clock in turn.shard.state.clocks.values():
        held += len(clock.sessions)
    sessions = turn.clock.sessions
    if held >= SESSIONS_MAX and sessions:
        turn.limited(SESSIONS)
        end_visit(turn, sessions.pop(next(iter(sessions))))


def _fold_watermark(
    shard: Shard, offset: int, watermark: Watermark, turns: dict[ClockId, Turn]
) -> None:
    name = watermark.import_name
    clock_id = (watermark.site_id, name) if name else LIVE_CLOCK
    turn = turns.get(clock_id)
    if turn is None:
        turn = turns[clock_id] = _turn(shard, clock_id, offset)
    if turn.clock_id != clock_id:
        return
    if watermark.at_ms > turn.clock.watermark_ms and not watermark.final:
        turn.clock.watermark_ms = watermark.at_ms
        turn.clock.event_ids_at_watermark.clear()
    if watermark.final and name:
        _finish(turn)


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
    is_new_minute = clock.watermark_ms // MINUTE_MS != clock.swept_ms // MINUTE_MS
    clock.swept_ms = clock.watermark_ms
    # A session may wait longer than its site's gap here: what ends it is when its next hit comes.
    untouched_ms = clock.watermark_ms - turn.shard.rules.session_gap_max_ms
    ended: list[VisitorKey] = []
    for key, session in clock.sessions.items():
        if session.touched_ms >= untouched_ms:
            break
        ended.append(key)
    for key in ended:
        end_visit(turn, clock.sessions.pop(key))
    close_windows(turn, clock.watermark_ms)
    if turn.is_live and is_new_minute:  # it looks at every site, and readers look at times
        live.forget_all(turn)
