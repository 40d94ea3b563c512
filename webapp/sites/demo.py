"""The demo account: a person, a team, a site and two API keys, made once and found again."""

import msgspec
from django.db import transaction

from webapp.accounts import services as accounts
from webapp.accounts.models import User
from webapp.sites import services
from webapp.sites.models import ApiKey, Scope, Site
from webapp.sites.selectors import find_api_key, sites_of_user
from webapp.teams.models import Team
from webapp.teams.services import create_team

EMAIL = "demo@pawprint.test"
REQUESTS_PER_HOUR = 1_000_000  # with the key to the numbers: tests and benchmarks ask with it


class Demo(msgspec.Struct, frozen=True):
    """What the caller has to keep: nobody else knows the secrets in it."""

    email: str
    password: str
    domain: str
    site_id: int
    stats_key: str
    ingest_key: str


class DomainTaken(Exception):
    """The domain is another team's."""


@transaction.atomic
def make_demo(
    *,
    domain: str,
    timezone: str,
    spike_threshold: int,
    password: str,
    known: Demo | None,
    also: str = "",
) -> Demo:
    """The demo account for `domain`, and for the site `also` if there is to be one.

    `known` is what an earlier call gave: if all in it is still true it stays as it is. What is not
    known any more is made anew: `password` becomes the demo person's, and keys are added.
    Raises `DomainTaken`, and `django.core.exceptions.ValidationError` for a bad site.
    """
    user = User.objects.filter(email=EMAIL).first()
    if user is None:
        user = accounts.create_user(email=EMAIL, password=password)
    team = user.teams.filter(is_demo=True).first()
    if team is None:
        team = create_team(name="Demo", owner=user, is_demo=True)
    site = _site(team, domain, timezone, spike_threshold)
    if also:
        _site(team, also, timezone, 0)
    if known is not None and _still_true(known, user, site):
        return known
    accounts.set_password(user=user, password=password)
    return Demo(
        email=EMAIL,
        password=password,
        domain=domain,
        site_id=site.pk,
        stats_key=services.create_api_key(
            team=team,
            name="demo: stats",
            scopes=[Scope.STATS_READ],
            requests_per_hour=REQUESTS_PER_HOUR,
        ),
        ingest_key=services.create_api_key(team=team, name="demo: ingest", scopes=[Scope.INGEST]),
    )


def _site(team: Team, domain: str, timezone: str, spike_threshold: int) -> Site:
    site = Site.objects.filter(domain=domain).first()
    if site is None:
        return services.create_site(
            team=team, domain=domain, timezone=timezone, spike_threshold=spike_threshold
        )
    if site.team_id != team.pk:
        raise DomainTaken(domain)
    return services.update_site(site, timezone=timezone, spike_threshold=spike_threshold)


def _still_true(known: Demo, user: User, site: Site) -> bool:
    """All that `known` says still opens the same doors."""
    stats_key, ingest_key = find_api_key(known.stats_key), find_api_key(known.ingest_key)
    return (
        (known.email, known.domain, known.site_id) == (user.email, site.domain, site.pk)
        and user.check_password(known.password)
        and _opens(stats_key, site, Scope.STATS_READ)
        and _opens(ingest_key, site, Scope.INGEST)
        and sites_of_user(user).contains(site)
    )


def _opens(key: ApiKey | None, site: Site, scope: Scope) -> bool:
    return key is not None and key.team_id == site.team_id and key.allows(scope)
