"""Rows of a series and of a breakdown, as the API's clients get them: pure."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from aggregates.clickhouse.buckets import bucket_starts
from aggregates.clickhouse.questions import Answer, Question
from aggregates.clickhouse.vocabulary import Bucket, Dimension
from webapp.stats.dialects import Dialect, Number, written_value
from webapp.stats.results import Form

DATE: Final = "date"
COMPARISON: Final = "comparison"

Row = dict[str, Any]
Values = Sequence[Number]
Place = int | dt.timedelta


def series(form: Form, answer: Answer, previous: Answer | None = None) -> list[Row]:
    """One object for each bucket of the period, those without hits included.

    With a previous answer each has the bucket it is compared with: that as far from the beginning
    of its period, on the clock or the calendar; null where that period has none.
    """
    current = _buckets(form, answer)
    if previous is None:
        return [row for _, row, _ in current]
    earlier = {place: (row, values) for place, row, values in _buckets(form, previous)}
    return [
        row | {COMPARISON: _compared(form, values, earlier.get(place))}
        for place, row, values in current
    ]


def ranking(form: Form, answer: Answer, previous: Answer | None = None) -> list[Row]:
    """One object for each combination of properties.

    With a previous answer each has what it is compared with: nothing where that has no such row,
    null where it may have one beyond its limit.
    """
    dimensions = answer.question.dimensions
    keys = row_keys(dimensions, form.names)
    rows: list[Row] = [
        dict(zip(keys, _written(dimensions, row.dimensions, form.dialect), strict=True))
        | form.named(row.metrics)
        for row in answer.rows
    ]
    if previous is None:
        return rows
    earlier = {row.dimensions: row.metrics for row in previous.rows}
    is_whole = len(previous.rows) < previous.question.limit
    missing = form.nothing() if is_whole else None
    for shown_row, row in zip(rows, answer.rows, strict=True):
        values = earlier.get(row.dimensions, missing)
        pair = None if values is None else (form.named(values), values)
        shown_row[COMPARISON] = _compared(form, row.metrics, pair)
    return rows


def row_keys(dimensions: Sequence[Dimension], taken: Iterable[str]) -> list[str]:
    """What each property is called in a row: without its prefix, unless two were called the same.

    `taken` are the names of other keys.
    """
    names = [short_name(dimension) for dimension in dimensions]
    counts = Counter([*names, *taken, COMPARISON])
    return [
        name if counts[name] == 1 else dimension.name
        for name, dimension in zip(names, dimensions, strict=True)
    ]


def short_name(dimension: Dimension) -> str:
    """ "page" for event:page, "author" for event:props:author."""
    return dimension.prop or dimension.name.partition(":")[2]


def label(start_s: int, bucket: Bucket, zone: ZoneInfo) -> str:
    """The bucket's start on the site's clock: a date, or date and time."""
    local = dt.datetime.fromtimestamp(start_s, zone)
    if bucket in (Bucket.MINUTE, Bucket.HOUR):
        return local.strftime("%Y-%m-%d %H:%M:%S")
    date = local.date()
    if bucket is Bucket.MONTH:
        date = date.replace(day=1)
    if bucket is Bucket.WEEK:
        date -= dt.timedelta(days=date.weekday())
    return date.isoformat()


def _compared(form: Form, values: Values, earlier: tuple[Row, Values] | None) -> Row | None:
    if earlier is None:
        return None
    row, previous = earlier
    return row | {"change": form.changes(values, previous)}


def _written(
    dimensions: Sequence[Dimension], values: Sequence[str | int], dialect: Dialect
) -> list[str | int]:
    pairs = zip(dimensions, values, strict=True)
    return [written_value(dimension, value, dialect) for dimension, value in pairs]


def starts_of(question: Question) -> tuple[int, ...]:
    """Of the buckets of its period, epoch seconds."""
    bucket = question.bucket or Bucket.DAY
    return bucket_starts(question.start_s, question.end_s, bucket, question.timezone)


def _buckets(form: Form, answer: Answer) -> list[tuple[Place, Row, Values]]:
    """Each bucket's place in its period, its row, and its values as they were answered."""
    question = answer.question
    bucket, zone = question.bucket or Bucket.DAY, ZoneInfo(question.timezone)
    starts = starts_of(question)
    found = {row.dimensions[0]: row.metrics for row in answer.rows}
    buckets: list[tuple[Place, Row, Values]] = []
    for index, start in enumerate(starts):
        values = found.get(start, form.nothing())
        row: Row = {DATE: label(start, bucket, zone)}
        place = _place(index, start, starts[0], bucket, zone)
        buckets.append((place, row | form.named(values, in_series=True), values))
    return buckets


def _place(index: int, start_s: int, first_s: int, bucket: Bucket, zone: ZoneInfo) -> Place:
    """How far a bucket is from the first one: by the clock on the wall, as days of 23 hours lack
    one; of weeks and months, which are cut by the period or differ in length, by their number."""
    if bucket in (Bucket.WEEK, Bucket.MONTH):
        return index
    at, first = (
        dt.datetime.fromtimestamp(each_s, zone).replace(tzinfo=None)
        for each_s in (start_s, first_s)
    )
    if bucket is Bucket.DAY:  # also one whose midnight is skipped
        return (at.date() - first.date()).days
    return at - first
