"""The pages of people who are logged in, and the pages that say what went wrong."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from webapp.accounts.models import User
from webapp.api.errors import json_error
from webapp.sites.models import Site
from webapp.sites.selectors import sites_of_user

API_PATHS = ("/api/", "/v1/")  # programs call these; they are told in JSON


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The dashboard of the first site; without sites a page that says how to get one."""
    user = _user(request)
    site = sites_of_user(user).first()
    if site is None:
        return render(request, "dashboard.html", {"boot": _boot(user, None)})
    return redirect("dashboard", domain=site.domain)


@require_safe
@login_required
def dashboard(request: HttpRequest, domain: str) -> HttpResponse:
    """One site's dashboard; 404 for a site of another team as for one that does not exist."""
    user = _user(request)
    site = sites_of_user(user).select_related("team").filter(domain=domain).first()
    if site is None:
        raise Http404("no such site")
    return render(request, "dashboard.html", {"boot": _boot(user, site)})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 400, "This request cannot be understood.")


def forbidden(
    request: HttpRequest, exception: Exception | None = None, reason: str = ""
) -> HttpResponse:
    """Also Django's page for a form whose CSRF token is missing or old."""
    return _error(request, 403, "This is not allowed. Load the page again and try once more.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 404, "There is no such page.")


def server_error(request: HttpRequest) -> HttpResponse:
    return _error(request, 500, "This is our fault. It has been logged.")


def _error(request: HttpRequest, status: int, message: str) -> HttpResponse:
    if request.path.startswith(API_PATHS):
        return json_error(message, status)
    return render(request, "error.html", {"status": status, "message": message}, status=status)


def _boot(user: User, site: Site | None) -> dict[str, Any]:
    """What the page is mounted with; `domain` and `timezone` are null without any site."""
    return {
        "domain": site.domain if site else None,
        "timezone": site.timezone if site else None,
        "sites": list(sites_of_user(user).values("domain", "timezone")),
        "user": {"email": user.email, "initials": user.initials},
        "collectorUrl": settings.COLLECTOR_URL,
        "isDemo": site.team.is_demo if site else False,
    }


def _user(request: HttpRequest) -> User:
    """The person behind a request that `login_required` let through."""
    assert isinstance(request.user, User)  # noqa: S101 - narrows the type
    return request.user
