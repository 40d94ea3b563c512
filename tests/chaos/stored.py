"""What ClickHouse and Redis hold, in the shape of the oracle's counts."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import redis
from clickhouse_driver import Client

from schemas import redis_keys
from schemas.live import decode_live
from tests.chaos.oracle import Cell, Counts, LiveBucket, LiveMinute, Measure

# Grain: one row for (site, minute, name, path).
_HITS: Final = """
SELECT site_id, toUInt32(minute), name, path, sum(hits)
FROM hit_rows FINAL GROUP BY site_id, minute, name, path
"""
_VISITORS: Final = """
SELECT site_id, uniqExactArray(visitor_ids), sum(arraySum(session_engaged_ms))
FROM hit_rows FINAL GROUP BY site_id
"""
_VISITS: Final = """
SELECT site_id, sum(visits), sum(bounces), sum(pageviews), sum(events)
FROM visit_rows FINAL GROUP BY site_id
"""
_LEDGER: Final = "SELECT sum(hits) FROM ledger_rows FINAL"


class Rollups:
    """ClickHouse, asked anew after each error. Blocking; one thread at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Client | None = None

    def _rows(self, question: str) -> list[tuple[Any, ...]]:
        """Raises whatever the driver does while the server is away."""
        if self._client is None:
            self._client = Client.from_url(f"{self._url}?connect_timeout=2&send_receive_timeout=10")
        try:
            rows: list[tuple[Any, ...]] = self._client.execute(question)
        except BaseException:
            self.close()
            raise
        return rows

    def close(self) -> None:
        if self._client is not None:
            self._client.disconnect()
            self._client = None

    def ledger(self) -> int:
        """Hits of the log whose outcome is stored."""
        return int(self._rows(_LEDGER)[0][0])

    def counts(self) -> Counts:
        """The rollups; a measure that is 0 is left out."""
        found: Counts = Counter()
        for site_id, minute, name, path, hits in self._rows(_HITS):
            found[Cell(site_id, minute, name, path)] = hits
        for site_id, visitors, engaged_ms in self._rows(_VISITORS):
            found[Measure(site_id, "visitors")] = visitors
            found[Measure(site_id, "engaged ms")] = engaged_ms
        for site_id, *values in self._rows(_VISITS):
            names = ("visits", "bounces", "visit pageviews", "visit events")
            for name, value in zip(names, values, strict=True):
                found[Measure(site_id, name)] = value
        return found


def live_counts(url: str, site_ids: Iterable[int]) -> Counts:
    """The live counters. Blocking. Raises `redis.RedisError`."""
    found: Counts = Counter()
    with redis.Redis.from_url(url, socket_timeout=5) as client:
        for site_id in site_ids:
            shards: dict[bytes, bytes] = client.hgetall(redis_keys.live(site_id))
            for shard in map(decode_live, shards.values()):
                for minute, pageviews, _ in shard.minutes:
                    found[LiveMinute(site_id, minute)] += pageviews
                for at_s, visitors in shard.last_seen:
                    found[LiveBucket(site_id, at_s)] += visitors
    return found


def since(counts: Counts, from_s: int) -> Counts:
    """Of live counts, the minutes and buckets that begin at or after `from_s`."""
    return Counter(
        {
            key: n
            for key, n in counts.items()
            if (isinstance(key, LiveMinute) and key.minute >= from_s)
            or (isinstance(key, LiveBucket) and key.at_s >= from_s)
        }
    )
