"""Reads about annotations."""

import datetime as dt

from django.db.models import QuerySet

from webapp.annotations.models import Annotation
from webapp.sites.models import Site


def annotations_of(site: Site, first: dt.date, last: dt.date) -> QuerySet[Annotation]:
    """Those of a site from one day to another, both included, the newest first."""
    found = Annotation.objects.filter(site=site, date__range=(first, last))
    return found.select_related("author").order_by("-date", "-time", "-pk")
