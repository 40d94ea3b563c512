"""Live activity of a site: the last 30 minutes, and who was last seen when, on which page.

    visitor:      A lands on /      B lands on /x      A goes to /x
    last seen:    10:00:00 {A: /}   10:00:20 {B: /x}   10:00:40 {A: /x}; 10:00:00 {}

A visitor stands in one bucket of 10 seconds, the one of their last hit, so "visitors of the last 5
minutes" is a sum over buckets that decays by itself as the reader's clock moves on.
"""

from collections import Counter

from aggregates.core.state import LiveActivity, LiveBucket, LiveMinute, Session, ShardState
from schemas.events import Hit, Kind
from schemas.live import BUCKET_S, CURRENT_S, HISTORY_S, TOP_COUNT_MAX, LiveShard


def touch(activity: LiveActivity, session: Session, hit: Hit) -> None:
    """Count one hit of the live clock."""
    at_s = hit.at_ms // 1000
    at_minute = at_s // 60 * 60
    minute = activity.minutes.setdefault(at_minute, LiveMinute())
    minute.pageviews += hit.kind is Kind.PAGEVIEW
    if at_minute > session.live_minute:
        session.live_minute = at_minute
        minute.visitors += 1
    bucket_start = at_s // BUCKET_S * BUCKET_S
    if bucket_start < session.live_bucket:
        return  # out of order: they were seen later than this
    if session.live_bucket in activity.buckets:
        _count(activity.buckets[session.live_bucket], session, -1)
    session.live_bucket = bucket_start
    if hit.kind is Kind.PAGEVIEW or not session.live_page:
        session.live_page = hit.path
    _count(activity.buckets.setdefault(bucket_start, LiveBucket()), session, 1)


def _count(bucket: LiveBucket, session: Session, by: int) -> None:
    visit = session.key.visit
    bucket.visitors += by
    for counts, name in (
        (bucket.pages, session.live_page),
        (bucket.sources, visit.source),
        (bucket.countries, visit.country),
        (bucket.devices, visit.device),
    ):
        left = counts.get(name, 0) + by
        if left:
            counts[name] = left
        else:
            del counts[name]


def forget(activity: LiveActivity, watermark_ms: int) -> bool:
    """Drop what is older than the history. Returns whether anything was dropped."""
    oldest_s = watermark_ms // 1000 - HISTORY_S
    minutes = [at for at in activity.minutes if at + 60 <= oldest_s]
    buckets = [at for at in activity.buckets if at + BUCKET_S <= oldest_s]
    for at in minutes:
        del activity.minutes[at]
    for at in buckets:
        del activity.buckets[at]
    return bool(minutes or buckets)


def live_counters(state: ShardState, site_id: int, watermark_ms: int) -> LiveShard:
    """What the readers get of one site; empty for a site that has gone quiet."""
    activity = state.live.get(site_id) or LiveActivity()
    recent_s = watermark_ms // 1000 - CURRENT_S
    recent = [bucket for at, bucket in activity.buckets.items() if at > recent_s]
    return LiveShard(
        applied=state.applied,
        minutes=tuple(
            (at, minute.pageviews, minute.visitors)
            for at, minute in sorted(activity.minutes.items())
        ),
        last_seen=tuple(
            (at, bucket.visitors)
            for at, bucket in sorted(activity.buckets.items())
            if bucket.visitors
        ),
        pages=_top([bucket.pages for bucket in recent]),
        sources=_top([bucket.sources for bucket in recent]),
        countries=_top([bucket.countries for bucket in recent]),
        devices=_top([bucket.devices for bucket in recent]),
    )


def _top(parts: list[dict[str, int]]) -> tuple[tuple[str, int], ...]:
    """The names with most visitors; names of equal count in order, so that replays agree."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return tuple(sorted(total.items(), key=lambda item: (-item[1], item[0]))[:TOP_COUNT_MAX])
