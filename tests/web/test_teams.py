"""Roles and guests: who sees which sites, and as what."""

import importlib

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.test import Client

from tests.web.conftest import PASSWORD, session_of
from webapp.accounts.models import User
from webapp.sites.models import Site
from webapp.sites.selectors import sites_of_user
from webapp.sites.services import create_site
from webapp.teams import services
from webapp.teams.models import EDITING, MANAGING, OWNING, READING, Guest, Membership, Role, Team

READS_TOTALS = "/api/v1/stats/aggregate?site_id={}"


@pytest.mark.parametrize("role", Role)
def test_what_a_member_may_do_with_sites(role: Role, charlie: User, site: Site) -> None:
    services.add_member(team=site.team, user=charlie, role=role)
    for roles in (READING, EDITING, MANAGING, OWNING):
        assert sites_of_user(charlie, roles).contains(site) == (role in roles)


def test_members_became_editors(team: Team, bob: User) -> None:
    migration = importlib.import_module("webapp.teams.migrations.0003_members_are_editors")
    Membership.objects.filter(user=bob).update(role="member")
    migration.members_to_editors(apps, None)
    roles = dict(Membership.objects.values_list("user__email", "role"))
    assert roles == {"alice@example.org": "owner", "bob@example.org": "editor"}
    migration.all_but_owners_to_members(apps, None)
    assert Membership.objects.get(user=bob).role == "member"


def test_a_guest_sees_one_site_once_they_have_logged_in(
    site: Site, charlie: User, charlies_site: Site
) -> None:
    create_site(team=site.team, domain="second.example", timezone="UTC")
    invited = services.find_or_invite_guest(
        site=site, email=" Charlie@Example.org ", role=Role.VIEWER
    )
    assert not invited.has_accepted
    assert list(sites_of_user(charlie)) == [charlies_site]
    Client().post("/login/", {"username": "charlie@example.org", "password": "wrong"})
    assert list(sites_of_user(charlie)) == [charlies_site]
    Client().post("/login/", {"username": "charlie@example.org", "password": PASSWORD})
    assert list(sites_of_user(charlie)) == [site, charlies_site]
    assert list(sites_of_user(charlie, EDITING)) == [charlies_site]
    services.remove_guest(site=site, email="CHARLIE@example.org")
    assert list(sites_of_user(charlie)) == [charlies_site]


def test_nobody_accepts_anothers_invitation(site: Site, charlie: User, bob: User) -> None:
    services.find_or_invite_guest(site=site, email="other@example.org", role=Role.EDITOR)
    session_of(charlie)
    assert Guest.objects.get().user is None
    assert not sites_of_user(charlie).exists()


def test_an_invitation_is_made_once(site: Site, charlies_site: Site, charlie: User) -> None:
    first = services.find_or_invite_guest(site=site, email=charlie.email, role=Role.VIEWER)
    again = services.find_or_invite_guest(site=site, email=charlie.email, role=Role.EDITOR)
    assert (again, again.role) == (first, "viewer")
    other = services.find_or_invite_guest(site=charlies_site, email=charlie.email, role=Role.EDITOR)
    assert services.accept_invitations(charlie) == 2
    assert services.accept_invitations(charlie) == 0
    services.remove_guest(site=site, email=charlie.email)
    services.remove_guest(site=site, email=charlie.email)
    assert list(Guest.objects.all()) == [other]


@pytest.mark.parametrize(
    ("email", "role", "field"),
    [
        ("nobody", Role.VIEWER, "email"),
        ("", Role.VIEWER, "email"),
        ("a" * 250 + "@b.example", Role.VIEWER, "email"),
        ("a\x00@b.example", Role.VIEWER, "email"),
        ("a@b.example", Role.OWNER, "role"),
        ("a@b.example", Role.ADMIN, "role"),
    ],
)
def test_a_bad_guest_is_refused(email: str, role: Role, field: str, site: Site) -> None:
    with pytest.raises(ValidationError) as refused:
        services.find_or_invite_guest(site=site, email=email, role=role)
    assert list(refused.value.message_dict) == [field]


def test_guests_have_a_limit(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "GUESTS_MAX", 1)
    services.find_or_invite_guest(site=site, email="a@b.example", role=Role.VIEWER)
    services.find_or_invite_guest(site=site, email="a@b.example", role=Role.VIEWER)
    with pytest.raises(ValidationError, match="at most 1 guests"):
        services.find_or_invite_guest(site=site, email="c@b.example", role=Role.VIEWER)


def test_a_member_stays_when_their_invitation_goes(site: Site, bob: User) -> None:
    services.find_or_invite_guest(site=site, email=bob.email, role=Role.VIEWER)
    services.accept_invitations(bob)
    assert list(sites_of_user(bob)) == [site]
    services.remove_guest(site=site, email=bob.email)
    assert list(sites_of_user(bob, EDITING)) == [site]


@pytest.mark.usefixtures("rollups")
def test_a_guest_reads_that_site_everywhere(site: Site, charlie: User) -> None:
    services.find_or_invite_guest(site=site, email=charlie.email, role=Role.VIEWER)
    browser = session_of(charlie)
    assert browser.get(READS_TOTALS.format(site.domain)).status_code == 200
    assert browser.get(f"/{site.domain}/").status_code == 200
    services.remove_guest(site=site, email=charlie.email)
    assert browser.get(READS_TOTALS.format(site.domain)).status_code == 401
    assert browser.get(f"/{site.domain}/").status_code == 404
