"""Connections to ClickHouse that many threads share, each used by one thread at a time.

A pool and not one connection a thread, because web servers may run every request in a thread of
its own. clickhouse-driver pings a connection before each use and opens it again if it is gone.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from clickhouse_driver import Client, errors
from clickhouse_driver.util.helpers import parse_url

from aggregates.protocols import StoreUnavailable

CLIENTS_IDLE_MAX: Final = 16
# What a server says whose database or table is not there, or is there no more.
GONE: Final = (
    errors.ErrorCodes.UNKNOWN_TABLE,
    errors.ErrorCodes.UNKNOWN_DATABASE,
    errors.ErrorCodes.TABLE_IS_DROPPED,  # while the query ran
)
CONNECT_TIMEOUT_S: Final = 3.0


class Gone(StoreUnavailable):
    """The database or table is not there, or is there no more."""


def refusal(error: errors.ServerException, what: str = "") -> StoreUnavailable:
    """What the server refuses, as callers know it; `what` names the table, if it is of one."""
    kind = Gone if error.code in GONE else StoreUnavailable
    return kind(f"ClickHouse refused{what and f' {what}'}: {brief(error)}")


class ClientPool:
    """Clients of one server, database and user."""

    def __init__(self, url: str, timeout_s: float, settings: Mapping[str, object]) -> None:
        """`timeout_s` is the longest silence of the server; `settings` go with every query."""
        self._host, options = parse_url(url)
        self._options: dict[str, Any] = {
            "connect_timeout": CONNECT_TIMEOUT_S,
            "send_receive_timeout": timeout_s,
            "sync_request_timeout": CONNECT_TIMEOUT_S,
            **options,
            "settings": {**settings, **options.get("settings", {})},
        }
        self._idle: deque[Client] = deque()
        self._closed = False

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client for this thread alone, until the block ends.

        Any error throws the connection away, as nobody knows what is still to be read from it.
        Raises `StoreUnavailable` for errors of the network; those of the server pass through.
        """
        try:
            client = self._idle.pop()  # the last used: the least likely to be gone
        except IndexError:
            client = Client(self._host, **self._options)
        try:
            yield client
        except errors.ServerException:
            client.disconnect()
            raise
        except (errors.Error, OSError, EOFError) as error:
            client.disconnect()
            raise StoreUnavailable(f"ClickHouse: {brief(error)}") from error
        except BaseException:
            client.disconnect()
            raise
        if self._closed or len(self._idle) >= CLIENTS_IDLE_MAX:
            client.disconnect()
        else:
            self._idle.append(client)

    def execute(
        self, statement: str, values: object = None, *, what: str = "", columnar: bool = False
    ) -> Any:
        """The rows, of what gives rows; `values` are parameters, or the rows of an insert.

        Raises `StoreUnavailable` for whatever keeps the server from it, `Gone` among them.
        """
        try:
            with self.client() as client:
                return client.execute(statement, values, columnar=columnar)
        except errors.ServerException as error:
            raise refusal(error, what) from error

    def insert(
        self,
        table: str,
        columns: Iterable[str],
        values: Sequence[Sequence[object]],
        *,
        columnar: bool = False,
    ) -> None:
        """Returns once the server confirmed all of it. `values` are rows, or columns if so said.

        Raises `StoreUnavailable` if any of it is not confirmed.
        """
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES"
        self.execute(statement, values, what=table, columnar=columnar)

    def close(self) -> None:
        """Close what is idle; what is in use closes when it is given back."""
        self._closed = True
        while self._idle:
            self._idle.pop().disconnect()


def brief(error: BaseException) -> str:
    """The error without the server's stack trace."""
    return str(error).split("Stack trace:", maxsplit=1)[0].strip() or type(error).__name__
