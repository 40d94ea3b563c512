"""Annotations. Written by `webapp.annotations.services` only."""

from typing import Final

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from webapp.sites.models import Site
from webapp.sites.validators import validate_text

TEXT_CHARS_MAX: Final = 500
ANNOTATIONS_MAX: Final = 1_000  # of one site


class Annotation(models.Model):
    """Something that happened: on a day, or at a time of it, on the site's calendar and clock."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="annotations")
    date = models.DateField()
    time = models.TimeField(null=True, blank=True)
    text = models.CharField(max_length=TEXT_CHARS_MAX, validators=[validate_text])
    author = models.ForeignKey(  # none: it was written with a key, or the person is gone
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.date}: {self.text[:40]}"
