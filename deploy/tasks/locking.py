"""`./inv lock`: the exact versions of every Python package, with their hashes."""

from invoke.context import Context
from invoke.tasks import task

from deploy.local import requirements, settings
from deploy.local.progress import Steps, console
from deploy.local.shell import run
from deploy.tasks.running import told

LOCKS = settings.ROOT / "deploy" / "requirements"
# File -> dependency groups of pyproject.toml beside the product's own dependencies.
GROUPS = {"runtime": (), "local": ("local",), "dev": ("local", "dev")}


@task(help={"upgrade": "take the newest versions that fit, not those locked now"})
def lock(_context: Context, upgrade: bool = False) -> None:
    """Write deploy/requirements/*.txt anew from pyproject.toml."""
    env = settings.inherited()
    project = settings.ROOT / "pyproject.toml"
    with told(), Steps() as steps:
        requirements.ensure_dev(env, steps)
        for name, groups in GROUPS.items():
            chosen = [part for group in groups for part in ("--group", f"{project}:{group}")]
            command = (
                "uv", "pip", "compile", "--quiet", "--python-version", "3.11",
                "--generate-hashes", "--no-header", "--no-annotate",
                str(project), *chosen, "--output-file", str(LOCKS / f"{name}.txt"),
                *(("--upgrade",) if upgrade else ()),
            )  # fmt: skip
            run(command, cwd=settings.ROOT, env=env, what=f"locking {name}")
    console.print("Locked: runtime, local, dev. Look at the difference before you commit it.")
