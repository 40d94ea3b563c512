"""DRF's exception handler. Apart from `errors`, as DRF imports the latter before its own views."""

from typing import Any, Final

from rest_framework import status
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.response import Response
from rest_framework.views import exception_handler

from aggregates.clickhouse.reader import TooCostly
from aggregates.clickhouse.vocabulary import InvalidQuestion
from aggregates.protocols import StoreUnavailable
from webapp.api.errors import MISSING_KEY, RETRY_AFTER_S, STORE_AWAY, InvalidInput

# What a question's field is called where the API asks for it.
PARAMETERS: Final = {"bucket": "interval", "dimensions": "property"}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """The response to an error; None lets a fault of ours become a 500 and be logged."""
    if isinstance(error, InvalidQuestion):
        field = PARAMETERS.get(error.field, error.field)
        return _bad_request(f"{field}: {error.message}")
    if isinstance(error, InvalidInput | TooCostly):
        return _bad_request(str(error))
    if isinstance(error, StoreUnavailable):
        return Response(
            {"error": STORE_AWAY},
            status=status.HTTP_503_SERVICE_UNAVAILABLE,
            headers={"Retry-After": str(RETRY_AFTER_S)},
        )
    response = exception_handler(error, context)
    if response is not None:
        response.data = {"error": _text(error)}
    return response


def _bad_request(message: str) -> Response:
    return Response({"error": message}, status=status.HTTP_400_BAD_REQUEST)


def _text(error: Exception) -> str:
    if isinstance(error, NotAuthenticated):
        return MISSING_KEY
    if isinstance(error, APIException) and isinstance(error.detail, str):
        return error.detail
    return str(error)
