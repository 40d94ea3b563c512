"""Settings of `python -m aggregates.clickhouse`, read once from the environment."""

import os
from dataclasses import dataclass
from typing import Final

CLICKHOUSE_URL: Final = "clickhouse://default@127.0.0.1:9000/pawprint"


@dataclass(frozen=True, slots=True)
class Settings:
    """Only migrations run as a process of their own; everyone else hands a URL to an adapter."""

    # `CLICKHOUSE_URL`, native protocol; the user may create the database and its tables.
    clickhouse_url: str = CLICKHOUSE_URL


def read_settings() -> Settings:
    """The settings of this process."""
    return Settings(clickhouse_url=os.environ.get("CLICKHOUSE_URL", CLICKHOUSE_URL))
