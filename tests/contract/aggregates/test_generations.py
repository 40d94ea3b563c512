"""Readers follow the pointer from one generation to the next, on the real server."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from clickhouse_driver import Client

from aggregates.clickhouse.clients import ClientPool
from aggregates.clickhouse.generations import (
    Generation,
    State,
    active_of,
    database_url,
    list_generations,
    write_generation,
)
from aggregates.clickhouse.ledger import read_ledger
from aggregates.clickhouse.reader import Reader
from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.rows import COUNTED, LedgerRow, Rows
from schemas.rules import Rules, SiteRules, encode_rules
from tests.fresh import drop_database, rollups

pytestmark = pytest.mark.integration

SITE, NOON = 3, 1_700_049_600
RULES = encode_rules(Rules(SiteRules(session_gap_s=1_200))).decode()


@pytest.fixture
def base(clickhouse_url: str) -> Iterator[str]:
    """Two generations: 10 hits counted in the first, 20 in the second."""
    with (
        rollups(clickhouse_url, "generations") as url,
        rollups(clickhouse_url, "generations_g2") as second,
    ):
        assert second == database_url(url, 2)
        for place, hits in ((url, 10), (second, 20)):
            with closing(ClickHouseStore(place)) as store:
                store.insert(Rows([], [], [LedgerRow(SITE, NOON, 1, 1, COUNTED, hits)]))
        yield url


@pytest.fixture
def table(base: str) -> Iterator[ClientPool]:
    pool = ClientPool(base, 10, {})
    yield pool
    pool.close()


def counted(reader: Reader) -> int:
    return read_ledger(reader, SITE, NOON, NOON + 60).counted


def switch(table: ClientPool, number: int) -> None:
    """As a rebuild does it: one row, above all others."""
    known = {each.number: each for each in list_generations(table)}
    top = max(each.activation for each in known.values()) + 1
    version = max(each.version for each in known.values()) + 1
    chosen = known.get(number, Generation(number, RULES))
    write_generation(table, replace(chosen, activation=top, version=version))


def test_the_first_is_served_until_another_one_is_written(base: str, table: ClientPool) -> None:
    assert list_generations(table) == [Generation(1)]
    with closing(Reader(base)) as reader:
        assert counted(reader) == 10


def test_a_database_without_the_table_is_the_first_generation(base: str) -> None:
    client = Client.from_url(base)
    client.execute("DROP TABLE generations")
    client.disconnect()
    with closing(Reader(base)) as reader:
        assert counted(reader) == 10


def test_rows_come_back_as_they_were_written(table: ClientPool) -> None:
    first = Generation(1, made_s=NOON, activation=1, version=1)
    second = Generation(2, RULES, State.BUILDING, NOON, 0, 2)
    for generation in (second, first, second):
        write_generation(table, generation)
    assert list_generations(table) == [first, second]
    assert second.rules.of(SITE).session_gap_s == 1_200


def test_only_a_ready_generation_is_served(table: ClientPool) -> None:
    first = Generation(1, activation=1, version=1)
    for state in (State.BUILDING, State.DROPPED):
        assert active_of([first, Generation(2, RULES, state, 0, 9, 2)]) == first
    assert active_of([first, Generation(2, RULES, State.READY, 0, 9, 2)]).number == 2


def test_readers_follow_within_a_second_and_back(base: str, table: ClientPool) -> None:
    with closing(Reader(base)) as reader:
        assert counted(reader) == 10
        for number, hits in ((2, 20), (1, 10), (2, 20)):
            pinned = reader.pinned()
            before = read_ledger(pinned, SITE, NOON, NOON + 60)
            switch(table, number)
            time.sleep(1.1)
            assert counted(reader) == hits
            assert read_ledger(pinned, SITE, NOON, NOON + 60) == before, "it stays where it was"


def test_no_question_fails_while_generations_come_and_go(
    base: str, table: ClientPool, clickhouse_url: str
) -> None:
    """Threads ask without a pause; the second generation is served, left, and dropped."""
    answers: list[int] = []
    failures: list[Exception] = []
    over = threading.Event()

    def ask(reader: Reader) -> None:
        while not over.is_set():
            try:
                answers.append(counted(reader))
            except Exception as error:
                failures.append(error)

    with closing(Reader(base)) as reader:
        threads = [threading.Thread(target=ask, args=(reader,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        switch(table, 2)
        time.sleep(1.3)
        switch(table, 1)
        drop_database(f"{clickhouse_url}_generations_g2")  # at once: the readers still point there
        time.sleep(1.3)
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert set(answers) == {10, 20}
    assert answers[0] == answers[-1] == 10
