"""Rules of a generation in the fold: each rewrites what the same log means."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aggregates.core.fold import fold
from aggregates.core.rules import fits
from aggregates.core.state import Shard, ShardState
from schemas.drop_reasons import DropReason
from schemas.events import Hit, Visit
from schemas.rules import WILDCARDS_MAX, ChannelRule, LeaveOut, Match, Rules, SiteRules
from tests.unit.aggregates.core.hits import NOW_MS, batch, event, pageview
from tests.unit.aggregates.core.store import Store, flush


def folded(rules: SiteRules, *hits: Hit) -> Store:
    """With `rules` for site 1, and none for others."""
    shard, store = Shard(ShardState(shard=0), Rules(sites={1: rules})), Store()
    for offset, hit in enumerate(hits):
        fold(shard, offset, batch(hit), NOW_MS)
    flush(shard, store)
    return store


def visits(store: Store, site_id: int = 1) -> int:
    return sum(row.visits for row in store.visits.values() if row.site_id == site_id)


@pytest.mark.parametrize(("gap_s", "count"), [(1_800, 1), (600, 2), (3_600, 1)])
def test_session_gap(gap_s: int, count: int) -> None:
    hits = [pageview(0, 1), pageview(15, 1), pageview(0, 2, site_id=2), pageview(15, 2, site_id=2)]
    store = folded(SiteRules(session_gap_s=gap_s), *hits)
    assert (visits(store), visits(store, 2)) == (count, 1)


def test_a_longer_gap_outlives_the_sweep() -> None:
    busy = [pageview(minute, 9, site_id=2) for minute in range(1, 55)]
    hits = [pageview(0, 1), *busy, pageview(55, 1)]
    assert visits(folded(SiteRules(session_gap_s=3_600), *hits)) == 1
    assert visits(folded(SiteRules(), *hits)) == 2


def test_exclusion() -> None:
    rules = SiteRules(leave_out=(LeaveOut((Match("path", "/admin/**"),)),))
    store = folded(
        rules, pageview(0, 1, "/"), pageview(1, 1, "/admin/a/b"), pageview(2, 1, "/admin")
    )
    assert store.outcomes() == {"counted": 2, "excluded": 1}
    assert {row.path for row in store.hits.values()} == {"/", "/admin"}


def test_all_of_a_rules_matches_must_fit() -> None:
    when = (Match("path", "/a"), Match("country", "DE"))
    rules = SiteRules(leave_out=(LeaveOut(when, "bot"),))
    there, here = Visit(country="US"), Visit(country="DE")
    store = folded(rules, pageview(0, 1, "/a", visit=there), pageview(0, 2, "/a", visit=here))
    assert store.outcomes() == {"counted": 1, "bot": 1}


def test_bots_may_count_again() -> None:
    bot = pageview(0, 1, "/", left_out="bot")
    assert folded(SiteRules(), bot).outcomes() == {"bot": 1}
    assert folded(SiteRules(count=(DropReason.BOT,)), bot).outcomes() == {"counted": 1}


def test_what_counts_again_may_still_be_left_out() -> None:
    rules = SiteRules(count=(DropReason.BOT,), leave_out=(LeaveOut((Match("path", "/wp-*"),)),))
    store = folded(rules, pageview(0, 1, "/wp-login", left_out="bot"))
    assert store.outcomes() == {"excluded": 1}


def test_channels_are_those_of_the_first_rule_that_fits() -> None:
    rules = SiteRules(
        channels=(
            ChannelRule((Match("source", "Goo*"),), "Search"),
            ChannelRule((Match("source", "*"),), "Anything"),
        )
    )
    store = folded(
        rules,
        pageview(0, 1, "/"), event(1, 1, "signup"),
        pageview(0, 2, "/", visit=Visit(source="Bing", channel="Organic")),
    )  # fmt: skip
    assert sorted(row.visit.channel for row in store.visits.values()) == ["Anything", "Search"]
    assert sorted(row.visit.channel for row in store.hits.values()) == [
        "Anything", "Search", "Search",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/a", "/a", True), ("/a", "/a/", False), ("/*", "/a", True), ("/*", "/a/b", False),
        ("/**", "/a/b", True), ("/a.b", "/axb", False), ("/[x]", "/[x]", True), ("*", "", True),
        ("/a*c", "/abc", True), ("/**/z", "/a/b/z", True), ("/a**", "/a\nb", True),
    ],
)  # fmt: skip
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    hit = pageview(0, 1, path)
    assert fits(Match("path", pattern), hit, hit.visit) is expected


def expected(pattern: str, value: str) -> bool:
    """By definition: every way to divide the value between the wildcards is tried."""
    head, star, rest = pattern.partition("*")
    if not star:
        return value == pattern
    if not value.startswith(head):
        return False
    value, anything = value[len(head) :], rest.startswith("*")
    rest = rest.lstrip("*")
    return any(
        expected(rest, value[taken:])
        for taken in range(len(value) + 1)
        if anything or "/" not in value[:taken]
    )


@given(pattern=st.lists(st.sampled_from(["a", "b", "/", "*", "**"]), max_size=7).map("".join),
       value=st.text("ab/", max_size=9))  # fmt: skip
@settings(max_examples=500)
def test_a_pattern_means_what_it_says(pattern: str, value: str) -> None:
    assume(pattern.replace("**", "*").count("*") <= WILDCARDS_MAX)
    found = fits(Match("path", pattern), pageview(0, 1, value), Visit())
    assert found is expected(pattern, value)


@pytest.mark.parametrize("pattern", ["**a**a**a**a**b", "**a*a*a*a*b", "**a*a*a*b/c**"])
def test_no_value_takes_for_ever(pattern: str) -> None:
    """All combinations of so many places would take hours."""
    assert not fits(Match("path", pattern), pageview(0, 1, "a" * 2_000), Visit())
