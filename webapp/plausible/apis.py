"""Plausible's Stats API v2: one operation for every question."""

from functools import partial
from typing import Any, Final, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aggregates.clickhouse.vocabulary import InvalidQuestion
from webapp.accounts.models import User
from webapp.api.authentication import person_in
from webapp.api.views import ERRORS, SiteView, find_site
from webapp.goals.selectors import currencies_of, goals_of
from webapp.plausible import documentation, selectors
from webapp.plausible.answers import answer
from webapp.plausible.query import SiteFacts, read_query
from webapp.plausible.schema import InvalidQuery
from webapp.plausible.serializers import QueryInput, QueryOutput
from webapp.segments.selectors import segment_filters
from webapp.sites.models import ApiKey, Scope, Site
from webapp.stats import selectors as rollups

MISSING_SITE: Final = (
    "Missing site ID. Please provide the required site_id parameter with your request."
)
# Where in a query it stands what the rollups' questions call by another name.
_PLACES: Final = {
    "bucket": "#/dimensions",
    "period": "#/date_range",
    "limit": "#/pagination/limit",
    "offset": "#/pagination/offset",
    "order": "#/order_by",
}


class QueryApi(SiteView):
    required_scope = Scope.STATS_READ

    @extend_schema(
        operation_id="v2_query",
        summary="Any question, as Plausible's Stats API v2 asks it",
        description=documentation.QUERY,
        request=QueryInput,
        examples=documentation.EXAMPLES,
        responses={200: QueryOutput, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        body = request.data if isinstance(request.data, dict) else {}
        site = self._site(request, body)
        now_s = self.now_s()
        try:
            query = read_query(body, _facts(site, person_in(request)), now_s)
            return Response(answer(query, rollups.pinned(), now_s))
        except InvalidQuestion as error:
            place = _PLACES.get(error.field, f"#/{error.field}")
            raise InvalidQuery(f"{place}: {error.message}") from error

    def _site(self, request: Request, body: dict[str, Any]) -> Site:
        """The site that the body names."""
        domain = body.get("site_id")
        if domain is None or domain == "":
            raise InvalidQuery(MISSING_SITE)
        key = cast(ApiKey | None, request.auth)
        return find_site(request.user, key, domain if isinstance(domain, str) else "\0")


def _facts(site: Site, person: User | None) -> SiteFacts:
    return SiteFacts(
        site_id=site.pk,
        domain=site.domain,
        timezone=site.timezone,
        goals=lambda: goals_of(site),
        currencies=lambda: currencies_of(site),
        segments=partial(segment_filters, site, person),
        first_hit_s=lambda: selectors.first_hit_s(site.pk),
    )
