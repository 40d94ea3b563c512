"""Reads about segments."""

from typing import Any

from django.db.models import Q, QuerySet

from webapp.accounts.models import User
from webapp.segments.models import Kind, Segment
from webapp.sites.models import Site


def segment_filters(site: Site, user: User | None, segment_id: int) -> list[Any] | None:
    """What a segment of a site stands for; None if that person may use none of that number."""
    found = segments_of(site, user).filter(pk=segment_id).values_list("filters", flat=True)
    filters: list[Any] | None = found.first()
    return filters


def segments_of(site: Site, user: User | None) -> QuerySet[Segment]:
    """The segments of a site and those of a person there, the newest first."""
    own = Q(kind=Kind.PERSONAL, owner=user) if user is not None else Q(pk__in=[])
    return Segment.objects.filter(Q(kind=Kind.SITE) | own, site=site).order_by("-pk")
