"""Timelines of a threshold of 100 pageviews a minute. Minutes are numbered from 0."""

from hypothesis import given
from hypothesis import strategies as st

from aggregates.core.spikes import SiteSpikes, decode_spikes, encode_spikes, observe
from schemas.records import Alert, AlertState, SiteMinute

THRESHOLD = 100


def piece(minute: int, pageviews: int, shard: int = 0, opened_at: int = 0) -> SiteMinute:
    return SiteMinute(1, 60 * (1_000 + minute), shard, opened_at, pageviews, 1)


def alerts(*pieces: SiteMinute, threshold: int = THRESHOLD) -> list[tuple[str, int]]:
    """(state, minute that opened it) of each alert."""
    spikes, seen = SiteSpikes(), []
    for each in pieces:
        for alert in observe(spikes, each, threshold):
            seen.append((alert.state.value, alert.opened_minute // 60 - 1_000))
        spikes = decode_spikes(encode_spikes(spikes))
    return seen


def test_a_quiet_site_raises_nothing() -> None:
    assert alerts(*[piece(minute, 99) for minute in range(30)]) == []


def test_opens_when_the_shards_together_reach_it() -> None:
    assert alerts(piece(5, 60, shard=0), piece(5, 39, shard=1)) == []
    assert alerts(piece(5, 60, shard=0), piece(5, 40, shard=1)) == [("opened", 5)]


def test_a_late_window_of_a_minute_adds_to_it() -> None:
    assert alerts(piece(5, 60), piece(5, 40, opened_at=9)) == [("opened", 5)]


def test_a_replayed_piece_adds_nothing() -> None:
    assert alerts(piece(5, 60), piece(5, 60), piece(5, 60)) == []


def test_one_alert_for_a_spike_of_many_minutes() -> None:
    # 0: calm   1-4: spike   5, 6, 7: calm; 5 is settled when 7 is heard of
    pieces = [piece(0, 10), *[piece(minute, 500) for minute in (1, 2, 3, 4)]]
    assert alerts(*pieces, piece(5, 10), piece(6, 10)) == [("opened", 1)]
    assert alerts(*pieces, piece(5, 10), piece(6, 10), piece(7, 10)) == [
        ("opened", 1), ("resolved", 1),
    ]  # fmt: skip


def test_it_may_open_again_later() -> None:
    pieces = [piece(minute, 500 if minute in (1, 10) else 10) for minute in range(14)]
    assert alerts(*pieces) == [("opened", 1), ("resolved", 1), ("opened", 10), ("resolved", 10)]


def test_no_threshold_no_alert() -> None:
    assert alerts(piece(1, 10**6), threshold=0) == []


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 200), st.integers(0, 2)), max_size=60))
def test_reading_twice_changes_nothing(drawn: list[tuple[int, int, int]]) -> None:
    once, twice = SiteSpikes(), SiteSpikes()
    for minute, pageviews, shard in drawn:
        first = observe(once, piece(minute, pageviews, shard), THRESHOLD)
        assert observe(twice, piece(minute, pageviews, shard), THRESHOLD) == first
        assert observe(twice, piece(minute, pageviews, shard), THRESHOLD) == []
    assert once == twice


def test_an_alert_says_what_it_saw() -> None:
    assert observe(SiteSpikes(), piece(5, 250), THRESHOLD) == [
        Alert(1, 60 * 1_005, AlertState.OPENED, 60 * 1_005, 250, THRESHOLD)
    ]
