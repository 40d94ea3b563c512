"""The stats API, version 1: one class for each operation."""

import dataclasses
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aggregates.clickhouse.buckets import bucket_starts
from aggregates.clickhouse.ingest import read_ingest
from aggregates.clickhouse.ledger import read_ledger
from aggregates.clickhouse.questions import ROWS_MAX, Question
from webapp.api.views import ERRORS, SITE_ID, SiteView
from webapp.sites.models import Site
from webapp.stats import documentation, parameters, results, selectors
from webapp.stats.filters import parse_filters
from webapp.stats.periods import Period
from webapp.stats.serializers import AggregateOutput, LedgerOutput, RowsOutput


def _meta(site: Site, period: Period) -> dict[str, Any]:
    return {"timezone": site.timezone, "start": period.start_s, "end": period.end_s}


def _question(site: Site, period: Period, asked: parameters.Parameters) -> Question:
    """What every question has: site, period, metrics and filters."""
    return Question(
        site_id=site.pk,
        start_s=period.start_s,
        end_s=period.end_s,
        metrics=parameters.metrics_of(asked),
        filters=parse_filters(asked.get("filters", "")),
    )


class RealtimeVisitorsApi(SiteView):
    @extend_schema(
        operation_id="realtime_visitors",
        summary="Visitors on the site right now",
        description="A bare number: visitors last seen within the last 5 minutes.",
        parameters=[SITE_ID],
        responses={200: OpenApiTypes.INT, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site = self.find_site(request)
        return Response(selectors.live_view(site.pk, self.now_s()).current)


class AggregateApi(SiteView):
    @extend_schema(
        operation_id="aggregate",
        summary="Totals of a period",
        parameters=[
            SITE_ID,
            *documentation.PERIOD,
            documentation.METRICS,
            documentation.FILTERS,
            documentation.COMPARE,
        ],
        responses={200: AggregateOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site = self.find_site(request)
        asked = request.query_params
        period = parameters.period_of(asked, site.timezone, self.now_s())
        question = _question(site, period, asked)
        questions = [question]
        if parameters.compares(asked):
            questions.append(
                dataclasses.replace(question, start_s=period.previous_start_s, end_s=period.start_s)
            )
        totals = results.totals(*selectors.answers(*questions))
        return Response({"results": totals, "meta": _meta(site, period)})


class TimeseriesApi(SiteView):
    @extend_schema(
        operation_id="timeseries",
        summary="A period step by step",
        description="Every step of the period is there: counts are 0 where nothing happened, "
        "rates null.",
        parameters=[
            SITE_ID,
            *documentation.PERIOD,
            documentation.INTERVAL,
            documentation.METRICS,
            documentation.FILTERS,
        ],
        responses={200: RowsOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site = self.find_site(request)
        asked = request.query_params
        period = parameters.period_of(asked, site.timezone, self.now_s())
        bucket = parameters.interval_of(asked, period)
        question = dataclasses.replace(
            _question(site, period, asked), bucket=bucket, timezone=site.timezone, limit=ROWS_MAX
        )
        starts = bucket_starts(period.start_s, period.end_s, bucket, site.timezone)
        rows = results.series(selectors.answer(question), starts)
        return Response({"results": rows, "meta": _meta(site, period)})


class BreakdownApi(SiteView):
    @extend_schema(
        operation_id="breakdown",
        summary="A period by the values of one property or several",
        description="Ordered by the first metric, highest first, then by the properties, so that "
        "pages never overlap.",
        parameters=[
            SITE_ID,
            *documentation.PERIOD,
            documentation.PROPERTY,
            documentation.METRICS,
            documentation.FILTERS,
            *documentation.PAGING,
        ],
        responses={200: RowsOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site = self.find_site(request)
        asked = request.query_params
        period = parameters.period_of(asked, site.timezone, self.now_s())
        limit, offset = parameters.page_of(asked)
        question = dataclasses.replace(
            _question(site, period, asked),
            dimensions=parameters.properties_of(asked),
            limit=limit,
            offset=offset,
        )
        rows = results.ranking(selectors.answer(question))
        return Response({"results": rows, "meta": _meta(site, period)})


class LedgerApi(SiteView):
    @extend_schema(
        operation_id="ledger",
        summary="Where every hit of a period went",
        description="accepted = counted + all that was left out, by reason. What the collectors "
        "refused is no hit and stands apart, by reason as well; `received` is what they accepted "
        "and refused, by the minute it came: what is imported, or came late, counts as accepted "
        "in the minute it is of, but was received when it came.",
        parameters=[SITE_ID, *documentation.PERIOD],
        responses={200: LedgerOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site = self.find_site(request)
        period = parameters.period_of(request.query_params, site.timezone, self.now_s())
        ledger = read_ledger(selectors.reader(), site.pk, period.start_s, period.end_s)
        ingest = read_ingest(selectors.reader().base(), site.pk, period.start_s, period.end_s)
        entries = {
            "accepted": ledger.accepted,
            "counted": ledger.counted,
            "left_out": ledger.left_out,
            "received": ingest.received,
            "refused": ingest.refused,
        }
        return Response({"results": entries, "meta": _meta(site, period)})
