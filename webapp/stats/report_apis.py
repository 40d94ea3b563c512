"""Reports that follow visits from hit to hit: one class for each operation."""

import dataclasses
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aggregates.clickhouse.filters import All, Condition
from aggregates.clickhouse.funnels import STEPS_MAX, WITHIN_MINUTES_MAX, Funnel, Walker, read_funnel
from aggregates.clickhouse.journeys import BREADTH_MAX, DEPTH_MAX, Journey, Node, read_journey
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.retention import read_cohorts, read_loyalty
from aggregates.clickhouse.vocabulary import InvalidQuestion
from webapp.accounts.models import User
from webapp.api.authentication import person_in
from webapp.api.errors import InvalidInput
from webapp.api.views import ERRORS, SITE_ID, SiteView
from webapp.sites.models import Site
from webapp.stats import asking, parameters, selectors
from webapp.stats import report_documentation as documentation
from webapp.stats.report_documentation import FunnelOutput, JourneyOutput, RetentionOutput

WALKERS: Final = {"visit": Walker.VISIT, "visitor": Walker.VISITOR}
DIRECTIONS: Final = {"forwards": False, "backwards": True}


class FunnelApi(SiteView):
    @extend_schema(
        operation_id="funnel",
        summary="How far visits go along given steps",
        description="A step is reached in a later minute than the step before it, or in the same "
        "minute if that has two hits for the two steps: rows know the minute of a hit, not its "
        "order within it. Between two steps there may be any other hits. Visitors are known "
        "again for a day (UTC).",
        parameters=[SITE_ID, *documentation.FUNNEL, *documentation.HITS],
        responses={200: FunnelOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site, given = self.find_site(request), request.query_params
        hits = _hits(site, person_in(request), given, self.now_s())
        texts = given.getlist("step")
        if len(texts) > STEPS_MAX:  # before each is parsed
            raise InvalidInput("step", f"at most {STEPS_MAX}")
        walker = parameters.choice("by", given.get("by") or "visit", WALKERS)
        steps = tuple(_condition(site, person_in(request), "step", text, given) for text in texts)
        within = parameters.number("within", given.get("within") or "0", 0, WITHIN_MINUTES_MAX)
        found = read_funnel(selectors.reader(), Funnel(hits, steps, walker, within))
        first = found[0].walkers
        results = [
            {
                "step": text,
                f"{walker.name.lower()}s": each.walkers,
                "visitors": each.visitors,
                "conversion_rate": _percent(each.walkers, first),
                "dropped": before.walkers - each.walkers,
                "drop_off_rate": _percent(before.walkers - each.walkers, before.walkers),
            }
            for text, each, before in zip(texts, found, (found[0], *found), strict=False)
        ]
        return Response({"results": results, "meta": _meta(hits)})


class JourneysApi(SiteView):
    @extend_schema(
        operation_id="journeys",
        summary="The pages that visits go on to from a page or goal, or come to it by",
        description="A tree, the most frequent ways first. A visit's journey begins at its first "
        "hit of `start`; a page that follows itself is one step. Of several pages in one minute "
        "the order is not known, apart from the entry page, which comes first, and the exit page, "
        "which comes last: visits whose shown steps are in doubt are counted as `unsure`. Visits "
        "of a step that neither `ended` nor stand in its `steps` went on by ways not shown. At "
        "most 1000 steps in all.",
        parameters=[SITE_ID, *documentation.JOURNEYS, *documentation.HITS],
        responses={200: JourneyOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site, given = self.find_site(request), request.query_params
        hits = _hits(site, person_in(request), given, self.now_s())
        direction = given.get("direction") or "forwards"
        journey = Journey(
            hits,
            _condition(site, person_in(request), "start", given.get("start", ""), given),
            backwards=parameters.choice("direction", direction, DIRECTIONS),
            depth=parameters.number("depth", given.get("depth") or "3", 1, DEPTH_MAX),
            breadth=parameters.number("breadth", given.get("breadth") or "5", 1, BREADTH_MAX),
        )
        tree = read_journey(selectors.reader(), journey)
        return Response({"results": _tree(tree), "meta": _meta(hits)})


class RetentionApi(SiteView):
    @extend_schema(
        operation_id="retention",
        summary="Which visitors come again, and how often visitors come",
        description="A cohort has the visitors whose first hit of the period lies in the same "
        "step of time; `visitors[k]` of them had a hit k steps later. Visitor ids are made anew "
        "each day (UTC), so that nobody can be followed from day to day: only steps within a day "
        "tell who came again, and only who visits across midnight is seen on two days.",
        parameters=[SITE_ID, documentation.BUCKET, *documentation.HITS],
        responses={200: RetentionOutput, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        site, given = self.find_site(request), request.query_params
        hits = _hits(site, person_in(request), given, self.now_s())
        is_short = hits.end_s - hits.start_s <= documentation.BY_HOURS_S_MAX
        name = given.get("bucket") or ("hour" if is_short else "day")
        bucket = parameters.choice("bucket", name, documentation.BUCKETS)
        reader = selectors.reader().pinned()
        try:
            cohorts = read_cohorts(reader, hits, bucket)
        except InvalidQuestion as error:
            raise InvalidInput(error.field, error.message) from None
        visits = read_loyalty(reader, hits)
        total = sum(visits.values())
        results = {
            "cohorts": [
                {"start": each.start_s, "visitors": each.visitors}
                for each in cohorts
                if each.visitors[0]
            ],
            "visits": [{"visits": n, "visitors": visitors} for n, visitors in visits.items()],
            "returned_rate": _percent(total - visits.get(1, 0), total),
        }
        return Response({"results": results, "meta": _meta(hits)})


def _hits(site: Site, person: User | None, given: parameters.Parameters, now_s: int) -> Question:
    """Site, period and filters; what else a question has is not looked at."""
    names = ("period", "date", "filters", "dialect")
    asked = {name: text for name in names if (text := given.get(name)) is not None}
    return asking.read(site, person, asked, now_s).question


def _condition(
    site: Site, person: User | None, field: str, text: str, given: parameters.Parameters
) -> Condition:
    """All of the filters in `text`. Raises `InvalidInput` naming `field`."""
    try:
        dialect = parameters.dialect_of(given)
        conditions = asking.conditions(site, person, {"filters": text}, dialect)
    except (InvalidInput, InvalidQuestion) as error:
        raise InvalidInput(field, str(error)) from None
    if not conditions:
        raise InvalidInput(field, "is required, as in event:page==/pricing")
    return All(conditions)


def _meta(hits: Question) -> dict[str, Any]:
    return {"timezone": hits.timezone, "start": hits.start_s, "end": hits.end_s}


def _percent(part: int, whole: int) -> float | None:
    """With one decimal; null of nothing."""
    return round(100 * part / whole, 1) if whole else None


def _tree(node: Node) -> dict[str, Any]:
    return dataclasses.asdict(node)
