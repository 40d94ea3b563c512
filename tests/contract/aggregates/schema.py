"""The rollups' tables as the server describes them.

`python -m tests.contract.aggregates.schema clickhouse://...` prints the snapshot anew after a
migration was added.
"""

import sys
from pathlib import Path

from clickhouse_driver import Client

from aggregates.clickhouse.columns import ROLLUPS, SEALED_TABLES

TABLE_NAMES = (
    *ROLLUPS,
    *SEALED_TABLES,
    "hit_row_writes",
    "visit_row_writes",
    "generations",
    "ingest_rows",
    "expiries",
)
SNAPSHOT = Path(__file__).with_name("rollups_schema.txt")


def describe(url: str) -> str:
    """One block for each table: its engine, then its columns in order."""
    client = Client.from_url(url)
    blocks = []
    for name in TABLE_NAMES:
        named = {"table": name}
        condition = "WHERE database = currentDatabase()"
        ((engine,),) = client.execute(
            f"SELECT engine_full FROM system.tables {condition} AND name = %(table)s", named
        )
        columns = client.execute(
            f"SELECT name, type FROM system.columns {condition} AND table = %(table)s", named
        )
        lines = [name, f"  {engine}", *(f"  {column} {kind}" for column, kind in columns)]
        blocks.append("\n".join(lines))
    client.disconnect()
    return "\n\n".join(blocks) + "\n"


if __name__ == "__main__":
    sys.stdout.write(describe(sys.argv[1]))
