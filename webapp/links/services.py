"""Writes about shared links."""

import secrets
from typing import Final

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from webapp.links.models import LINKS_MAX, SLUG_BYTES, SharedLink
from webapp.sites.models import Site
from webapp.sites.services import lock_site

PASSWORD_CHARS_MAX: Final = 128  # hashing more is work that others make us do


@transaction.atomic
def find_or_create_link(*, site: Site, name: str, password: str = "") -> SharedLink:
    """The link of that name, else a new one; the password of one that is there stays.

    Raises `django.core.exceptions.ValidationError` naming the bad fields.
    """
    lock_site(site)
    link = SharedLink(site=site, name=name.strip(), slug=secrets.token_urlsafe(SLUG_BYTES))
    link.clean_fields()
    found = SharedLink.objects.filter(site=site, name=link.name).first()
    if found is not None:
        return found
    if site.shared_links.count() >= LINKS_MAX:
        raise ValidationError({"name": f"A site has at most {LINKS_MAX} shared links."})
    if len(password) > PASSWORD_CHARS_MAX:
        raise ValidationError({"password": f"should be at most {PASSWORD_CHARS_MAX} characters"})
    link.password = make_password(password) if password else ""
    link.save()
    return link


def revoke_link(link: SharedLink) -> None:
    """Who has it sees nothing any more."""
    link.delete()
