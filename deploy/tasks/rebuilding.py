"""`./inv rebuild`: the numbers of the stack that runs here, folded anew from the log."""

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
        "rules": "a TOML file of rules (deploy/docs/rebuild.md); 'none' for no rules; else as now",
        "dry-run": "show what would change, site by site and day by day; change nothing",
        "no-switch": "make the new generation, go on with the old one",
        "switch": "switch to generation N, fold nothing",
        "back": "switch to the generation served before",
        "drop": "delete generation N, which must not be served",
        "status": "all generations, with checksums, and the rules of the served one",
        "processes": "folding processes; one a core by default",
    }
)
def rebuild(
    _context: Context,
    rules: str = "",
    dry_run: bool = False,
    no_switch: bool = False,
    switch: int = 0,
    back: bool = False,
    drop: int = 0,
    status: bool = False,
    processes: int = 0,
) -> None:
    """Fold the whole log again beside the running system, then switch in one step."""
    listen()
    flags = {"--dry-run": dry_run, "--no-switch": no_switch, "--back": back, "--status": status}
    values = {"--switch": switch, "--drop": drop, "--processes": processes}
    options = [flag for flag, given in flags.items() if given]
    options += [part for flag, value in values.items() if value for part in (flag, str(value))]
    if rules:
        options += ["--rules", rules if rules == "none" else str(Path(rules).absolute())]
    with told():
        _, found = here()
        env = settings.inherited() | {
            "KAFKA_BROKER": found["kafka"],
            "REDIS_URL": found["redis"],
            "CLICKHOUSE_URL": found["clickhouse"],
        }
        command = (sys.executable, "-P", "-m", "streams", "rebuild", *options)
        code = show(command, cwd=settings.ROOT, env=env)
    if code:
        raise Exit(code=code)
