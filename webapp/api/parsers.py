"""Bodies of requests: JSON, bounded in size and depth, of text that every store can keep."""

import json
from collections.abc import Mapping
from typing import IO, Any, Final

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

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
