"""Brings a database to the newest schema: the numbered files in `migrations/`, each once."""

from pathlib import Path

from clickhouse_driver import errors
from clickhouse_migrations.clickhouse_cluster import ClickhouseCluster

from aggregates.clickhouse.clients import brief
from aggregates.protocols import StoreUnavailable

MIGRATIONS_DIR = Path(__file__).parent / "migrations"
CONNECT_TIMEOUT_S = 5.0
QUERY_TIMEOUT_S = 60.0


def migrate(url: str, folder: Path = MIGRATIONS_DIR) -> int:
    """Create the database of `url` if it is missing, apply what is new; the number applied.

    `folder` holds the numbered files. Running it again changes nothing.
    Raises `StoreUnavailable` if the server is away or refuses.
    """
    cluster = ClickhouseCluster(
        db_url=url,
        connect_timeout=CONNECT_TIMEOUT_S,
        query_timeout=QUERY_TIMEOUT_S,
        # Needed by servers of 2018; later ones ignore it, if not told that it is important.
        settings={"allow_experimental_low_cardinality_type": 1},
        settings_is_important=False,
    )
    try:
        cluster.create_db()
        applied = cluster.migrate(
            cluster.default_db_name,
            folder,
            multi_statement=True,
            create_db_if_no_exists=False,
        )
    except (errors.Error, OSError, EOFError) as error:
        raise StoreUnavailable(f"ClickHouse cannot be migrated: {brief(error)}") from error
    return len(applied)
