"""Step "time": the time an event counts at."""

import datetime as dt
from typing import Final

from collector.errors import Rejected, malformed
from collector.pipeline import Draft
from schemas.drop_reasons import DropReason

LIVE_AGE_MAX_MS: Final = 24 * 3_600_000  # older than this only as an import
AHEAD_MAX_MS: Final = 300_000  # clocks of servers differ; more is a mistake
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MS: Final = dt.timedelta(milliseconds=1)


def read_timestamp(raw: object) -> int:
    """Epoch milliseconds of an ISO 8601 time with a zone. Raises `Rejected` naming `timestamp`."""
    if not isinstance(raw, str):
        raise malformed("timestamp", "must be an ISO 8601 time with a zone")
    try:
        moment = dt.datetime.fromisoformat(raw)
        if moment.tzinfo is None:
            raise malformed("timestamp", "needs a zone, such as Z")
        at_ms = (moment - _EPOCH) // _MS
    except (ValueError, OverflowError) as error:
        raise malformed("timestamp", "must be an ISO 8601 time with a zone") from error
    if at_ms < 0:
        raise malformed("timestamp", "must not be before 1970")
    return at_ms


def stamp(draft: Draft) -> Draft:
    """Browsers' clocks are never trusted; servers' are, within limits unless it is history.

    A time a little ahead counts as now on the live clock, which it would else push forward so that
    everybody else's hits came late.
    """
    if not draft.own_time:
        draft.at_ms = draft.received_at_ms
        return draft
    raw = draft.body.get("timestamp")
    if raw is None:
        if draft.import_name:
            raise malformed("timestamp", "is required in an import")
        draft.at_ms = draft.received_at_ms
        return draft
    at_ms = read_timestamp(raw)
    if at_ms > draft.received_at_ms + AHEAD_MAX_MS:
        raise Rejected(DropReason.IN_FUTURE, "timestamp", "lies more than 5 minutes ahead")
    if draft.import_name:
        draft.at_ms = at_ms
        return draft
    if at_ms < draft.received_at_ms - LIVE_AGE_MAX_MS:
        raise Rejected(DropReason.TOO_OLD, "timestamp", "is older than 24 hours: name an import")
    draft.at_ms = min(at_ms, draft.received_at_ms)
    return draft
