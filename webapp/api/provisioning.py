"""What the operations of the Sites API share, which follows Plausible's, error for error.

Parameters may come in the query, as a form or as JSON. A site that is not there and one of another
team get the same 404.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.api.authentication import key_in, readable_sites
from webapp.api.errors import InvalidInput
from webapp.api.parsers import BoundedForm, BoundedMultiPart, JsonParser
from webapp.api.views import READ_ERRORS, WRITE_ERRORS, ErrorOutput, require_role
from webapp.sites.models import Scope, Site
from webapp.sites.selectors import site_of_domain
from webapp.sites.validators import is_domain, is_storable
from webapp.teams.models import Role

READ: Final = (Scope.STATS_READ, Scope.SITES_READ)
BY_METHOD: Final = {
    "GET": READ,
    **dict.fromkeys(("POST", "PUT", "DELETE"), Scope.SITES_WRITE),
}
NOT_FOUND: Final = OpenApiResponse(ErrorOutput, "No site of yours")
READ_RESPONSES: Final[dict[int, Any]] = {**READ_ERRORS, 404: NOT_FOUND}
WRITE_RESPONSES: Final[dict[int, Any]] = {**WRITE_ERRORS, 404: NOT_FOUND}
PARAMETER_CHARS_MAX: Final = 2_000


class DeletedOutput(serializers.Serializer[None]):
    deleted = serializers.CharField()


class NotFound(APIException):
    """What is named is not there, or another team's."""

    status_code = status.HTTP_404_NOT_FOUND
    default_detail = "Site could not be found"
    default_code = "not_found"


class BadParameter(APIException):
    """A parameter is missing or cannot be used; the message names it in backquotes."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad_parameter"


def deleted() -> Response:
    """Also to who deletes it a second time."""
    return Response({"deleted": "true"})


class SitesView(APIView):
    """An operation of the Sites API."""

    parser_classes = (JsonParser, BoundedForm, BoundedMultiPart)
    required_scope: Any = BY_METHOD

    def given(self, request: Request) -> dict[str, Any]:
        """The parameters; what the body says goes before the query. Raises `InvalidInput`."""
        body = request.data if isinstance(request.data, Mapping) else {}
        found = {**request.query_params.dict(), **{name: body[name] for name in body}}
        for name, value in found.items():
            if isinstance(value, str):
                checked(name[:40], value)
        return found

    def find_site(self, request: Request, domain: object) -> Site:
        """A site that the caller may read. Raises `NotFound`."""
        sites = readable_sites(request.user, key_in(request))
        is_one = isinstance(domain, str) and is_domain(domain.lower())
        site = site_of_domain(sites, str(domain).lower()) if is_one else None
        if site is None:
            raise NotFound
        return site

    def find_site_for(self, request: Request, domain: object, roles: Collection[Role]) -> Site:
        """One where a person has one of `roles`. Raises `NotFound`, `ReadOnly`."""
        site = self.find_site(request, domain)
        require_role(request, site, roles)
        return site


def checked(name: str, text: str) -> str:
    """Raises `InvalidInput` for text that a database may not keep, or too much of it."""
    if not is_storable(text):
        raise InvalidInput(name, "must not contain control characters")
    if len(text) > PARAMETER_CHARS_MAX:
        raise InvalidInput(name, f"should be at most {PARAMETER_CHARS_MAX} characters")
    return text


def required(given: Mapping[str, Any], name: str, purpose: str) -> Any:
    """The parameter. Raises `BadParameter`: "Parameter `name` is required to `purpose`"."""
    value = given.get(name)
    if value in (None, ""):
        raise BadParameter(f"Parameter `{name}` is required to {purpose}")
    return value


def required_text(given: Mapping[str, Any], name: str, purpose: str) -> str:
    value = required(given, name, purpose)
    if not isinstance(value, str):
        raise InvalidInput(name, "is invalid")
    return value


def optional_text(given: Mapping[str, Any], name: str) -> str:
    """Raises `InvalidInput` for what is no text."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(name, "is invalid")
    return value or ""
