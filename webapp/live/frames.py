"""What a live stream says, from what was read: pure, the present is a parameter."""

from collections.abc import Mapping
from typing import Any

import msgspec

from aggregates.live import LiveView
from schemas.live import ShardStatus
from webapp.live.limits import STALE_AFTER_S

Statuses = Mapping[int, ShardStatus]


def live_data(
    view: LiveView, final_until: int | None, stale_live: int | None, stale_rollups: int | None
) -> dict[str, Any]:
    """The data of a `live` event; all times are epoch seconds."""
    return {
        "now": view.now_s,
        "current": view.current,
        "last_30m": view.last_30m,
        "minutes": view.minutes,
        "pages": view.pages,
        "sources": view.sources,
        "countries": view.countries,
        "devices": view.devices,
        "final_until": final_until,
        "stale": {"live": stale_live, "rollups": stale_rollups},
    }


def encode_event(name: str, data: Any) -> bytes:
    """A server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(data))


def final_until_s(statuses: Statuses, partitions: int) -> int | None:
    """Epoch seconds up to which minutes are closed in every shard; None while one is unknown."""
    marks = [statuses[shard].watermark_ms for shard in range(partitions) if shard in statuses]
    if len(marks) < partitions or not all(marks):
        return None
    return min(marks) // 1_000


def live_stale_since_s(statuses: Statuses, now_s: int) -> int | None:
    """Since when some shard writes no counters any more; None while all do."""
    return _oldest([status.updated_at_ms // 1_000 for status in statuses.values()], now_s)


def rollups_stale_since_s(
    statuses: Statuses, partitions: int, now_s: int, looked_since_s: int
) -> int | None:
    """Since when the rollups lack something; None while they are at most STALE_AFTER_S behind.

    A shard's rollups lack what came after its rows were last confirmed, and while it has records
    left to fold, what came after its watermark. Of a shard that has never been heard of nothing
    is known for as long as this process looks (`looked_since_s`).
    """
    since = [
        _complete_until_s(statuses[shard], now_s) if shard in statuses else looked_since_s
        for shard in range(partitions)
    ]
    return _oldest(since, now_s)


def _complete_until_s(status: ShardStatus, now_s: int) -> int:
    stored_ms = status.stored_at_ms or status.watermark_ms
    if stored_ms == 0:  # it never had a hit, so nothing can be missing
        return now_s
    folded_ms = status.watermark_ms if status.lag else stored_ms
    return min(stored_ms, folded_ms) // 1_000


def _oldest(times_s: list[int], now_s: int) -> int | None:
    oldest = min(times_s, default=now_s)
    return oldest if now_s - oldest > STALE_AFTER_S else None
