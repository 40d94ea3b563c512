"""Writes about sites and API keys; each is published to the collector and the streams."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from webapp.sites import keys
from webapp.sites.models import ApiKey, Scope, Site
from webapp.sites.publishing import publish_on_commit
from webapp.teams.models import Team

LAST_USED_STEP = dt.timedelta(minutes=1)


@transaction.atomic
def create_site(*, team: Team, domain: str, timezone: str, spike_threshold: int = 0) -> Site:
    """A new site. Raises `django.core.exceptions.ValidationError` naming the bad fields."""
    site = Site(team=team, domain=domain, timezone=timezone, spike_threshold=spike_threshold)
    site.full_clean()
    site.save()
    publish_on_commit()
    return site


@transaction.atomic
def update_site(site: Site, *, timezone: str, spike_threshold: int) -> Site:
    """Change a site's settings. Raises `django.core.exceptions.ValidationError`."""
    site.timezone = timezone
    site.spike_threshold = spike_threshold
    site.full_clean()
    site.save()
    publish_on_commit()
    return site


@transaction.atomic
def create_api_key(*, team: Team, name: str, scopes: Iterable[Scope]) -> str:
    """A new API key, as text: this is the only time that anyone sees it."""
    key = keys.new_key()
    ApiKey.objects.create(
        team=team,
        name=name,
        prefix=key[: keys.PREFIX_CHARS],
        digest=keys.digest(key),
        scopes=" ".join(sorted(scope.value for scope in scopes)),
    )
    publish_on_commit()
    return key


@transaction.atomic
def revoke_api_key(key: ApiKey) -> None:
    """The key opens nothing any more."""
    key.delete()
    publish_on_commit()


def note_use(key: ApiKey) -> None:
    """Remember to the minute that a key was used, so that most calls write nothing."""
    at = now()
    unused = Q(last_used_at=None) | Q(last_used_at__lt=at - LAST_USED_STEP)
    ApiKey.objects.filter(unused, pk=key.pk).update(last_used_at=at)
