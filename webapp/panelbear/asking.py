"""From Panelbear's requests to questions, and from answers to its rows: pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from aggregates.clickhouse.buckets import bucket_starts
from aggregates.clickhouse.filters import Filter, Operator
from aggregates.clickhouse.questions import (
    ROWS_MAX,
    Answer,
    Order,
    Question,
    require_timezone,
)
from aggregates.clickhouse.vocabulary import Bucket, Dimension, Metric
from webapp.api.errors import InvalidInput
from webapp.panelbear.names import DIMENSIONS_BY_NAME, METRICS, shown_value, stored_value
from webapp.panelbear.periods import BUCKETS, period_s
from webapp.stats.dialects import Dialect, Number
from webapp.stats.results import Form

Given = Mapping[str, Any]  # what a serializer has found good


def question_of(given: Given, site_id: int, now_s: int) -> Question:
    """Totals. Raises `InvalidInput`, `InvalidQuestion`."""
    zone = require_timezone(given["timezone"])
    start_s, end_s = period_s(given["period"], zone, now_s)
    return Question(
        site_id=site_id,
        start_s=start_s,
        end_s=end_s,
        metrics=tuple(METRICS[name] for name in given["aggregate"]),
        filters=tuple(_filter(each) for each in given["filter"]),
        timezone=given["timezone"],
        limit=ROWS_MAX,
    )


def bucket_of(given: Given) -> Bucket:
    """`time_bucket`; the period's own if it is not given. Raises `InvalidInput`."""
    known = BUCKETS[given["period"]]
    bucket = Bucket(given.get("time_bucket", known[0]))
    if bucket not in known:
        listed = ", ".join(known)
        raise InvalidInput("time_bucket", f"must be one of {listed} for {given['period']}")
    return bucket


def order_of(given: Given) -> tuple[Order, ...]:
    """`order_by`. Raises `InvalidInput`."""
    group_by = given["group_by"]
    known: dict[str, Metric | Dimension] = {group_by: DIMENSIONS_BY_NAME[group_by]}
    known |= {name: METRICS[name] for name in given["aggregate"]}
    found = []
    for text in given["order_by"]:
        name = text.removeprefix("-")
        if name not in known:
            raise InvalidInput("order_by", f"no {name!r}; one of {', '.join(known)}")
        found.append(Order(known[name], text.startswith("-")))
    return tuple(found)


def form_of(given: Given) -> Form:
    names = tuple(given["aggregate"])
    return Form(names, tuple(METRICS[name] for name in names), Dialect.PAWPRINT)


def series_rows(form: Form, answer: Answer) -> list[dict[str, Any]]:
    """One row for each bucket of the period, those without hits included."""
    question = answer.question
    zone = ZoneInfo(question.timezone)
    starts = bucket_starts(
        question.start_s, question.end_s, question.bucket or Bucket.DAY, question.timezone
    )
    found = {row.dimensions[0]: row.metrics for row in answer.rows}
    return [
        {"ts": dt.datetime.fromtimestamp(start, zone).isoformat()}
        | form.named(found.get(start, form.nothing()))
        for start in starts
    ]


def breakdown_rows(group_by: str, form: Form, answer: Answer) -> list[dict[str, Any]]:
    """One row for each value."""
    dimension = DIMENSIONS_BY_NAME[group_by]
    return [_row(group_by, dimension, form, row.dimensions[0], row.metrics) for row in answer.rows]


def _row(
    name: str, dimension: Dimension, form: Form, value: str | int, metrics: Sequence[Number]
) -> dict[str, Any]:
    shown: dict[str, Any] = {name: shown_value(dimension, value)}
    return shown | form.named(metrics)


def _filter(given: Given) -> Filter:
    dimension = DIMENSIONS_BY_NAME[given["dimension"]]
    name = given["operator"].removeprefix("not_")
    value = given["value"]
    values = value if isinstance(value, list) and name == "in" else [value]
    texts = tuple(stored_value(dimension, _text(each)) for each in values)
    is_negated = given["operator"].startswith(("not_", "neq"))
    operator = Operator.CONTAINS if name == "contains" else Operator.IS
    return Filter(dimension, is_negated, texts, operator)


def _text(value: object) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InvalidInput("filter", "a value must be a text, or for in and not_in a list of them")
    return str(value)
