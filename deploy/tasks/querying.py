"""`./inv query`: ask in a few words, read the answer in the terminal."""

import datetime as dt
import sys

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from deploy.local import settings
from deploy.local.errors import StackError
from deploy.local.home import Home, read_json
from deploy.local.progress import console
from deploy.query import showing
from deploy.query.asking import Api, ask, choose_site
from deploy.query.grammar import parse
from deploy.query.words import NotUnderstood
from deploy.tasks.running import here, told


def _api(url: str) -> tuple[Api, str]:
    """The Pawprint to ask, and the site to ask about unless another is named.

    One elsewhere by its address and PAWPRINT_API_KEY, else the stack that runs here.
    """
    found = settings.read()
    address = url or found.api_url
    if address:
        if not found.api_key:
            raise StackError("PAWPRINT_API_KEY is not set: the key of the Pawprint to ask")
        return Api(address.rstrip("/"), found.api_key), ""
    home, running = here()
    demo = read_json(Home(home.path).demo) or {}
    key = found.api_key or demo.get("stats_key")
    if not key:
        raise StackError("PAWPRINT_API_KEY is not set, and the stack here has no demo site")
    return Api(running["webapp"], key), demo.get("domain", "")


@task(
    positional=["question"],
    help={
        "question": 'as in "visitors by source last 7d"; deploy/docs/query.md has the grammar',
        "site": "its domain; not needed where the key reads one",
        "url": "a Pawprint elsewhere, with the key in PAWPRINT_API_KEY",
        "json": "print JSON",
        "csv": "print CSV",
    },
)
def query(
    _context: Context,
    question: str,
    site: str = "",
    url: str = "",
    json: bool = False,
    csv: bool = False,
) -> None:
    """Ask for numbers in a few words: ./inv query "visitors by source last 7d"."""
    with told():
        try:
            asked = parse(question)
        except NotUnderstood as error:
            console.print(str(error), style="red", markup=False, highlight=False)
            raise Exit(code=2) from None
        api, otherwise = _api(url)
        domain, timezone = choose_site(api, site, otherwise)
        found = ask(api, asked, domain, timezone, dt.datetime.now(dt.UTC))
    if json:
        sys.stdout.write(showing.as_json(found) + "\n")
    elif csv:
        sys.stdout.write(showing.as_csv(found))
    else:
        console.print(showing.as_screen(found, console.width))
