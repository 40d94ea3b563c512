"""What each metric counts, and the SQL a question becomes.

Hit rows know what was seen; visit rows know how a visit began, went and ended. A question is
answered from as few as it needs:

    counts      filters and dimensions     are taken from
    of hits     any but of visits only     hit rows
    of hits     some of visits only        hit rows linked with their visits
    of visits   any but of hits only       visit rows: the visits that began in the period, taken
                                           apart for what each visit has of its own (exit page)
    of timings  any but of visits only     hit rows, one element for each report
    of visits   some of hits only          hit rows, linked with their visits if need be: the
                                           visits with a hit that matches in the period (bucket)

Only text of this folder becomes SQL; every value of a question is a parameter.
"""

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aggregates.clickhouse.buckets import MINUTE_S, key_sql
from aggregates.clickhouse.conditions import Param, condition
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.vocabulary import TIME_MINUTE, TIMING_METRICS, Dimension, Grain, Metric
from schemas.timings import CLS, CLS_UNIT, TIMINGS

QUERIES_DIR: Final = Path(__file__).parent / "queries"
# How long before the period a visit with hits in it may have begun. A person's visit is over
# within a day; what goes on for longer is a robot that never pauses for 30 minutes.
VISIT_SPAN_S_MAX: Final = 2 * 86_400


class Source(enum.StrEnum):
    """Where a count is taken from: the query in `queries/<value>.sql`."""

    HITS = "hits_count"
    VISITS = "visits_count"
    EACH_VISIT = "each_visit_count"
    LINKED = "linked_count"
    TIMINGS = "timings_count"


class Count(enum.StrEnum):
    """A number that adds up over sources; the value is its column. Beside them: `TIMING_COUNTS`."""

    VISITORS = "visitor_count"
    PAGEVIEWS = "pageview_count"
    EVENTS = "event_count"
    VISITS = "visit_count"
    BOUNCES = "bounce_count"
    DURATION_S = "duration_total_s"
    VIEWS = "view_count"


def _of_timing(name: str) -> tuple[str, str]:
    """The columns of how many reported a timing, and of its third quartile."""
    return f"{name}_reports", f"{name}_p75"


def _timing_counts() -> Iterator[tuple[str, str]]:
    """Column and SQL of each. Their one source is the reports, so adding up changes nothing."""
    for index, name in enumerate(TIMINGS):
        reports, quartile = _of_timing(name)
        yield reports, f"countIf(timing_name = {index})"
        yield quartile, f"toUInt64(quantileExactIf(0.75)(timing_value, timing_name = {index}))"


TIMING_COUNTS: Final[dict[str, str]] = dict(_timing_counts())
# Uniques are of ids, so they are right however a visitor's hits are spread over minutes, rows and
# shards.
COUNTS: Final[dict[str, dict[Source, str]]] = {
    **{column: {Source.TIMINGS: sql} for column, sql in TIMING_COUNTS.items()},
    Count.VISITORS: {
        Source.HITS: "uniqExactArray(visitor_ids)",
        Source.LINKED: "uniqExactArray(session_visitor_ids)",
    },
    Count.PAGEVIEWS: {
        Source.HITS: "sum(if(name = 'pageview', hits, 0))",
        Source.LINKED: "sum(hit_pageviews)",
    },
    Count.EVENTS: {  # pageviews and custom events
        Source.HITS: "sum(hits)",
        Source.LINKED: "sum(hit_events)",
    },
    Count.VISITS: {
        Source.HITS: "uniqExactArray(session_ids)",
        Source.VISITS: "sum(visits)",
        Source.EACH_VISIT: "count()",
        Source.LINKED: "count()",
    },
    Count.BOUNCES: {
        Source.VISITS: "sum(bounces)",
        Source.EACH_VISIT: "sum(bounced)",
        Source.LINKED: "sum(bounced)",
    },
    Count.DURATION_S: {  # from a visit's first hit to its last
        Source.VISITS: "sum(duration_s)",
        Source.EACH_VISIT: "sum(session_duration_s)",
        Source.LINKED: "sum(session_duration_s)",
    },
    Count.VIEWS: {  # all pageviews of the visits, also those outside the period or filters
        Source.VISITS: "sum(pageviews)",
        Source.EACH_VISIT: "sum(views)",
        Source.LINKED: "sum(views)",
    },
}
# The arrays of visit rows a question may need beside what is counted.
BY_VISIT: Final = ", session_exit_hostnames AS exit_hostname, session_exit_pages AS exit_page"
COUNTS_OF_HITS: Final = frozenset({Count.VISITORS, Count.PAGEVIEWS, Count.EVENTS})


@dataclass(frozen=True, slots=True)
class Formula:
    """A metric as SQL over the counts it needs, which are added up over the sources."""

    sql: str
    counts: tuple[str, ...]


def _one(count: Count) -> Formula:
    return Formula(f"sum({count})", (count,))


def _per_visit(count: Count, factor: str = "") -> Formula:
    """The mean over visits; NULL without visits."""
    mean = f"{factor}sum({count}) / sum({Count.VISITS})"
    return Formula(f"if(sum({Count.VISITS}) = 0, NULL, {mean})", (Count.VISITS, count))


def _quartile(metric: Metric) -> Formula:
    """NULL without a report; in milliseconds or bytes, a layout shift score as browsers give it."""
    reports, quartile = _of_timing(metric)
    unit = f" / {CLS_UNIT}" if metric == CLS else ""
    return Formula(f"if(sum({reports}) = 0, NULL, sum({quartile}){unit})", (reports, quartile))


FORMULAS: Final[dict[Metric, Formula]] = {
    **{metric: _quartile(metric) for metric in TIMING_METRICS},
    Metric.VISITORS: _one(Count.VISITORS),
    Metric.VISITS: _one(Count.VISITS),
    Metric.PAGEVIEWS: _one(Count.PAGEVIEWS),
    Metric.EVENTS: _one(Count.EVENTS),
    Metric.VIEWS_PER_VISIT: _per_visit(Count.VIEWS),
    Metric.BOUNCE_RATE: _per_visit(Count.BOUNCES, "100 * "),  # percent
    Metric.VISIT_DURATION: _per_visit(Count.DURATION_S),  # seconds
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One query: `sql` with named parameters, and their values."""

    sql: str
    params: dict[str, Param]


@dataclass(frozen=True, slots=True)
class _Key:
    """What rows are grouped by. `alias` is no column's name, so it hides none."""

    alias: str
    sql: str
    grain: Grain


def make_plan(question: Question) -> Plan:
    """The query whose rows are the keys (bucket, dimensions), then the metrics of `question`."""
    keys, params = _keys(question)
    conditions: list[tuple[Grain, str]] = []
    for index, chosen in enumerate(question.filters):
        sql, filter_params = condition(chosen, f"filter_{index}")
        conditions.append((chosen.dimension.grain, sql))
        params |= filter_params
    params |= {
        "site_id": question.site_id,
        "start_s": question.start_s // MINUTE_S * MINUTE_S,
        "end_s": question.end_s,
        "visits_since_s": max(0, question.start_s - VISIT_SPAN_S_MAX),
        "limit": question.limit,
        "offset": question.offset,
    }
    formulas = [FORMULAS[metric] for metric in question.metrics]
    counts = tuple(dict.fromkeys(count for formula in formulas for count in formula.counts))
    sources = _sources(question, counts)
    by_visit = BY_VISIT if _takes_apart(question) else ""
    parts = [
        _part(source, [(count, sources[count]) for count in counts], keys, conditions, by_visit)
        for source in dict.fromkeys(sources.values())
    ]
    sql = read_query("question_answer").format(
        keys=_listed(key.alias for key in keys),
        metrics=", ".join(f"{formula.sql} AS metric_{i}" for i, formula in enumerate(formulas)),
        parts="\nUNION ALL\n".join(parts),
        group_by=_group_by(keys),
        order_by=_order_by(question, keys),
    )
    return Plan(sql, params)


def read_query(name: str) -> str:
    """The text of `queries/<name>.sql` without its comments."""
    lines = (QUERIES_DIR / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def _keys(question: Question) -> tuple[list[_Key], dict[str, Param]]:
    keys: list[_Key] = []
    params: dict[str, Param] = {}
    if question.bucket is not None:
        sql, bucket_params = key_sql(
            question.start_s, question.end_s, question.bucket, question.timezone
        )
        keys.append(_Key("key_bucket", sql, Grain.BOTH))
        params |= bucket_params
    for index, dimension in enumerate(question.dimensions):
        is_time = dimension == TIME_MINUTE
        sql = "toUnixTimestamp(minute)" if is_time else dimension.column
        keys.append(_Key(f"key_{index}", sql, dimension.grain))
    return keys, params


def _sources(question: Question, counts: Sequence[str]) -> dict[str, Source]:
    """Where each count is taken from: the table at the top of this file."""
    grains = {dimension.grain for dimension in _dimensions(question)}
    of_hits = Source.LINKED if Grain.VISIT in grains else Source.HITS
    if Grain.HIT not in grains:
        of_visits = Source.EACH_VISIT if _takes_apart(question) else Source.VISITS
    elif all(of_hits in COUNTS[count] for count in counts if count not in TIMING_COUNTS):
        of_visits = of_hits  # no more is asked of visits than how many
    else:
        of_visits = Source.LINKED

    def source_of(count: str) -> Source:
        if count in TIMING_COUNTS:
            return Source.TIMINGS
        return of_hits if count in COUNTS_OF_HITS else of_visits

    return {count: source_of(count) for count in counts}


def _dimensions(question: Question) -> list[Dimension]:
    return [*question.dimensions, *(chosen.dimension for chosen in question.filters)]


def _takes_apart(question: Question) -> bool:
    return any(dimension.by_visit for dimension in _dimensions(question))


def _part(
    source: Source,
    counts: Sequence[tuple[str, Source]],
    keys: Sequence[_Key],
    conditions: Sequence[tuple[Grain, str]],
    by_visit: str,
) -> str:
    """One side of the union: what `source` counts, and 0 for what another source does."""
    visit_grains = {Grain.VISIT} if source is Source.LINKED else {Grain.VISIT, Grain.BOTH}
    hit_keys = [key for key in keys if key.grain is not Grain.VISIT]
    visit_keys = [key for key in keys if key.grain is Grain.VISIT]
    own_keys = (key.alias if source is Source.LINKED else _defined(key) for key in keys)
    return read_query(source).format(
        keys=_listed(own_keys),
        measures=", ".join(
            f"{COUNTS[count][source] if of is source else 'toUInt64(0)'} AS {count}"
            for count, of in counts
        ),
        hit_keys=_listed(_defined(key) for key in hit_keys),
        hit_aliases=_listed(key.alias for key in hit_keys),
        visit_keys=_listed(_defined(key) for key in visit_keys),
        hit_filters=_all_of(sql for grain, sql in conditions if grain is not Grain.VISIT),
        visit_filters=_all_of(sql for grain, sql in conditions if grain in visit_grains),
        by_visit=by_visit,
        group_by=_group_by(keys),
    )


def _defined(key: _Key) -> str:
    return f"{key.sql} AS {key.alias}"


def _listed(items: Iterable[str]) -> str:
    """Items of a list that goes on after them."""
    return "".join(f"{item}, " for item in items)


def _all_of(conditions: Iterable[str]) -> str:
    return " ".join(f"AND {sql}" for sql in conditions)


def _group_by(keys: Sequence[_Key]) -> str:
    return f"GROUP BY {', '.join(key.alias for key in keys)}" if keys else ""


def _order_by(question: Question, keys: Sequence[_Key]) -> str:
    """By bucket, then the first metric, highest first; the other keys make paging stable."""
    aliases = [key.alias for key in keys]
    buckets = 0 if question.bucket is None else 1
    return ", ".join([*aliases[:buckets], "metric_0 DESC NULLS LAST", *aliases[buckets:]])
