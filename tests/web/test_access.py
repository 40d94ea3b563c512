"""Who may call what: every address of the web application, with every kind of caller.

The addresses come from the URL conf, so a new one without a rule here fails.
"""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from aggregates.redis.memory import MemoryMirror
from tests.web.conftest import FakeReader, holder_of, session_of
from webapp.accounts.models import User
from webapp.sites.models import Scope, Site
from webapp.sites.services import create_api_key
from webapp.teams.models import Team

PUBLIC = {"healthz", "schema", "docs", "login", "logout"}
PAGES = {"home", "dashboard"}
OWN = {"sites"}  # answers everybody with what is theirs
OF_SITE = {
    "realtime-visitors": "",
    "aggregate": "",
    "timeseries": "",
    "breakdown": "&property=event:page",
    "ledger": "",
    "alerts": "",
    "live-stream": "",
}


def _routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            assert entry.name, f"{path} has no name"
            yield entry.name, f"/{path}"
        else:
            yield from _routes(entry, path)


ROUTES = dict(_routes(get_resolver()))


def test_every_address_has_a_rule() -> None:
    assert ROUTES.keys() == PUBLIC | PAGES | OWN | OF_SITE.keys()


Callers = Callable[[str], Client]


@pytest.fixture
def callers(
    alice: User,
    bob: User,
    charlie: User,
    team: Team,
    key: str,
    charlies_key: str,
    rollups: FakeReader,
    mirror: MemoryMirror,
) -> Callers:
    ingest_key = create_api_key(team=team, name="ingest", scopes=[Scope.INGEST])
    made: dict[str, Callable[[], Client]] = {
        "nobody": Client,
        "alice": lambda: session_of(alice),
        "bob": lambda: session_of(bob),
        "charlie": lambda: session_of(charlie),
        "a key": lambda: holder_of(key),
        "charlie's key": lambda: holder_of(charlies_key),
        "an ingest key": lambda: holder_of(ingest_key),
        "an invented key": lambda: holder_of("pp_invented"),
        "basic auth": lambda: Client(headers={"authorization": "Basic YTpi"}),
    }
    return lambda name: made[name]()


@pytest.mark.parametrize("route", sorted(OF_SITE))
@pytest.mark.parametrize("caller", ["alice", "bob", "a key"])
def test_the_team_reads_its_site(caller: str, route: str, callers: Callers, site: Site) -> None:
    response = callers(caller).get(f"{ROUTES[route]}?site_id={site.domain}{OF_SITE[route]}")
    assert response.status_code == 200


@pytest.mark.parametrize("route", sorted(OF_SITE))
@pytest.mark.parametrize(
    "caller",
    ["nobody", "charlie", "charlie's key", "an ingest key", "an invented key", "basic auth"],
)
def test_nobody_else_does(caller: str, route: str, callers: Callers, site: Site) -> None:
    client = callers(caller)
    theirs = client.get(f"{ROUTES[route]}?site_id={site.domain}{OF_SITE[route]}")
    nobodys = client.get(f"{ROUTES[route]}?site_id=nobody.example{OF_SITE[route]}")
    assert theirs.status_code == 401
    assert theirs["WWW-Authenticate"] == "Bearer"
    # A site of somebody else and one that does not exist cannot be told apart.
    assert (theirs.status_code, theirs.content) == (nobodys.status_code, nobodys.content)
    assert set(theirs.json()) == {"error"}


@pytest.mark.parametrize("route", sorted(OF_SITE))
def test_a_site_must_be_named(route: str, callers: Callers) -> None:
    response = callers("alice").get(ROUTES[route])
    assert response.status_code == 400
    assert response.json()["error"].startswith("site_id: ")


@pytest.mark.parametrize("route", sorted(OF_SITE))
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_reading_is_all_there_is(method: str, route: str, callers: Callers, site: Site) -> None:
    response = getattr(callers("a key"), method)(f"{ROUTES[route]}?site_id={site.domain}")
    assert response.status_code == 405


@pytest.mark.parametrize(
    ("caller", "domains"),
    [("alice", ["alice.example"]), ("charlie", ["charlie.example"]), ("a key", ["alice.example"])],
)
def test_sites_lists_only_what_is_theirs(
    caller: str, domains: list[str], callers: Callers, site: Site, charlies_site: Site
) -> None:
    response = callers(caller).get(ROUTES["sites"])
    assert [row["domain"] for row in response.json()["sites"]] == domains


def test_sites_needs_somebody(callers: Callers) -> None:
    assert callers("nobody").get(ROUTES["sites"]).status_code == 401


@pytest.mark.parametrize("caller", ["nobody", "a key"])
@pytest.mark.parametrize("path", ["/", "/alice.example/"])
def test_pages_ask_to_log_in(caller: str, path: str, callers: Callers, site: Site) -> None:
    response = callers(caller).get(path)
    assert (response.status_code, response["Location"]) == (302, f"/login/?next={path}")


def test_a_key_that_is_used_remembers_when(key: str, site: Site, rollups: FakeReader) -> None:
    used = site.team.api_keys.get()
    assert used.last_used_at is None
    holder_of(key).get(f"{ROUTES['ledger']}?site_id={site.domain}")
    used.refresh_from_db()
    assert used.last_used_at is not None
