"""`./inv compile`: the fold as machine code."""

from collections.abc import Mapping

from invoke.context import Context
from invoke.tasks import task

from deploy.local import compiled, requirements, settings
from deploy.local.progress import Steps, console
from deploy.local.stack import install
from deploy.tasks.running import listen, told


def ensure_compiled(env: Mapping[str, str], steps: Steps) -> None:
    """Make the compiled copy, with all that takes, unless there is one. Raises StackError."""
    if settings.compiled_copy().is_dir():
        return
    requirements.ensure_dev(env, steps)
    install(compiled.missing(), env, steps)
    with steps.step("compiling the fold (mypyc)"):
        compiled.compile_core(env)


@task(name="compile")
def compile_fold(_context: Context) -> None:
    """Compile the fold: half as many hits again a second, for all that is started afterwards."""
    listen()
    with told(), Steps() as steps:
        ensure_compiled(settings.inherited(), steps)
    console.print("The fold is compiled. What runs already goes on with the one it has.")
