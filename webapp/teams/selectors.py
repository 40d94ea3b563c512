"""Reads about teams."""

from collections.abc import Collection

from django.db.models import QuerySet

from webapp.accounts.models import User
from webapp.sites.models import Site
from webapp.teams.models import MANAGING, Guest, Role, Team


def managed_teams(user: User) -> QuerySet[Team]:
    """The teams whose keys and people a person may manage."""
    return teams_of(user, MANAGING)


def teams_of(user: User, roles: Collection[Role]) -> QuerySet[Team]:
    """The teams where a person has one of `roles`."""
    return Team.objects.filter(memberships__user=user, memberships__role__in=roles).order_by("pk")


def guests_of(site: Site) -> QuerySet[Guest]:
    """The guests of a site and who is invited there."""
    return Guest.objects.filter(site=site)
