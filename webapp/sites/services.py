"""Writes about sites and API keys; each is published to the collector and the streams."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import now

from webapp.sites import keys
from webapp.sites.models import ApiKey, FormerDomain, Scope, Site
from webapp.sites.publishing import publish_keys_on_commit, publish_sites_on_commit
from webapp.teams.models import Team

KEYS_OF_TEAM_MAX = 200
SITES_OF_TEAM_MAX = 100_000
TAKEN = "Site with this Domain already exists."  # as Django says it of what is unique
FORMER_DOMAIN_KEPT = dt.timedelta(hours=72)
FORMER_DOMAINS_MAX = 5  # of one site at a time: nobody shall keep names from others
LAST_USED_STEP = dt.timedelta(minutes=1)


@transaction.atomic
def create_site(*, team: Team, domain: str, timezone: str, spike_threshold: int = 0) -> Site:
    """A new site. Raises `django.core.exceptions.ValidationError` naming the bad fields."""
    if team.sites.count() >= SITES_OF_TEAM_MAX:
        raise ValidationError({"domain": f"A team has at most {SITES_OF_TEAM_MAX} sites."})
    site = Site(team=team, domain=domain, timezone=timezone, spike_threshold=spike_threshold)
    site.full_clean()
    _take_domain(site)
    _save_with_domain(site)
    publish_sites_on_commit(site.domain)
    publish_keys_on_commit(*_ingest_keys_of(team))
    return site


def _ingest_keys_of(team: Team) -> list[str]:
    """The digests of the keys that are told a team's sites."""
    keys = ApiKey.objects.filter(team=team, scopes__contains=Scope.INGEST.value)
    return list(keys.values_list("digest", flat=True))


def _domains_of(site: Site) -> list[str]:
    """The one it has and those that it had."""
    return [site.domain, *site.former_domains.values_list("domain", flat=True)]


@transaction.atomic
def change_domain(site: Site, domain: str) -> Site:
    """Give a site another domain; the one it had leads to it for `FORMER_DOMAIN_KEPT`.

    So pages and collectors that still say the old one lose no hit. Raises
    `django.core.exceptions.ValidationError` naming `domain`.
    """
    lock_site(site)
    former = site.domain
    if domain == former:
        raise ValidationError({"domain": "New domain must be different than the current one"})
    if site.former_domains.count() >= FORMER_DOMAINS_MAX:
        raise ValidationError({"domain": "It was changed too often lately: wait some days."})
    site.domain = domain
    site.full_clean()
    _take_domain(site)
    _save_with_domain(site)
    kept_until = now() + FORMER_DOMAIN_KEPT
    FormerDomain.objects.create(site=site, domain=former, kept_until=kept_until)
    publish_sites_on_commit(*_domains_of(site))
    return site


@transaction.atomic
def change_site(site: Site, domain: str, timezone: str) -> Site:
    """Change a site's domain and timezone, or one of them where the other is "".

    Both or, if one is refused, none. Raises `django.core.exceptions.ValidationError`.
    """
    if timezone:
        update_site(site, timezone=timezone, spike_threshold=site.spike_threshold)
    return change_domain(site, domain) if domain else site


def _take_domain(site: Site) -> None:
    """Raises `ValidationError` while the domain is kept for another site that had it."""
    known = FormerDomain.objects.filter(domain=site.domain)
    if known.filter(kept_until__gt=now()).exclude(site=site.pk).exists():
        raise ValidationError({"domain": TAKEN})
    known.delete()


def _save_with_domain(site: Site) -> None:
    """Raises `ValidationError` where somebody took the domain after it was looked at."""
    try:
        with transaction.atomic():
            site.save()
    except IntegrityError as error:
        raise ValidationError({"domain": TAKEN}) from error


def forget_former_domains() -> int:
    """Let go of those that were kept long enough; how many."""
    return FormerDomain.objects.filter(kept_until__lte=now()).delete()[0]


@transaction.atomic
def delete_site(site: Site) -> None:
    """Remove a site with its settings, goals, links and guests.

    The collectors refuse its hits from then on. What was counted stays in the log and the rollups
    under the site's number, where nobody can read it, until it is erased (`./inv erase`); numbers
    are never given out again, so a new site of that domain starts empty.
    """
    domains, digests = _domains_of(site), _ingest_keys_of(site.team)
    site.delete()
    publish_sites_on_commit(*domains)
    publish_keys_on_commit(*digests)


@transaction.atomic
def update_site(site: Site, *, timezone: str, spike_threshold: int) -> Site:
    """Change a site's settings. Raises `django.core.exceptions.ValidationError`."""
    site.timezone = timezone
    site.spike_threshold = spike_threshold
    site.full_clean()
    site.save()
    publish_sites_on_commit(*_domains_of(site))
    return site


@transaction.atomic
def set_retention(site: Site, days: int) -> Site:
    """Keep `days` days of numbers, 0 for ever; the streams delete what is older within the hour.

    What was deleted does not come back with a longer one.
    Raises `django.core.exceptions.ValidationError` naming `retention_days`.
    """
    site.retention_days = days
    site.full_clean()
    site.save(update_fields=["retention_days"])
    publish_sites_on_commit(*_domains_of(site))
    return site


def lock_site(site: Site) -> None:
    """Let others who do the same wait until the running transaction ends.

    So that what is counted before a write (a limit, whether it is there) is still true after it.
    SQLite has no locks of rows: there the transaction itself is the lock.
    """
    Site.objects.select_for_update().get(pk=site.pk)


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What the collector leaves out of a site's hits and honours, from now on."""

    hostnames: Sequence[str] = ()
    excluded_addresses: Sequence[str] = ()
    excluded_countries: Sequence[str] = ()
    excluded_pages: Sequence[str] = ()
    honour_gpc: bool = False
    honour_dnt: bool = False
    count_bots: bool = False
    count_data_centres: bool = False
    count_referrer_spam: bool = False
    rate_per_s_max: int = 0


@transaction.atomic
def update_site_rules(site: Site, rules: SiteRules) -> Site:
    """Change all of a site's rules; the collectors follow within a second.

    Raises `django.core.exceptions.ValidationError` naming the bad fields.
    """
    site.hostnames = _tidied(rules.hostnames, str.lower)
    site.excluded_addresses = _tidied(rules.excluded_addresses, str.lower)
    site.excluded_countries = _tidied(rules.excluded_countries, str.upper)
    # The collector compares decoded paths.
    site.excluded_pages = _tidied(rules.excluded_pages, unquote)
    site.honour_gpc, site.honour_dnt = rules.honour_gpc, rules.honour_dnt
    site.count_bots = rules.count_bots
    site.count_data_centres = rules.count_data_centres
    site.count_referrer_spam = rules.count_referrer_spam
    site.rate_per_s_max = rules.rate_per_s_max
    site.full_clean()
    site.save()
    publish_sites_on_commit(*_domains_of(site))
    return site


def _tidied(entries: Iterable[str], spell: Callable[[str], str]) -> list[str]:
    """Each once and spelt one way, in the given order, without blanks."""
    return list(dict.fromkeys(spell(entry.strip()) for entry in entries if entry.strip()))


@transaction.atomic
def create_api_key(
    *,
    team: Team,
    name: str,
    scopes: Iterable[Scope],
    sites: Iterable[Site] | None = None,
    expires_at: dt.datetime | None = None,
    requests_per_hour: int | None = None,
) -> str:
    """A new API key, as text: this is the only time that anyone sees it.

    It opens `sites`, which are the team's own; all sites of the team, also later ones, if that is
    None. Raises `django.core.exceptions.ValidationError` naming the bad fields.
    """
    if ApiKey.objects.filter(team=team).count() >= KEYS_OF_TEAM_MAX:
        raise ValidationError({"name": f"A team has at most {KEYS_OF_TEAM_MAX} keys: revoke one."})
    chosen = None if sites is None else list(sites)
    if any(site.team_id != team.pk for site in chosen or ()):
        raise ValidationError({"sites": "All of them belong to the key's team."})
    text = keys.new_key()
    key = ApiKey(
        team=team,
        name=name,
        prefix=text[: keys.PREFIX_CHARS],
        digest=keys.digest(text),
        scopes=" ".join(sorted({scope.value for scope in scopes})),
        all_sites=chosen is None,
        expires_at=expires_at,
        requests_per_hour=requests_per_hour,
    )
    key.full_clean()
    key.save()
    key.sites.set(chosen or ())
    publish_keys_on_commit(key.digest)
    return text


@transaction.atomic
def revoke_api_key(key: ApiKey) -> None:
    """The key opens nothing any more."""
    key.delete()
    publish_keys_on_commit(key.digest)


def note_use(key: ApiKey) -> None:
    """Remember to the minute that a key was used, so that most calls write nothing."""
    at = now()
    unused = Q(last_used_at=None) | Q(last_used_at__lt=at - LAST_USED_STEP)
    ApiKey.objects.filter(unused, pk=key.pk).update(last_used_at=at)
