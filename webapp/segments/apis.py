"""The segments of a site."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
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

from webapp.api.authentication import person_in
from webapp.api.views import READ_ERRORS, SITE_ID, WRITE_ERRORS, ErrorOutput, SiteView, require_role
from webapp.segments import services
from webapp.segments.models import NAME_CHARS_MAX, Kind, Segment
from webapp.segments.selectors import segments_of
from webapp.sites.models import Site
from webapp.teams.models import EDITING

NOT_FOUND: Final = OpenApiResponse(ErrorOutput, "No segment of this site, or somebody else's")
ID: Final = OpenApiParameter(
    "segment_id", int, OpenApiParameter.PATH, description="The segment's id"
)
GERMANS: Final = [["is", "visit:country", ["DE"]]]


@extend_schema_field(OpenApiTypes.ANY)
class FiltersField(serializers.JSONField):
    """Filters as a list."""


class SegmentChangeInput(serializers.Serializer[None]):
    name = serializers.CharField(max_length=NAME_CHARS_MAX)
    filters = FiltersField(help_text="As in the query API's version 2")


class SegmentInput(SegmentChangeInput):
    kind = serializers.ChoiceField(
        Kind.choices, default=Kind.SITE.value, help_text="`personal` ones only you see"
    )


class SegmentOutput(SegmentChangeInput):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Kind.choices)
    updated_at = serializers.DateTimeField()


class SegmentsOutput(serializers.Serializer[None]):
    results = SegmentOutput(many=True)


class SegmentsApi(SiteView):
    @extend_schema(
        operation_id="segments",
        summary="Segments of a site, the newest first",
        description='Those of the site, and your own. A filter `["is", "segment", [id]]` stands '
        "for what a segment holds.",
        parameters=[SITE_ID],
        responses={200: SegmentsOutput, **READ_ERRORS},
    )
    def get(self, request: Request) -> Response:
        found = segments_of(self.find_site(request), person_in(request))
        return Response({"results": [_segment_json(each) for each in found]})

    @extend_schema(
        operation_id="segments_create",
        summary="Keep filters under a name",
        description="Who may only read a site may keep personal ones.",
        parameters=[SITE_ID],
        request=SegmentInput,
        responses={201: SegmentOutput, **WRITE_ERRORS},
        examples=[
            OpenApiExample(
                "visits from Germany",
                value={"name": "Germany", "filters": GERMANS, "kind": "site"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        site = self.find_site(request)
        given = SegmentInput(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        kind = Kind(wanted["kind"])
        _require_writing(request, site, kind)
        made = services.create_segment(
            site=site,
            name=wanted["name"],
            filters=wanted["filters"],
            kind=kind,
            owner=person_in(request),
        )
        return Response(_segment_json(made), status=status.HTTP_201_CREATED)


class SegmentApi(SiteView):
    @extend_schema(
        operation_id="segments_change",
        summary="Change a segment",
        parameters=[ID, SITE_ID],
        request=SegmentChangeInput,
        responses={200: SegmentOutput, **WRITE_ERRORS, 404: NOT_FOUND},
        examples=[
            OpenApiExample(
                "another name", value={"name": "Germans", "filters": GERMANS}, request_only=True
            )
        ],
    )
    def put(self, request: Request, segment_id: int) -> Response:
        segment = self._find(request, segment_id)
        given = SegmentChangeInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(_segment_json(services.change_segment(segment, **given.validated_data)))

    @extend_schema(
        operation_id="segments_delete",
        summary="Delete a segment",
        parameters=[ID, SITE_ID],
        responses={204: None, **WRITE_ERRORS, 404: NOT_FOUND},
    )
    def delete(self, request: Request, segment_id: int) -> Response:
        services.delete_segment(self._find(request, segment_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _find(self, request: Request, segment_id: int) -> Segment:
        """One that the caller may change. Raises `NotFound`, also for somebody else's."""
        site = self.find_site(request)
        found = segments_of(site, person_in(request)).filter(pk=segment_id).first()
        if found is None:
            raise NotFound("There is no such segment.")
        _require_writing(request, site, Kind(found.kind))
        return found


def _require_writing(request: Request, site: Site, kind: Kind) -> None:
    """What belongs to the site is for who may change it. Raises `ReadOnly`."""
    if kind is Kind.SITE:
        require_role(request, site, EDITING)


def _segment_json(segment: Segment) -> dict[str, Any]:
    return {
        "id": segment.pk,
        "name": segment.name,
        "kind": segment.kind,
        "filters": segment.filters,
        "updated_at": segment.updated_at,
    }
