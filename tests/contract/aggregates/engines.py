"""The two ClickHouses that the rollups run on: the server of the tests, and a current release.

The current one is chDB, ClickHouse's own engine in process. It has no native protocol, so rows go
in and come out as JSON; the SQL is the same to the letter.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, cast

from chdb.session import Session
from clickhouse_driver import Client

from aggregates.clickhouse import migrate
from aggregates.clickhouse.clients import ClientPool
from aggregates.clickhouse.columns import ROLLUPS, SEALED_TABLES, TABLES, Row, transpose
from aggregates.clickhouse.reader import SPLIT_FINAL, Reader, Reads
from aggregates.clickhouse.reader import Rows as Answers
from aggregates.clickhouse.store import ClickHouseStore
from aggregates.core.rows import Rows

DATABASE: Final = "rollups"
TIMEOUT_S: Final = 300.0  # making what a bench compares with
ALL_TABLES: Final = (*SEALED_TABLES, *ROLLUPS)
_SETTINGS: Final = {
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_denormals": 1,
    **SPLIT_FINAL,
    # Hardly any two questions are alike: making machine code of them costs more than it saves.
    "compile_expressions": 0,
    "compile_aggregate_expressions": 0,
}


class Engine(Protocol):
    """A migrated database of rollups."""

    def read(self, sql: str, params: Mapping[str, object]) -> Answers: ...
    def execute(self, statement: str) -> None: ...
    def insert(self, rows: Rows) -> None: ...
    def insert_values(
        self, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
    ) -> None: ...
    def empty(self) -> None: ...
    def close(self) -> None: ...


class ServerEngine:
    """The real server, through the product's own adapters."""

    def __init__(self, url: str) -> None:
        """`url` is of a migrated database."""
        self._reader, self._store = Reader(url), ClickHouseStore(url)
        self._clients = ClientPool(url, TIMEOUT_S, {})

    def read(self, sql: str, params: Mapping[str, object]) -> Answers:
        return self._reader.read(sql, params)

    def execute(self, statement: str) -> None:
        self._clients.execute(statement)

    def insert(self, rows: Rows) -> None:
        self._store.insert(rows)

    def insert_values(
        self, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
    ) -> None:
        self._clients.insert(table, columns, rows)

    def empty(self) -> None:
        for name in ALL_TABLES:
            self.execute(f"TRUNCATE TABLE {name}")

    def close(self) -> None:
        self._reader.close()
        self._store.close()
        self._clients.close()


class CurrentEngine:
    """A current release in this process; there can be one at a time."""

    def __init__(self, folder: Path) -> None:
        self._session = cast(Any, Session)(str(folder))
        self._driver = Client("127.0.0.1")  # never connected: it puts parameters into queries
        self._session.query(f"CREATE DATABASE {DATABASE}")
        self._session.query(f"USE {DATABASE}")
        for path in sorted(migrate.MIGRATIONS_DIR.glob("*.sql")):
            for statement in statements(path.read_text()):
                self._session.query(statement)

    def read(self, sql: str, params: Mapping[str, object]) -> Answers:
        context = self._driver.connection.context
        query = self._driver.substitute_params(sql, params, context) if params else sql
        settings = ", ".join(f"{name} = {value}" for name, value in _SETTINGS.items())
        found = self._session.query(f"{query}\nSETTINGS {settings}", "JSONCompactEachRow")
        lines = cast("bytes", found.bytes()).splitlines()
        return [tuple(json.loads(line)) for line in lines]

    def execute(self, statement: str) -> None:
        self._session.query(statement)

    def insert(self, rows: Rows) -> None:
        for table, table_rows in zip(TABLES, rows, strict=True):
            if table_rows:
                columns = transpose(table, cast(Sequence[Row], table_rows))
                self.insert_values(table.name, table.columns, list(zip(*columns, strict=True)))

    def insert_values(
        self, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
    ) -> None:
        lines = (json.dumps(dict(zip(columns, values, strict=True))) for values in rows)
        self._session.query(f"INSERT INTO {table} FORMAT JSONEachRow\n" + "\n".join(lines))

    def empty(self) -> None:
        for name in ALL_TABLES:
            self._session.query(f"TRUNCATE TABLE {name}")

    def close(self) -> None:
        # Nobody reads the rows any more: closing would wait for merges of thousands of parts.
        self._session.query("SYSTEM STOP MERGES")
        self._session.close()


class MinutesOnly:
    """Reads as if no day were sealed."""

    def __init__(self, reader: Reads) -> None:
        self._reader = reader

    def read(self, sql: str, params: Mapping[str, object]) -> Answers:
        return [] if "FROM day_seals" in sql else self._reader.read(sql, params)


def statements(text: str) -> Iterable[str]:
    """The statements of a migration, without its comments."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return filter(None, (part.strip() for part in "\n".join(lines).split(";")))
