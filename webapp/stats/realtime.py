"""A site right now, from the live counters."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aggregates.live import LiveView, Top
from webapp.api.views import ERRORS, SITE_ID, SiteView
from webapp.stats import selectors
from webapp.stats.serializers import RealtimeOutput


class RealtimeVisitorsApi(SiteView):
    is_open_to_links = True

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


class RealtimeApi(SiteView):
    is_open_to_links = True

    @extend_schema(
        operation_id="realtime",
        summary="The site right now, and its last 30 minutes",
        description="What the stream of `/api/v1/live/stream` tells, once.",
        parameters=[SITE_ID],
        responses={200: RealtimeOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site = self.find_site(request)
        return Response(realtime_data(selectors.live_view(site.pk, self.now_s())))


def realtime_data(view: LiveView) -> dict[str, Any]:
    """The view as clients get it; a name is "" where it is not known."""
    return {
        "visitors": view.current,
        "last_30m": view.last_30m,
        "minutes": [
            {"minute": each.minute, "visitors": each.visitors, "pageviews": each.pageviews}
            for each in view.minutes
        ],
        "pages": _listed(view.pages),
        "sources": _listed(view.sources),
        "countries": _listed(view.countries),
        "devices": _listed(view.devices),
        "meta": {"now": view.now_s},
    }


def _listed(top: Top) -> list[dict[str, Any]]:
    return [{"name": name, "visitors": visitors} for name, visitors in top]
