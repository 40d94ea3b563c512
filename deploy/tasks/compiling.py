"""`./inv compile`: the way of every hit, through collector and fold, as machine code."""

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
    with steps.step("compiling collector and fold (mypyc)"):
        compiled.compile_copy(env)


@task(name="compile")
def compile_all(_context: Context) -> None:
    """Compile collector and fold: more hits a second, for all that is started afterwards."""
    listen()
    with told(), Steps() as steps:
        ensure_compiled(settings.inherited(), steps)
    console.print("Collector and fold are compiled. What runs already goes on as it is.")
