"""Retention in a worker: what it asks for, and what happens while a store is away."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from redis.exceptions import RedisError

from aggregates.clickhouse.expiry import Cutoffs
from aggregates.protocols import StoreUnavailable
from schemas.sites import SiteSettings
from streams import expiring
from streams.expiring import expire_for_ever
from streams.site_settings import wanted_cutoffs

DAY_S = 86_400
SITES = {
    "kept.example": SiteSettings(1, "kept.example"),
    "short.example": SiteSettings(2, "short.example", retention_days=10),
    "was.example": SiteSettings(2, "was.example", retention_days=10, is_former=True),
}


class Expiry:
    """Remembers what was asked for; refuses as often as it is told to."""

    def __init__(self, refusals: int) -> None:
        self.refusals, self.asked = refusals, list[Cutoffs]()

    async def cutoffs(self) -> Cutoffs:
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("away")
        return {3: 7 * DAY_S}

    async def expire(self, cutoffs: Cutoffs) -> int:
        self.asked.append(cutoffs)
        return 5


class World:
    """A worker whose time passes only while it sleeps; it stops after two pauses."""

    def __init__(self) -> None:
        self.settings = SimpleNamespace(redis_url="redis://", retention_interval_s=3_600.0)
        self.pauses: list[float] = []
        self.clock, self.process = self, self

    @property
    def stopping(self) -> bool:
        return len(self.pauses) == 2

    def epoch_ms(self) -> int:
        return 100 * DAY_S * 1000 + 1

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def run(expiry: Expiry, rows: SimpleNamespace) -> list[float]:
    world = World()
    await expire_for_ever(cast(Any, world), cast(Any, expiry), cast(Any, rows))
    return world.pauses


async def test_old_days_go_and_are_not_written_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "read_sites", lambda _url: SITES)
    expiry, rows = Expiry(refusals=1), SimpleNamespace(cutoffs={})
    assert await run(expiry, rows) == [expiring.RETRY_S, 3_600.0]
    assert expiry.asked == [{2: 90 * DAY_S, 3: 7 * DAY_S}]
    assert rows.cutoffs == expiry.asked[0]


async def test_redis_away_takes_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_url: str) -> object:
        raise RedisError("away")

    monkeypatch.setattr(expiring, "read_sites", away)
    expiry, rows = Expiry(refusals=0), SimpleNamespace(cutoffs={2: 60})
    assert await run(expiry, rows) == [expiring.RETRY_S] * 2
    assert (expiry.asked, rows.cutoffs) == ([], {2: 60})


def test_a_longer_retention_brings_nothing_back() -> None:
    kept = {2: 95 * DAY_S, 1: 50 * DAY_S}
    assert wanted_cutoffs(SITES.values(), kept, 100 * DAY_S) == kept
