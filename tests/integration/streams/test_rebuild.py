"""A rebuild beside real workers, with traffic flowing: exact in every generation."""

import asyncio
import re
import signal
import time

import pytest

from aggregates.clickhouse.reader import Reader
from streams.rebuild.lease import TTL_S
from tests.integration.streams.commands import ask, checksums, streams
from tests.integration.streams.load import Load, write_hits
from tests.integration.streams.test_worker import settled
from tests.workers import Workers

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

HITS = (
    "SELECT site_id, toUInt32(minute) AS at, path, sum(hits) FROM hit_rows FINAL"
    " GROUP BY site_id, at, path"
)
VISITS = "SELECT sum(visits), sum(pageviews) FROM visit_rows FINAL"


async def assert_exact(url: str, generation: int, *loads: Load) -> None:
    """Each hit and visit once, in this generation."""
    want = sorted(sum((load.hits for load in loads), start=type(loads[0].hits)()).items())
    hits = [(*cell, count) for cell, count in want]
    assert await settled(lambda: sorted(ask(url, generation, HITS)), hits) == hits
    visitors = set().union(*(load.visitors for load in loads))
    visits = [(len(visitors), sum(count for _, count in want))]
    assert await settled(lambda: ask(url, generation, VISITS), visits) == visits


async def test_a_rebuild_beside_traffic_back_and_drop(
    workers: Workers, rollups_url: str, fresh_topics: str
) -> None:
    reader = Reader(rollups_url)
    with workers.supervised(2):
        first = await write_hits(fresh_topics, 200, 20, 0)
        await assert_exact(rollups_url, 1, first)
        flowing = asyncio.create_task(write_hits(fresh_topics, 900, 20, 0.03, 10_000))
        printed = await streams(workers, "rebuild", "--processes", "2")
        assert "Generation 2 is served now" in printed
        assert "All 4 shards are of generation 2" in printed
        assert not flowing.done(), "the test is of a rebuild beside traffic"
        second = await flowing
        await assert_exact(rollups_url, 2, first, second)
        assert reader.read("SELECT sum(hits) FROM hit_rows FINAL", {}) == [
            (sum(first.hits.values()) + sum(second.hits.values()),)
        ]
        # What workers went on with from the rebuild's snapshots is what the whole log comes to.
        assert "Generation 3 is ready" in await streams(workers, "rebuild", "--no-switch")
        sums = await checksums(workers)
        assert sums.keys() == {1, 2, 3}
        assert sums[2] == sums[3] != sums[1]
        flowing = asyncio.create_task(write_hits(fresh_topics, 300, 20, 0.03, 50_000))
        assert "Generation 1 is served now" in await streams(workers, "rebuild", "--back")
        third = await flowing
        await assert_exact(rollups_url, 1, first, second, third)
        await streams(workers, "rebuild", "--no-switch")
        sums = await checksums(workers)
        assert sums[1] == sums[4], "what was behind has caught up from its own snapshots"
        assert "is served" in await streams(workers, "rebuild", "--drop", "1", status=1)
        await streams(workers, "rebuild", "--drop", "2")
        databases = {name for (name,) in ask(rollups_url, 1, "SHOW DATABASES")}
        base = rollups_url.rpartition("/")[2]
        assert f"{base}_g2" not in databases and f"{base}_g3" in databases
        assert (await checksums(workers)).keys() == {1, 3, 4}
    reader.close()


async def test_a_rebuild_that_is_killed_changes_nothing(
    workers: Workers, rollups_url: str, fresh_topics: str
) -> None:
    with workers.supervised(1):
        load = await write_hits(fresh_topics, 2_000, 100, 0)
        await assert_exact(rollups_url, 1, load)
        rebuild = workers.command("rebuild", "--processes", "1")
        until = time.monotonic() + 30
        while not ask(rollups_url, 1, "SELECT number FROM generations WHERE number = 2"):
            assert time.monotonic() < until, "no generation was begun"
            await asyncio.sleep(0.05)
        rebuild.kill()
        rebuild.communicate(timeout=10)
        assert rebuild.returncode == -signal.SIGKILL
        assert "another rebuild runs" in await streams(workers, "rebuild", status=1)
        printed = await streams(workers, "rebuild", "--status")
        assert re.search(r"1\W+served", printed)
        assert re.search(r"2\W+building", printed)
        await asyncio.sleep(TTL_S)
        printed = await streams(workers, "rebuild", "--dry-run")
        assert "Generation 2, left by a rebuild that was killed, is removed" in printed
        assert re.search(r"\b0 of \d+ days of sites would change", printed)
        assert (await checksums(workers)).keys() == {1}
        databases = {str(name) for (name,) in ask(rollups_url, 1, "SHOW DATABASES")}
        assert not [
            name for name in databases if name.startswith(rollups_url.split("/")[-1] + "_g")
        ]
        await assert_exact(rollups_url, 1, load)
