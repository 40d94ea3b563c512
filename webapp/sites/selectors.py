"""Reads about sites and API keys."""

from django.db.models import QuerySet

from webapp.accounts.models import User
from webapp.sites import keys
from webapp.sites.models import ApiKey, Scope, Site


def sites_of_user(user: User) -> QuerySet[Site]:
    """The sites of all teams of a person, by domain."""
    return Site.objects.filter(team__memberships__user=user).distinct().order_by("domain")


def sites_of_key(key: ApiKey) -> QuerySet[Site]:
    """The sites an API key may read, by domain."""
    return Site.objects.filter(team=key.team_id).order_by("domain")


def find_api_key(text: str, scope: Scope) -> ApiKey | None:
    """The key of that text, if it is one and may do that."""
    key = ApiKey.objects.filter(digest=keys.digest(text)).first()
    return key if key is not None and key.allows(scope) else None
