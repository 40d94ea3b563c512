"""Bodies of requests, bounded: JSON in size and depth too, of text that every store can keep."""

import json
from collections.abc import Mapping
from typing import IO, Any, Final

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, FormParser, JSONParser, MultiPartParser

from webapp.api.errors import TOO_BIG

DEPTH_MAX: Final = 64  # lists and objects in each other


class JsonParser(JSONParser):
    """As DRF's, with limits; what is over one is a 400."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        bytes_max = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(bytes_max + 1)
        if len(body) > bytes_max:
            raise ParseError(TOO_BIG)
        try:
            value = json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError("The body is not JSON.") from error
        _check(value)
        return value


class _Bounded(BaseParser):
    """No more than a form may be; without a length DRF reads no body at all."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        meta = (parser_context or {})["request"].META
        if int(meta.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise ParseError(TOO_BIG)
        try:
            return super().parse(stream, media_type, parser_context)
        except SuspiciousOperation as error:  # too many fields, or too large ones
            raise ParseError(TOO_BIG) from error


class BoundedForm(_Bounded, FormParser):
    pass


class BoundedMultiPart(_Bounded, MultiPartParser):
    pass


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _check(value: object) -> None:
    """Level by level, as recursion is what a deep body is sent for. Raises `ParseError`."""
    level = [value]
    for _ in range(DEPTH_MAX + 1):
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inner += [*each.keys(), *each.values()]
            elif isinstance(each, list):
                inner += each
            elif isinstance(each, str) and not _is_storable(each):
                raise ParseError("The body holds a NUL, or half of a surrogate pair.")
        if not inner:
            return
        level = inner
    raise ParseError(f"The body is nested deeper than {DEPTH_MAX} levels.")


def _is_storable(text: str) -> bool:
    """Neither NUL, which PostgreSQL keeps nowhere, nor what UTF-8 cannot say."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text
