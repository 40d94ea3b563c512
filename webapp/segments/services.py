"""Writes about segments."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import now

from webapp.accounts.models import User
from webapp.goals.selectors import goals_of
from webapp.segments.models import SEGMENTS_MAX, Kind, Segment
from webapp.sites.models import Site
from webapp.sites.services import lock_site
from webapp.stats.conditions import parse_conditions


@transaction.atomic
def create_segment(
    *, site: Site, name: str, filters: list[Any], kind: Kind, owner: User | None
) -> Segment:
    """A new segment; `owner` is whose it is if it is personal.

    Raises `django.core.exceptions.ValidationError` naming the bad fields.
    """
    lock_site(site)
    if site.segments.count() >= SEGMENTS_MAX:
        raise ValidationError({"name": f"A site has at most {SEGMENTS_MAX} segments."})
    segment = Segment(site=site, kind=kind, owner=owner if kind == Kind.PERSONAL else None)
    if kind == Kind.PERSONAL and owner is None:
        raise ValidationError({"kind": "personal is for persons who are logged in"})
    return change_segment(segment, name=name, filters=filters)


def change_segment(segment: Segment, *, name: str, filters: list[Any]) -> Segment:
    """Raises `django.core.exceptions.ValidationError` naming the bad fields, and for filters what
    `webapp.stats.conditions.parse_conditions` raises."""
    segment.name, segment.filters, segment.updated_at = name.strip(), filters, now()
    segment.clean_fields()
    # Made for what it refuses: a segment that cannot be asked for, or that holds another one.
    parse_conditions(filters, goals_of(segment.site), lambda _id: None, "#/filters")
    segment.save()
    return segment


def delete_segment(segment: Segment) -> None:
    segment.delete()
