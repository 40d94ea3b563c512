"""Deletions: the SQL on both engines, and what is deleted from the generations of the server."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import cast

import pytest
from clickhouse_driver import Client

from aggregates.clickhouse.clients import ClientPool
from aggregates.clickhouse.columns import SEALED_TABLES
from aggregates.clickhouse.erasure import Held, Who, delete_site, held_params, held_query, read_held
from aggregates.clickhouse.expiry import (
    Expiry,
    before_cutoffs,
    chosen,
    delete_rows,
    deletion,
)
from aggregates.clickhouse.generations import State, database_url
from aggregates.clickhouse.ingest import IngestStore
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.registry import Registry
from aggregates.clickhouse.sealing import Sealer, unsealed_days
from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.rows import LedgerRow, Rows
from aggregates.protocols import StoreUnavailable
from schemas.records import IngestCount
from schemas.rules import NO_RULES, SESSION_GAP_S
from tests.contract.aggregates.engines import Engine
from tests.contract.aggregates.test_rollup_store import hit_row, visit_row
from tests.fresh import rollups

pytestmark = pytest.mark.integration

MINUTE = 1_700_000_040
WAIT_S_MAX = 30.0


def rows_at(*places: tuple[int, int]) -> Rows:
    """A row of each kind at each (site, minute)."""
    return Rows(
        [hit_row(key)._replace(site_id=s, minute=m) for key, (s, m) in enumerate(places)],
        [visit_row(key)._replace(site_id=s, minute=m) for key, (s, m) in enumerate(places)],
        [LedgerRow(s, m, key, 1, "counted", 1) for key, (s, m) in enumerate(places)],
    )


PLACES = [(1, MINUTE - 60), (1, MINUTE), (2, MINUTE - 60), (3, MINUTE - 86_400 * 400)]


@pytest.mark.parametrize("table", ["hit_rows", "visit_rows", "ledger_rows"])
def test_only_what_is_before_goes(engine: Engine, table: str) -> None:
    engine.empty()
    engine.insert(rows_at(*PLACES))
    engine.insert(rows_at(*PLACES))  # older versions go too
    (condition,) = before_cutoffs({1: MINUTE, 3: MINUTE})
    counts = [cast("int", count) for _, count in engine.read(chosen(table, condition), {})]
    assert sum(counts) >= 2
    engine.execute(deletion(table, condition))
    until = time.monotonic() + WAIT_S_MAX
    while engine.read(read_query("mutations_pending"), {"table": table}) != [(0,)]:
        assert time.monotonic() < until, "the deletion does not end"
        time.sleep(0.1)
    assert engine.read(chosen(table, condition), {}) == []
    left = f"SELECT site_id, toUInt32(minute) FROM {table} FINAL ORDER BY site_id"
    assert engine.read(left, {}) == [(1, MINUTE), (2, MINUTE - 60)]


@pytest.fixture
def base(clickhouse_url: str) -> Iterator[str]:
    with rollups(clickhouse_url, "expiry") as url:
        yield url


def seal_all(url: str) -> None:
    with closing(Sealer(url)) as sealer:
        for day in unsealed_days(sealer, int(time.time()), writes_min=1):
            sealer.seal(day, SESSION_GAP_S)


def left(url: str, table: str) -> list[tuple[object, ...]]:
    with Client.from_url(url) as client:
        rows: list[tuple[object, ...]] = client.execute(
            f"SELECT DISTINCT site_id, toUInt32(minute) FROM {table} ORDER BY site_id, minute"
        )
        return rows


def test_every_generation_and_the_collectors_counts(base: str) -> None:
    with closing(Registry(base)) as registry, closing(Expiry(base)) as expiry:
        second = registry.finish(registry.begin(NO_RULES))
        unfinished = registry.begin(NO_RULES)
        assert unfinished.state == State.BUILDING
        for url in (base, database_url(base, second.number)):
            with closing(ClickHouseStore(url)) as store:
                store.insert(rows_at(*PLACES))
            seal_all(url)
            assert {site for site, _ in left(url, "day_rows")} == {1, 2, 3}
        with closing(IngestStore(base)) as ingest:
            ingest.insert([IngestCount(s, m, "c", "accepted", 1) for s, m in PLACES])
        cutoffs = {1: MINUTE, 3: MINUTE, 9: MINUTE}
        assert expiry.expire(cutoffs) == 2 * (3 + 3 + 1)
        kept = [(1, MINUTE), (2, MINUTE - 60)]
        for url in (base, database_url(base, second.number)):
            for table in ("hit_rows", "visit_rows", "ledger_rows"):
                assert left(url, table) == kept
            for table in SEALED_TABLES:
                assert {site for site, _ in left(url, table)} == {2}
        assert left(base, "ingest_rows") == kept
        assert expiry.expire(cutoffs) == 0, "again, it rewrites nothing"


def test_cutoffs_only_grow(base: str) -> None:
    with closing(Expiry(base)) as expiry:
        assert expiry.cutoffs() == {}
        expiry.expire({1: 600, 2: 600})
        expiry.expire({1: 540, 2: 660})
        assert expiry.cutoffs() == {1: 600, 2: 660}


def test_a_server_that_refuses(base: str) -> None:
    pool = ClientPool(base, 10, {})
    with pytest.raises(StoreUnavailable, match="refused"):
        delete_rows(pool, "no_such_table", ["1"])
    pool.close()


VISITOR = 2**64 - 1
HELD_ROWS = Rows(
    [
        hit_row(1, sessions=3)._replace(
            site_id=1,
            session_ids=(1, 2, 3),
            visitor_ids=(VISITOR, 5, VISITOR),
            session_hits=(2, 3, 4),
        ),
        hit_row(2)._replace(site_id=1, visitor_ids=(5,), session_hits=(7,)),
        hit_row(3)._replace(site_id=2, visitor_ids=(VISITOR,)),
    ],
    [
        visit_row(1, visits=3)._replace(site_id=1, visitor_ids=(VISITOR, 5, VISITOR)),
        visit_row(2, visits=0)._replace(site_id=1),
    ],
    [],
)


@pytest.mark.parametrize(
    ("who", "hit_rows", "visit_rows"),
    [
        (Who(1, VISITOR), (1, 6), (1, 2)),
        (Who(1, 5), (2, 10), (1, 1)),
        (Who(1, 0), (0, 0), (0, 0)),
        (Who(1), (2, 16), (2, 3)),
        (Who(3), (0, 0), (0, 0)),
    ],
)
def test_what_is_held_of_somebody(
    engine: Engine, who: Who, hit_rows: tuple[int, int], visit_rows: tuple[int, int]
) -> None:
    engine.empty()
    for _ in range(2):
        engine.insert(HELD_ROWS)
    for table, want in (("hit_rows", hit_rows), ("visit_rows", visit_rows)):
        assert engine.read(held_query(table, only_current=True), held_params(who)) == [want]
    engine.empty()


def test_a_site_is_deleted_from_a_generation(base: str) -> None:
    with closing(ClickHouseStore(base)) as store:
        store.insert(HELD_ROWS)
        store.insert(rows_at((1, MINUTE)))
    seal_all(base)
    delete_site(base, 1)
    for table in SEALED_TABLES:
        assert {site for site, _ in left(base, table)} == {2}
    assert read_held(base, Who(1), only_current=False) == Held()
    assert read_held(base, Who(2)).hit_rows == 1
    assert left(base, "ledger_rows") == [(1, MINUTE)], "which names nobody"
