"""`python -m streams ...` as an operator's process, and what it left in the stores."""

import asyncio
import re

from clickhouse_driver import Client

from aggregates.clickhouse.generations import database_url
from tests.workers import Workers

COMMAND_S_MAX = 150.0


async def streams(workers: Workers, *arguments: str, status: int = 0) -> str:
    """What the command printed; it must end with `status`."""
    process = workers.command(*arguments)
    printed, _ = await asyncio.to_thread(process.communicate, timeout=COMMAND_S_MAX)
    assert process.returncode == status, printed
    return printed


async def checksums(workers: Workers) -> dict[int, str]:
    """Of each generation that is whole, as `--status` prints them."""
    printed = await streams(workers, "rebuild", "--status")
    return {
        int(line[0]): line[1]
        for line in re.findall(r"^\W*(\d+) .*?([0-9a-f]{16}(?:-[0-9a-f]{16})+)", printed, re.M)
    }


def ask(url: str, generation: int, query: str) -> list[tuple[object, ...]]:
    """Rows of one generation's database."""
    with Client.from_url(database_url(url, generation)) as client:
        rows: list[tuple[object, ...]] = client.execute(query)
        return rows
