"""The page that explains the API."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from webapp.accounts.models import User
from webapp.apidocs.page import context
from webapp.sites.selectors import sites_of_user

EXAMPLE_SITE = "example.com"


@require_safe
@never_cache  # it names a site of whoever is logged in
def docs(request: HttpRequest) -> HttpResponse:
    """Public; its examples ask about the first site of a person who is logged in."""
    site = sites_of_user(request.user).first() if isinstance(request.user, User) else None
    domain = site.domain if site else EXAMPLE_SITE
    return render(request, "apidocs/page.html", context(settings.BASE_URL, domain))
