"""Question in, answer out: the one way to read the rollups."""

from collections.abc import Mapping
from typing import cast

from aggregates.clickhouse.buckets import DAY_S, starts_by_key
from aggregates.clickhouse.plan import make_plan
from aggregates.clickhouse.questions import Answer, Question, Row
from aggregates.clickhouse.reader import Reads, TooCostly


def ask(reader: Reads, question: Question) -> Answer:
    """The answer, as the rollups are now.

    Raises `InvalidQuestion` for more buckets than there may be, `TooCostly`, `StoreUnavailable`.
    """
    starts = _starts(question)
    plan = make_plan(question)
    try:
        rows = reader.read(plan.sql, plan.params)
    except TooCostly as error:
        raise TooCostly(f"The question {error}: {_advice(question)}.") from error
    return Answer(question, tuple(_row(question, values, starts) for values in rows))


def _starts(question: Question) -> Mapping[int, int]:
    if question.bucket is None:
        return {}
    return starts_by_key(question.start_s, question.end_s, question.bucket, question.timezone)


def _row(question: Question, values: tuple[object, ...], starts: Mapping[int, int]) -> Row:
    count = len(values) - len(question.metrics)
    dimensions = list(cast("tuple[str | int, ...]", values[:count]))
    if question.bucket is not None:
        dimensions[0] = starts[cast("int", values[0])]
    return Row(tuple(dimensions), cast("tuple[int | float | None, ...]", values[count:]))


def _advice(question: Question) -> str:
    """What to narrow, the most helpful first."""
    ways = []
    if question.end_s - question.start_s > DAY_S:
        ways.append("ask for fewer days")
    if len(question.dimensions) > 1:
        ways.append("break down by fewer properties")
    if question.dimensions or not question.filters:
        ways.append("filter for a part of the site")
    return " or ".join(ways) or "ask for a shorter period"
