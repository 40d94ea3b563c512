"""Reads about shared links."""

from django.conf import settings
from django.db.models import QuerySet

from webapp.links.models import SharedLink
from webapp.sites.models import Site


def links_of(site: Site) -> QuerySet[SharedLink]:
    """The shared links of a site, the newest first."""
    return SharedLink.objects.filter(site=site).order_by("-pk")


def url_of(link: SharedLink) -> str:
    """Where it leads to."""
    return f"{settings.BASE_URL}/share/{link.site.domain}?auth={link.slug}"
