"""Reads about sites and API keys."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.timezone import now

from webapp.accounts.models import User
from webapp.sites import keys
from webapp.sites.models import ApiKey, Site


def sites_of_user(user: User) -> QuerySet[Site]:
    """The sites of all teams of a person, by domain."""
    return Site.objects.filter(team__memberships__user=user).distinct().order_by("domain")


def sites_of_key(key: ApiKey) -> QuerySet[Site]:
    """The sites that an API key opens, by domain."""
    sites = Site.objects.filter(team=key.team_id)
    if not key.all_sites:
        sites = sites.filter(pk__in=key.sites.values("pk"))
    return sites.order_by("domain")


def find_api_key(text: str) -> ApiKey | None:
    """The key of that text, unless it has expired.

    Looked up by its hash: whoever tries texts cannot steer how much of a hash is equal, so the
    time that the comparison takes tells nothing about any key.
    """
    return current_keys().filter(digest=keys.digest(text)).first()


def current_keys() -> QuerySet[ApiKey]:
    """Those that have not expired."""
    return ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now()))


def keys_of_teams(team_ids: Iterable[int]) -> QuerySet[ApiKey]:
    """All keys of some teams, also expired ones, the newest first."""
    found = ApiKey.objects.filter(team__in=team_ids).order_by("-created_at", "-pk")
    return found.select_related("team").prefetch_related("sites")
