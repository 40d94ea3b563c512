"""The Sites API: what belongs to a site, error for error as Plausible's."""

from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import session_of
from tests.web.sites_api import NO_SITE, URL, call, get
from webapp.accounts.models import User
from webapp.goals.models import Goal
from webapp.goals.selectors import props_of
from webapp.links.models import SharedLink
from webapp.sites.models import Site
from webapp.teams.models import Guest

# ---- Goals


def test_goals_are_made_and_found(keyholder: Client, site: Site) -> None:
    status, signup = call(
        keyholder, "put", "/goals", site_id=site.domain, goal_type="event", event_name="Signup"
    )
    assert (status, signup) == (
        200,
        {
            "id": Goal.objects.get().pk,
            "domain": "alice.example",
            "display_name": "Signup",
            "goal_type": "event",
            "event_name": "Signup",
            "page_path": None,
            "scroll_threshold": -1,
            "custom_props": {},
            "currency": None,
        },
    )
    fields: dict[str, Any] = {"site_id": site.domain, "goal_type": "page", "page_path": "/register"}
    _, page = call(keyholder, "put", "/goals", **fields)
    assert (page["display_name"], page["event_name"]) == ("Visit /register", None)
    assert call(keyholder, "put", "/goals", **fields, display_name="Other")[1] == page
    fields = {"site_id": site.domain, "goal_type": "scroll", "page_path": "/", "display_name": "R"}
    _, scroll = call(keyholder, "put", "/goals", **fields, scroll_threshold=80)
    assert (scroll["display_name"], scroll["scroll_threshold"]) == ("R", 80)
    _, pro = call(
        keyholder,
        "put",
        "/goals",
        site_id=site.domain,
        goal_type="event",
        event_name="Buy",
        currency="EUR",
        custom_props={"plan": "pro"},
    )
    assert (pro["custom_props"], pro["currency"]) == ({"plan": "pro"}, "EUR")
    _, listed = get(keyholder, f"/goals?site_id={site.domain}&limit=3")
    newest_first = [{**goal} for goal in (pro, scroll, page)]
    for goal in newest_first:
        del goal["domain"]
    assert listed["goals"] == newest_first
    assert listed["meta"]["limit"] == 3 and listed["meta"]["after"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"site_id": None}, "Parameter `site_id` is required to create a goal"),
        ({"goal_type": None}, "Parameter `goal_type` is required to create a goal"),
        ({"event_name": None}, "Parameter `event_name` is required to create a goal"),
        ({"goal_type": "page"}, "Parameter `page_path` is required to create a goal"),
        (
            {"goal_type": "scroll", "page_path": "/"},
            "Parameter `scroll_threshold` is required to create a goal",
        ),
        ({"goal_type": "x"}, "goal_type: one of event, page, scroll"),
        ({"goal_type": ["event"]}, "goal_type: one of event, page, scroll"),
        ({"event_name": 5}, "event_name: is invalid"),
        ({"event_name": "x" * 121}, "event_name: "),
        ({"event_name": "pageview"}, "event_name: "),
        ({"event_name": "a\n"}, "event_name: must not contain control characters"),
        ({"currency": "EURO"}, "currency: "),
        ({"custom_props": {"a": None}}, "custom_props: must be a map with string keys and string"),
        ({"custom_props": [1]}, "custom_props: must be a map with string keys and string values"),
        (
            {"custom_props": dict.fromkeys("abcd", "1")},
            "custom_props: use at most 3 properties per goal",
        ),
        ({"goal_type": "page", "page_path": "/" + "x" * 2_000}, "page_path: should be at most"),
        (
            {"goal_type": "scroll", "page_path": "/", "scroll_threshold": 101},
            "scroll_threshold: ",
        ),
        (
            {"goal_type": "scroll", "page_path": "/", "scroll_threshold": -1},
            "scroll_threshold: ",
        ),
    ],
)
def test_a_bad_goal_is_refused(fields: dict[str, Any], error: str, keyholder: Client) -> None:
    good = {"site_id": "alice.example", "goal_type": "event", "event_name": "Signup"}
    wanted = {name: value for name, value in (good | fields).items() if value is not None}
    status, body = call(keyholder, "put", "/goals", **wanted)
    assert status == 400
    assert body["error"].startswith(error)


def test_a_goal_is_deleted(keyholder: Client, site: Site, charlies_site: Site) -> None:
    made = call(
        keyholder, "put", "/goals", site_id=site.domain, goal_type="event", event_name="Signup"
    )
    path = f"/goals/{made[1]['id']}"
    assert call(keyholder, "delete", path)[1] == {
        "error": "Parameter `site_id` is required to delete a goal"
    }
    assert call(keyholder, "delete", path, site_id="charlie.example") == NO_SITE
    assert call(keyholder, "delete", path, site_id=site.domain) == (200, {"deleted": "true"})
    for gone in (path, "/goals/0", "/goals/x", f"/goals/{'9' * 30}", "/goals/²"):
        assert call(keyholder, "delete", gone, site_id=site.domain) == (
            404,
            {"error": "Goal could not be found"},
        )


# ---- Custom properties


def test_custom_properties(keyholder: Client, site: Site) -> None:
    created = (200, {"created": True})
    for name in ("plan", "a/b c", "plan"):
        put = call(keyholder, "put", "/custom-props", site_id=site.domain, property=name)
        assert put == created
    assert get(keyholder, f"/custom-props?site_id={site.domain}") == (
        200,
        {"custom_properties": [{"property": "plan"}, {"property": "a/b c"}]},
    )
    for _ in range(2):
        gone = call(keyholder, "delete", "/custom-props/a/b%20c", site_id=site.domain)
        assert gone == (200, {"deleted": "true"})
    assert props_of(site) == ("plan",)
    assert call(keyholder, "delete", "/custom-props/a%00", site_id=site.domain)[0] == 400


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"property": "a"}, "Parameter `site_id` is required to create a custom property"),
        (
            {"site_id": "alice.example"},
            "Parameter `property` is required to create a custom property",
        ),
        (
            {"site_id": "alice.example", "property": "x" * 301},
            "Parameter `property` is too long",
        ),
        ({"site_id": "alice.example", "property": {"a": 1}}, "property: is invalid"),
    ],
)
def test_a_bad_property_is_refused(fields: dict[str, Any], error: str, keyholder: Client) -> None:
    assert call(keyholder, "put", "/custom-props", **fields) == (400, {"error": error})
    assert get(keyholder, "/custom-props")[1] == {
        "error": "Parameter `site_id` is required to list custom properties"
    }


# ---- Shared links


def test_shared_links(keyholder: Client, site: Site) -> None:
    fields = {"site_id": site.domain, "name": "WordPress"}
    status, link = call(keyholder, "put", "/shared-links", **fields)
    kept = SharedLink.objects.get()
    url = f"http://127.0.0.1:8000/share/alice.example?auth={kept.slug}"
    assert (status, link) == (200, {"name": "WordPress", "url": url})
    assert len(kept.slug) == 28
    assert call(keyholder, "put", "/shared-links", **fields)[1] == link
    call(
        keyholder, "put", "/shared-links", **fields | {"name": "Board", "password": "secret words"}
    )
    board = SharedLink.objects.get(name="Board")
    assert "secret words" not in board.password
    _, listed = get(keyholder, f"/shared-links?site_id={site.domain}")
    assert [(row["name"], row["has_password"]) for row in listed["shared_links"]] == [
        ("Board", True),
        ("WordPress", False),
    ]
    path = f"/shared-links/{kept.pk}"
    assert call(keyholder, "delete", path, site_id="charlie.example") == NO_SITE
    assert call(keyholder, "delete", path, site_id=site.domain) == (200, {"deleted": "true"})
    for gone in (path, f"/shared-links/{10**30}"):
        assert call(keyholder, "delete", gone, site_id=site.domain)[0] == 404


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": "a"}, "Parameter `site_id` is required to create a shared link"),
        ({"site_id": "alice.example"}, "Parameter `name` is required to create a shared link"),
        ({"site_id": "alice.example", "name": "x" * 121}, "name: "),
        ({"site_id": "alice.example", "name": "a", "password": "x" * 129}, "password: "),
        ({"site_id": "alice.example", "name": "a", "password": 5}, "password: is invalid"),
    ],
)
def test_a_bad_link_is_refused(fields: dict[str, Any], error: str, keyholder: Client) -> None:
    status, body = call(keyholder, "put", "/shared-links", **fields)
    assert status == 400
    assert body["error"].startswith(error)


# ---- Guests


def test_guests(keyholder: Client, site: Site, charlie: User) -> None:
    invited = {"email": charlie.email, "role": "viewer", "accepted": False, "status": "invited"}
    fields = {"site_id": site.domain, "email": "Charlie@Example.org", "role": "viewer"}
    assert call(keyholder, "put", "/guests", **fields) == (200, invited)
    assert call(keyholder, "put", "/guests", **fields | {"role": "editor"}) == (200, invited)
    session_of(charlie)
    accepted = invited | {"accepted": True, "status": "accepted"}
    assert get(keyholder, f"/guests?site_id={site.domain}") == (
        200,
        {"guests": [accepted], "meta": {"after": None, "before": None, "limit": 100}},
    )
    for _ in range(2):
        gone = keyholder.delete(f"{URL}/guests/charlie@example.org?site_id={site.domain}")
        assert (gone.status_code, gone.json()) == (200, {"deleted": "true"})
    assert not Guest.objects.exists()
    assert keyholder.delete(f"{URL}/guests/a%00@b.example?site_id={site.domain}").status_code == 400


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"site_id": None}, "Parameter `site_id` is required to create guest"),
        ({"email": None}, "Parameter `email` is required to create guest"),
        ({"role": None}, "Parameter `role` is required to create guest. Possible values: "),
        ({"role": "owner"}, "Parameter `role` is required to create guest. Possible values: "),
        ({"role": ["viewer"]}, "Parameter `role` is required to create guest. Possible values: "),
        ({"email": "nobody"}, "email: "),
    ],
)
def test_a_bad_guest_is_refused(fields: dict[str, Any], error: str, keyholder: Client) -> None:
    good = {"site_id": "alice.example", "email": "a@b.example", "role": "viewer"}
    wanted = {name: value for name, value in (good | fields).items() if value is not None}
    status, body = call(keyholder, "put", "/guests", **wanted)
    assert status == 400
    assert body["error"].startswith(error)
