"""Erasure on real workers, killed in the middle: gone from every number, with a receipt."""

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from schemas import redis_keys
from schemas.sites import SiteSettings, encode
from streams.rebuild.lease import TTL_S
from tests.integration.streams.commands import ask, checksums, streams
from tests.integration.streams.load import write_hits
from tests.integration.streams.test_rebuild import HITS
from tests.integration.streams.test_rules_backwards import (
    CHANNELS,
    OUTCOMES,
    TOTALS,
    Counts,
    View,
    drawn,
    write,
)
from tests.integration.streams.test_worker import settled
from tests.workers import Workers

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

HELD = "SELECT count() FROM {} WHERE site_id = {} AND has(visitor_ids, toUInt64({}))"


async def publish_sites(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        for site in (SiteSettings(1, "one.example"), SiteSettings(2, "two.example")):
            await redis.hset(redis_keys.SITES, site.domain, encode(site).decode())


def seen_now(site: int, visitor: int) -> View:
    return View(site, visitor, time.time_ns() // 1_000_000, "/", "", "Firefox", False)


async def killed_when(workers: Workers, begun: Callable[[], bool], *arguments: str) -> None:
    """Run the command and kill it with -9 once `begun` says so."""
    process = workers.command(*arguments)
    until = time.monotonic() + 60
    while not begun():
        assert process.poll() is None and time.monotonic() < until, process.communicate()
        await asyncio.sleep(0.02)
    process.kill()
    process.communicate(timeout=10)
    assert process.returncode == -signal.SIGKILL
    await asyncio.sleep(TTL_S)  # of the lease it held


def receipt_in(folder: Path) -> dict[str, Any]:
    (path,) = folder.glob("erasure-*.json")
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def assert_without(url: str, generation: int, views: list[View], erased: list[View]) -> None:
    """Every number is as if `erased` had never come; the ledger says how many they were."""
    want = Counts([view for view in views if view not in erased], ruled=False)
    kept_sites = {view.site for view in views if view not in erased}
    totals = [total for total in want.totals() if total[0] in kept_sites]
    assert ask(url, generation, TOTALS) == totals
    assert {(s, c): n for s, c, n in ask(url, generation, CHANNELS)} == want.channels
    for view in erased:
        want.outcomes[view.site, "erased"] += 1
    assert {(s, o): n for s, o, n in ask(url, generation, OUTCOMES)} == want.outcomes


def erased_hits(url: str, generation: int) -> dict[tuple[object, object], object]:
    return {(s, o): n for s, o, n in ask(url, generation, OUTCOMES) if o == "erased"}


async def erase_the_other_site(
    workers: Workers, url: str, views: list[View], theirs: list[View], folder: Path
) -> None:
    """All of site 2, what comes later as well; `theirs` of site 1 was erased before."""
    now = [seen_now(2, 9_001), seen_now(1, 9_002)]
    await write(workers.environment["KAFKA_BROKER"], now)
    views = [*views, *now]
    theirs = [*theirs, *(view for view in views if view.site == 2)]
    printed = await streams(workers, "erase", "--site", "two.example", "--receipts", str(folder))
    assert "Erased, and checked." in printed
    receipt = receipt_in(folder)
    number = receipt["generation"]
    assert (receipt["visitor_id"], receipt["live_counters"]) == ("", 0)
    assert_without(url, number, views, theirs)
    late = [seen_now(2, 9_003)]
    await write(workers.environment["KAFKA_BROKER"], late)
    want = Counter((view.site, "erased") for view in theirs + late)
    await settled(lambda: erased_hits(url, number), want)
    assert_without(url, number, views + late, theirs + late)
    assert "# erased: two.example, all of it" in await streams(workers, "rebuild", "--status")
    refused = await streams(workers, "erase", "--site", "two.exampel", status=1)
    assert "did you mean two.example" in refused


async def test_a_visitors_day_then_a_whole_site(
    workers: Workers, rollups_url: str, fresh_topics: str, redis_url: str, tmp_path: Path
) -> None:
    await publish_sites(redis_url)
    views = drawn(time.time_ns() // 1_000_000 - 3 * 3_600_000)
    visitor = next(view.visitor for view in views if view.site == 1 and not view.is_bot)
    theirs = [view for view in views if (view.site, view.visitor) == (1, visitor)]
    whose = ("--site", "one.example", "--visitor", hex(visitor))
    day = ("erase", *whose, "--receipts", str(tmp_path / "day"))
    with workers.supervised(1):
        await write(fresh_topics, views)
        await settled(lambda: ask(rollups_url, 1, TOTALS), Counts(views, False).totals())
        await streams(workers, "rebuild", "--no-switch")
        dry = await streams(workers, *day, "--dry-run")
        counted = sum(not view.is_bot for view in theirs)
        assert f"Generation 2 holds {counted} hits" in dry and "Nothing was changed" in dry

        def is_folding() -> bool:
            return bool(ask(rollups_url, 1, "SELECT 1 FROM generations WHERE number = 3"))

        await killed_when(workers, is_folding, *day)
        printed = await streams(workers, *day)
        assert "left by a rebuild that was killed, is removed" in printed
        assert "Erased, and checked." in printed
        receipt = receipt_in(tmp_path / "day")
        number = receipt["generation"]
        assert receipt["visitor_id"] == str(visitor)
        assert receipt["held_before"]["hits"] == counted
        assert receipt["held"].keys() == {str(number)}
        assert set(receipt["held"][str(number)].values()) == {0}
        assert receipt["checked"]["served_checksum"] == receipt["checked"]["folded_checksum"]
        assert receipt["checksum"] != receipt["checksum_before"]
        assert (await checksums(workers)).keys() == {number}, "no other generation is kept"
        assert_without(rollups_url, number, views, theirs)
        for table in ("hit_rows", "visit_rows"):
            assert ask(rollups_url, number, HELD.format(table, 1, visitor)) == [(0,)]

        # Whatever later rules say, and whoever folds.
        await streams(workers, "rebuild", "--rules", "none", "--no-switch")
        sums = await checksums(workers)
        assert len(set(sums.values())) == 1 and len(sums) == 2
        # Again, as after a kill behind the switch: nothing is folded anew but for the check.
        await streams(workers, *day[:-1], str(tmp_path / "again"))
        assert receipt_in(tmp_path / "again")["generation"] == number
        assert (await checksums(workers)).keys() == {number}

        await erase_the_other_site(workers, rollups_url, views, theirs, tmp_path / "site")


async def test_a_site_while_its_hits_come_in(
    workers: Workers, rollups_url: str, fresh_topics: str, redis_url: str, tmp_path: Path
) -> None:
    await publish_sites(redis_url)
    with workers.supervised(2):
        before = await write_hits(fresh_topics, 200, 20, 0)
        flowing = asyncio.create_task(write_hits(fresh_topics, 600, 20, 0.05, 10_000))
        printed = await streams(workers, "erase", "--site", "2", "--receipts", str(tmp_path))
        assert "Erased, and checked." in printed
        assert not flowing.done(), "the test is of an erasure beside traffic"
        before += await flowing
        number = receipt_in(tmp_path)["generation"]
        others = sorted((*cell, count) for cell, count in before.hits.items() if cell[0] != 2)
        assert await settled(lambda: sorted(ask(rollups_url, number, HITS)), others) == others
        erased = Counter[tuple[object, object]]()
        for (site, _, _), count in before.hits.items():
            erased[site, "erased"] += count if site == 2 else 0
        assert await settled(lambda: erased_hits(rollups_url, number), +erased) == +erased
