"""Panelbear's stats API: one class for each operation."""

import dataclasses
from collections.abc import Callable
from typing import Any, Final, cast

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.vocabulary import InvalidQuestion
from webapp.accounts.models import User
from webapp.api.views import ERRORS, SiteView, find_site
from webapp.panelbear import asking
from webapp.panelbear.names import DIMENSIONS_BY_NAME
from webapp.panelbear.serializers import (
    AggregationOutput,
    BreakdownInput,
    ListOutput,
    MessageOutput,
    QuestionInput,
    TimeseriesInput,
)
from webapp.sites.models import ApiKey, Scope
from webapp.stats import selectors

_ERRORS: Final[dict[int, Any]] = {
    status: OpenApiResponse(MessageOutput, response.description)
    for status, response in ERRORS.items()
}
# What a question's field is called in a request.
_FIELDS: Final = {"metrics": "aggregate", "filters": "filter"}
_EXAMPLE: Final = {"site_id": "example.com", "period": "24h", "aggregate": ["session_count"]}
_PAGEVIEWS: Final = {"dimension": "event_name", "operator": "eq", "value": "Pageview"}


def _example(**more: object) -> list[OpenApiExample]:
    return [OpenApiExample("for example", value=_EXAMPLE | more, request_only=True)]


class PanelbearView(SiteView):
    """A question in a body. It changes nothing, so a key that reads is enough."""

    required_scope = Scope.STATS_READ

    def get_exception_handler(self) -> Callable[..., Response | None]:
        """Errors as everywhere here, and also under the key that Panelbear's clients look at."""
        handle = super().get_exception_handler()

        def handle_too(error: Exception, context: dict[str, Any]) -> Response | None:
            if isinstance(error, InvalidQuestion):
                error = InvalidQuestion(_FIELDS.get(error.field, error.field), error.message)
            response: Response | None = handle(error, context)
            if response is not None:
                response.data = {"message": response.data["error"], **response.data}
            return response

        return handle_too

    def read(self, request: Request, shape: type[Serializer[None]]) -> tuple[Any, Question]:
        """What was asked, and the question about the site that `site_id` names."""
        serializer = shape(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = cast(Any, serializer.validated_data)
        key, user = cast(ApiKey | None, request.auth), cast(User, request.user)
        site = find_site(user, key, given["site_id"])
        return given, asking.question_of(given, site.pk, self.now_s())


class AggregationApi(PanelbearView):
    @extend_schema(
        operation_id="panelbear_aggregation",
        summary="Panelbear: totals of a period",
        request=QuestionInput,
        examples=_example(filter=[_PAGEVIEWS]),
        responses={200: AggregationOutput, **_ERRORS},
    )
    def post(self, request: Request) -> Response:
        given, question = self.read(request, QuestionInput)
        values = asking.form_of(given).named(selectors.answer(question).rows[0].metrics)
        return Response({"data": {name: {"value": value} for name, value in values.items()}})


class TimeseriesApi(PanelbearView):
    @extend_schema(
        operation_id="panelbear_timeseries",
        summary="Panelbear: a period step by step",
        request=TimeseriesInput,
        examples=_example(time_bucket="hour"),
        responses={200: ListOutput, **_ERRORS},
    )
    def post(self, request: Request) -> Response:
        given, question = self.read(request, TimeseriesInput)
        question = dataclasses.replace(question, bucket=asking.bucket_of(given))
        answer = selectors.answer(question)
        return Response({"data": asking.series_rows(asking.form_of(given), answer)})


class BreakdownApi(PanelbearView):
    @extend_schema(
        operation_id="panelbear_breakdown",
        summary="Panelbear: a period by the values of a dimension",
        request=BreakdownInput,
        examples=_example(group_by="path", order_by=["-session_count", "path"], page_size=100),
        responses={200: ListOutput, **_ERRORS},
    )
    def post(self, request: Request) -> Response:
        given, question = self.read(request, BreakdownInput)
        group_by, page_size = given["group_by"], given["page_size"]
        question = dataclasses.replace(
            question,
            dimensions=(DIMENSIONS_BY_NAME[group_by],),
            order=asking.order_of(given),
            limit=page_size,
            offset=(given["page"] - 1) * page_size,
        )
        answer = selectors.answer(question)
        rows = asking.breakdown_rows(group_by, asking.form_of(given), answer)
        return Response({"data": rows})
