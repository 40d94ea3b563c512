"""The live view from drawn timelines: shards added up, and numbers that decay with the clock."""

from hypothesis import given
from hypothesis import strategies as st

from aggregates.live import LiveMinute, summarize
from schemas.live import CURRENT_S, HISTORY_S, LiveShard

NOON = 1_700_049_600


def shard(
    last_seen: dict[int, int] | None = None,
    minutes: dict[int, tuple[int, int]] | None = None,
    pages: tuple[tuple[str, int], ...] = (),
) -> LiveShard:
    """A shard by seconds before noon."""
    return LiveShard(
        applied=1,
        minutes=tuple((NOON - ago, *counts) for ago, counts in (minutes or {}).items()),
        last_seen=tuple((NOON - ago, visitors) for ago, visitors in (last_seen or {}).items()),
        pages=pages,
        sources=pages,
        countries=pages,
        devices=pages,
    )


def test_nothing_is_known() -> None:
    view = summarize({}, NOON)
    assert (view.current, view.last_30m, view.pages) == (0, 0, ())
    assert len(view.minutes) == 30
    assert {(minute.pageviews, minute.visitors) for minute in view.minutes} == {(0, 0)}


def test_the_number_decays_with_no_further_write() -> None:
    #   now:        12:00   12:02   12:04:50   12:05   12:30
    #   3 at 12:00  3       3       3          0       0
    #   4 at 11:57  4       0       0          0       0
    shards = {0: shard({0: 3, 180: 4})}
    ages = [0, 119, 120, 299, 300]
    assert [summarize(shards, NOON + age).current for age in ages] == [7, 7, 3, 3, 0]
    later = [300, 1_619, 1_620, 1_799, 1_800]
    assert [summarize(shards, NOON + age).last_30m for age in later] == [7, 7, 3, 3, 0]


def test_shards_add_up() -> None:
    view = summarize(
        {
            0: shard({10: 2}, {0: (5, 2), 60: (1, 1)}, (("/", 2), ("/a", 1))),
            2: shard({20: 3}, {0: (4, 3)}, (("/a", 3),)),
        },
        NOON + 5,
    )
    assert view.current == 5
    assert view.minutes[-2:] == (LiveMinute(NOON - 60, 1, 1), LiveMinute(NOON, 9, 5))
    assert view.pages == view.devices == (("/a", 4), ("/", 2))


def test_a_shard_where_nobody_is_any_more_adds_nothing_to_the_tops() -> None:
    shards = {0: shard({0: 2}, pages=(("/", 2),)), 1: shard({400: 5}, pages=(("/old", 5),))}
    assert summarize(shards, NOON).pages == (("/", 2),)


def test_a_top_has_ten_names_ties_in_order_of_name() -> None:
    pages = tuple((f"/{n}", 1) for n in range(15, 0, -1))
    view = summarize({0: shard({0: 15}, pages=pages)}, NOON)
    assert view.pages == tuple(sorted(pages)[:10])


def test_the_strip_is_thirty_minutes_ending_with_the_one_going_on() -> None:
    #   11:30  11:31 ... 12:00 (now 12:00:59)      11:30 is out
    view = summarize({0: shard(minutes={1_800: (9, 9), 1_740: (1, 1), 0: (2, 2)})}, NOON + 59)
    assert [minute.minute for minute in view.minutes] == list(range(NOON - 1_740, NOON + 1, 60))
    assert view.minutes[0] == LiveMinute(NOON - 1_740, 1, 1)
    assert sum(minute.pageviews for minute in view.minutes) == 3


@given(
    st.lists(st.dictionaries(st.integers(0, 200).map(lambda n: n * 10), st.integers(1, 9))),
    st.integers(0, 4_000),
)
def test_current_is_the_sum_of_recent_buckets(parts: list[dict[int, int]], age: int) -> None:
    now = NOON + age
    view = summarize({index: shard(part) for index, part in enumerate(parts)}, now)
    seen = [(NOON - ago, count) for part in parts for ago, count in part.items()]
    assert view.current == sum(count for at, count in seen if now - at < CURRENT_S)
    assert view.last_30m == sum(count for at, count in seen if now - at < HISTORY_S)
    assert view.current <= view.last_30m
