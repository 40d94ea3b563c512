"""What every `RollupStore` promises, for the real one and for its fake."""

import random
from collections.abc import Iterator
from typing import Any, Protocol, cast

import pytest
from clickhouse_driver import Client

from aggregates.clickhouse.columns import TABLES, Table
from aggregates.clickhouse.memory import MemoryStore
from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.rows import COUNTED, HitRow, LedgerRow, Rows, VisitRow
from aggregates.protocols import StoreUnavailable
from schemas.events import VISIT_DIMENSIONS, Visit
from tests.forwarder import Forwarder, through

MINUTE = 1_700_000_040
VISIT = Visit(channel="Organic Search", source="Google", city="Zürich", language="de-CH")


class ReadableStore(Protocol):
    def insert(self, rows: Rows) -> None: ...
    def rows(self) -> Rows: ...
    def close(self) -> None: ...


class ReadableClickHouse(ClickHouseStore):
    """The real store, and what is in it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.client = Client.from_url(url)
        for table in TABLES:
            self.client.execute(f"TRUNCATE TABLE {table.name}")

    def rows(self) -> Rows:
        hits, visits, ledger = (self._read(table) for table in TABLES)
        return Rows(
            [HitRow(*_row(fields)) for fields in hits],
            [VisitRow(*_row(fields)) for fields in visits],
            [LedgerRow(*_row(fields)) for fields in ledger],
        )

    def _read(self, table: Table) -> list[dict[str, object]]:
        columns = ["toUnixTimestamp(minute)" if c == "minute" else c for c in table.columns]
        order = "site_id, minute, row_key"
        found = self.client.execute(
            f"SELECT {', '.join(columns)} FROM {table.name} FINAL ORDER BY {order}"
        )
        return [dict(zip(table.columns, values, strict=True)) for values in found]

    def close(self) -> None:
        super().close()
        self.client.disconnect()


def _row(columns: dict[str, object]) -> list[Any]:
    """Columns as the fields of a row: visit dimensions in their struct, arrays as tuples."""
    fields: list[Any] = []
    for name, value in columns.items():
        if name == VISIT_DIMENSIONS[0]:
            fields.append(Visit(*(cast(str, columns[each]) for each in VISIT_DIMENSIONS)))
        elif name not in VISIT_DIMENSIONS:
            fields.append(tuple(value) if isinstance(value, list) else value)
    return fields


@pytest.fixture(params=["memory", pytest.param("clickhouse", marks=pytest.mark.integration)])
def store(request: pytest.FixtureRequest) -> Iterator[ReadableStore]:
    made: ReadableStore
    if request.param == "memory":
        made = MemoryStore()
    else:
        made = ReadableClickHouse(request.getfixturevalue("rollups_url"))
    yield made
    made.close()


def hit_row(row_key: int, version: int = 1, sessions: int = 1, path: str = "/") -> HitRow:
    ids = tuple(2**64 - 1 - i for i in range(sessions))
    return HitRow(
        site_id=2**32 - 1,
        minute=MINUTE,
        row_key=row_key,
        version=version,
        name="pageview",
        hostname="example.org",
        path=path,
        prop_keys=("author",),
        prop_values=("Ada",),
        currency="EUR",
        visit=VISIT,
        hits=version * sessions,
        revenue_micros=-1_500_000,
        session_ids=ids,
        visitor_ids=ids[::-1],
        session_hits=(version,) * sessions,
        session_engaged_ms=(2**33,) * sessions,
        session_scroll_depths=(100,) * sessions,
        timing_names=(0, 12),
        timing_values=(version, 2**32 - 1),
        session_revenue_micros=(-1_500_000,) + (0,) * (sessions - 1),
    )


def visit_row(row_key: int, version: int = 1, visits: int = 1) -> VisitRow:
    return VisitRow(
        site_id=1,
        minute=MINUTE,
        row_key=row_key,
        version=version,
        entry_hostname="example.org",
        entry_page="/",
        visit=VISIT,
        visits=visits,
        bounces=visits,
        duration_s=60 * visits,
        pageviews=2 * visits,
        events=3 * visits,
        session_ids=tuple(range(visits)),
        visitor_ids=tuple(range(visits)),
        session_bounced=(1,) * visits,
        session_durations_s=(60,) * visits,
        session_pageviews=(2,) * visits,
        session_events=(3,) * visits,
        session_exit_hostnames=("example.org",) * visits,
        session_exit_pages=("/end",) * visits,
    )


def ledger_row(row_key: int, version: int = 1, hits: int = 1) -> LedgerRow:
    return LedgerRow(1, MINUTE, row_key, version, COUNTED, hits)


def test_rows_come_back_as_they_were(store: ReadableStore) -> None:
    rows = Rows([hit_row(1)], [visit_row(2)], [ledger_row(2**64 - 1)])
    store.insert(rows)
    assert store.rows() == rows


def test_writing_again_changes_nothing(store: ReadableStore) -> None:
    rows = Rows([hit_row(1), hit_row(2)], [visit_row(2)], [ledger_row(3)])
    for _ in range(3):
        store.insert(rows)
    assert store.rows() == rows


def test_an_older_version_written_later_changes_nothing(store: ReadableStore) -> None:
    newer = Rows([hit_row(1, version=9)], [visit_row(1, 9, visits=3)], [ledger_row(1, 9, 50)])
    older = Rows([hit_row(1, version=8)], [visit_row(1, 8, visits=2)], [ledger_row(1, 8, 40)])
    store.insert(newer)
    store.insert(older)
    assert store.rows() == newer


def test_any_order_of_versions_ends_the_same(store: ReadableStore) -> None:
    history = [(key, version) for key in range(5) for version in range(1, 8)]
    random.Random(3).shuffle(history)
    for key, version in history:
        store.insert(Rows([hit_row(key, version)], [], [ledger_row(key, version, version)]))
    assert store.rows() == Rows(
        [hit_row(key, 7) for key in range(5)], [], [ledger_row(key, 7, 7) for key in range(5)]
    )


def test_the_same_key_in_another_minute_is_another_row(store: ReadableStore) -> None:
    first = ledger_row(1)
    second = first._replace(minute=MINUTE + 60)
    other_site = first._replace(site_id=2)
    store.insert(Rows([], [], [first, second, other_site]))
    assert store.rows().ledger == [first, second, other_site]


def test_a_row_that_fell_to_zero_replaces_its_visits(store: ReadableStore) -> None:
    store.insert(Rows([], [visit_row(1, version=1, visits=2)], []))
    store.insert(Rows([], [visit_row(1, version=2, visits=0)], []))
    assert store.rows().visits == [visit_row(1, version=2, visits=0)]


def test_nothing_to_write_is_fine(store: ReadableStore) -> None:
    store.insert(Rows([], [], []))
    assert store.rows() == Rows([], [], [])


def test_any_text_is_kept(store: ReadableStore) -> None:
    paths = ["/é/漢字/🐾", "/quote'\"`", "/back\\slash\\n", "/nul\0line\n\r\t", "%s %(x)s", ""]
    rows = [hit_row(key, path=path) for key, path in enumerate(paths)]
    store.insert(Rows(rows, [], []))
    assert [row.path for row in store.rows().hits] == paths


def test_a_row_of_many_sessions(store: ReadableStore) -> None:
    rows = Rows([hit_row(1, sessions=50_000)], [visit_row(1, visits=50_000)], [])
    store.insert(rows)
    assert store.rows() == rows


def test_many_rows_at_once(store: ReadableStore) -> None:
    rows = [hit_row(key, path=f"/{key}") for key in range(20_000)]
    store.insert(Rows(rows, [], []))
    assert store.rows().hits == rows


@pytest.mark.integration
def test_merging_in_the_background_changes_nothing(rollups_url: str) -> None:
    store = ReadableClickHouse(rollups_url)
    for version in (1, 3, 2):
        store.insert(Rows([hit_row(1, version)], [], []))
    store.client.execute("OPTIMIZE TABLE hit_rows FINAL")
    assert store.rows().hits == [hit_row(1, 3)]
    assert store.client.execute("SELECT count() FROM hit_rows") == [(1,)]
    store.close()


@pytest.mark.integration
def test_an_absurd_revenue_is_kept_within_what_the_column_holds(rollups_url: str) -> None:
    store = ReadableClickHouse(rollups_url)
    absurd = hit_row(1)._replace(revenue_micros=2**70, session_revenue_micros=(2**70,))
    store.insert(Rows([absurd], [], []))
    most = 2**63 - 1
    clamped = absurd._replace(revenue_micros=most, session_revenue_micros=(most,))
    assert store.rows().hits == [clamped]
    store.close()


@pytest.mark.integration
def test_a_server_that_goes_and_comes_back(
    rollups_url: str, clickhouse_forwarder: Forwarder
) -> None:
    reader = ReadableClickHouse(rollups_url)
    store = ClickHouseStore(through(clickhouse_forwarder, rollups_url))
    store.insert(Rows([hit_row(1)], [], []))
    clickhouse_forwarder.cut()
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            store.insert(Rows([hit_row(2)], [], []))
    clickhouse_forwarder.restore()
    store.insert(Rows([hit_row(3)], [], []))
    assert reader.rows().hits == [hit_row(1), hit_row(3)]
    store.close()
    reader.close()


@pytest.mark.integration
def test_a_server_that_is_silent(rollups_url: str, clickhouse_forwarder: Forwarder) -> None:
    clickhouse_forwarder.silent = True
    store = ClickHouseStore(through(clickhouse_forwarder, rollups_url), timeout_s=0.3)
    with pytest.raises(StoreUnavailable):
        store.insert(Rows([hit_row(1)], [], []))
    store.close()


@pytest.mark.integration
def test_a_server_that_refuses(clickhouse_url: str) -> None:
    store = ClickHouseStore(f"{clickhouse_url}_that_is_not_there")
    with pytest.raises(StoreUnavailable, match="refused hit_rows"):
        store.insert(Rows([hit_row(1)], [], []))
    store.close()
