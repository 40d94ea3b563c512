"""`./inv fuzz`: whatever strangers send the collector."""

import sys

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from deploy.local import requirements, settings
from deploy.local.progress import Steps
from deploy.local.shell import show
from deploy.local.testing import without_servers
from deploy.tasks.running import listen, told


@task(
    help={
        "cases": "how many requests within one process (200000)",
        "sockets": "how many on real connections (2000; 0 for none)",
        "first": "the first seed (0)",
        "seed": "the request of this seed only, made as small as it still fails",
    }
)
def fuzz(
    _context: Context, cases: int = 200_000, sockets: int = 2_000, first: int = 0, seed: int = -1
) -> None:
    """Send the collector what breaks programs: no 5xx, no slow answer, no memory lost."""
    listen()
    env = without_servers(settings.inherited())
    drawn = ("--cases", str(cases), "--sockets", str(sockets), "--first", str(first))
    chosen = drawn if seed < 0 else ("--seed", str(seed))
    with told():
        with Steps() as steps:
            requirements.ensure_dev(env, steps)
        code = show((sys.executable, "-P", "-m", "tests.fuzz", *chosen), cwd=settings.ROOT, env=env)
    if code:
        raise Exit(code=code)
