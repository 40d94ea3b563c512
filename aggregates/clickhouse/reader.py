"""Reading the rollups, with a limit on everything a question may cost."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Final, Protocol

from clickhouse_driver import Client, errors

from aggregates.clickhouse.clients import ClientPool, Gone, brief, refusal
from aggregates.clickhouse.generations import FIRST, Pointer, database_url
from aggregates.clickhouse.vocabulary import InvalidQuestion

ANSWER_MARGIN_S: Final = 5.0  # for the server to say itself that the time is over
QUERY_BYTES_MAX: Final = 4 * 2**20  # the longest filters in each part of a query stay far below

# Rows never have versions in two partitions, as the partition is a function of their key.
SPLIT_FINAL: Final = {"do_not_merge_across_partitions_select_final": 1}
SPLIT_FINAL_SINCE: Final = (21, 1)

CANNOT_COMPILE_REGEXP: Final = 427  # of ClickHouse's error codes; the driver does not list it
# Whoever takes the rows sets the pace; blocks are small, as each is held on both sides. With FINAL
# every column of every part is open at once, by default with a megabyte each.
STREAMED: Final = {
    "max_execution_time": 300,
    "max_block_size": 8_192,
    "max_read_buffer_size": 65_536,
}

_CAUSES: Final = {
    errors.ErrorCodes.TIMEOUT_EXCEEDED: "takes too long",
    errors.ErrorCodes.TOO_SLOW: "takes too long",
    errors.ErrorCodes.TOO_MANY_ROWS: "reads too many rows",
    errors.ErrorCodes.TOO_MANY_BYTES: "reads too much",
    errors.ErrorCodes.TOO_MANY_ROWS_OR_BYTES: "has too many results",
    errors.ErrorCodes.SET_SIZE_LIMIT_EXCEEDED: "links too many visits",
}


class TooCostly(Exception):
    """The question is fine but needs more than one may take; the text says what to narrow."""


class OutOfMemory(TooCostly):
    """It is memory that it needs too much of."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may cost. Named as ClickHouse's settings."""

    max_execution_time: int = 15  # seconds
    max_memory_usage: int = 10**9  # bytes
    max_rows_to_read: int = 100_000_000  # servers of 2018 do not count what FINAL reads


Rows = list[tuple[object, ...]]


class Reads(Protocol):
    """What puts queries to the rollups."""

    def read(self, sql: str, params: Mapping[str, object]) -> Rows:
        """The rows of one query.

        Raises `TooCostly` with what it is that is too much, `InvalidQuestion` for a regular
        expression that is none, `StoreUnavailable` for all else that keeps the server from
        answering.
        """


class Streams(Protocol):
    """What reads more than fits into memory."""

    def stream(self, sql: str, params: Mapping[str, object]) -> Iterator[tuple[object, ...]]:
        """The rows of one query, block by block, as fast as they are taken.

        Raises as `Reads.read`, at any row.
        """


class GenerationReader:
    """`Reads` of one generation, also if another one is served meanwhile."""

    def __init__(self, clients: ClientPool) -> None:
        self._clients = clients

    def read(self, sql: str, params: Mapping[str, object]) -> Rows:
        with _refusals(), self._clients.client() as client:
            rows: Rows = client.execute(sql, params, settings=_settings_of(client))
            return rows

    def stream(self, sql: str, params: Mapping[str, object]) -> Iterator[tuple[object, ...]]:
        with _refusals(), self._clients.client() as client:
            settings = _settings_of(client) | STREAMED
            yield from client.execute_iter(sql, params, settings=settings)


@contextmanager
def _refusals() -> Iterator[None]:
    """What the server refuses as what callers know."""
    try:
        yield
    except errors.ServerException as error:
        if error.code == CANNOT_COMPILE_REGEXP:
            raise InvalidQuestion("filters", f"no regular expression: {brief(error)}") from error
        if error.code == errors.ErrorCodes.MEMORY_LIMIT_EXCEEDED:
            raise OutOfMemory("needs too much memory") from error
        if error.code in _CAUSES:
            raise TooCostly(_CAUSES[error.code]) from error
        raise refusal(error) from error


class Reader:
    """`Reads` of the generation that is served, within a second of a switch; threads share it."""

    def __init__(self, url: str, limits: Limits | None = None) -> None:
        """`url` of the base database, as a user who need only read (`readonly` 2).

        Connects at the first use.
        """
        limits = limits or Limits()
        self._url = url
        self._timeout_s = limits.max_execution_time + ANSWER_MARGIN_S
        self._settings = asdict(limits) | {"max_query_size": QUERY_BYTES_MAX}
        # Without the limits of a question: a tight one must not keep us from asking where to.
        self._pointer_clients = ClientPool(url, self._timeout_s, {})
        self._pointer = Pointer(self._pointer_clients)
        self._base_clients = self._pool(FIRST)
        self._switching = threading.Lock()
        self._served = (FIRST, self._pool(FIRST))  # a generation's number and its connections

    def read(self, sql: str, params: Mapping[str, object]) -> Rows:
        try:
            return self.pinned().read(sql, params)
        except Gone:  # the generation was dropped: the pointer leads to another one
            return self._at(self._pointer.number_now()).read(sql, params)

    def pinned(self) -> GenerationReader:
        """A reader that stays with the generation of this moment: for answers of many queries."""
        return self._at(self._pointer.number())

    def stream(self, sql: str, params: Mapping[str, object]) -> Iterator[tuple[object, ...]]:
        return self.pinned().stream(sql, params)

    def base(self) -> GenerationReader:
        """A reader of the base database, for what is of no generation."""
        return GenerationReader(self._base_clients)

    def close(self) -> None:
        self._pointer_clients.close()
        self._base_clients.close()
        self._served[1].close()

    def _at(self, number: int) -> GenerationReader:
        with self._switching:
            served, clients = self._served
            if served != number:
                clients.close()  # what a thread still reads from closes when it is given back
                clients = self._pool(number)
                self._served = (number, clients)
        return GenerationReader(clients)

    def _pool(self, number: int) -> ClientPool:
        return ClientPool(database_url(self._url, number), self._timeout_s, self._settings)


def _settings_of(client: Client) -> dict[str, int]:
    """What newer servers do better; an old one would refuse a setting it does not know."""
    if client.connection.server_info is None:
        client.connection.connect()
    return SPLIT_FINAL if client.connection.server_info.version_tuple() >= SPLIT_FINAL_SINCE else {}
