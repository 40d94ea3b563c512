"""Reading: hostile values, limits, servers that go away, threads, and cases drawn by hand."""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from clickhouse_driver import Client

from aggregates.clickhouse.answer import ask
from aggregates.clickhouse.columns import TABLES
from aggregates.clickhouse.filters import ALL_VALUES_MAX, VALUE_BYTES_MAX, VALUES_MAX, Filter
from aggregates.clickhouse.ledger import Ledger, read_ledger
from aggregates.clickhouse.plan import VISIT_SPAN_S_MAX
from aggregates.clickhouse.questions import Question, Row
from aggregates.clickhouse.reader import Limits, Reader, TooCostly
from aggregates.clickhouse.store import ClickHouseStore
from aggregates.clickhouse.vocabulary import DIMENSIONS, TIME_MINUTE, TIMING_METRICS, Bucket, Metric
from aggregates.core.rows import COUNTED, LedgerRow, Rows, VisitRow
from aggregates.protocols import StoreUnavailable
from schemas.events import Visit
from tests.contract.aggregates.oracle import OracleHit, OracleSession, make_rows
from tests.forwarder import Forwarder, through

pytestmark = pytest.mark.integration

SITE = 3
NOON = 1_700_049_600
DAY_S = 86_400
PAGE, ENTRY, SOURCE = (
    DIMENSIONS[name] for name in ("event:page", "visit:entry_page", "visit:source")
)
HOSTILE = [
    "'",
    "''",
    "\\",
    "\\'",
    "\\\\'",
    "') OR 1 = 1 --",
    "\\') OR 1 = 1 --",
    "%",
    "%%",
    "%s",
    "%(site_id)s",
    "_",
    "\0",
    "\\0",
    "a\nb\tc\r",
    "`{keys}`",
    '"',
    "/é/漢字/🐾",
    "\u2028\ufeff",
    "; DROP TABLE hit_rows",
    "\x1b\x7f\b\f\a\v",
]


@pytest.fixture
def store(rollups_url: str) -> Iterator[ClickHouseStore]:
    """A store with nothing in it."""
    client = Client.from_url(rollups_url)
    for table in TABLES:
        client.execute(f"TRUNCATE TABLE {table.name}")
    client.disconnect()
    made = ClickHouseStore(rollups_url)
    yield made
    made.close()


@pytest.fixture
def reader(rollups_url: str) -> Iterator[Reader]:
    made = Reader(rollups_url)
    yield made
    made.close()


def session(number: int, *paths: str, minute: int = NOON, visit: Visit | None = None) -> Rows:
    """The rows of a visit with one pageview a minute."""
    hits = tuple(
        OracleHit(minute + 60 * step, "pageview", "x.org", path, 100 + number)
        for step, path in enumerate(paths)
    )
    found = make_rows(SITE, [OracleSession(number, 0, visit or Visit(), hits)], version=1)
    return Rows(
        [row._replace(row_key=row.row_key + 1_000 * number) for row in found.hits],
        [row._replace(row_key=row.row_key + 1_000 * number) for row in found.visits],
        [],
    )


def together(parts: Iterable[Rows]) -> Rows:
    parts = list(parts)
    hits = [row for part in parts for row in part.hits]
    return Rows(hits, [row for part in parts for row in part.visits], [])


def question(*metrics: Metric, **changes: object) -> Question:
    return Question(
        **{  # type: ignore[arg-type]
            "site_id": SITE,
            "start_s": NOON,
            "end_s": NOON + DAY_S,
            "metrics": metrics or (Metric.VISITORS,),
            **changes,
        }
    )


def test_hostile_values_mean_only_themselves(store: ClickHouseStore, reader: Reader) -> None:
    store.insert(
        together(session(n, value, visit=Visit(source=value)) for n, value in enumerate(HOSTILE))
    )
    for dimension in (PAGE, ENTRY, SOURCE):
        for value in HOSTILE:
            only = Filter(dimension, False, (value,))
            rows = ask(reader, question(dimensions=(dimension,), filters=(only,))).rows
            assert rows == (Row((value,), (1,)),)
            others = Filter(dimension, True, (value,))
            (row,) = ask(reader, question(filters=(others,))).rows
            assert row.metrics == (len(HOSTILE) - 1,)


def test_hostile_values_beside_a_wildcard(store: ClickHouseStore, reader: Reader) -> None:
    store.insert(together(session(n, f"/<{value}>/end") for n, value in enumerate(HOSTILE)))
    for value in HOSTILE:
        starting = Filter(PAGE, False, (f"/<{value}>*",))
        rows = ask(reader, question(dimensions=(PAGE,), filters=(starting,))).rows
        assert rows == (Row((f"/<{value}>/end",), (1,)),)


def test_the_longest_filters_there_may_be(store: ClickHouseStore, reader: Reader) -> None:
    store.insert(session(1, "/"))
    dimensions = (PAGE, ENTRY, SOURCE, DIMENSIONS["visit:exit_page"], DIMENSIONS["visit:city"])
    size = VALUE_BYTES_MAX // ALL_VALUES_MAX
    values = tuple("'" * (size - 1) + "*" for _ in range(VALUES_MAX))
    filters = tuple(Filter(dimension, True, values) for dimension in dimensions)
    metrics = (metric for metric in Metric if metric not in TIMING_METRICS)
    asked = question(
        *metrics, filters=filters, bucket=Bucket.HOUR, timezone="Europe/Berlin", currency="EUR"
    )
    assert ask(reader, asked).rows[0].metrics[:2] == (1, 1)


def test_only_the_site_asked_for(store: ClickHouseStore, reader: Reader) -> None:
    store.insert(session(1, "/"))
    assert ask(reader, question(site_id=SITE + 1)).rows == (Row((), (0,)),)


def test_a_visit_that_began_before_the_period(store: ClickHouseStore, reader: Reader) -> None:
    #  Monday 23:58  /a      Tuesday 00:00  /b     the period is Tuesday
    store.insert(session(1, "/a", "/mid", "/b", minute=NOON - 120))
    metrics = (Metric.VISITORS, Metric.VISITS, Metric.BOUNCE_RATE, Metric.VIEWS_PER_VISIT)
    assert ask(reader, question(*metrics)).rows == (Row((), (1, 0, None, None)),)
    by_page = ask(reader, question(*metrics, dimensions=(PAGE,))).rows
    assert by_page == (Row(("/b",), (1, 1, 0.0, 3.0)),)
    by_entry = ask(reader, question(*metrics, dimensions=(ENTRY,))).rows
    assert by_entry == (Row(("/a",), (1, 0, None, None)),)


def test_how_long_ago_a_linked_visit_may_have_begun(store: ClickHouseStore, reader: Reader) -> None:
    rows = session(1, "/a", "/b")
    (begun,) = rows.visits
    old = begun._replace(minute=NOON - VISIT_SPAN_S_MAX)
    store.insert(Rows(rows.hits, [old], []))
    assert ask(reader, question(dimensions=(ENTRY,))).rows == (Row(("/a",), (1,)),)


def test_a_visit_that_moved_to_another_entry_page(store: ClickHouseStore, reader: Reader) -> None:
    """It began with an event; the row it was in until its first pageview is written as zeros."""
    first, then = session(1, "/a"), session(1, "/b", "/c")
    (left,) = first.visits
    kept = left._asdict() | {"version": 2}
    counts = dict.fromkeys(("visits", "bounces", "duration_s", "pageviews", "events"), 0)
    arrays = {name: () for name, value in kept.items() if isinstance(value, tuple)}
    emptied = VisitRow(**(kept | counts | arrays))
    moved = [row._replace(row_key=row.row_key + 500, version=2) for row in then.visits]
    store.insert(first)
    store.insert(Rows(then.hits, [emptied, *moved], []))
    for name, page in (("visit:entry_page", "/b"), ("visit:exit_page", "/c")):
        asked = question(Metric.VISITS, dimensions=(DIMENSIONS[name],))
        assert ask(reader, asked).rows == (Row((page,), (1,)),)


def test_paging_is_stable(store: ClickHouseStore, reader: Reader) -> None:
    store.insert(together(session(n, f"/{n % 10}", minute=NOON + 60 * (n % 3)) for n in range(25)))
    both = (TIME_MINUTE, PAGE)
    whole = ask(reader, question(Metric.PAGEVIEWS, dimensions=both)).rows
    pages = [
        row
        for offset in range(0, 30, 4)
        for row in ask(
            reader, question(Metric.PAGEVIEWS, dimensions=both, limit=4, offset=offset)
        ).rows
    ]
    assert tuple(pages) == whole
    assert sum(int(row.metrics[0] or 0) for row in whole) == 25


def test_the_ledger(store: ClickHouseStore, reader: Reader) -> None:
    outcomes = [(1, COUNTED, 5), (2, COUNTED, 2), (3, "bot", 4), (4, "duplicate", 1)]
    ledger = [LedgerRow(SITE, NOON, key, 2, outcome, hits) for key, outcome, hits in outcomes]
    stale = LedgerRow(SITE, NOON, 3, 1, "bot", 99)
    later = LedgerRow(SITE, NOON + DAY_S, 5, 1, COUNTED, 50)
    store.insert(Rows([], [], [*ledger, stale, later]))
    found = read_ledger(reader, SITE, NOON + 59, NOON + DAY_S)
    assert found == Ledger(counted=7, left_out={"bot": 4, "duplicate": 1})
    assert found.accepted == 12
    assert read_ledger(reader, 404, NOON, NOON + DAY_S) == Ledger(0, {})


def test_what_costs_too_much_says_what_to_narrow(store: ClickHouseStore, rollups_url: str) -> None:
    store.insert(session(1, "/"))
    with closing(Reader(rollups_url, Limits(max_memory_usage=1_000))) as reader:
        days = question(end_s=NOON + 9 * DAY_S, dimensions=(PAGE, SOURCE))
        with pytest.raises(TooCostly, match="memory: ask for fewer days or break down by fewer"):
            ask(reader, days)
        minutes = question(end_s=NOON + 60, filters=(Filter(PAGE, False, ("/",)),))
        with pytest.raises(TooCostly, match="memory: ask for a shorter period"):
            ask(reader, minutes)


def test_what_reads_too_much(rollups_url: str) -> None:
    few = Limits(max_rows_to_read=1_000)
    with closing(Reader(rollups_url, few)) as reader, pytest.raises(TooCostly, match="many rows"):
        reader.read("SELECT sum(number) FROM system.numbers", {})


def test_what_takes_too_long(rollups_url: str) -> None:
    with closing(Reader(rollups_url, Limits(max_execution_time=1))) as reader:
        with pytest.raises(TooCostly, match="takes too long"):
            reader.read("SELECT count() FROM system.numbers WHERE sipHash64(number) = 1", {})
        assert reader.read("SELECT 1", {}) == [(1,)]


def test_many_threads_share_a_reader(store: ClickHouseStore, reader: Reader) -> None:
    store.insert(session(1, "/a", "/b"))
    barrier = threading.Barrier(8)

    def work(number: int) -> list[int | float | None]:
        barrier.wait()
        asked = question(Metric.PAGEVIEWS, filters=(Filter(PAGE, number % 2 == 0, ("/a",)),))
        return [ask(reader, asked).rows[0].metrics[0] for _ in range(10)]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [[1] * 10] * 8


def test_a_server_that_goes_and_comes_back(
    store: ClickHouseStore, rollups_url: str, clickhouse_forwarder: Forwarder
) -> None:
    store.insert(session(1, "/"))
    reader = Reader(through(clickhouse_forwarder, rollups_url))
    assert ask(reader, question()).rows == (Row((), (1,)),)
    clickhouse_forwarder.cut()
    with pytest.raises(StoreUnavailable):
        ask(reader, question())
    clickhouse_forwarder.restore()
    assert ask(reader, question()).rows == (Row((), (1,)),)
    reader.close()


def test_tables_that_are_not_there(clickhouse_url: str) -> None:
    url = f"{clickhouse_url}_that_is_not_there"
    with closing(Reader(url)) as reader, pytest.raises(StoreUnavailable, match="refused"):
        ask(reader, question())
