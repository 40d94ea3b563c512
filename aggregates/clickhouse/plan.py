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

Only text of this folder becomes SQL; every value of a question is a parameter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aggregates.clickhouse.buckets import MINUTE_S, key_sql
from aggregates.clickhouse.conditions import (
    HIT_ARRAYS,
    VISIT_ARRAYS,
    arrays_sql,
    column_sql,
    counted_sql,
    filters_sql,
    hit_sql,
    visit_sql,
)
from aggregates.clickhouse.counts import (
    GROUP_VISITORS,
    VISITORS,
    Count,
    Formula,
    Kind,
    Source,
    formula,
)
from aggregates.clickhouse.filters import All, Condition, Converted, Filter, Needs, needs, needs_of
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.values import Param, Values
from aggregates.clickhouse.vocabulary import GOAL, TIME_MINUTE, Bucket, Dimension, Metric

# How long before the period a visit with hits in it may have begun. A person's visit is over
# within a day; what goes on for longer is a robot that never pauses for 30 minutes.
VISIT_SPAN_S_MAX: Final = 2 * 86_400


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
    by: Dimension | Bucket

    @property
    def needs_visits(self) -> bool:
        return isinstance(self.by, Dimension) and Needs.VISIT in needs_of(self.by)

    @property
    def defined(self) -> str:
        return f"{self.sql} AS {self.alias}"


def make_plan(question: Question) -> Plan:
    """The query whose rows are the keys (bucket, dimensions), then the metrics of `question`."""
    values = Values()
    sql, keys = _grouped(question, values)
    params = _params(question, values) | {"limit": question.limit, "offset": question.offset}
    return Plan(f"{sql}\nORDER BY {_order_by(question, keys)}\nLIMIT %(offset)s, %(limit)s", params)


def make_rows_plan(question: Question) -> Plan:
    """The query whose one row is how many rows the question has without a limit."""
    values = Values()
    sql, _ = _grouped(question, values)
    return Plan(read_query("rows_count").format(rows=sql), _params(question, values))


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
        "visits_since_s": max(0, question.start_s - VISIT_SPAN_S_MAX),
    }


def _grouped(question: Question, values: Values) -> tuple[str, list[_Key]]:
    """The query without an order, and its keys."""
    keys = _keys(question, values)
    formulas = [_formula(metric, question, values) for metric in question.metrics]
    counts = tuple(dict.fromkeys(count for each in formulas for count in each.counts))
    shares_group = Metric.GROUP_CONVERSION_RATE in question.metrics
    parts = _parts(question, counts, keys, values, extra=[GROUP_VISITORS] if shares_group else [])
    if shares_group:
        parts.append(_group_part(question, counts, values))
    sql = read_query("question_answer").format(
        keys=_listed(key.alias for key in keys),
        metrics=", ".join(f"{each.sql} AS metric_{i}" for i, each in enumerate(formulas)),
        parts="\nUNION ALL\n".join(parts),
        group_by=_group_by(keys),
        having=f"HAVING sum({VISITORS.name}) > 0" if shares_group and keys else "",
    )
    return sql, keys


def _formula(metric: Metric, question: Question, values: Values) -> Formula:
    total = ""
    if metric is Metric.PERCENTAGE:
        total = _total(question, values)
    elif metric is Metric.CONVERSION_RATE:
        total = _total(replace(question, filters=_unconverted(question.filters)), values)
    elif metric is Metric.GROUP_CONVERSION_RATE:
        total = f"sum({GROUP_VISITORS})"
    return formula(metric, question, total, values)


def _total(question: Question, values: Values) -> str:
    """The visitors of the question without bucket and dimensions."""
    whole = replace(question, dimensions=(), bucket=None, order=(), metrics=(Metric.VISITORS,))
    (part,) = _parts(whole, (VISITORS,), [], values)
    return f"(\n{part}\n)"


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
    return _part(whole, source, (VISITORS,), keys, values, measures)


def _unconverted(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Those that are not on goals and properties."""
    return tuple(
        each
        for each in _conjuncts(conditions)
        if not isinstance(each, Converted)
        and not (isinstance(each, Filter) and each.dimension.prop)
    )


def _conjuncts(conditions: Iterable[Condition]) -> list[Condition]:
    """What must hold, each by itself."""
    found: list[Condition] = []
    for each in conditions:
        found += _conjuncts(each.conditions) if isinstance(each, All) else [each]
    return found


def _keys(question: Question, values: Values) -> list[_Key]:
    keys: list[_Key] = []
    if question.bucket is not None:
        sql = key_sql(question.start_s, question.end_s, question.bucket, question.timezone, values)
        keys.append(_Key("key_bucket", sql, question.bucket))
    for index, dimension in enumerate(question.dimensions):
        keys.append(_Key(f"key_{index}", _key_sql(dimension, question, values), dimension))
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
    wanted = needs(_all_conditions(question))
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


def _all_conditions(question: Question) -> tuple[Condition, ...]:
    """Those of the goals as well, where they decide about rows."""
    goals = question.goals if GOAL in question.dimensions else ()
    return (*question.filters, *(goal.condition for goal in goals))


def _parts(
    question: Question,
    counts: Sequence[Count],
    keys: Sequence[_Key],
    values: Values,
    extra: Sequence[str] = (),
) -> list[str]:
    """A side of the union for each source; `extra` are columns that none of them counts."""
    sources = _sources(question)
    hits = sources[Kind.HITS]
    if sources[Kind.VISITS] is Source.LINKED and all(
        hits in count.sql for count in counts if count.kind is Kind.VISITS
    ):
        sources[Kind.VISITS] = hits  # no more is asked of visits than how many
    parts = []
    for source in dict.fromkeys(sources[count.kind] for count in counts):
        own = [count for count in counts if sources[count.kind] is source]
        measures = [
            f"{count.sql[source] if count in own else count.zero} AS {count.name}"
            for count in counts
        ]
        measures += [f"{VISITORS.zero} AS {name}" for name in extra]
        parts.append(_part(question, source, own, keys, values, measures))
    return parts


def _part(
    question: Question,
    source: Source,
    counts: Sequence[Count],
    keys: Sequence[_Key],
    values: Values,
    measures: Sequence[str],
) -> str:
    """One side of the union."""
    of_hits, of_visits = _divided(question.filters, source)
    hit_sqls = [*_counted(question, source, values), *(hit_sql(each, values) for each in of_hits)]
    hit_rows_filters, hit_filters = filters_sql(hit_sqls, HIT_ARRAYS)
    visit_sqls = [visit_sql(each, values) for each in of_visits]
    visit_rows_filters, visit_filters = filters_sql(visit_sqls, VISIT_ARRAYS)
    hit_keys = [key for key in keys if not key.needs_visits]
    visit_keys = [key for key in keys if key.needs_visits]
    hit_measures = [f"{count.linked} AS linked_{count.name}" for count in counts if count.linked]
    is_inside = source in (Source.LINKED, Source.ENGAGEMENT)  # the keys are made in a subquery
    own_arrays = _OWN_ARRAYS.get(source, "")
    key_text = " ".join(key.sql for key in keys)
    measured = " ".join([*measures, *(hit_measures if source is Source.LINKED else ())])
    return read_query(source).format(
        keys=_listed(key.alias if is_inside else key.defined for key in keys),
        measures=", ".join(measures),
        hit_keys=_listed(key.defined for key in hit_keys),
        hit_aliases=_listed(key.alias for key in hit_keys),
        hit_measures=_listed(hit_measures),
        hit_rows_filters=hit_rows_filters,
        hit_filters=hit_filters,
        hit_arrays=arrays_sql(HIT_ARRAYS, key_text, measured, hit_filters, own_arrays),
        visit_keys=_listed(key.defined for key in visit_keys),
        visit_rows_filters=visit_rows_filters,
        visit_filters=visit_filters,
        visit_arrays=arrays_sql(VISIT_ARRAYS, key_text, measured, visit_filters, own_arrays),
        group_by=_group_by(keys),
    )


def _counted(question: Question, source: Source, values: Values) -> list[str]:
    """What tells the rows that count from the others."""
    if source is Source.ENGAGEMENT:
        return ["name = 'engagement'"]
    if source is Source.TIMINGS:  # reports of engagement bring most of them
        return []
    return [counted_sql(_all_conditions(question), values)]


# The arrays that these queries name themselves.
_OWN_ARRAYS: Final = {
    Source.ENGAGEMENT: "scroll_depth engaged_ms",
    Source.LINKED: "bounced session_duration_s views",
}


def _divided(
    conditions: Iterable[Condition], source: Source
) -> tuple[list[Condition], list[Condition]]:
    """The conditions that hit rows, and those that visit rows decide on."""
    found = _conjuncts(conditions)
    if source in (Source.VISITS, Source.EACH_VISIT):
        return [], found
    if source is not Source.LINKED:
        return found, []
    of_visits = [each for each in found if _is_of_visits(each)]
    return [each for each in found if not _is_of_visits(each)], of_visits


def _is_of_visits(condition: Condition) -> bool:
    found = needs((condition,))
    return Needs.VISIT in found and Needs.HIT not in found


def _listed(items: Iterable[str]) -> str:
    """Items of a list that goes on after them."""
    return "".join(f"{item}, " for item in items)


def _group_by(keys: Sequence[_Key]) -> str:
    return f"GROUP BY {', '.join(key.alias for key in keys)}" if keys else ""


def _order_by(question: Question, keys: Sequence[_Key]) -> str:
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
