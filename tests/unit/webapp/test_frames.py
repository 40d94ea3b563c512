"""What a live stream says of how fresh its numbers are."""

import json

import pytest

from aggregates.live import summarize
from schemas.live import ShardStatus
from webapp.live import frames

NOW_S = 1_764_064_800


def _status(
    *, watermark_age_s: int = 2, stored_age_s: int = 1, lag: int = 0, updated_age_s: int = 1
) -> ShardStatus:
    return ShardStatus(
        applied=1,
        watermark_ms=(NOW_S - watermark_age_s) * 1_000,
        stored_at_ms=(NOW_S - stored_age_s) * 1_000,
        lag=lag,
        updated_at_ms=(NOW_S - updated_age_s) * 1_000,
    )


def test_all_is_well() -> None:
    statuses = {0: _status(), 1: _status(watermark_age_s=5)}
    assert frames.final_until_s(statuses, 2) == NOW_S - 5
    assert frames.live_stale_since_s(statuses, NOW_S) is None
    assert frames.rollups_stale_since_s(statuses, 2, NOW_S, NOW_S) is None


@pytest.mark.parametrize(
    ("slow", "since_s"),
    [
        (_status(stored_age_s=40), NOW_S - 40),  # ClickHouse is away
        (_status(lag=9, watermark_age_s=60), NOW_S - 60),  # the worker catches up
        (_status(lag=0, watermark_age_s=3_600), None),  # nothing came, so nothing is missing
        (_status(lag=9, watermark_age_s=10), None),  # not for long yet
    ],
)
def test_rollups(slow: ShardStatus, since_s: int | None) -> None:
    statuses = {0: _status(), 1: slow}
    assert frames.rollups_stale_since_s(statuses, 2, NOW_S, NOW_S) == since_s


def test_a_shard_that_never_had_a_hit_lacks_nothing() -> None:
    fresh = ShardStatus(applied=-1, watermark_ms=0, stored_at_ms=0, lag=0, updated_at_ms=0)
    assert frames.rollups_stale_since_s({0: fresh}, 1, NOW_S, NOW_S) is None
    assert frames.final_until_s({0: fresh}, 1) is None


def test_a_shard_nobody_has_heard_of() -> None:
    statuses = {0: _status()}
    assert frames.final_until_s(statuses, 2) is None
    assert frames.rollups_stale_since_s(statuses, 2, NOW_S, NOW_S - 10) is None
    assert frames.rollups_stale_since_s(statuses, 2, NOW_S, NOW_S - 30) == NOW_S - 30


def test_a_worker_that_died() -> None:
    statuses = {0: _status(), 1: _status(updated_age_s=90)}
    assert frames.live_stale_since_s(statuses, NOW_S) == NOW_S - 90


def test_an_event_is_one_line_of_json() -> None:
    data = frames.live_data(summarize({}, NOW_S), None, None, NOW_S)
    event = frames.encode_event("live", data | {"pages": [["/a\nb", 1]]})
    head, _, body = event.decode().partition("\n")
    assert head == "event: live"
    assert body.endswith("\n\n")
    shown = json.loads(body.removeprefix("data: "))
    assert "\n" not in body[:-2]
    assert shown["pages"] == [["/a\nb", 1]]
    assert shown["minutes"][-1] == {"minute": NOW_S, "pageviews": 0, "visitors": 0}
    assert shown["stale"] == {"live": None, "rollups": NOW_S}
