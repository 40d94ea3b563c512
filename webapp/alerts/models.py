"""Spike alerts, as the streams found them."""

import datetime as dt

from django.db import models
from django.utils.timezone import now

from webapp.sites.models import Site


class State(models.TextChoices):
    OPENED = "opened"
    RESOLVED = "resolved"


class Alert(models.Model):
    """A site's minutes with more pageviews than its threshold. One for each opening minute."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="alerts")
    opened_minute = models.PositiveBigIntegerField()  # epoch seconds
    state = models.CharField(max_length=10, choices=State)
    pageviews = models.PositiveBigIntegerField()  # in the minute that opened it
    threshold = models.PositiveBigIntegerField()  # pageviews a minute
    resolved_minute = models.PositiveBigIntegerField(null=True, blank=True)  # epoch seconds
    created_at = models.DateTimeField(default=now)
    notified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site", "opened_minute"), name="one_alert_a_minute"),
        )
        ordering = ("-opened_minute",)

    def __str__(self) -> str:
        return f"{self.site} at {self.opened_at.isoformat()}"

    @property
    def opened_at(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.opened_minute, dt.UTC)

    @property
    def resolved_at(self) -> dt.datetime | None:
        if self.resolved_minute is None:
            return None
        return dt.datetime.fromtimestamp(self.resolved_minute, dt.UTC)
