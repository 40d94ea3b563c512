"""`./inv bench`: speeds on real servers, held against baselines measured in the same run."""

import sys

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task
from rich.console import Console

from deploy.local import settings
from deploy.local.progress import Steps
from deploy.local.shell import show
from deploy.local.testing import without_servers
from deploy.tasks import compiling
from deploy.tasks.running import listen, told


@task(
    help={
        "name": "what to measure: streams, collector, queries",
        "only": "only these benches, comma-separated (deploy/docs/benchmarks.md lists them)",
        "quick": "smaller loads: about seven minutes",
    }
)
def bench(_context: Context, name: str, only: str = "", quick: bool = False) -> None:
    """Measure: JSON lines on stdout; exit 0 only when every target holds."""
    listen()
    chosen = (*(("--only", only) if only else ()), *(("--quick",) if quick else ()))
    # A process of its own: this one imports nothing of ours.
    command = (sys.executable, "-P", "-m", "tests.bench", name, *chosen)
    with told():
        with Steps(Console(stderr=True)) as steps:
            compiling.ensure_compiled(settings.inherited(), steps)
        code = show(command, cwd=settings.ROOT, env=without_servers(settings.inherited()))
    if code:
        raise Exit(code=code)
