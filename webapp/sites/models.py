"""Sites and API keys. Written by `webapp.sites.services` only, which publishes them as well."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.timezone import now

from schemas.sites import RATE_PER_S_MAX, RETENTION_DAYS_MAX, SiteSettings
from webapp.sites.validators import (
    validate_addresses,
    validate_countries,
    validate_domain,
    validate_hostnames,
    validate_pages,
    validate_timezone,
)
from webapp.teams.models import Team


class Site(models.Model):
    """A website whose hits are counted. Its primary key is the site id in hits and rollups."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="sites")
    domain = models.CharField(max_length=253, unique=True, validators=[validate_domain])
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone])
    # Pageviews a minute that raise an alert; 0 raises none.
    spike_threshold = models.PositiveIntegerField(default=0)
    # What the collector leaves out and honours; the lists hold text (`schemas.sites`).
    hostnames = models.JSONField(default=list, blank=True, validators=[validate_hostnames])
    excluded_addresses = models.JSONField(default=list, blank=True, validators=[validate_addresses])
    excluded_countries = models.JSONField(default=list, blank=True, validators=[validate_countries])
    excluded_pages = models.JSONField(default=list, blank=True, validators=[validate_pages])
    honour_gpc = models.BooleanField(default=False)
    honour_dnt = models.BooleanField(default=False)
    count_bots = models.BooleanField(default=False)
    count_data_centres = models.BooleanField(default=False)
    count_referrer_spam = models.BooleanField(default=False)
    # Hits a second; 0 is the operator's limit.
    rate_per_s_max = models.PositiveIntegerField(
        default=0, validators=[MaxValueValidator(RATE_PER_S_MAX)]
    )
    # Days of numbers that are kept; 0 is for ever.
    retention_days = models.PositiveIntegerField(
        default=0, validators=[MaxValueValidator(RETENTION_DAYS_MAX)]
    )
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.domain

    def settings(self) -> SiteSettings:
        """What collector and streams are told of the site."""
        return SiteSettings(
            site_id=self.pk,
            domain=self.domain,
            timezone=self.timezone,
            spike_threshold=self.spike_threshold,
            hostnames=tuple(self.hostnames),
            excluded_addresses=tuple(self.excluded_addresses),
            excluded_countries=tuple(self.excluded_countries),
            excluded_pages=tuple(self.excluded_pages),
            honour_gpc=self.honour_gpc,
            honour_dnt=self.honour_dnt,
            count_bots=self.count_bots,
            count_data_centres=self.count_data_centres,
            count_referrer_spam=self.count_referrer_spam,
            rate_per_s_max=self.rate_per_s_max,
            retention_days=self.retention_days,
        )


class FormerDomain(models.Model):
    """A domain that a site had: pages that still name it are counted for the site for a while."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="former_domains")
    domain = models.CharField(max_length=253, unique=True)
    kept_until = models.DateTimeField()

    def __str__(self) -> str:
        return self.domain


class Scope(models.TextChoices):
    """What an API key may do."""

    STATS_READ = "stats:read"
    SITES_READ = "sites:read"
    SITES_WRITE = "sites:write"
    INGEST = "ingest"


class ApiKey(models.Model):
    """A key to the sites of a team. Only its hash is kept: it is shown once, when it is made."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)  # the key's beginning, to recognise it by
    digest = models.CharField(max_length=64, unique=True)  # SHA-256, hex
    scopes = models.CharField(max_length=100)  # `Scope` values, separated by a space
    # Not "no sites listed": a key to one site must not open all of them when that one is deleted.
    all_sites = models.BooleanField(default=True)
    sites = models.ManyToManyField(Site, blank=True, related_name="+")  # unless `all_sites`
    expires_at = models.DateTimeField(null=True, blank=True)  # then it opens nothing any more
    # None is the operator's default, PAWPRINT_API_REQUESTS_PER_HOUR; 0 is no limit.
    requests_per_hour = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the minute

    def __str__(self) -> str:
        return f"{self.prefix}..."

    def allows(self, scope: Scope) -> bool:
        return scope.value in self.scopes.split()
