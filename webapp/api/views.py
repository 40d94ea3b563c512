"""What all operations on a site share."""

import time
from collections.abc import Collection
from typing import Any, Final, cast

from django.utils.cache import patch_cache_control
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import User
from webapp.api.authentication import readable_sites
from webapp.api.errors import InvalidInput, NoAccess, ReadOnly
from webapp.api.limits import Credential
from webapp.sites.models import Site
from webapp.sites.selectors import site_of_domain, sites_of_user
from webapp.sites.validators import is_domain
from webapp.teams.models import Role


class ErrorOutput(serializers.Serializer[None]):
    error = serializers.CharField()


ERRORS: Final[dict[int, Any]] = {
    400: OpenApiResponse(ErrorOutput, "A parameter cannot be used; the error names it"),
    401: OpenApiResponse(ErrorOutput, "No valid key, or no site of yours"),
    429: OpenApiResponse(ErrorOutput, "Too many requests; see Retry-After"),
    503: OpenApiResponse(ErrorOutput, "The store is away; see Retry-After"),
}
# Of operations that read no rollups.
READ_ERRORS: Final[dict[int, Any]] = {status: ERRORS[status] for status in (400, 401, 429)}
WRITE_ERRORS: Final[dict[int, Any]] = {
    **READ_ERRORS,
    403: OpenApiResponse(ErrorOutput, "Your role may not do this, or the CSRF token is missing"),
}
SITE_ID: Final = OpenApiParameter(
    "site_id",
    str,
    required=True,
    description="The site's domain",
    examples=[OpenApiExample("a site", value="example.com")],
)


def find_site(user: Any, credential: Credential | None, domain: str) -> Site:
    """The site of that domain, if the caller may read it.

    Raises `InvalidInput` without a domain, `NoAccess` for one that is not theirs or no site's.
    """
    if not domain:
        raise InvalidInput("site_id", "is required: the domain of one of your sites")
    sites = readable_sites(user, credential)
    site = site_of_domain(sites, domain) if is_domain(domain) else None
    if site is None:
        raise NoAccess
    return site


def require_role(request: Request, site: Site, roles: Collection[Role]) -> None:
    """Raises `ReadOnly` for a person without any of `roles` on a site that they may read.

    A key has no role: what it may do is its scope, which was looked at before.
    """
    if isinstance(request.user, User) and not (
        sites_of_user(request.user, roles).filter(pk=site.pk).exists()
    ):
        raise ReadOnly


class SiteView(APIView):
    """An operation on the site that `site_id` names."""

    def find_site(self, request: Request) -> Site:
        credential = cast(Credential | None, request.auth)
        user = cast(User, request.user)
        return find_site(user, credential, request.query_params.get("site_id", ""))

    def find_site_for(self, request: Request, roles: Collection[Role]) -> Site:
        """As `find_site`. Raises `ReadOnly` for a person without one of `roles` there."""
        site = self.find_site(request)
        require_role(request, site, roles)
        return site

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Kept by the caller only, and asked for again each time, with `If-None-Match`."""
        patch_cache_control(response, private=True, no_cache=True)
        return super().finalize_response(request, response, *args, **kwargs)

    def now_s(self) -> int:
        """The clock, read in one place."""
        return int(time.time())
