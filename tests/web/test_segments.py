"""Segments: kept, asked for by number, whose they are; filters nobody could ask for are refused."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import FakeReader, session_of
from webapp.accounts.models import User
from webapp.links.passes import make_pass
from webapp.links.services import find_or_create_link
from webapp.segments import services
from webapp.segments.models import Segment
from webapp.segments.selectors import segment_filters
from webapp.sites.models import Site
from webapp.teams.models import Role
from webapp.teams.services import add_member

URL = "/api/v1/segments"
SITE = "?site_id=alice.example"
GERMANS = [["is", "visit:country", ["DE"]]]
GERMANY = {"name": " Germany ", "filters": GERMANS, "kind": "site"}


def _send(client: Client, method: str, path: str, fields: Any) -> tuple[int, Any]:
    answer = getattr(client, method)(f"{URL}{path}", fields, content_type="application/json")
    return answer.status_code, answer.json() if answer.content else None


def _names(client: Client) -> list[str]:
    return [each["name"] for each in client.get(f"{URL}{SITE}").json()["results"]]


def test_from_the_first_to_the_last(keyholder: Client, site: Site, charlies_site: Site) -> None:
    status, made = _send(keyholder, "post", SITE, GERMANY)
    number = Segment.objects.get().pk
    updated_at = made.pop("updated_at")
    assert (status, made) == (
        201,
        {"id": number, "name": "Germany", "kind": "site", "filters": GERMANS},
    )
    assert segment_filters(site, None, number) == GERMANS
    assert segment_filters(charlies_site, None, number) is None
    wider = [["or", [*GERMANS, ["contains", "event:page", ["/de/"]]]]]
    path = f"/{number}{SITE}"
    changed = _send(keyholder, "put", path, {"name": "German", "filters": wider})[1]
    assert (changed["name"], segment_filters(site, None, number)) == ("German", wider)
    assert changed["updated_at"] > updated_at
    assert _names(keyholder) == ["German"]
    assert _send(keyholder, "delete", path, {}) == (204, None)
    assert _send(keyholder, "delete", path, {})[0] == 404
    assert segment_filters(site, None, number) is None


def test_personal_ones_are_their_owners(alice: User, bob: User, site: Site, key: str) -> None:
    alices, bobs = session_of(alice), session_of(bob)
    _, own = _send(alices, "post", SITE, GERMANY | {"kind": "personal", "name": "Mine"})
    _send(bobs, "post", SITE, GERMANY)
    assert (_names(alices), _names(bobs)) == (["Germany", "Mine"], ["Germany"])
    for method in ("put", "delete"):
        assert _send(bobs, method, f"/{own['id']}{SITE}", GERMANY)[0] == 404
    assert _send(alices, "delete", f"/{own['id']}{SITE}", {})[0] == 204


def test_a_viewer_keeps_personal_ones(charlie: User, site: Site, keyholder: Client) -> None:
    add_member(team=site.team, user=charlie, role=Role.VIEWER)
    browser = session_of(charlie)
    _, shared = _send(keyholder, "post", SITE, GERMANY)
    assert _send(browser, "post", SITE, GERMANY)[0] == 403
    assert _send(browser, "delete", f"/{shared['id']}{SITE}", {})[0] == 403
    assert _send(browser, "post", SITE, GERMANY | {"kind": "personal"})[0] == 201


def test_what_a_site_has_outlives_who_made_it(alice: User, bob: User, site: Site) -> None:
    _send(session_of(bob), "post", SITE, GERMANY)
    _send(session_of(bob), "post", SITE, GERMANY | {"kind": "personal", "name": "Mine"})
    bob.delete()
    assert list(Segment.objects.values_list("name", flat=True)) == ["Germany"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x07"}, "name"),
        ({"kind": "x"}, "kind"),
        ({"kind": "personal"}, "kind"),  # of a key
        ({"filters": []}, "filters"),
        ({"filters": "x"}, "filters"),
        ({"filters": {"is": 1}}, "filters"),
        ({"filters": None}, "filters"),
        ({"filters": [["is", "visit:nothing", ["a"]]]}, "#/filters/0"),
        ({"filters": [["is", "visit:country", []]]}, "#/filters/0"),
        ({"filters": [["is", "visit:country", ["x" * 5_000]]]}, "filters"),
    ],
)
def test_a_bad_one_is_refused(fields: dict[str, Any], field: str, keyholder: Client) -> None:
    status, body = _send(keyholder, "post", SITE, GERMANY | fields)
    assert status == 400
    assert body["error"].startswith(f"{field}: ")
    assert not Segment.objects.exists()


def test_no_segment_holds_another(keyholder: Client) -> None:
    _, made = _send(keyholder, "post", SITE, GERMANY)
    nested = {"name": "Nested", "filters": [["is", "segment", [made["id"]]]]}
    assert _send(keyholder, "post", SITE, nested)[0] == 400


def test_the_stats_api_knows_them(
    keyholder: Client, charlie: User, charlies_site: Site, rollups: FakeReader
) -> None:
    _, made = _send(keyholder, "post", SITE, GERMANY)

    def ask(client: Client, domain: str, number: int) -> Any:
        filters = json.dumps([["is", "segment", [number]]])
        asked = {"site_id": domain, "filters": filters}
        return client.get("/api/v1/stats/aggregate", asked)

    assert ask(keyholder, "alice.example", made["id"]).status_code == 200
    assert any("DE" in str(params) for params in rollups.asked)
    refused = ask(session_of(charlie), "charlie.example", made["id"])
    nowhere = ask(session_of(charlie), "charlie.example", made["id"] + 1)
    assert refused.status_code == nowhere.status_code == 400
    assert ask(keyholder, "alice.example", 10**30).status_code == 400


_IN_A_PARAMETER = {
    "aggregate": "filters",
    "timeseries": "filters",
    "breakdown": "filters",
    "funnel": "step",
    "journeys": "start",
    "retention": "filters",
}


@pytest.mark.parametrize("operation", [*_IN_A_PARAMETER, "query"])
def test_only_its_owner_asks_for_a_personal_one(
    operation: str, alice: User, bob: User, site: Site, keyholder: Client, rollups: FakeReader
) -> None:
    """For its owner's team, its keys and its shared links it is as one that does not exist."""
    _, made = _send(session_of(alice), "post", SITE, GERMANY | {"kind": "personal"})
    link = make_pass(find_or_create_link(site=site, name="all"))

    def ask(client: Client, number: int, **more: str) -> Any:
        filters = [["is", "segment", [number]]]
        if operation == "query":
            query = {"site_id": "alice.example", "metrics": ["visitors"], "date_range": "7d"}
            body = query | {"filters": filters}
            return client.post("/api/v2/query", body, content_type="application/json")
        text = json.dumps(filters)
        asked: dict[str, Any] = {"site_id": "alice.example", "property": "event:page", **more}
        asked |= {_IN_A_PARAMETER[operation]: [text, text] if operation == "funnel" else text}
        return client.get(f"/api/v1/stats/{operation}", asked)

    assert ask(session_of(alice), made["id"]).status_code == 200
    assert any("DE" in str(params) for params in rollups.asked)
    rollups.asked.clear()
    for client in (session_of(bob), keyholder):
        refused, nowhere = ask(client, made["id"]), ask(client, made["id"] + 1)
        assert (refused.status_code, refused.json()) == (nowhere.status_code, nowhere.json())
        assert refused.status_code == 400
    if operation in ("aggregate", "timeseries", "breakdown"):
        assert ask(Client(), made["id"], link=link).status_code == 400
    assert rollups.asked == []


def test_there_is_a_limit(keyholder: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "SEGMENTS_MAX", 1)
    assert _send(keyholder, "post", SITE, GERMANY)[0] == 201
    assert _send(keyholder, "post", SITE, GERMANY)[0] == 400


_values = st.recursive(
    st.none() | st.integers() | st.sampled_from(["is", "and", "not", "event:goal", "segment", "a"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.just("a"), inner),
    max_leaves=12,
)


@given(_values)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_filters_are_our_fault(keyholder: Client, filters: Any) -> None:
    assert _send(keyholder, "post", SITE, {"name": "a", "filters": filters})[0] in (201, 400)
