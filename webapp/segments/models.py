"""Segments. Written by `webapp.segments.services` only."""

import json
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.timezone import now

from webapp.sites.models import Site
from webapp.sites.validators import validate_text

NAME_CHARS_MAX: Final = 120
SEGMENTS_MAX: Final = 500  # of one site
FILTERS_BYTES_MAX: Final = 5_000  # as JSON


def validate_filters(value: object) -> None:
    """A list of filters; what is in it is looked at by who knows the site's goals."""
    if not isinstance(value, list) or not value:
        raise ValidationError("must be a list of at least one filter")
    if len(json.dumps(value, ensure_ascii=False).encode()) > FILTERS_BYTES_MAX:
        raise ValidationError(f"should be at most {FILTERS_BYTES_MAX} bytes")


class Kind(models.TextChoices):
    """Whose it is."""

    PERSONAL = "personal"  # its owner's
    SITE = "site"  # everybody's who sees the site


class Segment(models.Model):
    """Filters under a name, in the syntax of the query API's version 2."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="segments")
    name = models.CharField(max_length=NAME_CHARS_MAX, validators=[validate_text])
    kind = models.CharField(max_length=10, choices=Kind)
    # Of a personal one only: what belongs to the site outlives who made it.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="segments",
    )
    filters = models.JSONField(validators=[validate_filters])
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.name
