"""From a request's parameters to the question that is put to the rollups."""

import dataclasses
import json
from dataclasses import dataclass
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from aggregates.clickhouse.filters import (
    AnyOf,
    Condition,
    Converted,
    Filter,
    Goal,
    HasDone,
    Not,
    Operator,
    parts,
)
from aggregates.clickhouse.questions import ROWS_MAX, Order, Question
from aggregates.clickhouse.vocabulary import GOAL, Dimension, Metric
from webapp.accounts.models import User
from webapp.api.errors import InvalidInput
from webapp.goals.selectors import goals_of
from webapp.segments.selectors import segment_filters
from webapp.sites.models import Site
from webapp.stats import parameters as given
from webapp.stats import refusals, revenue
from webapp.stats.comparisons import compared_span
from webapp.stats.conditions import SEGMENT, parse_conditions
from webapp.stats.dialects import Dialect, lists_unknown, metric_in_rows
from webapp.stats.filters import FIELD, TEXT_CHARS_MAX, parse_filters
from webapp.stats.periods import Period
from webapp.stats.results import Form
from webapp.stats.revenue import Money
from webapp.stats.rows import short_name

NOBODYS: Final = Goal("", AnyOf(()))  # no hit reaches it


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client wants to know."""

    period: Period
    questions: tuple[Question, ...]  # then the same of the period it is compared with, if any
    form: Form
    money: Money | None  # in which currency revenue is; None if none is asked for

    @property
    def question(self) -> Question:
        return self.questions[0]

    @property
    def compared(self) -> Question | None:
        return self.questions[1] if len(self.questions) > 1 else None


def read(
    site: Site,
    person: User | None,
    parameters: given.Parameters,
    now_s: int,
    dimensions: tuple[Dimension, ...] = (),
    in_series: bool = False,
) -> Asked:
    """What `parameters` ask of `site`: totals, or rows by `dimensions` or, in a series, by time.

    They may name segments of the site and those of `person`, None for a key or a shared link.

    Raises `InvalidInput`, `InvalidQuestion`; for revenue `TooCostly` and `StoreUnavailable` too.
    """
    dialect = given.dialect_of(parameters)
    period = given.period_of(parameters, site.timezone, now_s)
    names = given.metrics_of(parameters)
    found = conditions(site, person, parameters, dialect)
    if dialect is Dialect.PLAUSIBLE:
        _require_goal(names, found, dimensions)
    in_rows = in_series or bool(dimensions)
    metrics = tuple(
        metric_in_rows(name, dimensions, dialect) if in_rows else name for name in names
    )
    bucket = given.interval_of(parameters, period) if in_series else None
    question = Question(
        site_id=site.pk,
        start_s=period.start_s,
        end_s=period.end_s,
        metrics=tuple(metric for metric in metrics if not revenue.is_revenue(metric))
        or (Metric.EVENTS,),
        dimensions=dimensions,
        filters=(*found, *_known_only(dimensions, dialect)),
        bucket=bucket,
        timezone=site.timezone,
        limit=ROWS_MAX,
        goals=_goals_to_list(site, found) if GOAL in dimensions else (),
        percentile=given.percentile_of(parameters),
    )
    questions = (question, *_compared(question, period, parameters, now_s))
    order = _order(parameters, names, metrics, dimensions) if dimensions else ()
    questions, money = revenue.in_currency(site, questions, metrics, given.currency_of(parameters))
    questions = tuple(dataclasses.replace(each, order=order) for each in questions)
    form = Form(tuple(name.value for name in names), metrics, dialect)
    return Asked(period, questions, form, money)


def conditions(
    site: Site, person: User | None, parameters: given.Parameters, dialect: Dialect
) -> tuple[Condition, ...]:
    """`filters`, in either of its two ways; `person` as in `read`."""
    text = parameters.get(FIELD, "").strip()
    goals = goals_of(site) if GOAL.name in text or SEGMENT in text else ()
    if not text.startswith("["):
        return parse_filters(text, dialect, goals)
    if len(text) > TEXT_CHARS_MAX:
        raise InvalidInput(FIELD, f"at most {TEXT_CHARS_MAX} characters")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput(FIELD, "is no JSON") from None
    return parse_conditions(value, goals, partial(segment_filters, site, person), FIELD)


def _goals_to_list(site: Site, conditions: tuple[Condition, ...]) -> tuple[Goal, ...]:
    """Those the conditions are about, else all; a question by goals needs at least one."""
    named = [each.goals for each in conditions if isinstance(each, Converted)]
    first, *others = named or [goals_of(site)]
    found = tuple(goal for goal in first if all(goal in goals for goals in others))
    return found or (NOBODYS,)


def _require_goal(
    metrics: tuple[Metric, ...],
    conditions: tuple[Condition, ...],
    dimensions: tuple[Dimension, ...],
) -> None:
    """Plausible's clients know a conversion rate only of goals; without one it is 100 percent."""
    if GOAL in dimensions or any(map(_is_about_goals, conditions)):
        return
    if Metric.CONVERSION_RATE in metrics:
        raise refusals.no_goal_to_convert(Metric.CONVERSION_RATE)


def _is_about_goals(condition: Condition) -> bool:
    if isinstance(condition, HasDone | Not):
        return _is_about_goals(condition.condition)
    return isinstance(condition, Converted) or any(map(_is_about_goals, parts(condition)))


def _known_only(dimensions: tuple[Dimension, ...], dialect: Dialect) -> tuple[Condition, ...]:
    return tuple(
        Filter(dimension, True, ("",), Operator.IS)
        for dimension in dimensions
        if not lists_unknown(dimension, dialect)
    )


def _order(
    parameters: given.Parameters,
    names: tuple[Metric, ...],
    metrics: tuple[Metric, ...],
    dimensions: tuple[Dimension, ...],
) -> tuple[Order, ...]:
    """`order_by`, in terms of the question."""
    known: dict[str, Metric | Dimension] = {}
    known |= {short_name(dimension): dimension for dimension in dimensions}
    known |= {dimension.name: dimension for dimension in dimensions}
    known |= {name.value: metric for name, metric in zip(names, metrics, strict=True)}
    found = []
    for sorting in given.sorting_of(parameters):
        if sorting.name not in known:
            shown = refusals.shown(sorting.name)
            raise InvalidInput("order_by", f"no {shown!r}; one of {', '.join(known)}")
        found.append(Order(known[sorting.name], sorting.descending))
    return tuple(found)


def _compared(
    question: Question, period: Period, parameters: given.Parameters, now_s: int
) -> tuple[Question, ...]:
    """The same of the period it is compared with; none if it is compared with nothing."""
    comparison = given.comparison_of(parameters)
    if comparison is None:
        return ()
    zone = ZoneInfo(question.timezone)
    start_s, end_s = compared_span(period, comparison, zone, now_s)
    return (dataclasses.replace(question, start_s=start_s, end_s=end_s),)
