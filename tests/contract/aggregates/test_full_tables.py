"""Full tables of an older schema, brought forward: every answer stays what it was, on both engines.

an older schema, rows in it -> asked -> migrated -> asked again -> written anew -> asked again
"""

import json
import random
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol, cast

import pytest

from aggregates.clickhouse.answer import ask
from aggregates.clickhouse.clients import ClientPool
from aggregates.clickhouse.columns import TABLES, Column, Row, transpose
from aggregates.clickhouse.filters import Filter
from aggregates.clickhouse.ledger import Ledger, read_ledger
from aggregates.clickhouse.migrate import MIGRATIONS_DIR, migrate
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Reads
from aggregates.clickhouse.sealed import SealedDay, sealed_days
from aggregates.clickhouse.sealing import UnsealedDay, unsealed_days
from aggregates.clickhouse.vocabulary import DIMENSIONS, Bucket, Metric
from aggregates.core.rows import COUNTED, LedgerRow, Rows
from schemas.events import Visit
from tests.contract.aggregates import oracle
from tests.contract.aggregates.engines import (
    DATABASE,
    TIMEOUT_S,
    Engine,
    MinutesOnly,
    ServerEngine,
    statements,
)
from tests.contract.aggregates.oracle import OracleHit, OracleSession
from tests.contract.aggregates.test_engines import checksums
from tests.fresh import drop_database, rollups

pytestmark = pytest.mark.integration

EMPTIES_UP_TO: Final = 2  # migration 3 empties the tables: the streams write every row anew
LEVELS: Final = range(EMPTIES_UP_TO, len(list(MIGRATIONS_DIR.glob("*.sql"))))
SEALS_WITHOUT_STEPS: Final = 8
OTHER_ID: Final = 8
SITE_ID, START_S, DAYS = 7, 1_706_745_600, 70  # three months: several partitions
END_S = START_S + DAYS * 86_400
FAR_S = END_S + 86_400
COUNTED_METRICS = tuple(Metric)[:7]
VISITS = [
    Visit(source=source, country=country, device=device)
    for source in ("", "Google", "ḡ'")
    for country in ("DE", "US")
    for device in ("Mobile", "Desktop")
]


def drawn_sessions(count: int) -> list[OracleSession]:
    """Visits of 1 to 5 hits, spread over the days; visitors come back."""
    draw, found = random.Random(5), []
    for number in range(count):
        minute = START_S + 60 * draw.randrange(DAYS * 1440 - 200)
        visitor, hits = draw.randrange(count // 3), []
        for step in range(draw.randint(1, 5)):
            name = "pageview" if not step else draw.choice(["pageview", "Signup", "engagement"])
            path = draw.choice(["/", "/a", "/é", "/blog/1"])
            hits.append(OracleHit(minute, name, "x.org", path, visitor))
            minute += 60 * draw.choice([0, 1, 20])
        visit = draw.choice(VISITS)
        found.append(OracleSession(2**63 + number, draw.randint(0, 1), visit, tuple(hits)))
    return found


SESSIONS = drawn_sessions(1_500)
LEDGER = [
    LedgerRow(SITE_ID, START_S + 60 * number, number, 9, outcome, 1 + number % 5)
    for number in range(400)
    for outcome in ((COUNTED, "bot")[number % 2],)
]
WANTED_LEDGER = Ledger(
    sum(row.hits for row in LEDGER if row.outcome == COUNTED),
    {"bot": sum(row.hits for row in LEDGER if row.outcome == "bot")},
)


def all_rows() -> Rows:
    """With revenue and timings, which have columns only since later schemas."""
    rows = oracle.make_rows(SITE_ID, SESSIONS, version=9)
    hits = [
        row._replace(
            revenue_micros=1_000_000,
            session_revenue_micros=(1_000_000,) + (0,) * (len(row.session_ids) - 1),
            timing_names=(1,),
            timing_values=(number,),
        )
        if number % 3 == 0
        else row
        for number, row in enumerate(rows.hits)
    ]
    return Rows(hits, rows.visits, LEDGER)


ROWS = all_rows()


def questions() -> list[Question]:
    whole = Question(SITE_ID, START_S, END_S, COUNTED_METRICS, limit=10_000)
    page, source = DIMENSIONS["event:page"], DIMENSIONS["visit:source"]
    by = {name: replace(whole, dimensions=(DIMENSIONS[name],)) for name in BREAKDOWNS}
    return [
        whole,
        *by.values(),
        replace(whole, bucket=Bucket.DAY, timezone="Asia/Kathmandu"),
        replace(whole, bucket=Bucket.MONTH, dimensions=(source,)),
        replace(whole, filters=(Filter(page, False, ("/blog/*",)), Filter(source, True, ("",)))),
        replace(by["visit:exit_page"], filters=(Filter(page, False, ("/a",)),)),
    ]


BREAKDOWNS = ("event:page", "event:name", "visit:source", "visit:entry_page", "visit:exit_page")
WANTED = [oracle.answer(SESSIONS, question) for question in questions()]


def answers(reader: Reads) -> list[object]:
    return [ask(reader, question).rows for question in questions()]


class Older(Protocol):
    """A database at some level of the schema, on one of the engines."""

    engine: Engine

    def insert(self, table: str, columns: dict[str, Column]) -> None: ...
    def forward(self) -> None: ...


def write_what_fits(older: Older, rows: Rows) -> None:
    """As the release of that schema did: the columns there were."""
    for table, table_rows in zip(TABLES, rows, strict=True):
        if not table_rows:
            continue
        names = older.engine.read(
            "SELECT name FROM system.columns"
            " WHERE database = currentDatabase() AND table = %(table)s",
            {"table": table.name},
        )
        values = transpose(table, cast("list[Row]", table_rows))
        columns = dict(zip(table.columns, values, strict=True))
        there = {str(name) for (name,) in names}
        older.insert(table.name, {name: columns[name] for name in table.columns if name in there})


class OlderServer:
    """Migrated by the product's own way, from a folder that holds only the first files."""

    def __init__(self, url: str, level: int, folder: Path) -> None:
        self._url = url
        for path in first_files(level):
            shutil.copy(path, folder)
        assert migrate(url, folder) == level
        self._clients = ClientPool(url, TIMEOUT_S, {})
        self.engine: Engine = ServerEngine(url)

    def insert(self, table: str, columns: dict[str, Column]) -> None:
        self._clients.insert(table, columns, list(columns.values()), columnar=True)

    def forward(self) -> None:
        migrate(self._url)

    def close(self) -> None:
        self._clients.close()
        self.engine.close()


class OlderCurrent:
    """The same files' statements on the current engine, in a database beside the usual one."""

    def __init__(self, engine: Engine, level: int) -> None:
        self.engine, self._level = engine, level
        engine.execute("CREATE DATABASE older")
        engine.execute("USE older")
        self._apply(first_files(level))

    def insert(self, table: str, columns: dict[str, Column]) -> None:
        lines = (
            json.dumps(dict(zip(columns, values, strict=True)))
            for values in zip(*columns.values(), strict=True)
        )
        self.engine.execute(f"INSERT INTO {table} FORMAT JSONEachRow\n" + "\n".join(lines))

    def forward(self) -> None:
        self._apply(sorted(MIGRATIONS_DIR.glob("*.sql"))[self._level :])

    def _apply(self, files: Iterable[Path]) -> None:
        for path in files:
            for statement in statements(path.read_text()):
                self.engine.execute(statement)

    def close(self) -> None:
        self.engine.execute(f"USE {DATABASE}")
        self.engine.execute("DROP DATABASE older")


def first_files(level: int) -> list[Path]:
    return sorted(MIGRATIONS_DIR.glob("*.sql"))[:level]


@pytest.fixture(params=LEVELS, ids="level{}".format)
def level(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found


@pytest.fixture(params=["server", "current"])
def older(
    request: pytest.FixtureRequest, level: int, clickhouse_url: str, tmp_path: Path
) -> Iterator[Older]:
    made: OlderServer | OlderCurrent
    url = f"{clickhouse_url}_older"
    if request.param == "server":
        drop_database(url)
        made = OlderServer(url, level, tmp_path)
    else:
        made = OlderCurrent(request.getfixturevalue("current_engine"), level)
    yield made
    made.close()
    drop_database(url)


@pytest.fixture(scope="module")
def wanted_checksums(clickhouse_url: str) -> dict[str, tuple[object, ...]]:
    """Of the same rows written to the newest schema from the first."""
    with rollups(clickhouse_url, "newest") as url:
        engine = ServerEngine(url)
        engine.insert(ROWS)
        found = checksums(engine)
        engine.close()
    return found


def seal_without_steps(engine: Engine) -> None:
    """A seal of that schema that holds."""
    writes = ("site_id", "minute", "rows")
    engine.insert_values("row_writes", writes, [(OTHER_ID, START_S, 5)])
    seals = ("site_id", "minute", "seal", "writes", "linked_writes")
    engine.insert_values("day_seals", seals, [(OTHER_ID, START_S, 77, 5, 5)])


def test_answers_stay(
    older: Older, level: int, wanted_checksums: dict[str, tuple[object, ...]]
) -> None:
    write_what_fits(older, oracle.stale(ROWS))
    write_what_fits(older, ROWS)
    engine = older.engine
    if level > EMPTIES_UP_TO:
        assert answers(MinutesOnly(engine)) == WANTED, "before"
    if level == SEALS_WITHOUT_STEPS:
        seal_without_steps(engine)
    older.forward()
    if level == SEALS_WITHOUT_STEPS:
        day = Question(OTHER_ID, START_S, START_S + 86_400, COUNTED_METRICS)
        assert sealed_days(engine, day) == (SealedDay(START_S, 77, has_steps=False),)
        found = unsealed_days(engine, FAR_S, writes_min=1)
        assert UnsealedDay(OTHER_ID, START_S, 5, 5) in found, "sealed anew, with steps"
    if level > EMPTIES_UP_TO:
        assert answers(engine) == WANTED, "after"
        assert read_ledger(engine, SITE_ID, START_S, END_S) == WANTED_LEDGER
        money = "SELECT sum(revenue_micros) FROM hit_rows FINAL"
        assert engine.read(money, {}) == [(sum(row.revenue_micros for row in ROWS.hits),)]
        days = unsealed_days(engine, FAR_S, writes_min=1)
        written = sum(day.writes for day in days if day.site_id == SITE_ID)
        assert written >= len(ROWS.hits) + len(ROWS.visits), "what was there counts as written"
    else:
        assert engine.read("SELECT count() FROM hit_rows", {}) == [(0,)]
    # The streams fold the log from its beginning: the same rows, the new columns filled.
    engine.insert(ROWS)
    assert answers(engine) == WANTED, "written anew"
    assert checksums(engine) == wanted_checksums
