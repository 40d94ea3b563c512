"""Reads about goals and properties; goals as conditions that the rollups can be asked for."""

from collections.abc import Collection

from django.db.models import QuerySet

from aggregates.clickhouse import filters
from aggregates.clickhouse.filters import All, Condition, Filter, Operator, ScrolledTo
from aggregates.clickhouse.vocabulary import DIMENSIONS, Dimension, prop_dimension
from schemas.events import PAGEVIEW
from webapp.goals.models import CUSTOM_PROPS_MAX, GOALS_MAX, CustomProp, Goal, Kind
from webapp.sites.models import Site


def goals_of(site: Site) -> tuple[filters.Goal, ...]:
    """The goals of a site, in the order they were made; their names are unique."""
    goals = Goal.objects.filter(site=site).order_by("pk")[:GOALS_MAX]
    return tuple(filters.Goal(goal.display_name, condition_of(goal)) for goal in goals)


def condition_of(goal: Goal) -> Condition:
    """What holds for the hits that reach the goal."""
    if goal.kind == Kind.SCROLL:
        return ScrolledTo(goal.page, goal.scroll_depth or 0)
    name, page = DIMENSIONS["event:name"], DIMENSIONS["event:page"]
    if goal.kind == Kind.PAGE:
        return All((_is(name, PAGEVIEW), Filter(page, negated=False, values=(goal.page,))))
    props = (_is(prop_dimension(key), value) for key, value in sorted(goal.props.items()))
    return All((_is(name, goal.event_name), *props))


def _is(dimension: Dimension, value: str) -> Filter:
    return Filter(dimension, negated=False, values=(value,), operator=Operator.IS)


def currency_of(site: Site, names: Collection[str]) -> str:
    """The one currency (ISO 4217) of those of a site's goals that are named and have revenue.

    "" where none has revenue, or where they do not agree.
    """
    goals = Goal.objects.filter(site=site, display_name__in=names).exclude(currency="")
    found = set(goals.values_list("currency", flat=True))
    return found.pop() if len(found) == 1 else ""


def currencies_of(site: Site) -> dict[str, str]:
    """The currency (ISO 4217) of each of a site's goals that has revenue, by the goal's name."""
    goals = Goal.objects.filter(site=site).exclude(currency="")[:GOALS_MAX]
    return dict(goals.values_list("display_name", "currency"))


def props_of(site: Site) -> tuple[str, ...]:
    """The custom properties of a site that may be shown, in the order they were added."""
    props = CustomProp.objects.filter(site=site).order_by("pk")[:CUSTOM_PROPS_MAX]
    return tuple(props.values_list("name", flat=True))


def goals_in(site: Site) -> QuerySet[Goal]:
    """The goals of a site as they are kept."""
    return Goal.objects.filter(site=site)


def goal_of(site: Site, goal_id: int) -> Goal | None:
    return goals_in(site).filter(pk=goal_id).first()
