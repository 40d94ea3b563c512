"""Who calls the API: an API key, the page of a shared link, or the session of a person."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from webapp.accounts.models import User
from webapp.api import limits
from webapp.api.errors import SCHEME, NoAccess
from webapp.api.limits import Credential
from webapp.links.models import SharedLink
from webapp.links.passes import PARAMETER, link_of_pass
from webapp.sites import selectors, services
from webapp.sites.models import ApiKey, Site


def key_of(request: HttpRequest) -> ApiKey | None:
    """The API key in the request's header; None when it has none.

    Raises `NoAccess` for a wrong one, `TooManyRequests` for too many of them.
    """
    scheme, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if not scheme:
        return None
    key = selectors.find_api_key(text.strip()) if scheme.lower() == SCHEME.lower() else None
    if key is None:
        limits.spend(request.META, AnonymousUser(), None)
        raise NoAccess
    services.note_use(key)
    return key


def link_of(request: HttpRequest) -> SharedLink | None:
    """The shared link whose pass the request has; None without one. A link only reads.

    Raises `NoAccess` for a pass that does not hold (any more), `TooManyRequests` for too many.
    """
    text = request.GET.get(PARAMETER) if request.method in SAFE_METHODS else None
    if text is None:
        return None
    link = link_of_pass(text)
    if link is None:
        limits.spend(request.META, AnonymousUser(), None)
        raise NoAccess
    return link


class ApiKeyAuthentication(BaseAuthentication):
    """`request.auth` becomes the key; nobody is logged in."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        key = key_of(request)
        return None if key is None else (AnonymousUser(), key)

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class LinkAuthentication(BaseAuthentication):
    """`request.auth` becomes the link; nobody is logged in."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, SharedLink] | None:
        link = link_of(request._request)
        return None if link is None else (AnonymousUser(), link)


def key_in(request: Request) -> ApiKey | None:
    """The key that a call was let in with."""
    return request.auth if isinstance(request.auth, ApiKey) else None


def person_in(request: Request) -> User | None:
    """The person who calls; None if it is a key."""
    return request.user if isinstance(request.user, User) else None


def readable_sites(user: User | AnonymousUser, credential: Credential | None) -> QuerySet[Site]:
    """The sites that a key or link, else a person, may read."""
    if isinstance(credential, SharedLink):
        return Site.objects.filter(pk=credential.site_id)
    if credential is not None:
        return selectors.sites_of_key(credential)
    if isinstance(user, User):
        return selectors.sites_of_user(user)
    return Site.objects.none()


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI page names it."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
