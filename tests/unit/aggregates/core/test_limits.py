"""Every bound, made small: what is over it goes to "(other)", is counted, and no total changes.

The compiled fold has its bounds as constants, so these tests are of the sources as they are.
"""

import pytest

from aggregates.core import fold as folding
from aggregates.core import live, windows
from aggregates.core.fold import fold
from aggregates.core.limits import OTHER
from aggregates.core.live import live_counters
from aggregates.core.state import LIVE_CLOCK, Shard, ShardState
from schemas.events import Hit, Visit
from tests.unit.aggregates.core.hits import NOW_MS, START_MS, batch, engagement, event, pageview
from tests.unit.aggregates.core.store import Store, flush

pytestmark = pytest.mark.skipif(
    not windows.__file__.endswith(".py"), reason="bounds are compiled in"
)


def folded(*hits: Hit) -> tuple[Shard, Store]:
    """One record a hit, flushed at the end."""
    shard, store = Shard(ShardState(shard=0)), Store()
    for offset, hit in enumerate(hits):
        fold(shard, offset, batch(hit), NOW_MS)
    flush(shard, store)
    return shard, store


def test_pages_of_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "HIT_CELLS_MAX", 3)
    shard, store = folded(*(pageview(0, 1, f"/{page}") for page in range(10)))
    rows = {row.path: row.hits for row in store.hits.values()}
    assert rows == {"/0": 1, "/1": 1, "/2": 1, OTHER: 7}
    assert shard.state.limited == {"hit_cells": 7}
    assert store.outcomes() == {"counted": 10}


def test_beyond_twice_as_many_the_visits_dimensions_go_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "HIT_CELLS_MAX", 2)
    hits = [pageview(0, n, f"/{n}", visit=Visit(source=f"s{n}")) for n in range(8)]
    _, store = folded(*hits)
    sources = sorted((row.visit.source, row.path) for row in store.hits.values())
    assert sources == [(OTHER, OTHER), ("s0", "/0"), ("s1", "/1"), ("s2", OTHER), ("s3", OTHER)]
    assert sum(row.hits for row in store.hits.values()) == 8


def test_a_flood_of_event_names_leaves_pageviews_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "HIT_CELLS_MAX", 1)
    _, store = folded(
        pageview(0, 1, "/a"), pageview(0, 1, "/b"), event(0, 1, "x"), event(0, 1, "y"),
        engagement(0, 1, "/b", engaged_ms=500),
    )  # fmt: skip
    rows = sorted((row.name, row.path, row.hits) for row in store.hits.values())
    assert rows == [
        (OTHER, OTHER, 2), ("engagement", OTHER, 1), ("pageview", OTHER, 1), ("pageview", "/a", 1),
    ]  # fmt: skip


def test_entry_pages_of_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "VISIT_CELLS_MAX", 2)
    shard, store = folded(
        *(pageview(0, n, f"/{n}") for n in range(6)), pageview(1, 5, "/next"), pageview(1, 0, "/n")
    )
    rows = {row.entry_page: row.visits for row in store.visits.values()}
    assert rows == {"/0": 1, "/1": 1, OTHER: 4}
    assert shard.state.limited == {"visit_cells": 4}
    assert sum(row.pageviews for row in store.visits.values()) == 8


def test_cells_of_a_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "OPEN_CELLS_MAX", 4)
    shard, store = folded(*(pageview(n, n, f"/{n}", site_id=n) for n in range(1, 9)))
    assert sum(row.hits for row in store.hits.values()) == 8
    assert sum(row.visits for row in store.visits.values()) == 8
    assert shard.state.limited["open_cells"] > 0


def test_open_cells_are_those_of_open_windows() -> None:
    shard, _ = folded(*(pageview(n / 7, n, f"/{n}") for n in range(300)))
    open_cells = sum(
        len(window.cells)
        for clock in shard.state.clocks.values()
        for windows_of in (clock.hit_windows, clock.visit_windows)
        for window in windows_of.values()
    )
    assert shard.state.open_cells == open_cells > 0


def test_the_session_longest_untouched_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "SESSIONS_MAX", 3)
    hits = [pageview(n, n, "/a") for n in range(5)] + [pageview(5, 0, "/b"), pageview(5, 4, "/b")]
    shard, store = folded(*hits)
    assert len(shard.state.clocks[LIVE_CLOCK].sessions) == 3
    assert shard.state.limited == {"sessions": 3}
    # Visitor 0 was ended before their second page, and so counts twice; nobody else does.
    assert sum(row.visits for row in store.visits.values()) == 6
    assert sum(row.pageviews for row in store.visits.values()) == 7


def test_props_of_a_hit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "PROPS_MAX", 2)
    props = tuple((f"k{n}", "v") for n in range(5))
    shard, store = folded(event(0, 1, "signup", props=props))
    (row,) = store.hits.values()
    assert row.prop_keys == ("k0", "k1")
    assert shard.state.limited == {"props": 1}


def test_live_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LIVE_NAMES_MAX", 3)
    visits = [Visit(source=f"s{n}") for n in range(6)]
    hits = [pageview(0, n, f"/{n}", visit=visits[n]) for n in range(6)]
    shard, _ = folded(*hits, *(pageview(0, n, f"/x{n}") for n in range(6)))
    counters = live_counters(shard.state, 1, START_MS)
    assert dict(counters.pages) == {OTHER: 4, "/x1": 1, "/x2": 1}
    assert sum(count for _, count in counters.pages) == 6
    assert sum(count for _, count in counters.sources) == 6
    assert shard.state.limited["live_names"] > 0
    # They all move on: nothing of them is left behind in the bucket they were in.
    for n in range(6):
        fold(shard, shard.state.applied + 1, batch(pageview(1, n, "/end")), NOW_MS)
    counters = live_counters(shard.state, 1, START_MS + 60_000)
    assert counters.pages == (("/end", 6),)
    assert sum(count for _, count in counters.last_seen) == 6


def test_imports_at_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "IMPORTS_MAX", 2)
    hits = [pageview(-9_000, 1, "/a", import_name=f"i{n}") for n in range(4)]
    shard, store = folded(pageview(0, 1), *hits)
    assert store.outcomes() == {"counted": 3, "over_limit": 2}
    assert shard.state.limited == {"imports": 2}


def test_events_of_one_millisecond_of_an_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "EVENTS_OF_ONE_MS_MAX", 2)
    shard, store = folded(*(pageview(-9_000, n, import_name="i") for n in range(5)))
    assert store.outcomes() == {"counted": 2, "over_limit": 3}
    assert shard.state.limited == {"events_of_one_ms": 3}


def test_timings_of_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "ROW_TIMINGS_MAX", 3)
    shard, store = folded(
        pageview(0, 1, timings=((0, 900), (2, 15))), pageview(0, 1, timings=((0, 700), (4, 80))),
        pageview(0, 1, timings=((0, 800),)),
    )  # fmt: skip
    (row,) = store.hits.values()
    assert (row.timing_names, row.timing_values, row.hits) == ((0, 2, 0), (900, 15, 800), 3)
    assert shard.state.limited == {"timings": 1}
