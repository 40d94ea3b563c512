"""Reads about sites and API keys."""

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet
from django.utils.timezone import now

from webapp.accounts.models import User
from webapp.sites import keys
from webapp.sites.models import ApiKey, FormerDomain, Site
from webapp.teams.models import READING, Guest, Membership, Role


def sites_of_user(user: User, roles: Collection[Role] = READING) -> QuerySet[Site]:
    """The sites where a person has one of `roles`, in the team or as a guest; by domain."""
    teams = Membership.objects.filter(user=user, role__in=roles).values("team")
    invited = Guest.objects.filter(user=user, role__in=roles).values("site")
    return Site.objects.filter(Q(team__in=teams) | Q(pk__in=invited)).order_by("domain")


def site_of_domain(sites: QuerySet[Site], domain: str) -> Site | None:
    """That of `sites` which has the domain, else that which had it until lately."""
    former = former_domains().filter(domain=domain).values("site")
    found = sites.filter(Q(domain=domain) | Q(pk__in=former))
    return max(found, key=lambda site: site.domain == domain, default=None)


def former_domains() -> QuerySet[FormerDomain]:
    """Those that are still kept for the site that had them."""
    return FormerDomain.objects.filter(kept_until__gt=now())


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
