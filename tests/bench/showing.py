"""From a hit to its live counter in Redis, through the worker, at the pace of real time.

A hit is shown when its site has been announced as changed and the counters of its partition there
are of its offset or a later one: what a dashboard waits for before it draws.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Final

import redis.asyncio

from aggregates.redis.mirror import RedisMirror
from schemas import redis_keys
from streams.settings import Settings
from tests.bench.results import Result, at_most, percentile, result
from tests.bench.run import Bench, pipeline
from tests.bench.sending import Sent, send
from tests.bench.workloads import PLAIN, Workload

PARTITIONS: Final = 4
HITS_PER_S: Final = 2_000
SECONDS: Final = 12.0
SECONDS_QUICK: Final = 6.0
WARM_S: Final = 2.0  # of these: the worker's first records are not counted
LAST_S: Final = 10.0  # the last hits must be shown within this


class Waiting:
    """Hits that the broker has and Redis does not show yet."""

    def __init__(self) -> None:
        self.waits: list[tuple[float, float, int]] = []  # sent_s, seconds until shown, hits
        self._sent: defaultdict[tuple[int, int], deque[Sent]] = defaultdict(deque)
        self._applied: dict[tuple[int, int], int] = {}

    def sent(self, record: Sent) -> None:
        """Each of its sites waits, unless the answer of Redis was faster than the broker's."""
        for site_id in record.hits:
            at = site_id, record.partition
            self._sent[at].append(record)
            if self._applied.get(at, -1) >= record.offset:
                self.shown(site_id, record.partition, self._applied[at], time.monotonic())

    def shown(self, site_id: int, partition: int, applied: int, now_s: float) -> None:
        """Redis has, for that site, what `partition` is up to the offset `applied`."""
        at = site_id, partition
        self._applied[at] = max(applied, self._applied.get(at, -1))
        waiting = self._sent[at]
        while waiting and waiting[0].offset <= applied:
            record = waiting.popleft()
            self.waits.append((record.sent_s, now_s - record.sent_s, record.hits[site_id]))

    def __str__(self) -> str:
        """Of each (site, partition) that waits: how many records."""
        return str({at: len(records) for at, records in self._sent.items() if records})

    @property
    def is_empty(self) -> bool:
        return not any(self._sent.values())


def run(bench: Bench) -> Iterator[Result]:
    """Percentiles are of hits, not of records."""
    seconds = bench.of(SECONDS, SECONDS_QUICK)
    with pipeline(bench, "redis", PARTITIONS) as found:
        found.workers.wait_ready(found.workers.start())
        bench.say(f"redis: {HITS_PER_S:,} hits a second for {seconds:.0f} s")
        waits = asyncio.run(waited(found.settings, PLAIN.at_pace(HITS_PER_S), seconds))
    first_s = waits[0][0] + WARM_S
    counted = [(wait_s * 1000, hits) for sent_s, wait_s, hits in waits if sent_s >= first_s]
    last_s = max(sent_s for sent_s, _, _ in waits)
    sent = sum(hits for _, hits in counted)
    yield result("redis.sent", sent / (last_s - first_s), "hit/s")
    yield result("redis.p50", percentile(counted, 0.5), "ms")
    yield result("redis.p99", percentile(counted, 0.99), "ms", target=at_most(300))
    yield result("redis.longest", percentile(counted, 1), "ms")


async def waited(
    settings: Settings, workload: Workload, seconds: float
) -> list[tuple[float, float, int]]:
    """(when sent, seconds until shown, hits), oldest first. Raises TimeoutError if any is lost."""
    waiting = Waiting()
    async with redis.asyncio.Redis.from_url(settings.redis_url).pubsub() as channel:
        await channel.subscribe(redis_keys.LIVE_CHANGED)
        looking = asyncio.create_task(_look(settings, channel, waiting))
        try:
            await send(settings, workload, seconds, waiting.sent, seed=1)
            last_s = time.monotonic() + LAST_S
            while not waiting.is_empty:
                if looking.done():
                    looking.result()
                if time.monotonic() > last_s:
                    raise TimeoutError(f"not shown within {LAST_S:.0f} s: {waiting}")
                await asyncio.sleep(0.05)
        finally:
            looking.cancel()
    return sorted(waiting.waits)


async def _look(settings: Settings, channel: redis.asyncio.client.PubSub, waiting: Waiting) -> None:
    """Read the counters of every site that is announced."""
    mirror = RedisMirror(settings.redis_url)
    async for message in channel.listen():
        if message["type"] == "message":
            site_id = int(message["data"])
            counters = await mirror.read(site_id)
            now_s = time.monotonic()
            for partition, value in counters.items():
                waiting.shown(site_id, partition, value.applied, now_s)
