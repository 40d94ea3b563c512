"""One side of the query that a question becomes: the counts of one source, by the keys asked for.

Where sealed days stand in for minutes, a side is made of the rows of both in one shape
(`counts.Column`):

    minutes around the days     rows of the source, not grouped     ┐
                                                                    ├ counted together, by the keys
    sealed days                 rows of their seals                 ┘
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aggregates.clickhouse.buckets import DAY_S, MINUTE_S, key_sql
from aggregates.clickhouse.conditions import (
    HIT_ARRAYS,
    VISIT_ARRAYS,
    arrays_sql,
    compared_sql,
    counted_sql,
    filters_sql,
    hit_sql,
    visit_sql,
)
from aggregates.clickhouse.counts import IN_PERIOD, Column, Count, Source
from aggregates.clickhouse.filters import (
    Condition,
    Needs,
    conjuncts,
    needs,
    needs_of,
)
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.sealed import NEARBY_S, SealedDay, Slice, ranges_between, whole_days
from aggregates.clickhouse.values import Values
from aggregates.clickhouse.vocabulary import GOAL, TIME_MINUTE, Bucket, Dimension


@dataclass(frozen=True, slots=True)
class Key:
    """What rows are grouped by. `alias` is no column's name, so it hides none."""

    alias: str
    sql: str
    by: Dimension | Bucket

    @property
    def needs_visits(self) -> bool:
        return isinstance(self.by, Dimension) and Needs.VISIT in needs_of(self.by)

    @property
    def is_text(self) -> bool:
        return isinstance(self.by, Dimension) and self.by != TIME_MINUTE

    @property
    def defined(self) -> str:
        return f"{self.sql} AS {self.alias}"


def listed(items: Iterable[str]) -> str:
    """Items of a list that goes on after them."""
    return "".join(f"{item}, " for item in items)


def group_by(keys: Sequence[Key]) -> str:
    return f"GROUP BY {', '.join(key.alias for key in keys)}" if keys else ""


def deciding(question: Question) -> tuple[Condition, ...]:
    """The conditions that decide about rows: those of the goals as well, if they are listed."""
    goals = question.goals if GOAL in question.dimensions else ()
    return (*question.filters, *(goal.condition for goal in goals))


@dataclass(frozen=True, slots=True)
class Part:
    """What `source` counts of a question: `counts`, by `keys`.

    `measures` are its columns beside the keys, as SQL over what `counts` are made of.
    """

    question: Question
    source: Source
    counts: Sequence[Count]
    keys: Sequence[Key]
    measures: Sequence[str]


def part_sql(part: Part, values: Values) -> str:
    """The query whose rows are the keys, then the measures."""
    return _of_minutes(part, values, group_by(part.keys))


def sealed_part_sql(part: Part, values: Values, slice_: Slice, days: Sequence[SealedDay]) -> str:
    """As `part_sql`, with what `days` know of `slice_` in place of their minutes."""
    columns = dict.fromkeys(
        column for count in part.counts for column in count.sealed[part.source].columns
    )
    rows = replace(part, measures=[f"{each.row} AS {each.name}" for each in columns])
    first_s = part.question.start_s // MINUTE_S * MINUTE_S
    around = list(ranges_between(days, first_s, part.question.end_s))
    sides = [_of_minutes(rows, values, "", around, days)] if around else []
    sides += _of_days(part, values, slice_, days, list(columns))
    return read_query("sealed_count").format(
        keys=listed(key.alias for key in part.keys),
        measures=", ".join(part.measures),
        rows="\nUNION ALL\n".join(sides),
        group_by=group_by(part.keys),
    )


# Rows of seals without any would make a row of the answer.
_COUNTED_DAYS: Final = {
    Source.HITS: "events > 0",
    Source.EACH_HIT: "events > 0",
    Source.LINKED: "events > 0",
    Source.VISITS: "visits > 0",
    Source.EACH_VISIT: "visits > 0",
}


def _of_days(
    part: Part,
    values: Values,
    slice_: Slice,
    days: Sequence[SealedDay],
    columns: Sequence[Column],
) -> Iterator[str]:
    """The rows of the seals, in the shape that `columns` are."""
    filters = [compared_sql("value", each, values) for each in slice_.filters]
    counted = [_COUNTED_DAYS.get(part.source, "1"), *filters]
    if part.source is Source.TIMINGS:
        yield _of_seals("day_timings_list", part, values, slice_, days, _whole(columns), counted)
        return
    if slice_.dimension is None:
        lone = _lone_visitors_sql(part.question, values)
        yield _of_seals("day_rows_list", part, values, slice_, days, _whole(columns, lone), counted)
        return
    whole, cut = whole_days(days, part.question)
    if whole:
        yield _of_seals("day_rows_list", part, values, slice_, whole, _whole(columns), counted)
    if cut:
        measures = [f"{each.steps} AS {each.name}" for each in columns]
        counted = [f"arrayExists(step -> {IN_PERIOD}, hit_steps)", *filters]
        yield _of_seals("day_steps_list", part, values, slice_, cut, measures, counted)


def _whole(columns: Iterable[Column], lone_visitors: str = "lone_visitors") -> list[str]:
    return [f"{each.day.format(lone_visitors=lone_visitors)} AS {each.name}" for each in columns]


def _of_seals(
    query: str,
    part: Part,
    values: Values,
    slice_: Slice,
    days: Sequence[SealedDay],
    measures: Iterable[str],
    filters: Iterable[str],
) -> str:
    keys = [f"{'value' if key.is_text else key.sql} AS {key.alias}" for key in part.keys]
    return read_query(query).format(
        keys=listed(keys),
        measures=", ".join(measures),
        dimension=values.put(slice_.name),
        seals=values.put(tuple(day.seal for day in days)),
        filters=" ".join(f"AND ({each})" for each in filters),
    )


def _lone_visitors_sql(question: Question, values: Values) -> str:
    """Where lone visitors of the whole site are counted: by when they were last seen on the day,
    from where the period or a bucket begins within it, else by when they were first seen.
    """
    day = "toStartOfDay(minute)"
    begins_within = f"{day} < toDateTime({values.put(question.start_s // MINUTE_S * MINUTE_S)})"
    if question.bucket is not None:
        span = (question.start_s, question.end_s, question.bucket, question.timezone, values)
        begins_within += f" OR {key_sql(*span)} != {key_sql(*span, at=day)}"
    return f"if({begins_within}, lone_visitors_last, lone_visitors)"


def _within_sql(ranges: Iterable[tuple[int, int]], values: Values) -> str:
    """Of rows of minutes those within `ranges`, if there are any."""
    found = [
        f"(minute >= toDateTime({values.put(start)}) AND minute < toDateTime({values.put(end)}))"
        for start, end in ranges
    ]
    return f"AND ({' OR '.join(found)})" if found else ""


# How long before the end of a sealed day that knows hits by their visit the visit of a later hit
# may have begun. If it began before that end, it has a hit on that day too, as no pause within a
# visit is longer than a day, and whatever has one there began NEARBY_S before that day or later.
_LINKED_SPAN_S: Final = DAY_S + NEARBY_S
# How long after a hit its visit may begin: one that comes late joins it within its session gap.
VISIT_LATER_S_MAX: Final = DAY_S


def _visits_near(
    ranges: Iterable[tuple[int, int]], days: Iterable[SealedDay]
) -> Iterator[tuple[int, int]]:
    """When the visits of hits in `ranges` around `days` may have begun.

    How long before a sealed day ended, seals of before there were steps do not know: they say
    nothing of reports of engagement.
    """
    ends = {day.end_s for day in days if day.has_steps}
    for start_s, end_s in ranges:
        yield start_s - _LINKED_SPAN_S if start_s in ends else 0, end_s + VISIT_LATER_S_MAX


def _of_minutes(
    part: Part,
    values: Values,
    grouped: str,
    ranges: Sequence[tuple[int, int]] = (),
    days: Sequence[SealedDay] = (),
) -> str:
    """The query of the source's own rows, of those within `ranges` around `days` if so given."""
    source, within = part.source, _within_sql(ranges, values)
    visits_within = within
    if source is Source.LINKED:
        visits_within = _within_sql(_visits_near(ranges, days), values)
    of_hits, of_visits = _divided(part.question.filters, source)
    hit_sqls = [*_counted(part, values), *(hit_sql(each, values) for each in of_hits)]
    hit_rows_filters, hit_filters = filters_sql(hit_sqls, HIT_ARRAYS)
    visit_sqls = [visit_sql(each, values) for each in of_visits]
    visit_rows_filters, visit_filters = filters_sql(visit_sqls, VISIT_ARRAYS)
    hit_keys = [key for key in part.keys if not key.needs_visits]
    visit_keys = [key for key in part.keys if key.needs_visits]
    linked = [f"{each.linked} AS linked_{each.name}" for each in part.counts if each.linked]
    is_inside = source in (Source.LINKED, Source.ENGAGEMENT)  # the keys are made in a subquery
    own_arrays = _OWN_ARRAYS.get(source, "")
    key_text = " ".join(key.sql for key in part.keys)
    measured = " ".join([*part.measures, *(linked if source is Source.LINKED else ())])
    return read_query(source).format(
        keys=listed(key.alias if is_inside else key.defined for key in part.keys),
        measures=", ".join(part.measures),
        hit_keys=listed(key.defined for key in hit_keys),
        hit_aliases=listed(key.alias for key in hit_keys),
        hit_measures=listed(linked),
        hit_rows_filters=hit_rows_filters,
        hit_filters=f"{hit_filters} {within}",
        hit_arrays=arrays_sql(HIT_ARRAYS, key_text, measured, hit_filters, own_arrays),
        visit_keys=listed(key.defined for key in visit_keys),
        visit_rows_filters=visit_rows_filters,
        visit_filters=f"{visit_filters} {visits_within}",
        visit_arrays=arrays_sql(VISIT_ARRAYS, key_text, measured, visit_filters, own_arrays),
        group_by=grouped,
    )


def _counted(part: Part, values: Values) -> list[str]:
    """What tells the rows that count from the others."""
    if part.source is Source.ENGAGEMENT:
        return ["name = 'engagement'"]
    if part.source is Source.TIMINGS:  # reports of engagement bring most of them
        return []
    return [counted_sql(deciding(part.question), values)]


# The arrays that these queries name themselves.
_OWN_ARRAYS: Final = {
    Source.ENGAGEMENT: "scroll_depth engaged_ms",
    Source.LINKED: "bounced session_duration_s views",
}


def _divided(
    conditions: Iterable[Condition], source: Source
) -> tuple[list[Condition], list[Condition]]:
    """The conditions that hit rows, and those that visit rows decide on."""
    found = conjuncts(conditions)
    if source in (Source.VISITS, Source.EACH_VISIT):
        return [], found
    if source is not Source.LINKED:
        return found, []
    of_visits = [each for each in found if _is_of_visits(each)]
    return [each for each in found if not _is_of_visits(each)], of_visits


def _is_of_visits(condition: Condition) -> bool:
    found = needs((condition,))
    return Needs.VISIT in found and Needs.HIT not in found
