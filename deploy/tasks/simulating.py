"""`./inv simulate`: the core and the protocol under faults, by seed."""

import sys

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from deploy.local import requirements, settings
from deploy.local.progress import Steps
from deploy.local.shell import show
from deploy.local.testing import without_servers
from deploy.tasks.running import listen, told


def command(*options: str) -> tuple[str, ...]:
    """A process of its own: this one imports nothing of ours.

    Without -P the sources come before the compiled copy, which could not be patched.
    """
    return (sys.executable, "-m", "tests.simulation", *options)


@task(
    help={
        "seeds": "how many seeds, from 0 on (1000)",
        "seed": "this seed only: it runs again exactly, and shows its history if it fails",
        "mutations": "break the code on purpose: every defect must be caught within 200 seeds",
    }
)
def simulate(_context: Context, seeds: int = 0, seed: int = -1, mutations: bool = False) -> None:
    """Prove exactness: crashes, zombies, torn and lost writes, by seed, against an oracle."""
    listen()
    env = without_servers(settings.inherited())
    chosen = (
        *(("--seeds", str(seeds)) if seeds else ()),
        *(("--seed", str(seed)) if seed >= 0 else ()),
        *(("--mutations",) if mutations else ()),
    )
    with told():
        with Steps() as steps:
            requirements.ensure_dev(env, steps)
        code = show(command(*chosen), cwd=settings.ROOT, env=env)
    if code:
        raise Exit(code=code)
