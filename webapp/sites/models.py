"""Sites and API keys. Written by `webapp.sites.services` only, which publishes them as well."""

from django.db import models
from django.utils.timezone import now

from webapp.sites.validators import validate_domain, validate_timezone
from webapp.teams.models import Team


class Site(models.Model):
    """A website whose hits are counted. Its primary key is the site id in hits and rollups."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="sites")
    domain = models.CharField(max_length=253, unique=True, validators=[validate_domain])
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone])
    # Pageviews a minute that raise an alert; 0 raises none.
    spike_threshold = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.domain


class Scope(models.TextChoices):
    """What an API key may do."""

    STATS_READ = "stats:read"
    INGEST = "ingest"


class ApiKey(models.Model):
    """A key to all sites of a team. Only its hash is kept: it is shown once, when it is made."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)  # the key's beginning, to recognise it by
    digest = models.CharField(max_length=64, unique=True)  # SHA-256, hex
    scopes = models.CharField(max_length=100)  # `Scope` values, separated by a space
    created_at = models.DateTimeField(default=now)
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the minute

    def __str__(self) -> str:
        return f"{self.prefix}..."

    def allows(self, scope: Scope) -> bool:
        return scope.value in self.scopes.split()
