"""Reading the rollups, with a limit on everything a question may cost."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from clickhouse_driver import Client, errors

from aggregates.clickhouse.clients import ClientPool, brief
from aggregates.protocols import StoreUnavailable

ANSWER_MARGIN_S: Final = 5.0  # for the server to say itself that the time is over
QUERY_BYTES_MAX: Final = 2**20  # the longest filters in each part of a query stay far below

# Rows never have versions in two partitions, as the partition is a function of their key.
SPLIT_FINAL: Final = {"do_not_merge_across_partitions_select_final": 1}
SPLIT_FINAL_SINCE: Final = (21, 1)

_CAUSES: Final = {
    errors.ErrorCodes.TIMEOUT_EXCEEDED: "takes too long",
    errors.ErrorCodes.TOO_SLOW: "takes too long",
    errors.ErrorCodes.MEMORY_LIMIT_EXCEEDED: "needs too much memory",
    errors.ErrorCodes.TOO_MANY_ROWS: "reads too many rows",
    errors.ErrorCodes.TOO_MANY_BYTES: "reads too much",
    errors.ErrorCodes.TOO_MANY_ROWS_OR_BYTES: "has too many results",
    errors.ErrorCodes.SET_SIZE_LIMIT_EXCEEDED: "links too many visits",
}


class TooCostly(Exception):
    """The question is fine but needs more than one may take; the text says what to narrow."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may cost. Named as ClickHouse's settings."""

    max_execution_time: int = 15  # seconds
    max_memory_usage: int = 10**9  # bytes
    max_rows_to_read: int = 100_000_000  # servers of 2018 do not count what FINAL reads


class Reader:
    """Puts queries to ClickHouse; threads may share it."""

    def __init__(self, url: str, limits: Limits | None = None) -> None:
        """`url` of a user who need only read (`readonly` 2). Connects at the first use."""
        limits = limits or Limits()
        timeout_s = limits.max_execution_time + ANSWER_MARGIN_S
        settings = asdict(limits) | {"max_query_size": QUERY_BYTES_MAX}
        self._clients = ClientPool(url, timeout_s, settings)

    def read(self, sql: str, params: Mapping[str, object]) -> list[tuple[object, ...]]:
        """The rows of one query.

        Raises `TooCostly` with what it is that is too much, `StoreUnavailable` for all else that
        keeps the server from answering.
        """
        try:
            with self._clients.client() as client:
                rows: list[tuple[object, ...]] = client.execute(
                    sql, params, settings=_settings_of(client)
                )
                return rows
        except errors.ServerException as error:
            if error.code in _CAUSES:
                raise TooCostly(_CAUSES[error.code]) from error
            raise StoreUnavailable(f"ClickHouse refused: {brief(error)}") from error

    def close(self) -> None:
        self._clients.close()


def _settings_of(client: Client) -> dict[str, int]:
    """What newer servers do better; an old one would refuse a setting it does not know."""
    if client.connection.server_info is None:
        client.connection.connect()
    return SPLIT_FINAL if client.connection.server_info.version_tuple() >= SPLIT_FINAL_SINCE else {}
