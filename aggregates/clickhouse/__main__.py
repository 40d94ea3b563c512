"""`python -m aggregates.clickhouse migrate`: make the rollups' tables, of all generations."""

import argparse
import os
import sys
from contextlib import closing

from aggregates.clickhouse.registry import Registry
from aggregates.protocols import StoreUnavailable
from aggregates.settings import read_settings


def main() -> int:
    """The exit status: 0 when the schema is the newest, 1 when the server did not take it."""
    parser = argparse.ArgumentParser(prog="python -m aggregates.clickhouse", description=__doc__)
    parser.add_argument("command", choices=["migrate"])
    parser.parse_args()
    try:
        with closing(Registry(read_settings(os.environ).clickhouse_url)) as registry:
            applied = registry.migrate_all()
    except StoreUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    print(f"rollup migrations applied: {applied}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
