"""The SQL a question becomes.

Hit rows know what was seen; visit rows know how a visit began, went and ended. A question is
answered from as few as it needs:

    counts      filters and dimensions        are taken from
    of hits     any but of visits only        hit rows
    of hits     filters on visits as well     hit rows taken apart by session, asked for by its id
    of hits     dimensions of visits only     hit rows linked with their visits
    of visits   any but of hits only          visit rows: the visits that began in the period, taken
                                              apart for what each visit has of its own (exit page)
    of visits   some of hits only             as for hits, linked with their visits if need be: the
                                              visits with a hit that matches in the period (bucket)
    of timings  any but of visits             hit rows, one element for each report
    of reading  any but of visits only,       reports of engagement, taken apart by session
                filters of any kind

Where days are sealed and their seals know what is asked, these stand in for the rows of their
minutes (`sealed.py`).

Only text of this folder becomes SQL; every value of a question is a parameter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aggregates.clickhouse.buckets import DAY_S, MINUTE_S, key_sql
from aggregates.clickhouse.conditions import column_sql, hit_sql
from aggregates.clickhouse.counts import (
    GROUP_VISITORS,
    VISITORS,
    Count,
    Formula,
    Kind,
    Source,
    formula,
)
from aggregates.clickhouse.filters import (
    All,
    Condition,
    Converted,
    Filter,
    Needs,
    conjuncts,
    needs,
    needs_of,
)
from aggregates.clickhouse.parts import (
    VISIT_LATER_S_MAX,
    Key,
    Part,
    deciding,
    group_by,
    listed,
    part_sql,
    sealed_part_sql,
)
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.sealed import SealedDay, Slice, Steps, slice_of, usable
from aggregates.clickhouse.values import Param, Values
from aggregates.clickhouse.vocabulary import GOAL, TIME_MINUTE, Dimension, Metric

# How long before the period a visit with hits in it may have begun. A person's visit is over
# within a day; what goes on for longer is a robot that never pauses for 30 minutes.
VISIT_SPAN_S_MAX: Final = 2 * 86_400


@dataclass(frozen=True, slots=True)
class Plan:
    """One query: `sql` with named parameters, and their values."""

    sql: str
    params: dict[str, Param]


def make_plan(question: Question, sealed: Sequence[SealedDay] = ()) -> Plan:
    """The query whose rows are the keys (bucket, dimensions), then the metrics of `question`.

    `sealed` are days whose seals hold: where they know what is asked, their minutes are not read.
    """
    values = Values()
    sql, keys = _grouped(question, values, sealed)
    params = _params(question, values) | {"limit": question.limit, "offset": question.offset}
    return Plan(f"{sql}\nORDER BY {_order_by(question, keys)}\nLIMIT %(offset)s, %(limit)s", params)


def make_rows_plan(question: Question, sealed: Sequence[SealedDay] = ()) -> Plan:
    """The query whose one row is how many rows the question has without a limit."""
    values = Values()
    sql, _ = _grouped(question, values, sealed)
    return Plan(read_query("rows_count").format(rows=sql), _params(question, values))


def make_counts_plan(question: Question, counts: Sequence[Count]) -> Plan:
    """The query whose rows are the keys of `question`, then `counts` in place of its metrics."""
    values = Values()
    keys = _keys(question, values)
    sums = [f"sum({count.name})" for count in counts]
    sql = _added_up(keys, sums, _parts(question, counts, keys, values, ()))
    return Plan(sql, _params(question, values))


def approximate(plan: Plan) -> Plan:
    """The same query with uniques counted in bounded memory.

    Their relative standard error is 1.04 / sqrt(2^17) (uniqCombined's precision by default).
    """
    return replace(plan, sql=plan.sql.replace("uniqExact", "uniqCombined"))


def has_uniques(plan: Plan) -> bool:
    return "uniqExact" in plan.sql


def _params(question: Question, values: Values) -> dict[str, Param]:
    return values.params | {
        "site_id": question.site_id,
        "start_s": question.start_s // MINUTE_S * MINUTE_S,
        "end_s": question.end_s,
        "visits_until_s": question.end_s + VISIT_LATER_S_MAX,
        # From the start of a day: what a seal of the first day says is of the same visits.
        "visits_since_s": max(0, question.start_s // DAY_S * DAY_S - VISIT_SPAN_S_MAX),
    }


def _grouped(
    question: Question, values: Values, sealed: Sequence[SealedDay]
) -> tuple[str, list[Key]]:
    """The query without an order, and its keys."""
    keys = _keys(question, values)
    shares_group = Metric.GROUP_CONVERSION_RATE in question.metrics
    if shares_group:  # no seal knows the group
        sealed = ()
    if sealed:  # a seal has values as plain text, which an old server does not put beside others
        keys = [
            replace(key, sql=f"CAST({key.sql} AS String)") if key.is_text else key for key in keys
        ]
    formulas = [_formula(metric, question, values, sealed) for metric in question.metrics]
    counts = tuple(dict.fromkeys(count for each in formulas for count in each.counts))
    extra = [GROUP_VISITORS] if shares_group else []
    parts = _parts(question, counts, keys, values, sealed, extra)
    if shares_group:
        parts.append(_group_part(question, counts, values))
    metrics = [f"{each.sql} AS metric_{i}" for i, each in enumerate(formulas)]
    having = f"HAVING sum({VISITORS.name}) > 0" if shares_group and keys else ""
    return _added_up(keys, metrics, parts, having), keys


def _added_up(
    keys: Sequence[Key], metrics: Iterable[str], parts: Iterable[str], having: str = ""
) -> str:
    """The query over `parts` put together."""
    return read_query("question_answer").format(
        keys=listed(key.alias for key in keys),
        metrics=", ".join(metrics),
        parts="\nUNION ALL\n".join(parts),
        group_by=group_by(keys),
        having=having,
    )


def _formula(
    metric: Metric, question: Question, values: Values, sealed: Sequence[SealedDay]
) -> Formula:
    total = ""
    if metric is Metric.PERCENTAGE:
        total = _total(question, values, sealed)
    elif metric is Metric.CONVERSION_RATE:
        whole = replace(question, filters=_unconverted(question.filters))
        total = _total(whole, values, sealed)
    elif metric is Metric.GROUP_CONVERSION_RATE:
        total = f"sum({GROUP_VISITORS})"
    return formula(metric, question, total, values)


def _total(question: Question, values: Values, sealed: Sequence[SealedDay]) -> str:
    """The visitors of the question without bucket and dimensions."""
    whole = replace(question, dimensions=(), bucket=None, order=(), metrics=(Metric.VISITORS,))
    (visitors,) = _parts(whole, (VISITORS,), [], values, sealed)
    return f"(\n{visitors}\n)"


def _group_part(question: Question, counts: Sequence[Count], values: Values) -> str:
    """The visitors of each combination without filters on goals and properties.

    A combination with a goal has those of all combinations that differ from it in the goal alone.
    """
    whole = replace(
        question,
        filters=_unconverted(question.filters),
        metrics=(Metric.VISITORS,),
        order=(),
        goals=tuple(replace(goal, condition=All(())) for goal in question.goals),
    )
    keys = _keys(whole, values)
    source = _sources(whole)[Kind.HITS]
    measures = [f"{count.zero} AS {count.name}" for count in counts]
    measures.append(f"{VISITORS.sql[source]} AS {GROUP_VISITORS}")
    return part_sql(Part(whole, source, (VISITORS,), keys, measures), values)


def _unconverted(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Those that are not on goals and properties."""
    return tuple(
        each
        for each in conjuncts(conditions)
        if not isinstance(each, Converted)
        and not (isinstance(each, Filter) and each.dimension.prop)
    )


def _keys(question: Question, values: Values) -> list[Key]:
    keys: list[Key] = []
    if question.bucket is not None:
        sql = key_sql(question.start_s, question.end_s, question.bucket, question.timezone, values)
        keys.append(Key("key_bucket", sql, question.bucket))
    for index, dimension in enumerate(question.dimensions):
        keys.append(Key(f"key_{index}", _key_sql(dimension, question, values), dimension))
    return keys


def _key_sql(dimension: Dimension, question: Question, values: Values) -> str:
    if dimension == TIME_MINUTE:
        return "toUnixTimestamp(minute)"
    if dimension != GOAL:
        return column_sql(dimension, values)
    reached = ", ".join(
        f"if({hit_sql(goal.condition, values)}, {values.put(goal.name)}, '')"
        for goal in question.goals
    )
    return f"arrayJoin(arrayFilter(goal -> notEmpty(goal), [{reached}]))"


def _sources(question: Question) -> dict[Kind, Source]:
    """Where counts of each kind are taken from: the table at the top of this file."""
    wanted = needs(deciding(question))
    keys = set().union(*(needs_of(dimension) for dimension in question.dimensions))
    of_hits = Source.HITS
    if Needs.VISIT in keys:
        of_hits = Source.LINKED
    elif wanted & {Needs.VISIT, Needs.SESSION}:
        of_hits = Source.EACH_HIT
    of_visits = Source.VISITS
    if Needs.HIT in wanted | keys:
        of_visits = Source.LINKED
    elif Needs.SESSION in wanted | keys:
        of_visits = Source.EACH_VISIT
    return {
        Kind.HITS: of_hits,
        Kind.VISITS: of_visits,
        Kind.TIMINGS: Source.TIMINGS,
        Kind.ENGAGEMENT: Source.ENGAGEMENT,
    }


def _parts(
    question: Question,
    counts: Sequence[Count],
    keys: Sequence[Key],
    values: Values,
    sealed: Sequence[SealedDay],
    extra: Sequence[str] = (),
) -> list[str]:
    """A side of the union for each source; `extra` are columns that none of them counts."""
    sources = _sources(question)
    hits = sources[Kind.HITS]
    if sources[Kind.VISITS] is Source.LINKED and all(
        hits in count.sql for count in counts if count.kind is Kind.VISITS
    ):
        sources[Kind.VISITS] = hits  # no more is asked of visits than how many
    slice_ = slice_of(question) if sealed else None
    parts = []
    for source in dict.fromkeys(sources[count.kind] for count in counts):
        own = [count for count in counts if sources[count.kind] is source]
        days = _days_for(question, source, own, slice_, sealed)
        counted = {
            count.name: count.sealed[source].sql if days else count.sql[source] for count in own
        }
        measures = [f"{counted.get(each.name, each.zero)} AS {each.name}" for each in counts]
        measures += [f"{VISITORS.zero} AS {name}" for name in extra]
        part = Part(question, source, own, keys, measures)
        if slice_ and days:
            parts.append(sealed_part_sql(part, values, slice_, days))
        else:
            parts.append(part_sql(part, values))
    return parts


def _days_for(
    question: Question,
    source: Source,
    counts: Sequence[Count],
    slice_: Slice | None,
    sealed: Sequence[SealedDay],
) -> tuple[SealedDay, ...]:
    """The sealed days that can stand in for their minutes."""
    if slice_ is None or not all(source in count.sealed for count in counts):
        return ()
    if source is Source.TIMINGS:  # a seal has them by whole days of the whole site
        return usable(sealed, question, Steps.NONE) if slice_.dimension is None else ()
    if source in (Source.LINKED, Source.EACH_HIT):
        sealed = [day for day in sealed if day.is_linked]
    return usable(sealed, question, _steps(slice_, source, counts))


def _steps(slice_: Slice, source: Source, counts: Sequence[Count]) -> Steps:
    """What of a day that is cut seals know of `counts`."""
    if slice_.dimension is None:
        return Steps.WHOLE_SITE
    columns = [column for count in counts for column in count.sealed[source].columns]
    return Steps.DIMENSION if all(column.steps for column in columns) else Steps.NONE


def _order_by(question: Question, keys: Sequence[Key]) -> str:
    """As asked; then, or by default, as `Question.order` says. All keys make paging stable."""
    terms: dict[str, str] = {}
    aliases = {key.by: key.alias for key in keys}
    for order in question.order:
        direction = "DESC" if order.descending else "ASC"
        if isinstance(order.by, Metric):
            alias = f"metric_{question.metrics.index(order.by)}"
            terms[alias] = f"{alias} {direction} NULLS LAST"
        else:
            terms[aliases[order.by]] = f"{aliases[order.by]} {direction}"
    if not terms:
        if question.bucket is not None:
            terms["key_bucket"] = "key_bucket"
        terms["metric_0"] = "metric_0 DESC NULLS LAST"
    return ", ".join((terms | {a: a for a in aliases.values() if a not in terms}).values())
