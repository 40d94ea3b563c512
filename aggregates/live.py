"""What a dashboard shows of the live counters: shards added up, as of a moment.

    now = 12:05:00    last_seen: 11:59:50 -> 4, 12:00:00 -> 1, 12:00:10 -> 2
                      the visitors of 12:00:10 alone were seen after 12:00:00: current = 2
    now = 12:06:00    nothing was written since: current = 0

Visitors are disjoint between shards, so every number of a site is a plain sum.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.live import CURRENT_S, HISTORY_S, TOP_COUNT_MAX, LiveShard


@dataclass(frozen=True, slots=True)
class LiveMinute:
    """One bar of the strip. `visitors` had a hit in this minute."""

    minute: int  # epoch seconds of its start
    pageviews: int
    visitors: int


Top = tuple[tuple[str, int], ...]  # (name, current visitors), most first


@dataclass(frozen=True, slots=True)
class LiveView:
    """A site at `now_s`; nothing in it is older than 30 minutes."""

    now_s: int
    current: int  # visitors last seen in the last 5 minutes
    last_30m: int  # visitors last seen in the last 30 minutes
    minutes: tuple[LiveMinute, ...]  # 30 of them, oldest first; the last one is still going on
    pages: Top
    sources: Top
    countries: Top
    devices: Top


def summarize(shards: Mapping[int, LiveShard], now_s: int) -> LiveView:
    """The view at `now_s` (the reader's clock, epoch seconds) of a site's counters by shard.

    The tops are of the visitors that were current when a shard was last written; a shard where
    nobody is any more adds nothing to them.
    """
    parts = shards.values()
    awake = [shard for shard in parts if _seen_after(shard, now_s - CURRENT_S)]
    return LiveView(
        now_s=now_s,
        current=sum(_seen_after(shard, now_s - CURRENT_S) for shard in awake),
        last_30m=sum(_seen_after(shard, now_s - HISTORY_S) for shard in parts),
        minutes=_minutes(parts, now_s),
        pages=_top(shard.pages for shard in awake),
        sources=_top(shard.sources for shard in awake),
        countries=_top(shard.countries for shard in awake),
        devices=_top(shard.devices for shard in awake),
    )


def _seen_after(shard: LiveShard, at_s: int) -> int:
    return sum(visitors for bucket_start, visitors in shard.last_seen if bucket_start > at_s)


def _minutes(shards: Iterable[LiveShard], now_s: int) -> tuple[LiveMinute, ...]:
    pageviews: Counter[int] = Counter()
    visitors: Counter[int] = Counter()
    for shard in shards:
        for minute, minute_pageviews, minute_visitors in shard.minutes:
            pageviews[minute] += minute_pageviews
            visitors[minute] += minute_visitors
    end = now_s // 60 * 60 + 60
    return tuple(
        LiveMinute(minute, pageviews[minute], visitors[minute])
        for minute in range(end - HISTORY_S, end, 60)
    )


def _top(parts: Iterable[Top]) -> Top:
    counts: Counter[str] = Counter()
    for part in parts:
        for name, visitors in part:
            counts[name] += visitors
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ordered[:TOP_COUNT_MAX])
