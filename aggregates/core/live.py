"""Live activity of a site: the last 30 minutes, and who was last seen when, on which page.

    visitor:      A lands on /      B lands on /x      A goes to /x
    last seen:    10:00:00 {A: /}   10:00:20 {B: /x}   10:00:40 {A: /x}; 10:00:00 {}

A visitor stands in one bucket of 10 seconds, the one of their last hit, so "visitors of the last 5
minutes" is a sum over buckets that decays by itself as the reader's clock moves on.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from sys import intern

from aggregates.core.cells import Audience, LiveBucket, LiveMinute, Session
from aggregates.core.limits import LIVE_NAMES, LIVE_NAMES_MAX, OTHER
from aggregates.core.state import LiveActivity, ShardState
from aggregates.core.turns import Place, Turn
from aggregates.core.visits import PACKED_KEPT_MAX, unpack_visit
from schemas.events import Hit, Kind
from schemas.live import BUCKET_S, CURRENT_S, HISTORY_S, TOP_COUNT_MAX, LiveShard

_PAGEVIEW = Kind.PAGEVIEW
_OTHERS: Audience = (OTHER, OTHER, OTHER)


def touch(turn: Turn, place: Place, session: Session, hit: Hit) -> None:
    """Count one hit of the live clock."""
    activity = place.activity
    if activity is None:
        activity = place.activity = _activity(turn, place)
    minute = place.live_minute
    if minute is None:
        minute = place.live_minute = activity.minutes.setdefault(place.minute, LiveMinute())
    is_pageview = hit.kind is _PAGEVIEW
    if is_pageview:
        minute.pageviews += 1
    if place.minute > session.live_minute:
        session.live_minute = place.minute
        minute.visitors += 1
    at_s = hit.at_ms // 1000
    bucket_start = at_s // BUCKET_S * BUCKET_S
    if bucket_start < session.live_bucket:
        return  # out of order: they were seen later than this
    page = hit.path if is_pageview or not session.live_page else session.live_page
    bucket = session.bucket
    if bucket is not None and bucket_start == session.live_bucket:
        if page != session.live_page:
            _lower_page(bucket, session.live_page)
            _raise_page(turn, bucket, page)
            session.live_page = intern(page)
        return
    audience = _audience(session.key[2])
    if bucket is not None:
        bucket.visitors -= 1
        _lower_page(bucket, session.live_page)
        _lower_audience(bucket, audience)
    bucket = activity.buckets.get(bucket_start)
    if bucket is None:
        bucket = activity.buckets[bucket_start] = LiveBucket()
    session.bucket, session.live_bucket, session.live_page = bucket, bucket_start, intern(page)
    bucket.visitors += 1
    _raise_page(turn, bucket, page)
    _raise_audience(turn, bucket, audience)


def _activity(turn: Turn, place: Place) -> LiveActivity:
    """What is live of the place's site; from now on it is unwritten."""
    site_id = place.at[1]
    turn.shard.live_sites[site_id] = None
    live = turn.shard.state.live
    activity = live.get(site_id)
    if activity is None:
        activity = live[site_id] = LiveActivity()
    return activity


@lru_cache(maxsize=PACKED_KEPT_MAX)
def _audience(packed: bytes) -> Audience:
    visit = unpack_visit(packed)
    return (visit.source, visit.country, visit.device)


def _raise_page(turn: Turn, bucket: LiveBucket, page: str) -> None:
    pages = bucket.pages
    count = pages.get(page, 0)
    if not count and len(pages) >= LIVE_NAMES_MAX:
        turn.limited(LIVE_NAMES)
        page = OTHER
        count = pages.get(page, 0)
    pages[page] = count + 1


def _lower_page(bucket: LiveBucket, page: str) -> None:
    pages = bucket.pages
    count = pages.get(page, 0)
    if not count:  # the bucket was full when it came
        page = OTHER
        count = pages.get(page, 0)
    if count > 1:
        pages[page] = count - 1
    elif count:
        del pages[page]


def _raise_audience(turn: Turn, bucket: LiveBucket, audience: Audience) -> None:
    audiences = bucket.audiences
    count = audiences.get(audience, 0)
    if not count and len(audiences) >= LIVE_NAMES_MAX:
        turn.limited(LIVE_NAMES)
        audience = _OTHERS
        count = audiences.get(audience, 0)
    audiences[audience] = count + 1


def _lower_audience(bucket: LiveBucket, audience: Audience) -> None:
    audiences = bucket.audiences
    count = audiences.get(audience, 0)
    if not count:
        audience = _OTHERS
        count = audiences.get(audience, 0)
    if count > 1:
        audiences[audience] = count - 1
    elif count:
        del audiences[audience]


def forget_all(turn: Turn) -> None:
    """Drop what is older than the history, of every site; a site without any activity goes."""
    shard = turn.shard
    oldest_s = turn.clock.watermark_ms // 1000 - HISTORY_S
    for site_id in list(shard.state.live):
        activity = shard.state.live[site_id]
        if _forget(activity, oldest_s):
            shard.live_sites[site_id] = None
        if not activity.minutes and not activity.buckets:
            del shard.state.live[site_id]


def _forget(activity: LiveActivity, oldest_s: int) -> bool:
    """Returns whether anything was dropped."""
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
    pages: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    devices: Counter[str] = Counter()
    for at, bucket in activity.buckets.items():
        if at <= recent_s:
            continue
        pages.update(bucket.pages)
        for (source, country, device), count in bucket.audiences.items():
            sources[source] += count
            countries[country] += count
            devices[device] += count
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
        pages=_top(pages),
        sources=_top(sources),
        countries=_top(countries),
        devices=_top(devices),
    )


def _top(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """The names with most visitors; names of equal count in order, so that replays agree."""
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP_COUNT_MAX])
