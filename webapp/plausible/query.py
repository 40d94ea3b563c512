"""A query, from JSON to what is asked of the rollups."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aggregates.clickhouse.filters import Condition, Converted, Goal
from aggregates.clickhouse.questions import Order, Question
from aggregates.clickhouse.vocabulary import GOAL, REVENUE_METRICS, Bucket, Dimension, Metric
from webapp.plausible import dates, rules
from webapp.plausible.dates import Range
from webapp.plausible.revenue import Revenue, revenue_of
from webapp.plausible.schema import LIMIT_MAX, require_valid
from webapp.stats.conditions import (
    Segments,
    conditions_of,
    resolve_segments,
    stored_dimension,
)

Json = Any


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What of a site a query may mean."""

    site_id: int
    domain: str
    timezone: str
    goals: Callable[[], tuple[Goal, ...]]
    currencies: Callable[[], Mapping[str, str]]  # of goals that have revenue, by their name
    segments: Segments
    first_hit_s: Callable[[], int | None]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, once everything that stands for something else is put in its place."""

    site: SiteFacts
    metrics: tuple[str, ...]
    range: Range
    dimensions: tuple[str, ...]
    filters: list[Json]
    order_by: tuple[tuple[str, str], ...]
    include: tuple[str, ...]
    limit: int
    offset: int
    conditions: tuple[Condition, ...]
    goals: tuple[Goal, ...]  # those that the filters leave
    revenue: Revenue

    @property
    def bucket(self) -> Bucket | None:
        """The steps in time, if it has any."""
        names = (name.removeprefix("time:") for name in self.dimensions if _is_time(name))
        return next((Bucket(name) for name in names), None)

    @property
    def stored(self) -> tuple[Dimension, ...]:
        """The rollups' own dimensions, each once: a country's code and its name are one."""
        names = (name for name in self.dimensions if not _is_time(name))
        return tuple(dict.fromkeys(stored_dimension(name) for name in names))

    @property
    def counted(self) -> tuple[Metric, ...]:
        """What the rollups are asked to count."""
        known = (Metric(name) for name in self.metrics)
        revenue = bool(self.revenue.currency)
        metrics = tuple(each for each in known if revenue or each not in REVENUE_METRICS)
        return metrics or (Metric.VISITORS,)  # rows there are also without a number


def read_query(body: Mapping[str, Json], site: SiteFacts, now_s: int) -> Query:
    """Raises `InvalidInput` for what is wrong, shape first; and as the facts of the site."""
    require_valid(body)
    found = dates.parse_date_range(body["date_range"], site.timezone, now_s, site.first_hit_s)
    include = tuple(name for name, wanted in body.get("include", {}).items() if wanted)
    metrics, given = tuple(body["metrics"]), tuple(body.get("dimensions", ()))
    filters = resolve_segments(body.get("filters", []), site.segments)
    goals = site.goals() if _speaks_of_goals(given, filters) else ()
    rules.require_order(body.get("order_by", ()), (*metrics, *given))
    rules.require_filters(filters, metrics)
    conditions = conditions_of(filters, goals)
    rules.require_metrics(metrics, given, filters)
    rules.require_times(given, found, "time_labels" in include)
    step = dates.bucket_of(found)
    if "trim_relative_date_range" in include:
        found = dates.trimmed(body["date_range"], found, now_s)
    chosen = _chosen(goals, conditions)
    speaks = bool(chosen) and (GOAL.name in given or any(_converted(conditions)))
    pagination = body.get("pagination", {})
    return Query(
        site=site,
        metrics=metrics,
        range=found,
        dimensions=tuple(_resolved(name, step) for name in given),
        filters=filters,
        order_by=_order_by(body, step),
        include=include,
        limit=pagination.get("limit", LIMIT_MAX),
        offset=pagination.get("offset", 0),
        conditions=conditions,
        goals=chosen,
        revenue=revenue_of(metrics, site.currencies, chosen if speaks else (), GOAL.name in given),
    )


def question_of(query: Query) -> Question | None:
    """What is asked of the rollups; None if a site without goals is broken down by them."""
    if GOAL in query.stored and not query.goals:
        return None
    question = Question(
        site_id=query.site.site_id,
        start_s=query.range.first_s,
        end_s=query.range.last_s + 1,
        metrics=query.counted,
        dimensions=query.stored,
        filters=query.conditions,
        bucket=query.bucket,
        timezone=query.range.timezone,
        limit=query.limit,
        offset=query.offset,
        goals=query.goals if GOAL in query.stored else (),
        currency=query.revenue.currency,
        rates=query.revenue.rates,
    )
    return dataclasses.replace(question, order=_order(query))


def _speaks_of_goals(dimensions: tuple[str, ...], filters: list[Json]) -> bool:
    return GOAL.name in dimensions or GOAL.name in str(filters)


def _converted(conditions: tuple[Condition, ...]) -> list[Converted]:
    return [each for each in conditions if isinstance(each, Converted)]


def _chosen(goals: tuple[Goal, ...], conditions: tuple[Condition, ...]) -> tuple[Goal, ...]:
    """The goals that all filters on goals leave."""
    filters = _converted(conditions)
    return tuple(goal for goal in goals if all(goal in each.goals for each in filters))


def _order_by(body: Mapping[str, Json], step: Bucket) -> tuple[tuple[str, str], ...]:
    """As asked; else by time, then by the first metric, highest first."""
    if "order_by" in body:
        return tuple((_resolved(by, step), direction) for by, direction in body["order_by"])
    times = [_resolved(name, step) for name in body.get("dimensions", ()) if _is_time(name)]
    return (*((name, "asc") for name in times), (body["metrics"][0], "desc"))


def _order(query: Query) -> tuple[Order, ...]:
    """The same for the rollups; by what they are not asked for nothing can be ordered."""
    found: dict[Metric | Dimension | Bucket, bool] = {}
    for name, direction in query.order_by:
        by: Metric | Dimension | Bucket
        if _is_time(name):
            by = Bucket(name.removeprefix("time:"))
        elif ":" in name:
            by = stored_dimension(name)
        else:
            by = Metric(name)
        if by in query.counted or not isinstance(by, Metric):
            found.setdefault(by, direction == "desc")
    return tuple(Order(by, descending) for by, descending in found.items())


def _is_time(name: str) -> bool:
    return name == "time" or name.startswith("time:")


def _resolved(name: str, step: Bucket) -> str:
    return f"time:{step}" if name == "time" else name
