"""The SQL that reads the rollups, one file a query, its grain and columns in its head."""

from functools import cache
from pathlib import Path
from typing import Final

QUERIES_DIR: Final = Path(__file__).parent


@cache
def read_query(name: str) -> str:
    """The text of `<name>.sql` without its comments."""
    lines = (QUERIES_DIR / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))
