"""The Python client's methods for what belongs to a site, answered by the web application."""

import gzip
from pathlib import Path

import pytest

from pawprint_client import AuthError, InvalidRequest, Pawprint
from tests.web.conftest import FakeReader
from tests.web.test_docs import BASE_URL, ToDjango
from tests.web.test_exports import exported
from webapp.sites.models import Scope, Site
from webapp.sites.services import create_api_key
from webapp.teams.models import Team

GERMANS = [["is", "visit:country", ["DE"]]]


@pytest.fixture
def pawprint(team: Team, site: Site) -> Pawprint:
    """With a key that may do everything."""
    return client_of(team, *Scope)


def client_of(team: Team, *scopes: Scope) -> Pawprint:
    key = create_api_key(team=team, name="client", scopes=list(scopes))
    return Pawprint(BASE_URL, key, transport=ToDjango(key))


def test_sites_beyond_a_page(pawprint: Pawprint, team: Team) -> None:
    Site.objects.bulk_create(
        Site(team=team, domain=f"s{at}.example", timezone="UTC") for at in range(1_050)
    )
    domains = [site.domain for site in pawprint.sites()]
    assert len(domains) == len(set(domains)) == 1_051
    assert (domains[0], domains[-1]) == ("s1049.example", "alice.example")


def test_a_site_from_the_first_to_the_last(pawprint: Pawprint, team: Team) -> None:
    made = pawprint.create_site("new.example", timezone="Europe/Paris")
    assert (made.domain, made.timezone, made.custom_properties) == (
        "new.example",
        "Europe/Paris",
        (),
    )
    assert pawprint.create_site("plain.example").timezone == "Etc/UTC"
    changed = pawprint.change_site("new.example", domain="newer.example")
    assert (changed.domain, changed.timezone) == ("newer.example", "Europe/Paris")
    assert pawprint.change_site("newer.example", timezone="UTC") == pawprint.site("newer.example")
    assert pawprint.site("new.example").timezone == "UTC", "the old domain leads there"
    pawprint.delete_site("newer.example")
    with pytest.raises(InvalidRequest) as caught:
        pawprint.site("newer.example")
    assert caught.value.status == 404
    assert "plain.example" in {site.domain for site in pawprint.sites()}
    (own,) = pawprint.teams()
    assert (own.id, own.name) == (team.pk, team.name)


def test_a_site_that_cannot_be_made(pawprint: Pawprint, site: Site) -> None:
    for domain in (site.domain, "no domain"):
        with pytest.raises(InvalidRequest) as caught:
            pawprint.create_site(domain)
        assert (caught.value.status, caught.value.field) == (400, "domain")
    with pytest.raises(InvalidRequest, match="timezone"):
        pawprint.change_site(site.domain, timezone="Mars/Olympus")


@pytest.mark.parametrize("name", ["plan", "a/b", "../sites", "100%", "a?b#c", "é ü", "%2e"])
def test_custom_properties(name: str, pawprint: Pawprint, site: Site) -> None:
    pawprint.create_custom_prop(site.domain, "other")
    for _ in range(2):
        pawprint.create_custom_prop(site.domain, name)
    assert sorted(pawprint.custom_props(site.domain)) == sorted(["other", name])
    assert set(pawprint.site(site.domain).custom_properties) == {"other", name}
    for _ in range(2):
        pawprint.delete_custom_prop(site.domain, name)
    assert pawprint.custom_props(site.domain) == ["other"]


def test_guests(pawprint: Pawprint, site: Site) -> None:
    guest = pawprint.invite_guest(site.domain, "jo+a@example.org", "editor")
    assert (guest.email, guest.role, guest.has_accepted) == ("jo+a@example.org", "editor", False)
    assert pawprint.invite_guest(site.domain, "jo+a@example.org") == guest, "the role stays"
    other = pawprint.invite_guest(site.domain, "flo@example.org")
    assert pawprint.guests(site.domain) == [other, guest]
    for _ in range(2):
        pawprint.remove_guest(site.domain, guest.email)
    assert [each.email for each in pawprint.guests(site.domain)] == ["flo@example.org"]
    with pytest.raises(InvalidRequest, match="role"):
        pawprint.invite_guest(site.domain, "jo@example.org", "owner")


def test_goals(pawprint: Pawprint, site: Site) -> None:
    buy = pawprint.create_goal(
        site.domain, "event", event_name="Buy", custom_props={"plan": "pro"}, currency="EUR"
    )
    read = pawprint.create_goal(
        site.domain, "scroll", page_path="/blog*", scroll_threshold=75, display_name="Read"
    )
    assert pawprint.create_goal(site.domain, "page", page_path="/a").event_name == ""
    again = pawprint.create_goal(site.domain, "scroll", page_path="/blog*", scroll_threshold=75)
    assert again.id == read.id
    assert [goal.goal_type for goal in pawprint.goals(site.domain)] == ["page", "scroll", "event"]
    assert (buy.currency, buy.custom_props, buy.scroll_threshold) == ("EUR", {"plan": "pro"}, None)
    assert (read.display_name, read.scroll_threshold) == ("Read", 75)
    pawprint.delete_goal(site.domain, read.id)
    assert read.id not in {goal.id for goal in pawprint.goals(site.domain)}
    with pytest.raises(InvalidRequest) as caught:
        pawprint.create_goal(site.domain, "event")
    assert caught.value.field == "event_name"


def test_segments(pawprint: Pawprint, site: Site) -> None:
    made = pawprint.create_segment(site.domain, "Germany", GERMANS)
    changed = pawprint.change_segment(site.domain, made.id, "Germans", GERMANS)
    assert pawprint.segments(site.domain) == [changed]
    assert (changed.name, changed.kind, changed.filters) == ("Germans", "site", GERMANS)
    assert changed.updated_at >= made.updated_at
    pawprint.delete_segment(site.domain, made.id)
    assert pawprint.segments(site.domain) == []


def test_annotations(pawprint: Pawprint, site: Site) -> None:
    made = pawprint.create_annotation(site.domain, "2026-11-23", "Out", time="09:30")
    pawprint.create_annotation(site.domain, "2026-11-20", "Before")
    changed = pawprint.change_annotation(site.domain, made.id, made.date, "It is out")
    assert (made.time is not None, changed.time, changed.author) == (True, None, None)
    assert pawprint.annotations(site.domain, date_from="2026-11-21") == [changed]
    assert pawprint.annotations(site.domain, date_to=made.date)[0] == changed
    pawprint.delete_annotation(site.domain, made.id)
    assert [each.text for each in pawprint.annotations(site.domain)] == ["Before"]


def test_shared_links(pawprint: Pawprint, site: Site) -> None:
    url = pawprint.create_shared_link(site.domain, "Board", password="correct horse battery")
    (link,) = pawprint.shared_links(site.domain)
    assert (link.url, link.name, link.has_password) == (url, "Board", True)
    pawprint.revoke_shared_link(site.domain, link.id)
    assert pawprint.shared_links(site.domain) == []


def test_exports(pawprint: Pawprint, site: Site, rollups: FakeReader, tmp_path: Path) -> None:
    rollups.rows = [exported("/é", ("plan",), 9_900_000), exported("=1")]
    first, second = pawprint.export_rows(site.domain, period="day", date="2026-11-24")
    assert (first["path"], first["props"], first["revenue"]) == ("/é", {"plan": "plan"}, 9.9)
    assert second["path"] == "=1"
    for name in ("a.csv", "a.csv.gz"):
        pawprint.export(site.domain, "day", tmp_path / name, date="2026-11-24")
    text = (tmp_path / "a.csv").read_bytes()
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()) == text
    assert text.startswith(b"minute,name,hostname,path,")
    assert text.count(b"\r\n") == 3


def test_others_and_readers(
    pawprint: Pawprint, team: Team, site: Site, charlies_team: Team
) -> None:
    """Who may not is told so, and a site of others is none."""
    goal = pawprint.create_goal(site.domain, "event", event_name="Buy")
    reader = client_of(team, Scope.STATS_READ)
    assert [each.id for each in reader.goals(site.domain)] == [goal.id]
    for forbidden in (
        lambda: reader.delete_goal(site.domain, goal.id),
        lambda: reader.create_site("new.example"),
        lambda: reader.delete_site(site.domain),
        lambda: reader.create_custom_prop(site.domain, "plan"),
        lambda: reader.guests(site.domain),
    ):
        with pytest.raises(AuthError):
            forbidden()
    outsider = client_of(charlies_team, *Scope)
    for refused in (
        lambda: outsider.goals(site.domain),
        lambda: outsider.delete_goal(site.domain, goal.id),
        lambda: outsider.shared_links(site.domain),
        lambda: outsider.site(site.domain),
        lambda: outsider.change_site(site.domain, timezone="UTC"),
        lambda: outsider.delete_site(site.domain),
        lambda: outsider.custom_props(site.domain),
        lambda: outsider.create_custom_prop(site.domain, "plan"),
        lambda: outsider.guests(site.domain),
        lambda: outsider.invite_guest(site.domain, "jo@example.org"),
        lambda: outsider.create_segment(site.domain, "x", GERMANS),
        lambda: list(outsider.export_rows(site.domain)),
    ):
        with pytest.raises((AuthError, InvalidRequest)) as caught:
            refused()
        assert caught.value.status in (401, 404)
    assert [each.id for each in pawprint.goals(site.domain)] == [goal.id]
