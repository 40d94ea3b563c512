"""The oracle's numbers against those the models of the servers ended with."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TypeVar

from tests.simulation.faults import Violation
from tests.simulation.kafka import Kafka
from tests.simulation.oracle import LIVE_S, Oracle, Visit
from tests.simulation.stores import ClickHouse, Redis

K = TypeVar("K")
DIFFERENCES_MAX = 6


def same(what: str, got: Mapping[K, object], want: Mapping[K, object]) -> None:
    """Raises Violation naming the first keys that differ."""
    wrong = [key for key in {**want, **got} if (got.get(key) or 0) != (want.get(key) or 0)]
    if wrong:
        lines = [f"  {k}: {got.get(k)}, not {want.get(k)}" for k in wrong[:DIFFERENCES_MAX]]
        raise Violation(f"{what}: {len(wrong)} differ\n" + "\n".join(lines))


def check_rollups(clickhouse: ClickHouse, oracle: Oracle, bounded: bool) -> None:
    """Every question the rollups answer; when small bounds have bitten, the totals."""
    hits: Counter[tuple[int, int, str, str]] = Counter()
    visitors: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in clickhouse.hits.values():
        hits[row.site_id, row.minute, row.name, row.path] += row.hits
        if row.hits != sum(row.session_hits):
            raise Violation(f"a row's hits are not the sum of its sessions': {row}")
        visitors[row.site_id, row.minute].update(row.visitor_ids)
    want_hits = oracle.hits
    if bounded:
        hits, want_hits = _without_names(hits), _without_names(want_hits)
    ledger: Counter[tuple[int, int, str]] = Counter()
    for entry in clickhouse.ledger.values():
        ledger[entry.site_id, entry.minute, entry.outcome] += entry.hits
    same("ledger (site, minute, outcome)", ledger, oracle.ledger)
    same("hits (site, minute, name, path)", hits, want_hits)
    same("visitors (site, minute)", visitors, oracle.visitors)
    same(
        "visits (site, minute, entry page, exit page, bounced, seconds, pageviews, events)",
        _visits(clickhouse, bounded),
        Counter(_facts(visit, bounded) for visit in oracle.visits),
    )


def _without_names(hits: Counter[tuple[int, int, str, str]]) -> Counter[tuple[int, int, str, str]]:
    totals: Counter[tuple[int, int, str, str]] = Counter()
    for (site_id, minute, name, _), count in hits.items():
        kind = name if name in ("pageview", "engagement") else "event"
        totals[site_id, minute, kind, ""] += count
    return totals


def _visits(clickhouse: ClickHouse, bounded: bool) -> Counter[tuple[object, ...]]:
    visits: Counter[tuple[object, ...]] = Counter()
    for row in clickhouse.visits.values():
        if row.visits != len(row.session_ids) or row.bounces != sum(row.session_bounced):
            raise Violation(f"a row's totals are not those of its visits: {row}")
        entry = "" if bounded else row.entry_page
        parts = zip(
            row.session_exit_pages, row.session_bounced, row.session_durations_s,
            row.session_pageviews, row.session_events, strict=True,
        )  # fmt: skip
        for part in parts:
            visits[row.site_id, row.minute, entry, *part] += 1
    return visits


def _facts(visit: Visit, bounded: bool) -> tuple[object, ...]:
    entry = visit.pages[0] if visit.pages and not bounded else ""
    return (
        visit.site_id, visit.started_ms // 60_000 * 60, entry, visit.exit_page,
        int(visit.bounced), visit.duration_s, len(visit.pages), visit.events,
    )  # fmt: skip


def check_live(redis: Redis, oracle: Oracle) -> None:
    """What dashboards read, a while after the last hit."""
    for partition, live_ms in oracle.live_ms.items():
        oldest_s = live_ms // 1000 - LIVE_S
        got: Counter[tuple[str, int, int]] = Counter()
        for site_id, shards in redis.live.items():
            if partition in shards:
                for minute, pageviews, _ in shards[partition].minutes:
                    got["pageviews", site_id, minute] = pageviews
                for bucket, visitors in shards[partition].last_seen:
                    got["last seen", site_id, bucket] = visitors
        want: Counter[tuple[str, int, int]] = Counter()
        for (shard, site_id, minute), pageviews in oracle.live_pageviews.items():
            if shard == partition:
                want["pageviews", site_id, minute] = pageviews
        for visit in oracle.live_visits[partition]:
            want["last seen", visit.site_id, visit.seen_ms // 10_000 * 10] += 1
        same(
            f"live counters of partition {partition}",
            {key: count for key, count in got.items() if key[2] > oldest_s},
            {key: count for key, count in want.items() if key[2] > oldest_s},
        )


def check_minutes(kafka: Kafka, oracle: Oracle) -> None:
    """Once every minute has closed."""
    got: Counter[tuple[int, int]] = Counter()
    for minute in kafka.site_minutes.values():
        got[minute.site_id, minute.minute] += minute.pageviews
    same("closed minutes (site, minute)", got, oracle.minutes)


def check_letters(kafka: Kafka, oracle: Oracle) -> None:
    same("dead letters", dict.fromkeys(kafka.letters, 1), dict.fromkeys(oracle.letters, 1))
