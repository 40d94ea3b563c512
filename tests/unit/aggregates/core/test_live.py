"""Live activity of one site, by the log's time."""

from aggregates.core.fold import fold
from aggregates.core.live import live_counters
from aggregates.core.state import LIVE_CLOCK, Shard, ShardState
from schemas.events import Batch, Hit
from schemas.live import CURRENT_S, LiveShard
from tests.unit.aggregates.core.hits import NOW_MS, at, batch, engagement, pageview, tick


def counters(*records: Hit | Batch) -> LiveShard:
    shard = Shard(ShardState(shard=0))
    for offset, record in enumerate(records):
        fold(shard, offset, record if isinstance(record, Batch) else batch(record), NOW_MS)
    return live_counters(shard.state, 1, shard.state.clocks[LIVE_CLOCK].watermark_ms)


def test_a_visitor_stands_where_they_were_last_seen() -> None:
    # A: / at 0:00, /x at 0:40   B: /x at 0:20
    live = counters(pageview(0, 1, "/"), pageview(20 / 60, 2, "/x"), pageview(40 / 60, 1, "/x"))
    start = at(0) // 1000
    assert live.last_seen == ((start + 20, 1), (start + 40, 1))
    assert live.pages == (("/x", 2),)
    assert live.minutes == ((start, 3, 2),)


def test_engagement_keeps_a_visitor_present_on_their_page() -> None:
    live = counters(pageview(0, 1, "/a"), engagement(4, 1, "/elsewhere"))
    assert live.last_seen == ((at(4) // 1000, 1),)
    assert live.pages == (("/a", 1),)
    assert live.minutes == ((at(0) // 1000, 1, 1), (at(4) // 1000, 0, 1))


def test_tops_are_of_those_present_now() -> None:
    live = counters(pageview(0, 1, "/gone"), pageview(10, 2, "/here"))
    assert live.pages == (("/here", 1),)
    assert sum(n for start, n in live.last_seen if start > at(10) / 1000 - CURRENT_S) == 1
    assert sum(n for _, n in live.last_seen) == 2


def test_what_is_older_than_half_an_hour_is_forgotten() -> None:
    live = counters(pageview(0, 1), pageview(20, 2), tick(45))
    assert [visitors for _, visitors in live.last_seen] == [1]
    assert [minute for minute, *_ in live.minutes] == [at(20) // 1000]


def test_bots_imports_and_retries_are_not_present() -> None:
    hit = pageview(0, 1, "/")
    live = counters(
        hit, hit, pageview(0, 2, left_out="bot"), pageview(0, 3, import_name="log"),
    )  # fmt: skip
    assert live.last_seen == ((at(0) // 1000, 1),)
    assert live.minutes == ((at(0) // 1000, 1, 1),)


def test_a_hit_out_of_order_moves_nobody_back() -> None:
    live = counters(pageview(3, 1, "/b"), pageview(1, 1, "/a", received_at_ms=at(3)))
    assert live.last_seen == ((at(3) // 1000, 1),)
    assert live.pages == (("/b", 1),)
    assert live.minutes == ((at(1) // 1000, 1, 0), (at(3) // 1000, 1, 1))
