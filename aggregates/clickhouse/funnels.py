"""Funnels: how many visits go through given steps in the order given, and where they are lost.

    steps                   /            /pricing         Signup
    a visit's hits          10:00 /      10:02 /pricing   10:02 Signup       reaches all 3
                            10:00 /      10:05 Signup     10:07 /pricing     reaches 2
                            10:03 /pricing                10:04 /            reaches 1

A step is reached in a later minute than the step before it, or in the same minute if that has two
hits for the two steps: their order within the minute is not known, and the visit gets the benefit
of the doubt. Between two steps there may be any other hits.
"""

import enum
from dataclasses import dataclass
from typing import Final, cast

from aggregates.clickhouse.buckets import MINUTE_S
from aggregates.clickhouse.filters import Condition, require_bounded
from aggregates.clickhouse.queries import read_query
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.reader import Reads
from aggregates.clickhouse.reports import is_hit_sql, read_report
from aggregates.clickhouse.values import Values
from aggregates.clickhouse.vocabulary import InvalidQuestion

STEPS_MIN: Final = 2
STEPS_MAX: Final = 8
WITHIN_MINUTES_MAX: Final = 366 * 1_440
NEVER_S: Final = 2**32 - 1  # later than any minute
_FIRST: Final = "arraySlice(arraySort(minutes_0), 1, 1)"


class Walker(enum.StrEnum):
    """Who goes through the steps; the value is the column of its id."""

    VISIT = "session_id"
    VISITOR = "visitor_id"  # over all visits of the same visitor id in the period


@dataclass(frozen=True, slots=True)
class Funnel:
    """Steps through the hits of `hits`: its site, period and filters (which hold for every hit).

    `within_minutes`: from the first step to the last, by the minutes they lie in; 0 is no limit.
    Raises `InvalidQuestion` when made with what cannot be asked.
    """

    hits: Question
    steps: tuple[Condition, ...]
    walker: Walker = Walker.VISIT
    within_minutes: int = 0

    def __post_init__(self) -> None:
        if not STEPS_MIN <= len(self.steps) <= STEPS_MAX:
            raise InvalidQuestion("step", f"{STEPS_MIN} to {STEPS_MAX} are needed")
        if not 0 <= self.within_minutes <= WITHIN_MINUTES_MAX:
            raise InvalidQuestion("within", f"must be from 0 to {WITHIN_MINUTES_MAX} minutes")
        require_bounded(self.steps, "step")


@dataclass(frozen=True, slots=True)
class Reached:
    """Who reached a step: `walkers` are visits, or visitors where they walk."""

    walkers: int
    visitors: int


def read_funnel(reader: Reads, funnel: Funnel) -> tuple[Reached, ...]:
    """One for each step. Raises as `read_report`."""
    values = Values()
    params = {"within_s": funnel.within_minutes * MINUTE_S or NEVER_S, "never_s": NEVER_S}
    parts = _parts(funnel, [is_hit_sql(step, values) for step in funnel.steps])
    template = read_query("funnel_count").replace("{walks}", _walks(len(funnel.steps)))
    (row,) = read_report(reader, funnel.hits, template, parts, values, funnel.steps, params)
    counts = cast("tuple[int, ...]", row)
    return tuple(Reached(*pair) for pair in zip(counts[::2], counts[1::2], strict=True))


def _parts(funnel: Funnel, conditions: list[str]) -> dict[str, str]:
    """What `funnel_*.sql` leave open, but for what `read_report` fills in."""
    steps = range(len(conditions))
    later = steps[1:]
    counts = [
        *(f"sum(if(is_{i}, hit_count, 0)) AS seen_{i}" for i in steps),
        *(f"sum(if(is_{i} OR is_{i - 1}, hit_count, 0)) AS either_{i}" for i in later),
    ]
    minutes = [
        *(f"groupArrayIf(at_s, seen_{i} > 0) AS minutes_{i}" for i in steps),
        *(f"groupArrayIf(at_s, seen_{i} > 0 AND either_{i} > 1) AS beside_{i}" for i in later),
    ]
    reached = [(i, f"at_{i} < %(never_s)s") for i in steps]
    return {
        "walker": funnel.walker.value,
        "steps": ", ".join(f"{sql} AS is_{i}" for i, sql in enumerate(conditions)),
        "any_step": " OR ".join(f"is_{i}" for i in steps),
        "counts": ", ".join(counts),
        "minutes": ", ".join(minutes),
        "columns": ", ".join(f"minutes_{i}, beside_{i}" for i in later),
        # Without a limit of time, who begins first gets furthest.
        "starts": "minutes_0"
        if funnel.within_minutes
        else "arraySlice(arraySort(minutes_0), 1, 1)",
        "reached": ", ".join(
            f"uniqExactIf({who}, {sql}) AS {who}s_{i}"
            for i, sql in reached
            for who in ("walker", "visitor")
        ),
    }


def _walks(steps: int) -> str:
    """`{walks}` of `funnel_count.sql`."""
    walks = read_query("funnel_walks_list")
    for step in range(1, steps):
        walks = read_query("funnel_step_next").replace("{walks}", walks)
        walks = walks.replace("{step}", str(step)).replace("{before}", str(step - 1))
    return walks
