"""`./inv chaos`: what proves that nothing acknowledged is lost or counted twice."""

import sys

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from deploy.local import settings
from deploy.local.shell import show
from deploy.local.testing import without_servers
from deploy.tasks.running import listen, told


def command(seed: int, minutes: float, only: str) -> tuple[str, ...]:
    """What runs the faults, in a process of its own: this one imports nothing of ours."""
    options = (
        "--seed",
        str(seed),
        "--minutes",
        f"{minutes:g}",
        *(("--only", only) if only else ()),
    )
    return (sys.executable, "-P", "-m", "tests.chaos", *options)


@task(
    help={
        "seed": "draws the faults, their order and their targets",
        "minutes": "how long faults are injected, six a minute",
        "only": "only these kinds, comma-separated (deploy/docs/chaos.md lists them)",
    }
)
def chaos(_context: Context, seed: int = 1, minutes: float = 3.0, only: str = "") -> None:
    """Break everything while hits come in; prove that none is lost or counted twice."""
    listen()
    with told():
        env = without_servers(settings.inherited())
        code = show(command(seed, minutes, only), cwd=settings.ROOT, env=env)
    if code:
        raise Exit(code=code)
