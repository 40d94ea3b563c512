"""What is erased is left out by the fold, as if it had never been counted."""

import msgspec
import pytest

from aggregates.core.fold import fold
from aggregates.core.state import Shard, ShardState
from schemas.drop_reasons import DropReason
from schemas.events import Hit
from schemas.rules import (
    ERASED_VISITORS_MAX,
    NO_RULES,
    VISITOR_ID_MAX,
    Erased,
    Rules,
    SiteRules,
    decode_rules,
    encode_rules,
    erase,
    keep_erased,
)
from tests.unit.aggregates.core.hits import NOW_MS, batch, event, pageview
from tests.unit.aggregates.core.store import Store, flush

VISITOR = VISITOR_ID_MAX - 1


def folded(rules: Rules, *hits: Hit) -> tuple[Shard, Store]:
    shard, store = Shard(ShardState(shard=0), rules), Store()
    for offset, hit in enumerate(hits):
        fold(shard, offset, batch(hit), NOW_MS)
    flush(shard, store)
    return shard, store


def log() -> tuple[Hit, ...]:
    return (
        pageview(0, VISITOR, "/a"),
        pageview(0, 2, "/a"),
        event(1, VISITOR, "Buy", revenue_micros=5),
        pageview(1, VISITOR, "/bot", left_out="bot"),
        pageview(2, VISITOR, site_id=2),
        # The day after, under another id: of the same visit, were it not erased.
        pageview(3, 77, "/b", prev_visitor_id=VISITOR),
    )


def who(store: Store, site_id: int) -> set[int]:
    """Everyone a row of the site names."""
    hits = [row.visitor_ids for row in store.hits.values() if row.site_id == site_id]
    visits = [row.visitor_ids for row in store.visits.values() if row.site_id == site_id]
    return {each for ids in (*hits, *visits) for each in ids}


def test_a_visitors_day() -> None:
    shard, store = folded(erase(NO_RULES, 1, VISITOR), *log())
    assert who(store, 1) == {2, 77}
    assert who(store, 2) == {VISITOR}, "of another site it is somebody else"
    assert store.outcomes() == {"counted": 3, "erased": 3}
    ledger = [row for row in store.ledger.values() if row.outcome == "erased"]
    assert VISITOR not in {value for row in ledger for value in row}
    assert (1, VISITOR) not in shard.state.clocks[0, ""].sessions


def test_a_whole_site() -> None:
    shard, store = folded(erase(NO_RULES, 1), *log())
    assert (who(store, 1), who(store, 2)) == (set(), {VISITOR})
    assert store.outcomes() == {"counted": 1, "erased": 5}
    assert list(shard.state.live) == [2]


def test_the_rest_is_as_if_it_had_never_come() -> None:
    erased = folded(erase(NO_RULES, 1, VISITOR), *log())[1]
    others = [hit for hit in log() if (hit.site_id, hit.visitor_id) != (1, VISITOR)]
    alone = folded(NO_RULES, *others)[1]
    assert erased.pageviews() == alone.pageviews()
    assert [row.visits for row in erased.visit_rows()] == [row.visits for row in alone.visit_rows()]


def test_a_rule_that_counts_bots_brings_nothing_back() -> None:
    rules = erase(Rules(sites={1: SiteRules(count=(DropReason.BOT,))}), 1)
    assert folded(rules, *log())[1].outcomes() == {"counted": 1, "erased": 5}


def test_the_sites_other_rules_stay() -> None:
    rules = Rules(SiteRules(session_gap_s=600), {1: SiteRules(session_gap_s=60)})
    shard = Shard(ShardState(shard=0), erase(erase(rules, 1, 5), 2, 5))
    gaps = [shard.rules.of(site).session_gap_ms for site in (1, 2, 3)]
    assert gaps == [60_000, 600_000, 600_000]


def test_erasures_add_up_and_stay() -> None:
    first = erase(erase(erase(NO_RULES, 1, 9), 1, 3), 1, 9)
    assert first.erased == {1: Erased(visitor_ids=(3, 9))}
    whole = erase(first, 1)
    assert whole.erased == {1: Erased(True, (3, 9))}
    other = Rules(SiteRules(session_gap_s=600), erased={2: Erased(True)})
    kept = keep_erased(other, first)
    assert kept.default == other.default
    assert kept.erased == {1: Erased(visitor_ids=(3, 9)), 2: Erased(True)}
    assert decode_rules(encode_rules(kept)) == kept
    assert decode_rules(b'{"default":{},"sites":{}}') == NO_RULES  # as it was written before


@pytest.mark.parametrize("visitor_id", [-1, VISITOR_ID_MAX + 1])
def test_no_visitor_id(visitor_id: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        erase(NO_RULES, 1, visitor_id)


def test_rules_are_bounded() -> None:
    full = Rules(erased={1: Erased(visitor_ids=tuple(range(ERASED_VISITORS_MAX)))})
    with pytest.raises(msgspec.ValidationError):
        erase(full, 1, ERASED_VISITORS_MAX)
