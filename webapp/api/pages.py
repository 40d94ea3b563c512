"""Lists in pages, by cursor: what is added or deleted meanwhile neither repeats nor hides rows."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from webapp.api.errors import InvalidInput

LIMIT_DEFAULT: Final = 100  # rows
LIMIT_MAX: Final = 1_000  # rows; who asks for more gets these
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
M = TypeVar("M", bound=Model)


class PageMetaOutput(serializers.Serializer[None]):
    after = serializers.CharField(allow_null=True, help_text="Of the next page; null on the last")
    before = serializers.CharField(allow_null=True, help_text="Of the page before; null on the 1st")
    limit = serializers.IntegerField()


def _parameter(name: str, kind: type, example: object, description: str) -> OpenApiParameter:
    shown = OpenApiExample("for example", value=example)
    return OpenApiParameter(name, kind, description=description, examples=[shown])


PAGING: Final = (
    _parameter("limit", int, 100, f"Rows, {LIMIT_DEFAULT} if it is not given, {LIMIT_MAX} at most"),
    _parameter("after", str, "MTc", "`meta.after` of the page before this one"),
    _parameter("before", str, "MTc", "`meta.before` of the page after this one"),
)


class Paging(NamedTuple):
    """Ids between which a page lies; at most one of `after` and `before` is given."""

    after: int | None
    before: int | None
    limit: int  # rows


def parse_paging(given: Mapping[str, Any]) -> Paging:
    """Raises `InvalidInput`."""
    after, before = (_id_in(name, given.get(name)) for name in ("after", "before"))
    if after is not None and before is not None:
        raise InvalidInput("before", "not together with after")
    limit = str(given.get("limit") or LIMIT_DEFAULT)
    if _NUMBER.fullmatch(limit) is None or int(limit) < 1:
        raise InvalidInput("limit", f"must be a number from 1 to {LIMIT_MAX}")
    return Paging(after, before, min(int(limit), LIMIT_MAX))


def page(rows: QuerySet[M], paging: Paging) -> tuple[list[M], dict[str, Any]]:
    """The rows of a page, the newest first, and its `meta`."""
    if paging.before is not None:
        found = list(rows.filter(pk__gt=paging.before).order_by("pk")[: paging.limit + 1])
        has_before, has_after = len(found) > paging.limit, True
        shown = found[: paging.limit][::-1]
    else:
        older = rows if paging.after is None else rows.filter(pk__lt=paging.after)
        found = list(older.order_by("-pk")[: paging.limit + 1])
        has_before, has_after = paging.after is not None, len(found) > paging.limit
        shown = found[: paging.limit]
    return shown, {
        "after": _cursor(shown[-1].pk) if shown and has_after else None,
        "before": _cursor(shown[0].pk) if shown and has_before else None,
        "limit": paging.limit,
    }


def _cursor(row_id: int) -> str:
    return base64.urlsafe_b64encode(str(row_id).encode()).decode().rstrip("=")


def _id_in(name: str, cursor: object) -> int | None:
    if cursor in (None, ""):
        return None
    text = str(cursor)[:40]
    try:
        number = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        number = ""
    if _NUMBER.fullmatch(number) is None:
        raise InvalidInput(name, "is no cursor that an answer gave")
    return int(number)
