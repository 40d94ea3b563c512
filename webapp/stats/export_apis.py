"""Exports: all hits of a period, streamed."""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from aggregates.clickhouse.buckets import DAY_S
from aggregates.clickhouse.exports import COLUMNS, export_hits
from webapp.api.errors import InvalidInput
from webapp.api.views import ERRORS, SITE_ID, SiteView
from webapp.stats import documentation, exporting, parameters, selectors

DAYS_MAX: Final = 366
FORMATS: Final = {
    "csv": (exporting.csv_pieces, "text/csv; charset=utf-8", "csv"),
    "jsonl": (exporting.json_pieces, "application/x-ndjson", "jsonl"),
}
COMPRESSIONS: Final = {"none": False, "gzip": True}


def _choice_parameter(
    name: str, choices: Iterable[str], default: str, text: str
) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        str,
        enum=tuple(choices),
        default=default,
        description=text,
        examples=[OpenApiExample("for example", value=default)],
    )


class ExportApi(SiteView):
    @extend_schema(
        operation_id="exports",
        summary="All hits of a period, as they are counted",
        description=f"A row for each minute, event, page, set of properties and dimensions of a "
        f"visit; at most {DAYS_MAX} days; nothing that tells one visitor from another. Columns: "
        f"{', '.join(f'`{name}`' for name in COLUMNS)}. `minute` is UTC, ISO 8601; `props` a JSON "
        "object; `visits` and `visitors` had a hit in the row, so they do not add up over rows; "
        "`engaged_s` is in seconds, of rows named `engagement` only; `revenue` in units of "
        "`currency`. Days follow each other, rows within a day are in no order. In CSV a text that "
        "a spreadsheet would take for a formula has a `'` before it. A stream that breaks off "
        "without its end is not whole: ask again.",
        parameters=[
            SITE_ID,
            *documentation.PERIOD,
            documentation.DIALECT,
            _choice_parameter("type", FORMATS, "csv", "CSV (RFC 4180) or JSON lines."),
            _choice_parameter("compress", COMPRESSIONS, "none", "Packs the file."),
        ],
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, "The file, as it is read"),
            (200, "application/x-ndjson"): OpenApiResponse(OpenApiTypes.STR),
            (200, "application/gzip"): OpenApiResponse(OpenApiTypes.BINARY),
            **ERRORS,
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        site, given = self.find_site(request), request.query_params
        period = parameters.period_of(given, site.timezone, self.now_s())
        if period.end_s - period.start_s > DAYS_MAX * DAY_S:
            raise InvalidInput("period", f"at most {DAYS_MAX} days")
        make, content_type, ending = parameters.choice("type", given.get("type") or "csv", FORMATS)
        packs = parameters.choice("compress", given.get("compress") or "none", COMPRESSIONS)
        reader = selectors.reader().pinned()
        parts = make(export_hits(reader, site.pk, period.start_s, period.end_s))
        if packs:
            parts, content_type, ending = (
                exporting.packed(parts),
                "application/gzip",
                f"{ending}.gz",
            )
        parts = exporting.begun(parts)
        is_async = isinstance(request._request, ASGIRequest)
        return StreamingHttpResponse(
            _in_threads(parts) if is_async else parts,
            content_type=content_type,
            headers={"Content-Disposition": f'attachment; filename="{site.domain}.{ending}"'},
        )


async def _in_threads(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Django would read all of a plain iterator before it sends the first byte below ASGI."""

    def take() -> bytes | None:
        return next(parts, None)

    while (part := await sync_to_async(take, thread_sensitive=False)()) is not None:
        yield part
