"""The whole state as bytes, and back."""

from typing import Any, Final

import msgspec

from aggregates.core.cells import (
    HitCell,
    LedgerCell,
    LiveBucket,
    LiveMinute,
    Session,
    SessionHits,
    SessionVisit,
    VisitCell,
    VisitKey,
    WindowKey,
)
from aggregates.core.state import ClockState, ShardState

STATE_VERSION: Final = 6  # a snapshot of another version is no shortcut: the log is folded anew

_NOWHERE: Final[WindowKey] = (0, 0)
_NO_VISIT: Final[VisitKey] = ("", "", b"")


def snapshot(state: ShardState) -> bytes:
    """The whole state; `restore` gives back an equal one."""
    return _encoder.encode((STATE_VERSION, state))


def restore(blob: bytes) -> ShardState:
    """Raises `msgspec.DecodeError` for bytes that are no snapshot of this version."""
    version, state = _decoder.decode(blob)
    if version != STATE_VERSION:
        raise msgspec.DecodeError(f"a snapshot of version {version}, not {STATE_VERSION}")
    for clock in state.clocks.values():
        _put_back(clock)
        for session in clock.sessions.values():
            activity = state.live.get(session.site_id)
            if activity is not None:
                session.bucket = activity.buckets.get(session.live_bucket)
    return state


def _put_back(clock: ClockState) -> None:
    """What cells and sessions refer to, which their places in the state already say."""
    for at, hit_window in clock.hit_windows.items():
        for key, cell in hit_window.cells.items():
            cell.at, cell.key = at, key
        for outcome, ledger_cell in hit_window.ledger.items():
            ledger_cell.at, ledger_cell.outcome = at, outcome
    for at, visit_window in clock.visit_windows.items():
        for visit_key, visit_cell in visit_window.cells.items():
            visit_cell.at, visit_cell.key = at, visit_key
    where = {
        session_id: cell
        for visit_window in clock.visit_windows.values()
        for cell in visit_window.cells.values()
        for session_id in cell.sessions
    }
    for session in clock.sessions.values():
        visit_cell = where[session.session_id]
        session.cell, session.part = visit_cell, visit_cell.sessions[session.session_id]
        session.key, session.site_id = visit_cell.key, visit_cell.at[1]


def _pack(value: object) -> object:
    """A class of cells.py as a tuple; msgspec asks this of everything it does not know."""
    if isinstance(value, SessionVisit):
        return (
            value.visitor_id, value.bounced, value.duration_s, value.pageviews, value.events,
            value.exit_hostname, value.exit_page,
        )  # fmt: skip
    if isinstance(value, SessionHits):
        return (value.visitor_id, value.hits, value.engaged_ms, value.scroll_depth)
    if isinstance(value, Session):
        return (
            value.session_id, value.visitor_id, value.started_ms, value.last_ms, value.touched_ms,
            value.event_ids, value.live_minute, value.live_bucket, value.live_page,
        )  # fmt: skip
    if isinstance(value, VisitCell):
        return (value.row_key, value.version, value.sessions)
    if isinstance(value, HitCell):
        return (
            value.row_key, value.version, value.revenues, value.sessions, value.timings,
        )  # fmt: skip
    if isinstance(value, LiveBucket):
        return (value.visitors, value.pages, value.audiences)
    if isinstance(value, LiveMinute):
        return (value.pageviews, value.visitors)
    if isinstance(value, LedgerCell):
        return (value.row_key, value.version, value.hits)
    raise NotImplementedError(type(value))


def _unpack(kind: type, packed: Any) -> object:
    """The other way. Where a cell stands is put back afterwards."""
    if kind is Session:
        session_id, visitor_id, started_ms, last_ms, touched_ms, *rest = packed
        times = (started_ms, last_ms, touched_ms)
        return Session(session_id, 0, visitor_id, *times, _NO_VISIT, *rest)
    if kind is VisitCell:
        row_key, version, visits = packed
        visit_cell = VisitCell(_NOWHERE, _NO_VISIT, row_key, version)
        visit_cell.sessions = {name: SessionVisit(*part) for name, part in visits.items()}
        return visit_cell
    if kind is HitCell:
        row_key, version, revenues, hits, timings = packed
        cell = HitCell(_NOWHERE, ("", "", "", (), "", b""), row_key, version)
        cell.revenues = revenues
        cell.sessions = {name: SessionHits(*part) for name, part in hits.items()}
        cell.timings = tuple((name, number) for name, number in timings)
        return cell
    if kind is LiveBucket:
        bucket = LiveBucket()
        bucket.visitors, bucket.pages, audiences = packed
        bucket.audiences = {tuple(audience): count for audience, count in audiences.items()}
        return bucket
    if kind is LiveMinute:
        return LiveMinute(*packed)
    if kind is LedgerCell:
        return LedgerCell(_NOWHERE, "", *packed)
    raise NotImplementedError(kind)


_encoder = msgspec.msgpack.Encoder(enc_hook=_pack)
_decoder = msgspec.msgpack.Decoder(tuple[int, ShardState], dec_hook=_unpack)
