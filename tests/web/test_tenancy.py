"""Nobody reads or changes what is another team's, nor learns that it is there.

Every address of the URL conf, with every method and every kind of caller, against the table in
`tenancy.py`; an address or a method without a line there fails.
"""

import datetime as dt
import json
import re
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.http.response import HttpResponse, HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from aggregates.redis.memory import MemoryMirror
from tests.web.conftest import PASSWORD, FakeReader, holder_of, session_of
from tests.web.routes import METHODS, ROUTES
from tests.web.tenancy import CALLERS, ROWS, Row
from webapp.accounts.models import User
from webapp.accounts.services import create_user
from webapp.annotations.services import create_annotation
from webapp.goals.models import Kind
from webapp.goals.services import WantedGoal, find_or_create_goal
from webapp.links.models import SharedLink
from webapp.links.passes import PARAMETER, make_pass
from webapp.links.services import find_or_create_link, revoke_link
from webapp.segments.models import Kind as SegmentKind
from webapp.segments.services import create_segment
from webapp.sites.models import ApiKey, Scope, Site
from webapp.sites.services import create_api_key, create_site
from webapp.teams.models import Role, Team
from webapp.teams.services import accept_invitations, add_member, find_or_invite_guest

Place = Mapping[str, str]  # what `{site}` and the like stand for
Call = tuple[str, str]  # the name of a route, a method

THINGS = ("goal", "link", "annotation", "segment")
REPEATS = 15
HOW = 'add a line to ROWS in tests/web/tenancy.py, as in ("{}", "{}"): Row(READS_SITE, SITE)'


@dataclass
class World:
    """Two teams, everybody who may call, and the three places that a call may name."""

    callers: Mapping[str, Callable[[], Client]]
    own: Place
    other_teams: Place
    nowhere: Place


@pytest.fixture
def world(
    alice: User,
    bob: User,
    charlie: User,
    team: Team,
    site: Site,
    charlies_team: Team,
    charlies_site: Site,
    rollups: FakeReader,
    mirror: MemoryMirror,
) -> World:
    persons = {"owner": alice, "editor": bob, "stranger": charlie}
    for name, role in (("admin", Role.ADMIN), ("viewer", Role.VIEWER), ("inactive", Role.OWNER)):
        persons[name] = _person(name)
        add_member(team=team, user=persons[name], role=role)
    for name, role in (("guest editor", Role.EDITOR), ("guest", Role.VIEWER)):
        persons[name] = _person(name)
        find_or_invite_guest(site=site, email=persons[name].email, role=role)
        accept_invitations(persons[name])
    browsers = {name: session_of(person) for name, person in persons.items()}
    persons["inactive"].is_active = False  # the session outlives the account
    persons["inactive"].save()
    second = create_site(team=team, domain="second.example", timezone="UTC")

    def key(team: Team, *scopes: Scope, **limits: Any) -> Callable[[], Client]:
        text = create_api_key(team=team, name="k", scopes=scopes, **limits)
        return lambda: holder_of(text)

    soon = now() + dt.timedelta(hours=1)
    expired = key(team, *Scope, expires_at=soon)
    ApiKey.objects.filter(expires_at=soon).update(expires_at=now() - dt.timedelta(seconds=1))
    callers: dict[str, Callable[[], Client]] = {
        "nobody": Client,
        "basic auth": lambda: Client(headers={"authorization": "Basic YTpi"}),
        "wrong key": lambda: holder_of("pp_wrong"),
        "expired key": expired,
        "ingest key": key(team, Scope.INGEST),
        "reading key": key(team, Scope.STATS_READ, Scope.SITES_READ),
        "writing key": key(team, Scope.SITES_WRITE),
        "key": key(team, *Scope),
        "key to another site": key(team, *Scope, sites=[second]),
        "stranger's key": key(charlies_team, *Scope),
    }
    for name in browsers:
        callers[name] = partial(browsers.__getitem__, name)
    callers |= _links(site, charlies_site)
    assert callers.keys() == set(CALLERS)
    return World(
        callers=callers,
        own={"site": site.domain, "key": _a_key_of(team), **_things_of(site)},
        other_teams={
            "site": charlies_site.domain,
            "key": _a_key_of(charlies_team),
            **_things_of(charlies_site),
        },
        nowhere={"site": "nobodys.example", **dict.fromkeys(("key", "slug", *THINGS), "987654")},
    )


def _links(site: Site, others_site: Site) -> dict[str, Callable[[], Client]]:
    """Who came by a shared link."""

    def link(name: str, of: Site = site, password: str = "") -> SharedLink:
        return find_or_create_link(site=of, name=name, password=password)

    changed, revoked = link("changed", password="before"), link("revoked")
    texts = {
        "shared link": make_pass(link("good")),
        "link, not unlocked": link("locked", password="unknown").slug,
        "link, password changed": make_pass(changed),
        "revoked link": make_pass(revoked),
        "stranger's link": make_pass(link("other", of=others_site)),
    }
    changed.password = make_password("after")
    changed.save()
    revoke_link(revoked)
    return {name: partial(LinkClient, text) for name, text in texts.items()}


class LinkClient(Client):
    """Sends a pass with each call, as the page of a shared link does."""

    def __init__(self, link_pass: str) -> None:
        super().__init__()
        self._sent = urlencode({PARAMETER: link_pass})

    def request(self, **request: Any) -> Any:
        query = "&".join(filter(None, (request.get("QUERY_STRING"), self._sent)))
        return super().request(**request | {"QUERY_STRING": query})


def _person(name: str) -> User:
    email = f"{name.replace(' ', '.')}@example.org"
    return create_user(email=email, password=PASSWORD)


def _a_key_of(team: Team) -> str:
    return str(team.api_keys.order_by("pk")[0].pk)


def _things_of(site: Site) -> Place:
    """One of each that a site may have, by its id."""
    goal = find_or_create_goal(site, WantedGoal(Kind.EVENT, event_name="Signup"))
    link = find_or_create_link(site=site, name="Board")
    day = dt.date(2026, 11, 23)
    annotation = create_annotation(site=site, date=day, time=None, text="A", author=None)
    segment = create_segment(
        site=site,
        name="Germany",
        filters=[["is", "visit:country", ["DE"]]],
        kind=SegmentKind.SITE,
        owner=None,
    )
    found = dict(zip(THINGS, (goal, link, annotation, segment), strict=True))
    return {"slug": link.slug, **{name: str(each.pk) for name, each in found.items()}}


def _fill(value: Any, place: Place) -> Any:
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda match: place[match[1]], value)
    if isinstance(value, list):
        return [_fill(each, place) for each in value]
    if isinstance(value, Mapping):
        return {name: _fill(each, place) for name, each in value.items()}
    return value


def _call(client: Client, call: Call, row: Row, place: Place) -> HttpResponseBase:
    name, method = call
    path = reverse(name, kwargs=_fill(row.path, place))
    body = "" if row.body is None else json.dumps(_fill(row.body, place))
    url = f"{path}?{_fill(row.query, place)}"
    return client.generic(method, url, body, content_type="application/json")


def _undone(work: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The response to a call whose writes are taken back."""
    with transaction.atomic():
        response = work()
        transaction.set_rollback(True)
    return response


def _json(response: HttpResponseBase) -> dict[str, Any]:
    assert isinstance(response, HttpResponse)
    found: dict[str, Any] = json.loads(response.content)
    return found


def _call_as(world: World, caller: str, call: Call, row: Row) -> HttpResponseBase:
    return _call(world.callers[caller](), call, row, world.own)


def _told(response: HttpResponseBase, place: Place) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers; the domain that was asked for may be told back."""
    body = response.content if isinstance(response, HttpResponse) else b""  # of a stream none
    domain = place["site"]
    headers = {name: value.replace(domain, "SITE") for name, value in response.headers.items()}
    return response.status_code, body.replace(domain.encode(), b"SITE"), headers


def test_every_address_and_method_has_a_line() -> None:
    for route in ROUTES.values():
        lines = {method for name, method in ROWS if name == route.name}
        for method in sorted(route.methods or (frozenset() if lines else {"GET"})):
            assert method in lines, HOW.format(route.name, method)
        assert route.methods is None or lines <= route.methods, f"{route.name}: a line too many"
    assert {name for name, _ in ROWS} <= ROUTES.keys()


@pytest.mark.parametrize("call", ROWS, ids=" ".join)
def test_who_is_let_in(call: Call, world: World) -> None:
    row = ROWS[call]
    found = {caller: _undone(partial(_call_as, world, caller, call, row)) for caller in CALLERS}
    assert {caller: response.status_code for caller, response in found.items()} == {
        caller: row.expected(caller) for caller in CALLERS
    }
    for caller, response in found.items():
        if ROUTES[call[0]].is_api and response.status_code >= 400:
            keys = set(_json(response))
            assert keys - {"message"} == {"error"}, caller  # Panelbear's clients read the other
            assert (response.status_code == 401) == ("WWW-Authenticate" in response.headers)
        if "stranger" in caller or response.status_code >= 400:
            assert b"alice" not in _told(response, world.own)[1], caller


@pytest.mark.parametrize("call", [c for c, row in ROWS.items() if row.names_a_place], ids=" ".join)
def test_what_is_another_teams_is_as_what_is_not(
    call: Call, world: World, rollups: FakeReader
) -> None:
    """To the byte, and with as many queries, so that the time tells nothing either."""
    row = ROWS[call]
    for caller in CALLERS:
        if caller.startswith("stranger"):
            continue  # theirs is the other team
        answers = []
        for place in (world.other_teams, world.nowhere):
            client = world.callers[caller]()
            asked = len(rollups.asked)
            with CaptureQueriesContext(connection) as queries:
                response = _undone(lambda: _call(client, call, row, place))  # noqa: B023
            assert len(rollups.asked) == asked
            answers.append((*_told(response, place), len(queries)))
        theirs, nobodys = answers
        assert theirs == nobodys, caller
        assert theirs[0] >= 300, caller


@pytest.mark.parametrize("name", ROUTES)
def test_there_are_no_other_methods(name: str, world: World) -> None:
    route = ROUTES[name]
    lines = {method: row for (of, method), row in ROWS.items() if of == name}
    some_row = next(iter(lines.values()))
    for method in METHODS:
        if method in lines or (method == "OPTIONS" and not route.is_api):
            continue
        for caller in ("owner", "key") if route.is_api else ("nobody",):
            client = world.callers[caller]()
            response = _call(client, (name, method), some_row, world.own)
            assert response.status_code == 405, (method, caller)


def _sites(row: Row) -> bool:
    return row.query.startswith("site_id=")


@pytest.mark.parametrize("call", [c for c, row in ROWS.items() if _sites(row)], ids=" ".join)
def test_a_site_must_be_named(call: Call, world: World) -> None:
    response = _call(world.callers["owner"](), call, ROWS[call], {**world.own, "site": ""})
    assert response.status_code == 400
    assert _json(response)["error"].startswith("site_id: ")


@pytest.mark.parametrize(
    ("caller", "domains"),
    [
        ("owner", ["second.example", "alice.example"]),
        ("viewer", ["second.example", "alice.example"]),
        ("guest", ["alice.example"]),
        ("guest editor", ["alice.example"]),
        ("key", ["second.example", "alice.example"]),
        ("key to another site", ["second.example"]),
        ("stranger", ["charlie.example"]),
        ("stranger's key", ["charlie.example"]),
    ],
)
def test_sites_lists_only_what_is_theirs(caller: str, domains: list[str], world: World) -> None:
    response = world.callers[caller]().get(reverse("sites"))
    assert [row["domain"] for row in response.json()["sites"]] == domains


@pytest.mark.any_database  # what it measures is this thread's work, not the database's
@pytest.mark.parametrize("call", [c for c, row in ROWS.items() if _sites(row)], ids=" ".join)
def test_the_time_tells_nothing(
    call: Call, world: World, record_property: Callable[[str, object], None]
) -> None:
    """Calls in turns, in this thread's processor time: other work of the machine does not count.
    The fastest of each is compared; the bound is for a real difference, as a question to the
    rollups would make. That the queries are as many is tested above. The medians are reported."""
    client = world.callers["owner"]()
    took_s: dict[str, list[float]] = {"theirs": [], "nobodys": []}
    places = {"theirs": world.other_teams, "nobodys": world.nowhere}
    for _ in range(REPEATS):
        for whose, place in places.items():
            begun = time.thread_time()
            _call(client, call, ROWS[call], place)
            took_s[whose].append(time.thread_time() - begun)
    for whose, times in took_s.items():
        record_property(f"{whose}_ms", statistics.median(times) * 1000)
    fastest = [min(times) for times in took_s.values()]
    assert max(fastest) < 2 * min(fastest) + 0.005


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/keys/x"])
def test_programs_are_told_in_json_that_there_is_nothing(path: str, db: None) -> None:
    response = Client().get(path)
    assert (response.status_code, response.json()) == (404, {"error": "There is no such page."})


def test_programs_are_told_in_json_what_csrf_forbids(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    response = browser.post("/api/v1/live/stream")
    assert (response.status_code, response["Content-Type"]) == (403, "application/json")
