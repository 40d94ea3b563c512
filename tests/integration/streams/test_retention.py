"""Retention on real workers: old days go from every generation, and nothing brings them back."""

import asyncio
import signal
import time
from functools import partial

import pytest
from redis.asyncio import Redis

from schemas import redis_keys
from schemas.sites import SiteSettings, encode
from tests.integration.streams.commands import ask, checksums, streams
from tests.integration.streams.test_rules_backwards import View, write
from tests.integration.streams.test_worker import settled
from tests.workers import Workers

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

DAY_MS = 86_400_000
KEPT_DAYS = 10
DAYS = (
    "SELECT DISTINCT site_id, intDiv(toUInt32(minute), 86400) AS day FROM {} ORDER BY site_id, day"
)
TABLES = ("hit_rows", "visit_rows", "ledger_rows")


def views(site: int, ages: list[int], first: int) -> list[View]:
    """One pageview a day, `ages` days ago, each of a visitor of its own."""
    now_ms = time.time_ns() // 1_000_000 - 3_600_000
    return [
        View(site, first + number, now_ms - age * DAY_MS, "/", "", "Firefox", False)
        for number, age in enumerate(ages)
    ]


async def keep(redis_url: str, days: int) -> None:
    """What the web application publishes of the two sites."""
    async with Redis.from_url(redis_url) as redis:
        for site in (
            SiteSettings(1, "one.example", retention_days=days),
            SiteSettings(2, "two.example"),
        ):
            await redis.hset(redis_keys.SITES, site.domain, encode(site).decode())


def days_of(written: list[View], kept_from: int = 0) -> list[tuple[int, int]]:
    """(site, day) of what is kept, site 1 from the day `kept_from` on."""
    found = {(view.site, view.at_ms // DAY_MS) for view in written}
    return sorted((site, day) for site, day in found if site != 1 or day >= kept_from)


async def assert_days(url: str, generation: int, want: list[tuple[int, int]]) -> None:
    for table in TABLES:
        read = partial(ask, url, generation, DAYS.format(table))
        assert await settled(read, want) == want


async def test_old_days_go_and_stay_away(
    workers: Workers, rollups_url: str, fresh_topics: str, redis_url: str
) -> None:
    workers.environment["PAWPRINT_RETENTION_INTERVAL_S"] = "1"
    await keep(redis_url, 0)
    written = views(1, [40, 20, 11, 9, 0], 0) + views(2, [40, 9], 100)
    written.sort(key=lambda view: view.at_ms)
    with workers.supervised(2):
        await write(fresh_topics, written)
        await assert_days(rollups_url, 1, days_of(written))
        await streams(workers, "rebuild", "--no-switch")
        whole = await checksums(workers)
        assert whole[1] == whole[2]

        await keep(redis_url, KEPT_DAYS)
        for worker in list(workers.running):  # in the middle of it, or before
            await asyncio.sleep(0.7)
            worker.process.send_signal(signal.SIGKILL)
        kept = days_of(written, time.time_ns() // 1_000_000 // DAY_MS - KEPT_DAYS)
        assert len(kept) == 4
        for generation in (1, 2):
            await assert_days(rollups_url, generation, kept)

        # Not by a longer retention, a rebuild, hits that come late, or a fold from the beginning.
        await keep(redis_url, 0)
        dry = await streams(workers, "rebuild", "--dry-run")
        assert "0 of 4 days of sites would change" in dry, dry
        late = views(1, [30], 200)
        await write(fresh_topics, late + views(2, [30], 300))
        kept = sorted([*kept, *days_of(views(2, [30], 300))])
        await assert_days(rollups_url, 1, kept)
        await streams(workers, "rebuild", "--no-switch")
        sums = await checksums(workers)
        assert sums[1] == sums[4] != whole[1]
        await assert_days(rollups_url, 4, kept)
        await streams(workers, "rebuild", "--switch", "4")
        await assert_days(rollups_url, 4, kept)
