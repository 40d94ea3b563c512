"""`./inv erase`: a site, or one visitor's day, out of every number of the stack that runs here."""

import sys
from pathlib import Path

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from deploy.local import settings
from deploy.local.shell import show
from deploy.tasks.running import here, listen, told


@task(
    help={
        "site": "its domain; the number of one that is deleted",
        "visitor": "the id of a visitor's day: decimal, or hexadecimal as 0x...",
        "dry-run": "show what would go; change nothing",
        "receipts": "the folder the receipt is written to",
        "processes": "folding processes; one a core by default",
    }
)
def erase(
    _context: Context,
    site: str,
    visitor: str = "",
    dry_run: bool = False,
    receipts: str = "",
    processes: int = 0,
) -> None:
    """Erase a site, or one visitor's day, for good; with a receipt that is checked."""
    listen()
    values = {
        "--site": site,
        "--visitor": visitor,
        "--receipts": str(Path(receipts).absolute()) if receipts else "",
        "--processes": str(processes or ""),
    }
    options = [part for flag, value in values.items() if value for part in (flag, value)]
    options += ["--dry-run"] if dry_run else []
    with told():
        home, found = here()
        env = settings.inherited() | {
            "KAFKA_BROKER": found["kafka"],
            "REDIS_URL": found["redis"],
            "CLICKHOUSE_URL": found["clickhouse"],
            "PAWPRINT_DATA_DIR": str(home.data),
        }
        command = (sys.executable, "-P", "-m", "streams", "erase", *options)
        code = show(command, cwd=settings.ROOT, env=env)
    if code:
        raise Exit(code=code)
