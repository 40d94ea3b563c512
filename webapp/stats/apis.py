"""The stats API, version 1: one class for each operation on the rollups."""

import dataclasses
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aggregates.clickhouse.ingest import read_ingest
from aggregates.clickhouse.ledger import read_ledger
from aggregates.clickhouse.questions import Answer
from aggregates.clickhouse.vocabulary import TIME_MINUTE
from webapp.api.authentication import person_in
from webapp.api.errors import InvalidInput
from webapp.api.views import ERRORS, SITE_ID, SiteView
from webapp.sites.models import Site
from webapp.stats import asking, documentation, finality, parameters, results, rows, selectors
from webapp.stats.asking import Asked
from webapp.stats.dialects import Dialect
from webapp.stats.periods import Period
from webapp.stats.serializers import AggregateOutput, LedgerOutput, RowsOutput

# What a breakdown is compared with is looked up among so many rows: a reader does not see further.
COMPARED_ROWS_MAX: Final = 10_000
# Every hit is counted by the same rules, those of imports too, so there is nothing to add.
IMPORTS_WARNING: Final = (
    "Imported stats are not included in the results because there are none apart: imported hits "
    "are counted as all others are."
)


def _meta(site: Site, period: Period) -> dict[str, Any]:
    return {"timezone": site.timezone, "start": period.start_s, "end": period.end_s}


def _response(
    site: Site,
    asked: Asked,
    given: parameters.Parameters,
    results: Any,
    answer: Answer,
    **more: Any,
) -> Response:
    """`results` with what must be known to read them."""
    meta = _meta(site, asked.period) | more
    if asked.compared is not None:
        meta["compared"] = {"start": asked.compared.start_s, "end": asked.compared.end_s}
    if asked.money is not None:
        meta["revenue"] = dataclasses.asdict(asked.money)
    if answer.uniques_error:
        meta["uniques_error"] = answer.uniques_error
    until_s = finality.final_until_s(selectors.reader(), site.pk, asked.period.end_s)
    if until_s is not None:
        meta["final_until"] = until_s
        if answer.question.bucket is not None and asked.form.dialect is Dialect.PAWPRINT:
            finality.mark(results, rows.starts_of(answer.question), asked.period.end_s, until_s)
    data = {"results": results, "meta": meta}
    if parameters.flag_of(given, "with_imported"):
        data["warning"] = IMPORTS_WARNING
    return Response(data)


class AggregateApi(SiteView):
    is_open_to_links = True

    @extend_schema(
        operation_id="aggregate",
        summary="Totals of a period",
        parameters=[SITE_ID, *documentation.QUESTION, *documentation.COMPARE],
        responses={200: AggregateOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site, given = self.find_site(request), request.query_params
        asked = asking.read(site, person_in(request), given, self.now_s())
        answers = selectors.answers(*asked.questions)
        return _response(site, asked, given, results.totals(asked.form, *answers), answers[0])


class TimeseriesApi(SiteView):
    is_open_to_links = True

    @extend_schema(
        operation_id="timeseries",
        summary="A period step by step",
        description="Every step of the period is there: counts are 0 where nothing happened, "
        "means null, or 0 in Plausible's dialect.",
        parameters=[
            SITE_ID,
            *documentation.QUESTION,
            documentation.INTERVAL,
            *documentation.COMPARE,
        ],
        responses={200: RowsOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site, given = self.find_site(request), request.query_params
        asked = asking.read(site, person_in(request), given, self.now_s(), in_series=True)
        answers = selectors.answers(*asked.questions)
        return _response(site, asked, given, rows.series(asked.form, *answers), answers[0])


class BreakdownApi(SiteView):
    is_open_to_links = True

    @extend_schema(
        operation_id="breakdown",
        summary="A period by the values of one property or several",
        description="By default ordered by the first metric, highest first, then by the "
        "properties, so that pages never overlap.",
        parameters=[
            SITE_ID,
            documentation.PROPERTY,
            *documentation.QUESTION,
            *documentation.ROWS,
            *documentation.COMPARE,
        ],
        responses={200: RowsOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site, given = self.find_site(request), request.query_params
        dimensions = parameters.properties_of(given)
        limit, offset = parameters.page_of(given)
        counts_rows = parameters.flag_of(given, "total_rows")
        asked = asking.read(site, person_in(request), given, self.now_s(), dimensions)
        if asked.compared is not None and TIME_MINUTE in dimensions:
            raise InvalidInput("compare", "time:minute never comes twice")
        questions = [dataclasses.replace(asked.question, limit=limit, offset=offset)]
        if asked.compared is not None:
            questions.append(dataclasses.replace(asked.compared, limit=COMPARED_ROWS_MAX))
        rollups = selectors.pinned()
        answer, *previous = map(rollups.answer, questions)
        more = {"total_rows": rollups.total_rows(answer)} if counts_rows else {}
        found = rows.ranking(asked.form, answer, *previous)
        return _response(site, asked, given, found, answer, **more)


class LedgerApi(SiteView):
    is_open_to_links = True

    @extend_schema(
        operation_id="ledger",
        summary="Where every hit of a period went",
        description="accepted = counted + all that was left out, by reason. What the collectors "
        "refused is no hit and stands apart, by reason as well; `received` is what they accepted "
        "and refused, by the minute it came: what is imported, or came late, counts as accepted "
        "in the minute it is of, but was received when it came.",
        parameters=[SITE_ID, *documentation.PERIOD, documentation.DIALECT],
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
