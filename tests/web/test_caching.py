"""Answers that are kept: never older than the rows, on the real ClickHouse."""

import threading
import time
from collections.abc import Iterator, Mapping

import pytest
from clickhouse_driver import Client as ClickHouse
from django.core.cache import cache
from pytest_django import Settings

from aggregates.clickhouse.answer import ask
from aggregates.clickhouse.erasure import delete_site
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Reader, Reads
from aggregates.clickhouse.reader import Rows as Answers
from aggregates.clickhouse.store import ClickHouseStore
from aggregates.clickhouse.vocabulary import Metric
from aggregates.core.rows import HitRow, Rows
from schemas.events import Visit
from tests.fresh import rollups
from tests.web.conftest import FakeReader, holder_of
from webapp.sites.models import Site
from webapp.stats.caching import CachedReader, CachedReads

pytestmark = pytest.mark.any_database

MINUTE = 1_764_064_800
HITS_QUERY = "FROM hit_rows FINAL"


class CountingReader(Reader):
    """Remembers the queries that were put to the real server."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.asked: list[str] = []

    def pinned(self) -> "Counted":  # type: ignore[override]  # as much of one as is read here
        return Counted(super().pinned(), self.asked)


class Counted:
    def __init__(self, reader: Reads, asked: list[str]) -> None:
        self._reader, self._asked = reader, asked

    def read(self, sql: str, params: Mapping[str, object]) -> Answers:
        self._asked.append(sql)
        return self._reader.read(sql, params)


def hit(number: int, site_id: int = 7, version: int = 1) -> HitRow:
    """A pageview of a visitor of its own."""
    return HitRow(
        site_id=site_id,
        minute=MINUTE,
        row_key=number,
        version=version,
        name="pageview",
        hostname="x.org",
        path="/",
        prop_keys=(),
        prop_values=(),
        currency="",
        visit=Visit(),
        hits=1,
        revenue_micros=0,
        session_ids=(number,),
        visitor_ids=(number,),
        session_hits=(1,),
        session_engaged_ms=(0,),
        session_scroll_depths=(0,),
        timing_names=(),
        timing_values=(),
        session_revenue_micros=(),
    )


@pytest.fixture(scope="module")
def url(clickhouse_url: str) -> Iterator[str]:
    with rollups(clickhouse_url, "caching") as made:
        yield made


@pytest.fixture
def store(url: str) -> Iterator[ClickHouseStore]:
    with_tables = ClickHouse.from_url(url)
    with_tables.execute("TRUNCATE TABLE hit_rows")
    with_tables.disconnect()
    cache.clear()
    made = ClickHouseStore(url)
    yield made
    made.close()


@pytest.fixture
def counting(url: str) -> Iterator[CountingReader]:
    made = CountingReader(url)
    yield made
    made.close()


def question(site_id: int = 7) -> Question:
    return Question(site_id, MINUTE, MINUTE + 60, (Metric.VISITORS, Metric.PAGEVIEWS))


def numbers(reader: CachedReads | CachedReader, asked: Question) -> tuple[object, ...]:
    return ask(reader, asked).rows[0].metrics


def test_an_answer_is_read_once(store: ClickHouseStore, counting: CountingReader) -> None:
    reader = CachedReader(counting).pinned()
    store.insert(Rows([hit(1)], [], []))
    assert numbers(reader, question()) == (1, 1)
    assert numbers(reader, question()) == (1, 1)
    assert len([sql for sql in counting.asked if HITS_QUERY in sql]) == 1


def test_every_write_is_seen_at_once(store: ClickHouseStore, counting: CountingReader) -> None:
    reader = CachedReader(counting).pinned()
    for number in range(1, 30):
        store.insert(Rows([hit(number)], [], []))
        assert numbers(reader, question()) == (number, number)
    store.insert(Rows([hit(1, version=2)._replace(hits=5, session_hits=(5,))], [], []))
    assert numbers(reader, question()) == (29, 33)


def test_deleted_rows_are_gone_at_once(
    store: ClickHouseStore, counting: CountingReader, url: str
) -> None:
    reader = CachedReader(counting).pinned()
    store.insert(Rows([hit(1)], [], []))
    assert numbers(reader, question()) == (1, 1)
    delete_site(url, 7)
    assert numbers(reader, question()) == (0, 0)


def test_writes_for_other_sites_leave_it(store: ClickHouseStore, counting: CountingReader) -> None:
    reader = CachedReader(counting).pinned()
    store.insert(Rows([hit(1)], [], []))
    assert numbers(reader, question()) == (1, 1)
    for number in range(2, 5):
        store.insert(Rows([hit(number, site_id=8)], [], []))
        assert numbers(reader, question()) == (1, 1)
    assert len([sql for sql in counting.asked if HITS_QUERY in sql]) == 1
    assert numbers(reader, question(8)) == (3, 3)


def test_never_older_than_what_was_confirmed(store: ClickHouseStore, url: str) -> None:
    """One thread writes, four ask: each answer has at least what was confirmed before it began."""
    confirmed, stop, stale = [0], threading.Event(), list[tuple[int, object]]()
    answers = [0]

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            store.insert(Rows([hit(number)], [], []))
            confirmed[0] = number
            time.sleep(0.01)

    def keep_asking() -> None:
        inner = Reader(url)
        reader = CachedReader(inner)
        while not stop.is_set():
            before = confirmed[0]
            visitors, _ = numbers(reader.pinned(), question())
            answers[0] += 1
            if not isinstance(visitors, int) or visitors < before:
                stale.append((before, visitors))
        inner.close()

    threads = [threading.Thread(target=write)]
    threads += [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    deadline_s = time.monotonic() + 60
    while min(answers[0], confirmed[0]) < 20 and time.monotonic() < deadline_s:
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert min(answers[0], confirmed[0]) >= 20
    assert stale == []


@pytest.mark.django_db
def test_a_cache_that_is_away(url: str, settings: Settings, store: ClickHouseStore) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    store.insert(Rows([hit(1)], [], []))
    inner = Reader(url)
    assert numbers(CachedReader(inner), question()) == (1, 1)
    inner.close()


def test_the_same_answer_is_sent_once(site: Site, key: str, rollups: FakeReader) -> None:
    rollups.rows = [(12,)]
    address = f"/api/v1/stats/aggregate?site_id={site.domain}&period=day&date=2026-11-24"
    first = holder_of(key).get(address)
    assert first["Cache-Control"] == "private, no-cache"
    tag = first["ETag"]
    again = holder_of(key).get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    rollups.rows = [(13,)]
    changed = holder_of(key).get(address, headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed["ETag"] != tag
    other = holder_of("pp_invented").get(address, headers={"if-none-match": tag})
    assert other.status_code == 401
