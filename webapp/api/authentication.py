"""Who calls the API: an API key, or the session of a person."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from webapp.accounts.models import User
from webapp.api import limits
from webapp.api.errors import SCHEME, NoAccess
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


class ApiKeyAuthentication(BaseAuthentication):
    """`request.auth` becomes the key; nobody is logged in."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        key = key_of(request)
        return None if key is None else (AnonymousUser(), key)

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


def key_in(request: Request) -> ApiKey | None:
    """The key that a call was let in with."""
    return request.auth if isinstance(request.auth, ApiKey) else None


def person_in(request: Request) -> User | None:
    """The person who calls; None if it is a key."""
    return request.user if isinstance(request.user, User) else None


def readable_sites(user: User | AnonymousUser, key: ApiKey | None) -> QuerySet[Site]:
    """The sites that a key, else a person, may read."""
    if key is not None:
        return selectors.sites_of_key(key)
    if isinstance(user, User):
        return selectors.sites_of_user(user)
    return Site.objects.none()


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI page names it."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
