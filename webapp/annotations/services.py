"""Writes about annotations."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from webapp.accounts.models import User
from webapp.annotations.models import ANNOTATIONS_MAX, Annotation
from webapp.sites.models import Site
from webapp.sites.services import lock_site


@transaction.atomic
def create_annotation(
    *, site: Site, date: dt.date, time: dt.time | None, text: str, author: User | None
) -> Annotation:
    """A new annotation. Raises `django.core.exceptions.ValidationError` naming the bad fields."""
    lock_site(site)
    if site.annotations.count() >= ANNOTATIONS_MAX:
        raise ValidationError({"text": f"A site has at most {ANNOTATIONS_MAX} annotations."})
    annotation = Annotation(site=site, author=author)
    return change_annotation(annotation, date=date, time=time, text=text)


def change_annotation(
    annotation: Annotation, *, date: dt.date, time: dt.time | None, text: str
) -> Annotation:
    """Raises `django.core.exceptions.ValidationError` naming the bad fields."""
    annotation.date, annotation.time, annotation.text = date, time, text.strip()
    annotation.clean_fields()
    annotation.save()
    return annotation


def delete_annotation(annotation: Annotation) -> None:
    annotation.delete()
