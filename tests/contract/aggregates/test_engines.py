"""Queries that both engines must answer alike, and the two of them with the same rows."""

import pytest

from aggregates.clickhouse.columns import TABLES
from aggregates.clickhouse.ledger import Ledger, read_ledger
from aggregates.clickhouse.queries import read_query
from aggregates.core.rows import LedgerRow, Rows
from schemas.events import Visit
from tests.contract.aggregates import oracle
from tests.contract.aggregates.engines import Engine
from tests.contract.aggregates.oracle import OracleHit, OracleSession
from tests.contract.aggregates.test_rollup_store import hit_row, visit_row

pytestmark = pytest.mark.integration

SITE_ID, DAY_S = 7, 1_706_745_600
LEDGER = [LedgerRow(SITE_ID, DAY_S, 1, 3, "counted", 10), LedgerRow(SITE_ID, DAY_S, 2, 3, "bot", 4)]


def checksums(engine: Engine) -> dict[str, tuple[object, ...]]:
    found = {}
    for table in TABLES:
        text = read_query("rows_checksum")
        query = text.format(table=table.name, columns=", ".join(table.columns))
        (found[table.name],) = engine.read(query, {"until_s": 2**32 - 1})
    return found


def test_a_checksum_is_the_same_on_both(server_engine: Engine, current_engine: Engine) -> None:
    rows = Rows(
        [hit_row(key, sessions=key % 4) for key in range(50)],
        [visit_row(key, visits=key % 4) for key in range(50)],
        LEDGER,
    )
    for engine in (server_engine, current_engine):
        engine.empty()
        engine.insert(rows)
        engine.insert(rows)
    assert checksums(server_engine) == checksums(current_engine)
    before = checksums(current_engine)
    current_engine.insert(Rows([hit_row(49, version=2)], [], []))
    assert checksums(current_engine)["hit_rows"] != before["hit_rows"]


def test_days_and_ledger(engine: Engine) -> None:
    hits = (
        OracleHit(DAY_S + 60, "pageview", "x.org", "/", 1),
        OracleHit(DAY_S + 120, "pageview", "x.org", "/b", 1),
    )
    later = (OracleHit(DAY_S + 90_000, "pageview", "x.org", "/", 2),)
    found = [OracleSession(n, 0, Visit(), each) for n, each in enumerate((hits, hits[:1], later))]
    engine.empty()
    engine.insert(oracle.make_rows(SITE_ID, found, version=7))
    engine.insert(Rows([], [], LEDGER))
    days = engine.read(read_query("days_count"), {"until_s": DAY_S + 10 * 86_400})
    assert days == [(SITE_ID, DAY_S, 3, 1, 2, 1), (SITE_ID, DAY_S + 86_400, 1, 1, 1, 1)]
    assert engine.read(read_query("days_count"), {"until_s": DAY_S}) == []
    assert read_ledger(engine, SITE_ID, DAY_S, DAY_S + 60) == Ledger(10, {"bot": 4})
