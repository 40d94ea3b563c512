"""From the rollups' answers to what clients of the Stats API v2 get."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aggregates.clickhouse.buckets import MINUTE_S, bucket_starts
from aggregates.clickhouse.questions import ROWS_MAX, Answer, Question, Row
from aggregates.clickhouse.vocabulary import GOAL, PROP_PREFIX, REVENUE_METRICS, Bucket, Metric
from webapp.plausible import dates, revenue
from webapp.plausible.query import Query, question_of
from webapp.stats import places, results
from webapp.stats.conditions import BLANKS, NO_PROP, NOT_SET, stored_dimension
from webapp.stats.dialects import Number
from webapp.stats.selectors import Pinned

Amounts = Mapping[tuple[str | int, ...], Mapping[str, Number]]

IMPORTS: Final = {"imports_included": False, "imports_skip_reason": "no_imported_data"}
# Where nothing is known these say nothing, all others of a visit "(not set)".
LEFT_BLANK: Final = frozenset(
    f"visit:{name}"
    for name in (
        *("country", "country_name", "region", "region_name", "city", "city_name"),
        *("entry_page", "exit_page", "entry_page_hostname", "exit_page_hostname"),
    )
)
_ZERO_OF_NOTHING: Final = frozenset(
    {"bounce_rate", "visit_duration", "views_per_visit", "conversion_rate", "group_conversion_rate"}
)


def answer(query: Query, rollups: Pinned, now_s: int) -> dict[str, Any]:
    """`results`, `meta` and the `query` that was understood. Raises as `rollups`."""
    question = question_of(query)
    page = rollups.answer(question) if question else None
    amounts = _amounts(query, page.question, rollups) if page else {}
    return {
        "results": [_result(query, row, amounts) for row in (page.rows if page else ())],
        "meta": _meta(query, page, rollups, now_s),
        "query": _echo(query),
    }


def _result(query: Query, row: Row, amounts: Amounts) -> dict[str, Any]:
    counted = {str(each): value for each, value in zip(query.counted, row.metrics, strict=True)}
    counted |= amounts.get(row.dimensions, {})
    currency = query.revenue.currency_for(_goal(query, row))
    return {
        "metrics": [
            revenue.shown(counted.get(name), currency)
            if name in REVENUE_METRICS
            else shown(name, counted[name])
            for name in query.metrics
        ],
        "dimensions": _dimensions(query, row),
    }


def shown(metric: str, value: Number) -> Number:
    """As clients get it."""
    if value is None:
        return 0 if metric in _ZERO_OF_NOTHING else None
    return results.shown(Metric(metric), value)


def _dimensions(query: Query, row: Row) -> list[str]:
    bucket = query.bucket
    values = dict(zip(query.stored, row.dimensions[bucket is not None :], strict=True))
    texts = []
    for name in query.dimensions:
        if name.startswith("time:") and bucket is not None:
            texts.append(dates.label(int(row.dimensions[0]), bucket, query.range))
        else:
            texts.append(_written(name, str(values[stored_dimension(name)])))
    return texts


def _written(dimension: str, value: str) -> str:
    """A value as clients know it: named, and with words for what is not known."""
    if dimension in places.NAMED:
        return places.name_of(dimension, value)
    if value or dimension in LEFT_BLANK:
        return value
    if dimension.startswith(PROP_PREFIX):
        return NO_PROP
    return BLANKS.get(dimension, NOT_SET) if dimension.startswith("visit:") else value


def _goal(query: Query, row: Row) -> str:
    """Which goal a row is of; "" if rows are not by goal."""
    if GOAL not in query.stored:
        return ""
    return str(row.dimensions[(query.bucket is not None) + query.stored.index(GOAL)])


def _amounts(query: Query, question: Question, rollups: Pinned) -> Amounts:
    """Revenue of goals in other currencies than the first, by the keys of their rows."""
    metrics = tuple(Metric(name) for name in query.metrics if name in REVENUE_METRICS)
    found: dict[tuple[str | int, ...], Mapping[str, Number]] = {}
    for currency in query.revenue.others:
        of_it = dataclasses.replace(query.revenue, currency=currency)
        goals = tuple(
            goal for goal in query.goals if query.revenue.currency_for(goal.name) == currency
        )
        asked = dataclasses.replace(
            question, metrics=metrics, goals=goals, currency=currency, rates=of_it.rates,
            order=(), limit=ROWS_MAX, offset=0,
        )  # fmt: skip
        for row in rollups.answer(asked).rows:
            found[row.dimensions] = dict(zip(map(str, metrics), row.metrics, strict=True))
    return found


def _meta(query: Query, page: Answer | None, rollups: Pinned, now_s: int) -> dict[str, Any]:
    """`page` is None where nothing was asked of the rollups."""
    meta: dict[str, Any] = dict(IMPORTS) if "imports" in query.include else {}
    if query.revenue.warning:
        warning = query.revenue.warning
        meta["metric_warnings"] = {
            name: {"code": warning, "warning": revenue.WARNINGS[warning]}
            for name in query.metrics
            if name in REVENUE_METRICS
        }
    if "time_labels" in query.include and query.bucket is not None:
        meta["time_labels"] = _time_labels(query, query.bucket, now_s)
    if "total_rows" in query.include:
        meta["total_rows"] = rollups.total_rows(page) if page else 0
    return meta


def _time_labels(query: Query, bucket: Bucket, now_s: int) -> list[str]:
    """Of all steps of the range; of minutes those that have begun."""
    first_s, end_s = query.range.first_s, query.range.last_s + 1
    starts: Sequence[int] = bucket_starts(first_s, end_s, bucket, query.range.timezone)
    if bucket is Bucket.MINUTE:
        starts = [start for start in starts if start < now_s // MINUTE_S * MINUTE_S]
    return [dates.label(start, bucket, query.range) for start in starts]


def _echo(query: Query) -> dict[str, Any]:
    return {
        "site_id": query.site.domain,
        "metrics": list(query.metrics),
        "date_range": query.range.shown(),
        "filters": query.filters,
        "dimensions": list(query.dimensions),
        "order_by": [list(each) for each in query.order_by],
        "include": dict.fromkeys(query.include, True),
        "pagination": {"limit": query.limit, "offset": query.offset},
    }
