"""Shared links. Written by `webapp.links.services` only."""

from typing import Final

from django.db import models
from django.utils.timezone import now

from webapp.sites.models import Site
from webapp.sites.validators import validate_text

NAME_CHARS_MAX: Final = 120
LINKS_MAX: Final = 200  # of one site
SLUG_BYTES: Final = 21  # of chance: 168 bits, 28 letters


class SharedLink(models.Model):
    """Who has the slug, and the password if there is one, may see the site. It does not expire."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="shared_links")
    name = models.CharField(max_length=NAME_CHARS_MAX, validators=[validate_text])
    slug = models.CharField(max_length=64, unique=True)
    password = models.CharField(max_length=200, blank=True)  # hashed; "" asks for none
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("site", "name"), name="one_link_a_name"),)

    def __str__(self) -> str:
        return self.name
