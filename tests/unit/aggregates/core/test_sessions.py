"""Timelines of visits. Times are minutes after the start; the gap is 30 minutes."""

from aggregates.core.fold import fold
from aggregates.core.state import LIVE_CLOCK, Shard, ShardState
from schemas.events import Batch, Hit, Watermark
from tests.unit.aggregates.core.hits import NOW_MS, at, batch, engagement, event, pageview, tick
from tests.unit.aggregates.core.store import Store, flush


def folded(*batches: Batch | Hit) -> tuple[Shard, Store]:
    """The state and the stored rows after folding, flushed after every record."""
    shard, store = Shard(ShardState(shard=0)), Store()
    for offset, each in enumerate(batches):
        fold(shard, offset, each if isinstance(each, Batch) else batch(each), NOW_MS)
        flush(shard, store)
    return shard, store


def test_a_visit_ends_after_the_gap() -> None:
    # 0: /a   29: /b   60: /c (31 minutes later: a new visit)
    _, store = folded(pageview(0, 1, "/a"), pageview(29, 1, "/b"), pageview(60, 1, "/c"))
    first, second = store.visit_rows()
    assert (first.entry_page, first.session_exit_pages) == ("/a", ("/b",))
    assert (first.pageviews, first.bounces) == (2, 0)
    assert first.duration_s == 29 * 60
    assert (second.entry_page, second.session_exit_pages, second.bounces) == ("/c", ("/c",), 1)


def test_the_exit_page_moves_within_its_row() -> None:
    _, store = folded(pageview(0, 1, "/a"), pageview(0.1, 2, "/a"), pageview(1, 1, "/b"))
    (row,) = store.visits.values()
    assert (row.entry_page, row.session_exit_pages) == ("/a", ("/b", "/a"))
    assert row.session_pageviews == (2, 1)


def test_the_entry_page_moves_and_leaves_a_zero_row() -> None:
    _, store = folded(event(0, 1, "opened", "/x"), pageview(1, 1, "/b"))
    rows = {row.entry_page: row for row in store.visits.values()}
    assert (rows[""].visits, rows[""].session_ids) == (0, ())
    assert (rows["/b"].visits, rows["/b"].pageviews, rows["/b"].events) == (1, 1, 2)


def test_two_visitors_of_a_minute_share_a_row() -> None:
    _, store = folded(pageview(0, 1, "/a"), pageview(0.5, 2, "/a"))
    (row,) = store.visit_rows()
    assert (row.visits, sorted(row.visitor_ids)) == (2, [1, 2])


def test_an_interactive_event_makes_it_no_bounce() -> None:
    _, store = folded(
        pageview(0, 1, "/a"), event(1, 1, "signup"),
        pageview(0, 2, "/b"), event(1, 2, "scrolled", interactive=False),
    )  # fmt: skip
    a, b = store.visit_rows()
    assert (a.bounces, a.events) == (0, 2)
    assert (b.bounces, b.events) == (1, 2)


def test_the_entry_page_is_the_first_pageviews() -> None:
    _, store = folded(event(0, 1, "opened", "/x"), pageview(1, 1, "/a"))
    (row,) = store.visit_rows()
    assert (row.entry_page, row.session_exit_pages, row.events) == ("/a", ("/a",), 2)


def test_timings_stand_in_the_row_of_the_hit_that_reports_them() -> None:
    _, store = folded(
        pageview(0, 1, "/a", timings=((4, 80),)),
        engagement(1, 1, "/a", timings=((0, 900), (2, 15))), pageview(1, 2, "/a"),
    )  # fmt: skip
    found = {row.name: (row.timing_names, row.timing_values) for row in store.hits.values()}
    assert found["engagement"] == ((0, 2), (900, 15))
    assert sorted(row.timing_values for row in store.hits.values()) == [(), (80,), (900, 15)]


def test_revenue_is_known_by_session() -> None:
    _, store = folded(
        pageview(0, 3, "/a"),
        event(0, 1, "Buy", "/a", revenue_micros=5, currency="EUR"),
        event(0, 2, "Buy", "/a", currency="EUR"),
        event(0.2, 1, "Buy", "/a", revenue_micros=-7, currency="EUR"),
        event(0.4, 2, "Buy", "/a", revenue_micros=3, currency="EUR"),
    )
    rows = {row.name: row for row in store.hits.values()}
    assert (rows["Buy"].revenue_micros, rows["Buy"].session_revenue_micros) == (1, (-2, 3))
    assert (rows["pageview"].revenue_micros, rows["pageview"].session_revenue_micros) == (0, ())


def test_engagement_refreshes_a_visit_but_makes_none() -> None:
    # 0: /a   20: engagement   45: /b, 25 minutes after the engagement: the same visit
    _, store = folded(
        engagement(0, 9), pageview(0, 1, "/a"),
        engagement(20, 1, "/a", engaged_ms=5_000, scroll_depth=80), pageview(45, 1, "/b"),
    )  # fmt: skip
    (row,) = store.visit_rows()
    assert (row.visits, row.pageviews, row.events, row.duration_s) == (1, 2, 2, 45 * 60)
    engaged = [row for row in store.hits.values() if row.name == "engagement"]
    assert (engaged[0].session_engaged_ms, engaged[0].session_scroll_depths) == ((5_000,), (80,))
    assert store.outcomes() == {"no_session": 1, "counted": 3}


def test_a_retry_counts_once() -> None:
    hit = pageview(0, 1, "/a")
    _, store = folded(hit, hit, batch(hit, hit))
    assert sum(store.pageviews().values()) == 1
    assert store.outcomes() == {"counted": 1, "duplicate": 3}


def test_a_bot_is_left_out_and_told() -> None:
    _, store = folded(pageview(0, 1, "/a", left_out="bot"), pageview(0, 2, "/a"))
    assert sum(store.pageviews().values()) == 1
    assert store.outcomes() == {"bot": 1, "counted": 1}
    assert len(store.visit_rows()) == 1


def test_a_visit_crosses_midnight_under_two_ids() -> None:
    # 0: as visitor 1   10: as visitor 2, who was 1 yesterday   35: as visitor 2, nothing else said
    _, store = folded(
        pageview(0, 1, "/a"), pageview(10, 2, "/b", prev_visitor_id=1), pageview(35, 2, "/c")
    )
    (row,) = store.visit_rows()
    assert (row.visitor_ids, row.pageviews, row.session_exit_pages) == ((1,), 3, ("/c",))
    assert {visitor for hit in store.hits.values() for visitor in hit.visitor_ids} == {1}


def test_a_hit_out_of_order_joins_its_visit() -> None:
    # folded: 10 /b, then 8 /a: the entry page stays that of the pageview folded first
    _, store = folded(pageview(10, 1, "/b"), pageview(8, 1, "/a"))
    (row,) = store.visit_rows()
    assert (row.entry_page, row.session_exit_pages, row.pageviews) == ("/b", ("/b",), 2)


def test_a_hit_from_long_before_is_a_visit_of_its_own() -> None:
    late = pageview(-300, 1, "/late", received_at_ms=at(11))
    shard, store = folded(pageview(10, 1, "/a"), late, pageview(12, 1, "/b"))
    assert [(row.entry_page, row.session_exit_pages) for row in store.visit_rows()] == [
        ("/late", ("/late",)), ("/a", ("/b",)),
    ]  # fmt: skip
    assert len(shard.state.clocks[LIVE_CLOCK].sessions) == 1


def test_sessions_and_windows_leave_the_state() -> None:
    shard, store = folded(pageview(0, 1), pageview(10, 1), tick(39), tick(45))
    clock = shard.state.clocks[LIVE_CLOCK]
    assert not clock.sessions and not clock.hit_windows and not clock.visit_windows
    assert not shard.state.live
    assert sum(store.pageviews().values()) == 2


def test_a_late_hit_opens_its_minute_anew_and_adds_to_it() -> None:
    late = pageview(0, 2, "/", received_at_ms=at(8))
    shard, store = folded(pageview(0, 1, "/"), tick(5), late)
    minute = at(0) // 1000
    rows = [row for row in store.hits.values() if row.minute == minute]
    assert len(rows) == 2 and store.pageviews() == {(1, minute, "/"): 2}
    pieces = shard.state.closed.site_minutes
    assert [(piece.minute, piece.pageviews) for piece in pieces] == [(minute, 1), (minute, 1)]
    assert pieces[0].opened_at != pieces[1].opened_at


def test_the_same_import_sent_twice_counts_once() -> None:
    lines = [pageview(i - 5_000, 1 + i % 3, f"/{i}", import_name="log") for i in range(40)]
    end = batch(watermarks=(Watermark(1, "log", at(0), final=True),))
    shard, store = folded(batch(*lines), batch(*lines[30:]), batch(*lines), end, batch(*lines))
    assert sum(store.pageviews().values()) == 40
    assert store.outcomes() == {
        "counted": 40, "import_out_of_order": 48, "duplicate": 2, "import_finished": 40,
    }  # fmt: skip
    assert list(shard.state.clocks) == [LIVE_CLOCK]


def test_an_import_does_not_move_the_live_clock() -> None:
    imported = [pageview(-9_000 + i, 7, import_name="log") for i in range(3)]
    shard, store = folded(
        pageview(0, 1, "/a"), batch(*imported), pageview(20, 1, "/b"), pageview(-8_000, 7, "/c")
    )
    assert shard.state.clocks[LIVE_CLOCK].watermark_ms == at(20)
    assert [row.pageviews for row in store.visit_rows()] == [3, 1, 2]
    assert 1 in shard.state.live and shard.state.closed.site_minutes


def test_two_sessions_of_one_hit_in_one_record_have_ids_of_their_own() -> None:
    # Two collectors at midnight: a retry under yesterday's id, written after a hit under today's.
    first = pageview(0, 1, "/a")
    _, store = folded(batch(first, pageview(0, 2, "/b", prev_visitor_id=1), first))
    ids = [name for row in store.visit_rows() for name in row.session_ids]
    assert len(set(ids)) == len(ids) == 2
