"""What each metric is made of: counts, how each source counts them, and formulas over them.

A count adds up over sources: where one source has nothing to say about it, it says 0.
"""

import enum
from dataclasses import dataclass, field
from typing import Final

from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.sealed import STEP_S
from aggregates.clickhouse.values import Values
from aggregates.clickhouse.vocabulary import TIMING_METRICS, Metric
from schemas.timings import CLS, CLS_UNIT, TIMINGS

MICROS: Final = 1_000_000


class Source(enum.StrEnum):
    """Where a count is taken from: the query in `queries/<value>.sql`."""

    HITS = "hits_count"
    EACH_HIT = "each_hit_count"
    VISITS = "visits_count"
    EACH_VISIT = "each_visit_count"
    LINKED = "linked_count"
    TIMINGS = "timings_count"
    ENGAGEMENT = "engagement_count"


class Kind(enum.Enum):
    """What a count is a count of; the plan chooses the source by it."""

    HITS = "hits"
    VISITS = "visits"
    TIMINGS = "timings"
    ENGAGEMENT = "reports of engagement"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that rows of minutes and sealed days share, to be counted together.

    `row` is what a row of minutes has there, `day` what one of a day's seal has; where a visitor is
    counted of the whole site depends on the question, which fills in `{lone_visitors}`. `steps` is
    what one of the steps of a day has that the period cuts; without it they do not know the column.
    """

    name: str
    row: str
    day: str
    steps: str = ""


# Whether a step of day_steps is within the period.
IN_PERIOD: Final = (
    f"toUnixTimestamp(minute) + {STEP_S} * step >= %(start_s)s"
    f" AND toUnixTimestamp(minute) + {STEP_S} * step < %(end_s)s"
)
# Whether who was there in these steps first and last was there within the period. As that cuts the
# day once, one of the two tells.
_SEEN_IN_PERIOD: Final = (
    f"toUnixTimestamp(minute) + {STEP_S} * last >= %(start_s)s"
    f" AND toUnixTimestamp(minute) + {STEP_S} * first < %(end_s)s"
)


@dataclass(frozen=True, slots=True)
class Merged:
    """How a count is made of minutes and sealed days together: SQL over `columns`."""

    sql: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """A number that adds up over sources, as the column `name`.

    `sql`: how a source counts it. `linked`: what `Source.LINKED` knows of it for each visit, under
    the name `linked_<name>`. `sealed`: how it is counted where sealed days stand in for some of the
    source's minutes; without it they cannot. Names of arrays taken apart are those of
    `conditions.HIT_ARRAYS` and `VISIT_ARRAYS`.
    """

    name: str
    kind: Kind
    sql: dict[Source, str] = field(hash=False)
    linked: str = ""
    zero: str = "toUInt64(0)"
    sealed: dict[Source, Merged] = field(default_factory=dict, hash=False)


def _sum(
    name: str, kind: Kind, rows: dict[Source, str], day: str, by_minutes: str = "", linked: str = ""
) -> Count:
    """A sum over the rows of each source, and over the column `day` of sealed days.

    `by_minutes`: what is summed of `Source.LINKED` where no seal knows the sum. Steps of a day know
    the same column of hits.
    """
    unsealed = {Source.LINKED: by_minutes} if by_minutes else {}
    sql = {source: f"sum({row})" for source, row in (rows | unsealed).items()}
    steps = ""
    if kind is Kind.HITS:
        steps = f"arraySum((step, number) -> if({IN_PERIOD}, number, 0), hit_steps, {day})"
    return Count(name, kind, sql, linked, sealed=_merged_sums(rows, day, steps))


def _merged_sums(rows: dict[Source, str], day: str, steps: str = "") -> dict[Source, Merged]:
    name = f"sum_of_{day}"
    return {
        source: Merged(f"sum({name})", (Column(name, f"toUInt64({row})", day, steps),))
        for source, row in rows.items()
    }


def _different(lone: Column, shared: Column) -> Merged:
    """Different visitors or sessions of hits: a number where no other day has them, else by id."""
    return Merged(f"sum({lone.name}) + uniqExactArray({shared.name})", (lone, shared))


def _visitors(ids: str) -> Merged:
    """`ids` are those of a row of minutes."""
    lone = f"if({_SEEN_IN_PERIOD}, number, 0), first_steps, last_steps, lone_visitors"
    shared = f"{_SEEN_IN_PERIOD}, visitor_ids, id_first_steps, id_last_steps"
    return _different(
        Column(
            "lone_visitor_count",
            "toUInt64(0)",
            "{lone_visitors}",
            f"arraySum((first, last, number) -> {lone})",
        ),
        Column(
            "shared_visitor_ids",
            ids,
            "visitor_ids",
            f"arrayFilter((id, first, last) -> {shared})",
        ),
    )


# Uniques are of ids, so they are right however a visitor's hits are spread over minutes, rows and
# shards.
VISITORS: Final = Count(
    "visitor_count",
    Kind.HITS,
    {
        Source.HITS: "uniqExactArray(visitor_ids)",
        Source.EACH_HIT: "uniqExact(visitor_id)",
        Source.LINKED: "uniqExactArray(linked_visitor_count)",
    },
    linked="groupUniqArray(visitor_id)",
    sealed={
        Source.HITS: _visitors("visitor_ids"),
        Source.EACH_HIT: _visitors("[visitor_id]"),
        Source.LINKED: _visitors("linked_visitor_count"),
    },
)
PAGEVIEWS: Final = _sum(
    "pageview_count",
    Kind.HITS,
    {
        Source.HITS: "if(name = 'pageview', hits, 0)",
        Source.EACH_HIT: "if(name = 'pageview', hit_count, 0)",
        Source.LINKED: "linked_pageview_count",
    },
    "pageviews",
    linked="sum(if(name = 'pageview', hit_count, 0))",
)
EVENTS: Final = _sum(  # pageviews and custom events
    "event_count",
    Kind.HITS,
    {
        Source.HITS: "hits",
        Source.EACH_HIT: "if(name = 'engagement', 0, hit_count)",
        Source.LINKED: "linked_event_count",
    },
    "events",
    linked="sum(if(name = 'engagement', 0, hit_count))",
)
VISITS: Final = Count(
    "visit_count",
    Kind.VISITS,
    {
        Source.HITS: "uniqExactArray(session_ids)",
        Source.EACH_HIT: "uniqExact(session_id)",
        Source.VISITS: "sum(visits)",
        Source.EACH_VISIT: "count()",
        Source.LINKED: "count()",
    },
    sealed={
        Source.HITS: _different(
            Column("lone_session_count", "toUInt64(0)", "lone_sessions"),
            Column("shared_session_ids", "session_ids", "session_ids"),
        ),
        **_merged_sums({Source.VISITS: "visits", Source.EACH_VISIT: "1"}, "visits"),
    },
)
BOUNCES: Final = _sum(
    "bounce_count",
    Kind.VISITS,
    {Source.VISITS: "bounces", Source.EACH_VISIT: "bounced"},
    "bounces",
    by_minutes="bounced",
)
DURATION_S: Final = _sum(  # from a visit's first hit to its last
    "duration_total_s",
    Kind.VISITS,
    {Source.VISITS: "duration_s", Source.EACH_VISIT: "session_duration_s"},
    "duration_s",
    by_minutes="session_duration_s",
)
VIEWS: Final = _sum(  # all pageviews of the visits, also those outside the period or filters
    "view_count",
    Kind.VISITS,
    {Source.VISITS: "pageviews", Source.EACH_VISIT: "views"},
    "views",
    by_minutes="views",
)
REPORTING_VISITS: Final = Count("reporting_visits", Kind.ENGAGEMENT, {Source.ENGAGEMENT: "count()"})
DEPTH: Final = Count("depth_total", Kind.ENGAGEMENT, {Source.ENGAGEMENT: "sum(deepest)"})
ENGAGED_MS: Final = Count(
    "engaged_total_ms", Kind.ENGAGEMENT, {Source.ENGAGEMENT: "sum(visit_engaged_ms)"}
)
# The visitors of each combination without filters on goals and properties: as VISITORS, but the
# part of the query that counts it has other filters.
GROUP_VISITORS: Final = "group_visitor_count"


@dataclass(frozen=True, slots=True)
class Formula:
    """A metric as SQL over the counts it needs, which are added up over the sources."""

    sql: str
    counts: tuple[Count, ...]


_SIMPLE: Final = {
    Metric.VISITORS: VISITORS,
    Metric.VISITS: VISITS,
    Metric.PAGEVIEWS: PAGEVIEWS,
    Metric.EVENTS: EVENTS,
}
_MEANS: Final = {  # what is added up, per what, times what
    Metric.VIEWS_PER_VISIT: (VIEWS, VISITS, ""),
    Metric.BOUNCE_RATE: (BOUNCES, VISITS, "100 * "),  # percent
    Metric.VISIT_DURATION: (DURATION_S, VISITS, ""),  # seconds
    Metric.SCROLL_DEPTH: (DEPTH, REPORTING_VISITS, ""),  # percent
    Metric.TIME_ON_PAGE: (ENGAGED_MS, REPORTING_VISITS, "0.001 * "),  # seconds
}


def formula(metric: Metric, question: Question, total: str, values: Values) -> Formula:
    """How `metric` is made. `total`: the visitors that a share is a share of, as SQL."""
    if metric in _SIMPLE:
        return Formula(f"sum({_SIMPLE[metric].name})", (_SIMPLE[metric],))
    if metric in _MEANS:
        above, below, factor = _MEANS[metric]
        mean = f"{factor}sum({above.name}) / sum({below.name})"
        return Formula(f"if(sum({below.name}) = 0, NULL, {mean})", (below, above))
    if metric in TIMING_METRICS:
        return _percentile(metric, question.percentile)
    if metric in (Metric.TOTAL_REVENUE, Metric.AVERAGE_REVENUE):
        return _revenue(metric, question, values)
    return Formula(f"100 * sum({VISITORS.name}) / nullIf({total}, 0)", (VISITORS,))


# With weights the value is the first that ceil(p n) are not above, without them the one with
# floor(p n) before it. A level this much higher makes the first the second for n up to 10^8, as p
# is of whole percents.
_ABOVE: Final = 1e-10


def _percentile(metric: Metric, percentile: int) -> Formula:
    """NULL without a report; in milliseconds or bytes, a layout shift score as browsers give it."""
    index = TIMINGS.index(metric)
    level = percentile / 100
    columns = (
        Column("timing", "timing_name", "timing"),
        Column("reported", "timing_value", "value"),
        Column("times", "toUInt64(1)", "reports"),
    )
    reports = Count(
        f"{metric}_reports",
        Kind.TIMINGS,
        {Source.TIMINGS: f"countIf(timing_name = {index})"},
        sealed={Source.TIMINGS: Merged(f"sumIf(times, timing = {index})", columns)},
    )
    value = Count(
        f"{metric}_value",
        Kind.TIMINGS,  # their one source, so adding up changes nothing
        {
            Source.TIMINGS: f"toUInt64(quantileExactIf({level})(timing_value,"
            f" timing_name = {index}))"
        },
        sealed={
            Source.TIMINGS: Merged(
                f"toUInt64(quantileExactWeightedIf({level + _ABOVE})(reported, times,"
                f" timing = {index}))",
                columns,
            )
        },
    )
    unit = f" / {CLS_UNIT}" if metric == CLS else ""
    sql = f"if(sum({reports.name}) = 0, NULL, sum({value.name}){unit})"
    return Formula(sql, (reports, value))


def _revenue(metric: Metric, question: Question, values: Values) -> Formula:
    """Exact sums by currency, converted at the end; NULL without a hit that has revenue."""
    rates = [(question.currency, 1.0), *((rate.currency, rate.units) for rate in question.rates)]
    sums = [
        _of_hits(f"revenue_{i}", "revenue", f"currency = {values.put(currency)}")
        for i, (currency, _) in enumerate(rates)
    ]
    known = values.put(tuple(currency for currency, _ in rates))
    paid = _of_hits("revenue_hits", "hits", f"currency IN {known}")
    total = " + ".join(
        f"sum({each.name}) * {values.put(units)}"
        for each, (_, units) in zip(sums, rates, strict=True)
    )
    per = f" / sum({paid.name})" if metric is Metric.AVERAGE_REVENUE else ""
    return Formula(f"if(sum({paid.name}) = 0, NULL, ({total}) / {MICROS}{per})", (paid, *sums))


def _of_hits(name: str, what: str, condition: str) -> Count:
    """Revenue in millionths, or hits, of the rows for which `condition` holds."""
    of_row, of_session = {
        "revenue": ("revenue_micros", "session_revenue"),
        "hits": ("hits", "hit_count"),
    }[what]
    by_session = f"sum(if({condition}, {of_session}, 0))"
    return Count(
        name,
        Kind.HITS,
        {
            Source.HITS: f"sum(if({condition}, {of_row}, 0))",
            Source.EACH_HIT: by_session,
            Source.LINKED: f"sum(linked_{name})",
        },
        linked=by_session,
        zero="toInt64(0)" if what == "revenue" else "toUInt64(0)",
    )
