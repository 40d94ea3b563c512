"""What `./inv rebuild` does with generations: make one, switch to it, go back, drop one.

Every step is one absolute row or can be repeated, so a rebuild that is killed anywhere leaves
nothing that the next one does not clean up. Only one rebuild may use it at a time.
"""

import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from aggregates.clickhouse.clients import ClientPool, Gone
from aggregates.clickhouse.columns import ROLLUPS, SEALED_TABLES, TABLES
from aggregates.clickhouse.generations import (
    FIRST,
    Generation,
    State,
    active_of,
    database_name,
    database_url,
    list_generations,
    write_generation,
)
from aggregates.clickhouse.migrate import migrate
from aggregates.clickhouse.queries import read_query
from schemas.rules import Rules, encode_rules

FOR_EVER_S: Final = 2**32 - 1  # the last second there is a DateTime for
TIMEOUT_S: Final = 600.0  # a checksum reads everything


@dataclass(frozen=True, slots=True)
class Content:
    """What a generation's database holds."""

    rows: dict[str, int]  # table -> rows that count
    checksums: dict[str, int]  # table -> 64 bits over all columns of these rows
    disk_bytes: int

    @property
    def checksum(self) -> str:
        """Of all tables together."""
        return "-".join(f"{each:016x}" for each in self.checksums.values())


@dataclass(frozen=True, slots=True)
class Day:
    """A site's day (UTC) in one generation."""

    pageviews: int = 0
    visitors: int = 0
    visits: int = 0
    bounces: int = 0


class Registry:
    """The table of generations and their databases, on one server."""

    def __init__(self, url: str) -> None:
        """`url` of the base database, as a user who may create and drop databases."""
        self._url = url
        self._clients = ClientPool(url, TIMEOUT_S, {})

    def close(self) -> None:
        self._clients.close()

    def generations(self) -> list[Generation]:
        """By number. Raises `StoreUnavailable`."""
        return list_generations(self._clients)

    def active(self) -> Generation:
        return active_of(self.generations())

    def find(self, number: int) -> Generation | None:
        return next((each for each in self.generations() if each.number == number), None)

    def url_of(self, number: int) -> str:
        return database_url(self._url, number)

    def begin(self, rules: Rules) -> Generation:
        """A new generation with an empty, migrated database. Its number was never used before.

        A database of that name is of an installation that was here before: it goes.
        """
        known = self.generations()
        if not known[0].version:  # the first is nowhere written down yet
            self._write(replace(known[0], activation=1))
        made = Generation(
            number=max(each.number for each in known) + 1,
            rules_json=encode_rules(rules).decode(),
            state=State.BUILDING,
            made_s=int(time.time()),
        )
        self._write(made)
        self._drop_database(made)
        migrate(self.url_of(made.number))
        return made

    def finish(self, generation: Generation) -> Generation:
        """It holds the whole log now; nobody reads it yet."""
        return self._write(replace(generation, state=State.READY))

    def activate(self, generation: Generation) -> Generation:
        """Have everyone read it, in one step."""
        top = max(each.activation for each in self.generations())
        return self._write(replace(generation, activation=top + 1))

    def previous(self) -> Generation | None:
        """The ready one that was served before the present one."""
        active = self.active()
        others = [
            each
            for each in self.generations()
            if each.state == State.READY and each.activation and each.number != active.number
        ]
        return max(others, key=lambda each: each.activation, default=None)

    def drop(self, generation: Generation) -> None:
        """Mark it and delete its rows. Safe to repeat."""
        self._write(replace(generation, state=State.DROPPED))
        if generation.number == FIRST:  # its database is the base one, which holds the pointer
            for name in (*SEALED_TABLES, *ROLLUPS):
                self._execute(f"TRUNCATE TABLE {name}")
        else:
            self._drop_database(generation)

    def _drop_database(self, generation: Generation) -> None:
        name = database_name(self.url_of(generation.number))
        self._execute(f"DROP DATABASE IF EXISTS {name}")

    def content(self, generation: Generation, until_s: int = FOR_EVER_S) -> Content:
        """Reads every row of minutes before `until_s`. Raises `StoreUnavailable`."""
        rows, checksums = {}, {}
        for table in TABLES:
            query = read_query("rows_checksum").format(
                table=table.name, columns=", ".join(table.columns)
            )
            found = self._read(generation, query, {"until_s": until_s})
            ((rows[table.name], checksums[table.name]),) = found
        ((disk_bytes,),) = self._read(generation, read_query("rows_bytes"))
        return Content(rows, checksums, disk_bytes)

    def days(self, generation: Generation, until_s: int) -> dict[tuple[int, int], Day]:
        """(site id, epoch seconds of the day's start, UTC) -> what it came to, up to `until_s`."""
        found = self._read(generation, read_query("days_count"), {"until_s": until_s})
        return {(site, day_s): Day(*counts) for site, day_s, *counts in found}

    def migrate_all(self) -> int:
        """Bring the base database and those of all generations that are kept to the newest schema.

        The number of migrations applied. Raises `StoreUnavailable`.
        """
        applied = migrate(self._url)
        for each in self.generations():
            if each.state == State.READY and each.number != FIRST:
                applied += migrate(self.url_of(each.number))
        return applied

    def _write(self, generation: Generation) -> Generation:
        version = max(each.version for each in self.generations()) + 1
        written = replace(generation, version=version)
        write_generation(self._clients, written)
        return written

    def _execute(self, statement: str) -> None:
        """What is not there needs nothing done to it."""
        with suppress(Gone):
            self._clients.execute(statement)

    def _read(
        self, generation: Generation, query: str, params: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        with closing(ClientPool(self.url_of(generation.number), TIMEOUT_S, {})) as clients:
            return cast("list[tuple[Any, ...]]", clients.execute(query, params))
