"""From 4 partitions to 8 while hits come in: no hit is lost, none counted twice."""

import asyncio
import signal

import pytest

from tests.integration.streams.commands import ask, streams
from tests.integration.streams.load import Load, write_hits
from tests.integration.streams.test_worker import settled
from tests.workers import Workers

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

HITS = (
    "SELECT site_id, toUInt32(minute) AS at, path, sum(hits) FROM hit_rows FINAL"
    " GROUP BY site_id, at, path"
)
VISITS = "SELECT sum(visits), sum(pageviews) FROM visit_rows FINAL"
VISITORS = (
    "SELECT toUInt64(sum(visitors)) FROM (SELECT uniqExactArray(visitor_ids) AS visitors"
    " FROM hit_rows FINAL GROUP BY site_id)"
)


def shards(load: Load, partitions: int) -> set[tuple[int, int, int]]:
    """(site, visitor, partition): the load chooses partitions as the collector does, by a hash."""
    return {(site, visitor, visitor % partitions) for site, visitor in load.visitors}


async def test_partitions_are_added_while_hits_come_in(
    workers: Workers, rollups_url: str, fresh_topics: str
) -> None:
    with workers.supervised(2):
        # Collectors know 4 until they are started again: this one's hits fall into the old ones.
        flowing = asyncio.create_task(write_hits(fresh_topics, 600, 20, 0.03))
        await asyncio.sleep(3)
        printed = await streams(workers, "partitions", "8")
        assert "hits: 4 -> 8 partitions" in printed
        assert "already" in await streams(workers, "partitions", "8")
        assert "takes none away" in await streams(workers, "partitions", "4", status=1)
        for worker in list(workers.running):
            worker.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(2)
        assert not flowing.done(), "the test is of traffic that flows meanwhile"
        first = await flowing
        second = await write_hits(fresh_topics, 400, 20, 0.005, 20_000)
        want = sorted((*cell, count) for cell, count in (first.hits + second.hits).items())
        assert await settled(lambda: sorted(ask(rollups_url, 1, HITS)), want) == want
        assert ask(rollups_url, 1, VISITORS) == [(len(first.visitors | second.visitors),)]
        # A visit whose visitor moved goes on as another one, those of the others as they were.
        visits = len(shards(first, 4) | shards(second, 8))
        assert len(first.visitors | second.visitors) < visits
        assert await settled(lambda: ask(rollups_url, 1, VISITS), [(visits, 20_000)]) == [
            (visits, 20_000)
        ]
        # The rebuild sees the same shards.
        assert "8 shards" in await streams(workers, "rebuild")
        assert sorted(ask(rollups_url, 2, HITS)) == want
        assert ask(rollups_url, 2, VISITS) == [(visits, 20_000)]
