"""Every metric of the hits and visits of one row, each from its own definition."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.vocabulary import (
    ENGAGEMENT_METRICS,
    REVENUE_METRICS,
    SHARE_METRICS,
    TIMING_METRICS,
    Metric,
)
from schemas.events import PAGEVIEW
from schemas.timings import TIMINGS
from tests.contract.aggregates.oracle.sessions import OracleHit, OracleSession

Number: TypeAlias = int | float | None
Hits: TypeAlias = list[tuple[OracleSession, OracleHit]]

MICROS: Final = 1_000_000
OF_HITS: Final = frozenset(
    {Metric.VISITORS, Metric.PAGEVIEWS, Metric.EVENTS, *SHARE_METRICS, *REVENUE_METRICS}
)
OF_VISITS: Final = frozenset(
    {Metric.VISITS, Metric.VIEWS_PER_VISIT, Metric.BOUNCE_RATE, Metric.VISIT_DURATION}
)


@dataclass
class Group:
    """What passes all conditions and has the same dimensions."""

    hits: Hits = field(default_factory=list)
    scrolls: Hits = field(default_factory=list)  # reports whose visitors and visits count
    reports: Hits = field(default_factory=list)  # all reports of engagement
    visits: dict[int, OracleSession] = field(default_factory=dict)
    timings: dict[Metric, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def visitors(self) -> int:
        return len({hit.visitor_id for _, hit in (*self.hits, *self.scrolls)})

    def add_timings(self, hit: OracleHit) -> None:
        for index, value in hit.timings:
            self.timings[Metric(TIMINGS[index])].append(value)

    def has(self, metric: Metric) -> bool:
        """Whether there is anything here that the metric is of."""
        if metric in OF_HITS:
            return bool(self.hits or self.scrolls)
        if metric in OF_VISITS:
            return bool(self.visits)
        return bool(self.reports if metric in ENGAGEMENT_METRICS else self.timings)


def measured(
    metric: Metric, group: Group, question: Question, wholes: Mapping[Metric, int]
) -> Number:
    """The metric's value; `wholes` are the visitors that shares are percents of."""
    if metric in TIMING_METRICS:
        return _percentile(metric, group.timings[metric], question.percentile)
    if metric in ENGAGEMENT_METRICS:
        return _engagement(metric, group)
    if metric in REVENUE_METRICS:
        return _revenue(metric, group, question)
    if metric in SHARE_METRICS:
        return 100 * group.visitors / wholes[metric] if wholes[metric] else None
    if metric in OF_VISITS:
        return _of_visits(metric, list(group.visits.values()))
    if metric is Metric.VISITORS:
        return group.visitors
    if metric is Metric.EVENTS:
        return len(group.hits)
    return len([hit for _, hit in group.hits if hit.name == PAGEVIEW])


def _of_visits(metric: Metric, visits: list[OracleSession]) -> Number:
    count = len(visits)
    if metric is Metric.VISITS:
        return count
    if count == 0:
        return None
    if metric is Metric.BOUNCE_RATE:
        return 100 * sum(visit.bounced for visit in visits) / count
    if metric is Metric.VISIT_DURATION:
        return sum(visit.duration_s for visit in visits) / count
    return sum(len(visit.views) for visit in visits) / count


def _percentile(metric: Metric, values: list[int], percentile: int) -> Number:
    """The value that so many percent of all are below, as ClickHouse's quantileExact has it."""
    if not values:
        return None
    found = sorted(values)[int(percentile / 100 * len(values))]
    return found / 1000 if metric is Metric.CLS else found


def _engagement(metric: Metric, group: Group) -> Number:
    by_visit: dict[int, list[OracleHit]] = defaultdict(list)
    for session, report in group.reports:
        by_visit[session.session_id].append(report)
    if not by_visit:
        return None
    if metric is Metric.SCROLL_DEPTH:
        deepest = [max(report.scroll_depth for report in each) for each in by_visit.values()]
        return sum(deepest) / len(by_visit)
    return sum(report.engaged_ms for _, report in group.reports) / 1000 / len(by_visit)


def _revenue(metric: Metric, group: Group, question: Question) -> Number:
    units = {question.currency: 1.0} | {rate.currency: rate.units for rate in question.rates}
    micros: dict[str, list[int]] = {currency: [] for currency in units}
    for _, hit in group.hits:
        if hit.currency in units:
            micros[hit.currency].append(hit.revenue_micros)
    count = sum(map(len, micros.values()))
    if count == 0:
        return None
    total = sum(sum(each) * units[currency] for currency, each in micros.items()) / MICROS
    return total if metric is Metric.TOTAL_REVENUE else total / count
