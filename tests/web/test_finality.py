"""What may still change: from the shards' statuses and the visits that go on."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync

from aggregates.redis.memory import MemoryMirror
from schemas.live import ShardStatus
from tests.web.conftest import FakeReader, holder_of
from webapp.sites.models import Site
from webapp.stats import finality

pytestmark = pytest.mark.any_database

NOW_S = 1_795_600_800  # 2026-11-25 10:00 UTC
SETTLED_S = NOW_S - 32 * 60 - 60  # a gap, a minute to reorder, 20 s for stragglers, to the minute


def status(watermark_s: int = NOW_S, stored: int = 9, stored_at_s: int = NOW_S) -> ShardStatus:
    return ShardStatus(
        applied=9,
        watermark_ms=watermark_s * 1_000,
        stored_at_ms=stored_at_s * 1_000,
        lag=0,
        updated_at_ms=NOW_S * 1_000,
        stored=stored,
    )


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ({0: status(), 1: status()}, SETTLED_S),
        ({0: status(), 1: status(NOW_S - 600)}, SETTLED_S - 600),
        ({0: status(), 1: status(stored=8, stored_at_s=NOW_S - 3_600)}, SETTLED_S - 3_600),
        ({0: status(), 1: status(stored_at_s=NOW_S - 3_600)}, SETTLED_S),
        ({0: status()}, None),
        ({0: status(), 1: status(0)}, None),
        ({}, None),
    ],
)
def test_the_shard_that_is_least_far_decides(
    statuses: dict[int, ShardStatus], expected: int | None
) -> None:
    assert finality.settled_s(statuses, 2) == expected


@pytest.fixture
def shards(monkeypatch: pytest.MonkeyPatch) -> MemoryMirror:
    mirror = MemoryMirror()
    monkeypatch.setattr(finality, "RedisMirror", lambda url: mirror)
    known = finality.Settled("", 1)
    monkeypatch.setattr(finality, "settled", lambda: known)
    return mirror


def _series(key: str, date: str) -> dict[str, Any]:
    query = {
        "site_id": "alice.example",
        "period": "custom",
        "date": date,
        "interval": "hour",
        "dialect": "pawprint",
    }
    found: dict[str, Any] = holder_of(key).get("/api/v1/stats/timeseries", query).json()
    return found


TODAY = "2026-11-25T06:00:00,2026-11-25T11:00:00"


@pytest.mark.parametrize(("visits", "provisional"), [((0, 0), 2), ((NOW_S - 7_300, 1), 4)])
def test_hours_that_may_change(
    visits: tuple[int, int],
    provisional: int,
    site: Site,
    key: str,
    rollups: FakeReader,
    shards: MemoryMirror,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async_to_sync(shards.write_status)(0, status())
    monkeypatch.setattr(finality, "first_open_visit_s", _first_open(visits))
    body = _series(key, TODAY)
    rows = body["results"]
    assert isinstance(rows, list)
    assert [row.get("provisional", False) for row in rows] == (
        [False] * (5 - provisional) + [True] * provisional
    )
    assert body["meta"]["final_until"] == (visits[0] or SETTLED_S)


def _first_open(visits: tuple[int, int]) -> object:
    return lambda reader, site_id, settled_s: visits[0] if visits[1] else settled_s


def test_what_is_long_past_asks_for_no_visits(
    site: Site, key: str, rollups: FakeReader, shards: MemoryMirror
) -> None:
    async_to_sync(shards.write_status)(0, status())
    body = _series(key, "2026-11-01T00:00:00,2026-11-01T02:00:00")
    assert body["meta"]["final_until"] == body["meta"]["end"]
    assert len(rollups.asked) == 1
    assert not any("provisional" in row for row in body["results"])


def test_while_nobody_knows_nothing_is_claimed(
    site: Site, key: str, rollups: FakeReader, shards: MemoryMirror
) -> None:
    body = _series(key, TODAY)
    assert "final_until" not in body["meta"]
