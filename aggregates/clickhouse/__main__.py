"""`python -m aggregates.clickhouse migrate`: make the rollups' tables, or bring them up to date."""

import argparse
import os
import sys

from aggregates.clickhouse.migrate import migrate
from aggregates.protocols import StoreUnavailable
from aggregates.settings import read_settings


def main() -> int:
    """The exit status: 0 when the schema is the newest, 1 when the server did not take it."""
    parser = argparse.ArgumentParser(prog="python -m aggregates.clickhouse", description=__doc__)
    parser.add_argument("command", choices=["migrate"])
    parser.parse_args()
    try:
        applied = migrate(read_settings(os.environ).clickhouse_url)
    except StoreUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    print(f"rollup migrations applied: {applied}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
