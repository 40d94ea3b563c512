"""What all operations on a site share."""

import time
from typing import Any, Final, cast

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from webapp.accounts.models import User
from webapp.api.authentication import readable_sites
from webapp.api.errors import InvalidInput, NoAccess
from webapp.sites.models import ApiKey, Site
from webapp.sites.validators import is_domain


class ErrorOutput(serializers.Serializer[None]):
    error = serializers.CharField()


ERRORS: Final[dict[int, Any]] = {
    400: OpenApiResponse(ErrorOutput, "A parameter cannot be used; the error names it"),
    401: OpenApiResponse(ErrorOutput, "No valid key, or no site of yours"),
    429: OpenApiResponse(ErrorOutput, "Too many requests; see Retry-After"),
    503: OpenApiResponse(ErrorOutput, "The store is away; see Retry-After"),
}
SITE_ID: Final = OpenApiParameter(
    "site_id",
    str,
    required=True,
    description="The site's domain",
    examples=[OpenApiExample("a site", value="example.com")],
)


def find_site(user: Any, key: ApiKey | None, domain: str) -> Site:
    """The site of that domain, if the caller may read it.

    Raises `InvalidInput` without a domain, `NoAccess` for one that is not theirs or no site's.
    """
    if not domain:
        raise InvalidInput("site_id", "is required: the domain of one of your sites")
    site = readable_sites(user, key).filter(domain=domain).first() if is_domain(domain) else None
    if site is None:
        raise NoAccess
    return site


class SiteView(APIView):
    """An operation on the site that `site_id` names."""

    def find_site(self, request: Request) -> Site:
        key = cast(ApiKey | None, request.auth)
        user = cast(User, request.user)
        return find_site(user, key, request.query_params.get("site_id", ""))

    def now_s(self) -> int:
        """The clock, read in one place."""
        return int(time.time())
