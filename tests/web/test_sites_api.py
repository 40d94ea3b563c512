"""The Sites API: sites and who may do what, as Plausible's clients send and get it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import holder_of, session_of
from tests.web.sites_api import FORM, NO_SITE, URL, call, get
from webapp.accounts.models import User
from webapp.goals.services import allow_prop
from webapp.sites.models import Scope, Site
from webapp.sites.services import create_api_key, create_site
from webapp.teams.models import Role, Team
from webapp.teams.services import add_member, create_team, find_or_invite_guest


def test_a_site_is_made(keyholder: Client, team: Team) -> None:
    made = call(keyholder, "post", "", domain="new.example", timezone="Europe/Tallinn")
    expected = {
        "domain": "new.example",
        "timezone": "Europe/Tallinn",
        "retention_days": 0,
        "custom_properties": [],
    }
    assert made == (200, expected)
    assert Site.objects.get(domain="new.example").team == team
    assert call(keyholder, "post", "", domain="HTTPS://Two.example/")[1] == {
        "domain": "two.example",
        "timezone": "Etc/UTC",
        "retention_days": 0,
        "custom_properties": [],
    }


@pytest.mark.parametrize("way", ["json", "form", "multipart", "query"])
def test_parameters_come_in_every_way(way: str, keyholder: Client) -> None:
    fields = {"site_id": "alice.example", "goal_type": "event", "event_name": "Größe"}
    if way == "json":
        answer = keyholder.put(f"{URL}/goals", fields, content_type="application/json")
    elif way == "form":
        body = "site_id=alice.example&goal_type=event&event_name=Gr%C3%B6%C3%9Fe"
        answer = keyholder.put(f"{URL}/goals", body, content_type=FORM)
    elif way == "query":
        answer = keyholder.put(
            f"{URL}/goals?site_id=alice.example&goal_type=event&event_name=Größe"
        )
    else:
        boundary = "--x\r\nContent-Disposition: form-data; name={}\r\n\r\n{}\r\n"
        parts = "".join(boundary.format(name, value) for name, value in fields.items())
        answer = keyholder.put(
            f"{URL}/goals", f"{parts}--x--\r\n", content_type="multipart/form-data; boundary=x"
        )
    assert (answer.status_code, answer.json().get("event_name")) == (200, "Größe")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "domain: can't be blank"),
        ({"domain": ""}, "domain: can't be blank"),
        ({"domain": 123}, "domain: is invalid"),
        ({"domain": ["a"]}, "domain: is invalid"),
        ({"domain": "h&llo.test"}, "domain: A domain looks like"),
        ({"domain": "alice.example"}, "domain: Site with this Domain already exists."),
        ({"domain": "charlie.example"}, "domain: Site with this Domain already exists."),
        ({"domain": "a.example", "timezone": "d"}, "timezone: "),
        ({"domain": "a.example", "timezone": 5}, "timezone: is invalid"),
        ({"domain": "x" * 2_001}, "domain: should be at most"),
    ],
)
def test_a_bad_site_is_refused(
    fields: dict[str, Any], error: str, keyholder: Client, charlies_site: Site
) -> None:
    status, body = call(keyholder, "post", "", **fields)
    assert (status, set(body)) == (400, {"error"})
    assert body["error"].startswith(error)


def test_a_site_is_read(keyholder: Client, site: Site) -> None:
    for name in ("logged_in", "author"):
        allow_prop(site, name)
    expected = {
        "domain": "alice.example",
        "timezone": "UTC",
        "retention_days": 0,
        "custom_properties": ["logged_in", "author"],
    }
    assert get(keyholder, "/alice.example") == (200, expected)
    assert get(keyholder, "/foobar.baz") == NO_SITE
    assert get(keyholder, "/a%00b") == NO_SITE


def test_a_domain_is_changed(keyholder: Client) -> None:
    changed = call(keyholder, "put", "/alice.example", domain="new.example")
    expected = {
        "domain": "new.example",
        "timezone": "UTC",
        "retention_days": 0,
        "custom_properties": [],
    }
    assert changed == (200, expected)
    assert get(keyholder, "/alice.example") == (200, expected)
    moved = call(keyholder, "put", "/new.example", timezone="Asia/Kolkata")
    assert moved[1]["timezone"] == "Asia/Kolkata"


def test_all_of_a_change_or_none(keyholder: Client, site: Site) -> None:
    status, _ = call(
        keyholder, "put", "/alice.example", domain="alice.example", timezone="Asia/Kolkata"
    )
    site.refresh_from_db()
    assert (status, site.timezone) == (400, "UTC")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"foo": "bar"}, "domain: or timezone is needed"),
        ({"domain": 123}, "domain: is invalid"),
        ({"domain": ""}, "domain: can't be blank"),
        (
            {"domain": "alice.example"},
            "domain: New domain must be different than the current one",
        ),
        ({"timezone": "Mars/Olympus"}, "timezone: "),
    ],
)
def test_a_bad_change_is_refused(fields: dict[str, Any], error: str, keyholder: Client) -> None:
    status, body = call(keyholder, "put", "/alice.example", **fields)
    assert status == 400
    assert body["error"].startswith(error)


def test_a_site_is_deleted(keyholder: Client) -> None:
    assert call(keyholder, "put", "/alice.example", domain="new.example")[0] == 200
    assert call(keyholder, "delete", "/alice.example") == (200, {"deleted": "true"})
    assert call(keyholder, "delete", "/alice.example") == NO_SITE
    assert get(keyholder, "/new.example") == NO_SITE


def test_sites_in_pages(keyholder: Client, team: Team) -> None:
    for number in range(4):
        create_site(team=team, domain=f"{number}.example", timezone="UTC")
    _, first = get(keyholder, "?limit=2")
    assert [site["domain"] for site in first["sites"]] == ["3.example", "2.example"]
    assert first["meta"].items() >= {"before": None, "limit": 2, "count": 5}.items()
    _, second = get(keyholder, f"?limit=2&after={first['meta']['after']}")
    create_site(team=team, domain="late.example", timezone="UTC")
    assert [site["domain"] for site in second["sites"]] == ["1.example", "0.example"]
    _, third = get(keyholder, f"?limit=2&after={second['meta']['after']}")
    assert [site["domain"] for site in third["sites"]] == ["alice.example"]
    assert third["meta"]["after"] is None
    _, back = get(keyholder, f"?limit=2&before={third['meta']['before']}")
    assert back["sites"] == second["sites"]
    _, start = get(keyholder, f"?limit=2&before={back['meta']['before']}")
    assert start["sites"] == first["sites"]
    assert start["meta"]["before"] is not None  # one was added
    assert get(keyholder, "?limit=99999")[1]["meta"] == {
        "after": None,
        "before": None,
        "limit": 1000,
        "count": 6,
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("limit=-1", "limit"),
        ("after=%00", "after"),
        ("after=a", "after"),
        ("after=é", "after"),
        ("before=AAAA", "before"),
        ("after=MQ&before=MQ", "before"),
    ],
)
def test_bad_pages_are_refused(query: str, field: str, keyholder: Client) -> None:
    status, body = get(keyholder, f"?{query}")
    assert status == 400
    assert body["error"].startswith(f"{field}: ")


def test_teams(keyholder: Client, team: Team, alice: User) -> None:
    own = {"id": team.pk, "name": "Alice's", "api_available": True}
    meta = {"after": None, "before": None, "limit": 100}
    assert get(keyholder, "/teams") == (200, {"teams": [own], "meta": meta})
    second = create_team(name="Second", owner=alice)
    teams = get(session_of(alice), "/teams")[1]["teams"]
    assert [each["id"] for each in teams] == [second.pk, team.pk]


# ---- Persons, by role


def test_a_person_chooses_the_team(alice: User, team: Team, charlies_team: Team) -> None:
    second = create_team(name="Second", owner=alice)
    browser = session_of(alice)
    assert call(browser, "post", "", domain="a.example")[1] == {
        "error": "team_id: select one of your teams"
    }
    assert call(browser, "post", "", domain="a.example", team_id=second.pk)[0] == 200
    assert Site.objects.get().team == second
    refused = (403, {"error": "You can't add sites to the selected team."})
    for bad in (charlies_team.pk, 10**17):
        assert call(browser, "post", "", domain="b.example", team_id=bad) == refused
    assert call(browser, "post", "", domain="b.example", team_id="x" * 50)[0] == 400
    listed = get(browser, f"?team_id={team.pk}")
    assert listed[1]["sites"] == []


MAY = {
    Role.OWNER: {"read", "write", "guests", "delete"},
    Role.ADMIN: {"read", "write", "guests"},
    Role.EDITOR: {"read", "write"},
    Role.VIEWER: {"read"},
}


@pytest.mark.parametrize(
    ("is_guest", "role"),
    [*((False, role) for role in Role), (True, Role.EDITOR), (True, Role.VIEWER)],
)
def test_what_roles_may(is_guest: bool, role: Role, site: Site, charlie: User) -> None:
    if is_guest:
        find_or_invite_guest(site=site, email=charlie.email, role=role)
    else:
        add_member(team=site.team, user=charlie, role=role)
    browser = session_of(charlie)
    goal = {"site_id": site.domain, "goal_type": "page", "page_path": "/"}
    guest = {"site_id": site.domain, "email": "a@b.example", "role": "viewer"}
    calls: dict[str, Callable[[], tuple[int, Any]]] = {
        "read": lambda: get(browser, f"/goals?site_id={site.domain}"),
        "write": lambda: call(browser, "put", "/goals", **goal),
        "guests": lambda: call(browser, "put", "/guests", **guest),
        "delete": lambda: call(browser, "delete", f"/{site.domain}"),
    }
    for name, work in calls.items():
        assert work()[0] == (200 if name in MAY[role] else 403), name


def test_a_person_needs_the_csrf_token(alice: User, site: Site) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.delete(f"{URL}/{site.domain}").status_code == 403
    assert Site.objects.exists()


def test_a_key_needs_the_scope(team: Team, site: Site) -> None:
    def key(*scopes: Scope) -> Client:
        return holder_of(create_api_key(team=team, name="k", scopes=scopes))

    for reader in (key(Scope.STATS_READ), key(Scope.SITES_READ)):
        for path in ("", "/alice.example", "/goals?site_id=alice.example"):
            assert get(reader, path)[0] == 200
        assert call(reader, "delete", "/alice.example")[0] == 401
    assert get(key(Scope.STATS_READ), "/guests?site_id=alice.example")[0] == 401
    assert get(key(Scope.SITES_WRITE), "")[0] == 401
    some = create_api_key(team=team, name="k", scopes=[Scope.SITES_WRITE], sites=[site])
    assert call(holder_of(some), "post", "", domain="a.example")[0] == 403
