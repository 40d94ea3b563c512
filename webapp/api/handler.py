"""DRF's exception handler. Apart from `errors`, as DRF imports the latter before its own views."""

from typing import Any, Final

from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import status
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.response import Response
from rest_framework.views import exception_handler

from aggregates.clickhouse.reader import TooCostly
from aggregates.clickhouse.vocabulary import InvalidQuestion
from aggregates.protocols import StoreUnavailable
from webapp.api.errors import MISSING_KEY, RETRY_AFTER_S, STORE_AWAY, TOO_BIG, InvalidInput

# What a question's field is called where the API asks for it.
PARAMETERS: Final = {"bucket": "interval", "dimensions": "property"}

_NO_FIELD: Final = (NON_FIELD_ERRORS, "non_field_errors")


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """The response to an error; None lets a fault of ours become a 500 and be logged."""
    if isinstance(error, InvalidQuestion):
        field = PARAMETERS.get(error.field, error.field)
        return _bad_request(f"{field}: {error.message}")
    if isinstance(error, InvalidInput | TooCostly):
        return _bad_request(str(error))
    if isinstance(error, DjangoValidationError):  # a model refuses what it was given
        return _bad_request(
            _first(error.message_dict if hasattr(error, "error_dict") else error.messages)
        )
    if isinstance(error, RequestDataTooBig):
        return _bad_request(TOO_BIG)
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
    return _first(error.detail) if isinstance(error, APIException) else str(error)


def _first(detail: object) -> str:
    """One message of a serializer's or a model's refusals, after the path of its field."""
    if isinstance(detail, dict):
        field, inner = next(iter(detail.items()))
        message = _first(inner)
        return message if field in _NO_FIELD else f"{field}: {message}"
    if isinstance(detail, list):
        return _first(detail[0])
    return str(detail)
