"""The rollup store: absolute rows into ClickHouse, safe to write again in any order."""

from typing import Final

from aggregates.clickhouse.clients import ClientPool
from aggregates.clickhouse.columns import HIT_ROWS, LEDGER_ROWS, VISIT_ROWS, transpose
from aggregates.core.rows import Rows

TIMEOUT_S: Final = 30.0  # an insert of 20,000 rows takes 0.1 s; a slow disk a few seconds
BLOCK_ROWS_MAX: Final = 65_536  # bounds the memory of one insert on both sides


class ClickHouseStore:
    """`RollupStore` on ClickHouse; threads may share it.

    Replay: ReplacingMergeTree keeps the highest version of each (site, minute, row key), and every
    read uses FINAL, so a row written twice or late changes no answer.
    """

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        """`url` is `clickhouse://user:password@host:port/database`. Connects at the first use.

        `timeout_s` is how long the server may be silent.
        """
        self._clients = ClientPool(url, timeout_s, {"insert_block_size": BLOCK_ROWS_MAX})

    def insert(self, rows: Rows) -> None:
        """Write absolute rows; returns once the server confirmed all of them. Blocking.

        Raises `StoreUnavailable` if any of it is not confirmed.
        """
        for table, table_rows in (
            (HIT_ROWS, rows.hits),
            (VISIT_ROWS, rows.visits),
            (LEDGER_ROWS, rows.ledger),
        ):
            if table_rows:
                values = transpose(table, table_rows)
                self._clients.insert(table.name, table.columns, values, columnar=True)

    def close(self) -> None:
        self._clients.close()
