"""`./inv import-log`: access logs into the stack that runs here, or any other."""

import shlex
from dataclasses import replace

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from deploy.importing import command
from deploy.local import settings
from deploy.local.home import Home, read_json
from deploy.local.progress import console
from deploy.local.stack import running


@task(name="import-log", help={"words": "what argparse reads: ./inv import-log --help"})
def import_log(_context: Context, words: str = "") -> None:
    """Import access logs as history; ./inv import-log --help has the options."""
    found = settings.read()
    home = Home(found.home)
    local = command.local_stack(home.path, running(home), read_json(home.demo))
    local = replace(local, given_key=found.ingest_key or "")
    code = command.run(shlex.split(words), local, console)
    if code:
        raise Exit(code=code)
