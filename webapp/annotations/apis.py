"""The annotations of a site."""

import datetime as dt
from typing import Any, Final

from django.http import QueryDict
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.annotations import services
from webapp.annotations.models import TEXT_CHARS_MAX, Annotation
from webapp.annotations.selectors import annotations_of
from webapp.api.authentication import person_in
from webapp.api.errors import InvalidInput
from webapp.api.views import READ_ERRORS, SITE_ID, WRITE_ERRORS, ErrorOutput, SiteView
from webapp.teams.models import EDITING

NOT_FOUND: Final = OpenApiResponse(ErrorOutput, "No annotation of this site")
ID: Final = OpenApiParameter(
    "annotation_id", int, OpenApiParameter.PATH, description="The annotation's id"
)
EXAMPLE: Final = OpenApiExample(
    "a release",
    value={"date": "2026-11-23", "time": "09:30", "text": "Version 2 is out"},
    request_only=True,
)
DAYS: Final = tuple(
    OpenApiParameter(
        name,
        dt.date,
        description=f"The {which} day, {edge} if it is not given",
        examples=[OpenApiExample("a day", value=example)],
    )
    for name, which, edge, example in (
        ("date_from", "first", "the oldest", "2026-11-01"),
        ("date_to", "last", "the newest", "2026-11-30"),
    )
)


# Not the format "time" of JSON Schema, which has an offset from UTC.
@extend_schema_field({"type": "string", "pattern": r"^\d\d:\d\d"})
class ClockField(serializers.TimeField):
    """A time of day on the site's clock."""


class AnnotationInput(serializers.Serializer[None]):
    date = serializers.DateField(help_text="On the site's calendar")
    time = ClockField(
        required=False, allow_null=True, default=None, help_text="On the site's clock"
    )
    text = serializers.CharField(max_length=TEXT_CHARS_MAX)


class AnnotationOutput(AnnotationInput):
    id = serializers.IntegerField()
    author = serializers.CharField(
        allow_null=True, help_text="A person's e-mail address; null for a key"
    )


class AnnotationsOutput(serializers.Serializer[None]):
    results = AnnotationOutput(many=True)


class AnnotationsApi(SiteView):
    @extend_schema(
        operation_id="annotations",
        summary="Annotations of a site, the newest day first",
        parameters=[SITE_ID, *DAYS],
        responses={200: AnnotationsOutput, **READ_ERRORS},
    )
    def get(self, request: Request) -> Response:
        site = self.find_site(request)
        first = _day(request.query_params, "date_from", dt.date.min)
        last = _day(request.query_params, "date_to", dt.date.max)
        return Response(
            {"results": [_annotation_json(each) for each in annotations_of(site, first, last)]}
        )

    @extend_schema(
        operation_id="annotations_create",
        summary="Note what happened",
        parameters=[SITE_ID],
        request=AnnotationInput,
        responses={201: AnnotationOutput, **WRITE_ERRORS},
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        site = self.find_site_for(request, EDITING)
        made = services.create_annotation(site=site, author=person_in(request), **_wanted(request))
        return Response(_annotation_json(made), status=status.HTTP_201_CREATED)


class AnnotationApi(SiteView):
    @extend_schema(
        operation_id="annotations_change",
        summary="Change an annotation",
        parameters=[ID, SITE_ID],
        request=AnnotationInput,
        responses={200: AnnotationOutput, **WRITE_ERRORS, 404: NOT_FOUND},
        examples=[EXAMPLE],
    )
    def put(self, request: Request, annotation_id: int) -> Response:
        annotation = self._find(request, annotation_id)
        changed = services.change_annotation(annotation, **_wanted(request))
        return Response(_annotation_json(changed))

    @extend_schema(
        operation_id="annotations_delete",
        summary="Delete an annotation",
        parameters=[ID, SITE_ID],
        responses={204: None, **WRITE_ERRORS, 404: NOT_FOUND},
    )
    def delete(self, request: Request, annotation_id: int) -> Response:
        services.delete_annotation(self._find(request, annotation_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _find(self, request: Request, annotation_id: int) -> Annotation:
        """One of a site that the caller may change. Raises `NotFound`."""
        site = self.find_site_for(request, EDITING)
        found = site.annotations.select_related("author").filter(pk=annotation_id).first()
        if found is None:
            raise NotFound("There is no such annotation.")
        return found


def _wanted(request: Request) -> dict[str, Any]:
    given = AnnotationInput(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _day(given: QueryDict, name: str, otherwise: dt.date) -> dt.date:
    text = given.get(name, "")
    try:
        return dt.date.fromisoformat(text) if text else otherwise
    except ValueError:
        raise InvalidInput(name, 'is a date like "2026-11-23"') from None


def _annotation_json(annotation: Annotation) -> dict[str, Any]:
    return {
        "id": annotation.pk,
        "date": annotation.date,
        "time": annotation.time,
        "text": annotation.text,
        "author": annotation.author.email if annotation.author else None,
    }
