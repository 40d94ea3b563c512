"""One shape for all errors of API v1: `{"error": "..."}`."""

from typing import Final

from django.http import JsonResponse
from rest_framework import status
from rest_framework.exceptions import APIException

SCHEME: Final = "Bearer"
RETRY_AFTER_S: Final = 5
STORE_AWAY: Final = "The numbers cannot be read right now. Try again in a few seconds."
MISSING_KEY: Final = "Missing API key: send it as `Authorization: Bearer KEY`, or log in."
# The same for a wrong key, a site that does not exist and one of another team: nobody learns
# which sites there are.
NO_ACCESS: Final = "Invalid API key, or no site of yours has this site_id."

TOO_BIG: Final = "The body is too large."
READ_ONLY: Final = "Your role on this site may not do this."
PERSONS_ONLY: Final = "An API key cannot do this: log in."


class NoAccess(APIException):
    """The caller may not read this site, or it does not exist."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_detail = NO_ACCESS
    default_code = "no_access"
    auth_header = SCHEME  # DRF sends it as WWW-Authenticate


class PersonsOnly(APIException):
    """A key calls what only a person may do."""

    status_code = status.HTTP_403_FORBIDDEN
    default_detail = PERSONS_ONLY
    default_code = "persons_only"


class ReadOnly(APIException):
    """A person may see a site, but their role may not do this to it."""

    status_code = status.HTTP_403_FORBIDDEN
    default_detail = READ_ONLY
    default_code = "read_only"


class InvalidInput(ValueError):
    """A parameter cannot be used; the message says which one and what it may be."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


def json_error(message: str, code: int, headers: dict[str, str] | None = None) -> JsonResponse:
    """The same shape for views that are not DRF's."""
    return JsonResponse({"error": message}, status=code, headers=headers)
