"""`./inv dead`: what could not be folded, of the stack that runs here."""

import sys

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from deploy.local import settings
from deploy.local.shell import show
from deploy.tasks.running import here, listen, told


@task(
    positional=["verb", "key"],
    help={
        "verb": "list, show or replay",
        "key": "of a letter, as in the list; several to replay with commas between",
        "all": "replay all that were not sent again yet",
        "dry-run": "say what could be sent, send none",
        "whole": "show all bytes and hits",
    },
)
def dead(
    _context: Context,
    verb: str = "list",
    key: str = "",
    all: bool = False,  # as it is typed
    dry_run: bool = False,
    whole: bool = False,
) -> None:
    """Look at dead letters, and send them again after a fix: each counts once."""
    listen()
    flags = (("--all", all), ("--dry-run", dry_run), ("--whole", whole))
    options = [flag for flag, given in flags if given]
    with told():
        _, found = here()
        env = settings.inherited() | {"KAFKA_BROKER": found["kafka"]}
        keys = [each for each in key.split(",") if each]
        command = (sys.executable, "-P", "-m", "streams", "dead", verb, *keys, *options)
        code = show(command, cwd=settings.ROOT, env=env)
    if code:
        raise Exit(code=code)
