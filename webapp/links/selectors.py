"""Reads about shared links."""

import re
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

from webapp.links.models import SharedLink
from webapp.sites.models import Site
from webapp.sites.selectors import site_of_domain

_SLUG: Final = re.compile(r"[\w-]{1,64}", re.ASCII)


def links_of(site: Site) -> QuerySet[SharedLink]:
    """The shared links of a site, the newest first."""
    return SharedLink.objects.filter(site=site).order_by("-pk")


def url_of(link: SharedLink) -> str:
    """Where it leads to."""
    return f"{settings.BASE_URL}/share/{link.site.domain}?auth={link.slug}"


def find_link(domain: str, slug: str) -> SharedLink | None:
    """The link of that slug, if its site has the domain, or had it until lately."""
    if _SLUG.fullmatch(slug) is None:
        return None
    link = SharedLink.objects.select_related("site__team").filter(slug=slug).first()
    if link is None or site_of_domain(Site.objects.filter(pk=link.site_id), domain) is None:
        return None
    return link
