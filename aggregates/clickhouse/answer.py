"""Question in, answer out: the one way to read the rollups."""

from collections.abc import Mapping
from typing import Final, cast

from aggregates.clickhouse.buckets import DAY_S, starts_by_key
from aggregates.clickhouse.plan import Plan, approximate, has_uniques, make_plan, make_rows_plan
from aggregates.clickhouse.questions import Answer, Question, Row
from aggregates.clickhouse.reader import OutOfMemory, Reads, Rows, TooCostly
from aggregates.clickhouse.sealed import SealedDay, sealed_days

UNIQUES_ERROR: Final = 0.003  # see `plan.approximate`


def ask(reader: Reads, question: Question) -> Answer:
    """The answer, as the rollups are now.

    Uniques are exact as long as their ids fit into the memory a query may take, else estimated;
    the answer says so. Raises `InvalidQuestion` for more buckets than there may be and for a
    regular expression that is none, `TooCostly`, `StoreUnavailable`.
    """
    starts = _starts(question)
    plan = make_plan(question, _sealed(reader, question))
    rows, uniques_error = _read(reader, plan, question)
    return Answer(question, tuple(_row(question, values, starts) for values in rows), uniques_error)


def count_rows(reader: Reads, question: Question) -> int:
    """How many rows the answer has without limit and offset. Raises as `ask`."""
    rows, _ = _read(reader, make_rows_plan(question, _sealed(reader, question)), question)
    return cast("int", rows[0][0])


def _sealed(reader: Reads, question: Question) -> tuple[SealedDay, ...]:
    try:
        return sealed_days(reader, question)
    except TooCostly as error:
        raise _advised(error, question) from error


def _read(reader: Reads, plan: Plan, question: Question) -> tuple[Rows, float]:
    try:
        return reader.read(plan.sql, plan.params), 0.0
    except OutOfMemory as error:
        if not has_uniques(plan):
            raise _advised(error, question) from error
    except TooCostly as error:
        raise _advised(error, question) from error
    estimate = approximate(plan)
    try:
        return reader.read(estimate.sql, estimate.params), UNIQUES_ERROR
    except TooCostly as error:
        raise _advised(error, question) from error


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


def _advised(error: TooCostly, question: Question) -> TooCostly:
    """With what to narrow, the most helpful first."""
    ways = []
    if question.end_s - question.start_s > DAY_S:
        ways.append("ask for fewer days")
    if len(question.dimensions) > 1:
        ways.append("break down by fewer properties")
    if question.dimensions or not question.filters:
        ways.append("filter for a part of the site")
    return TooCostly(f"The question {error}: {' or '.join(ways) or 'ask for a shorter period'}.")
