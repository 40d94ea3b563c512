"""The answer to a question: which hits and visits count, in which rows, in which order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

from aggregates.clickhouse.filters import All, Condition
from aggregates.clickhouse.questions import Order, Question, Row
from aggregates.clickhouse.vocabulary import GOAL, SHARE_METRICS, Bucket, Dimension, Metric
from tests.contract.aggregates.oracle.conditions import Hits, hits_decide, of_any_kind, value_of
from tests.contract.aggregates.oracle.metrics import Group, measured
from tests.contract.aggregates.oracle.sessions import OracleHit, OracleSession
from tests.contract.aggregates.oracle.zones import MINUTE_S, bucket_start

Key = tuple[str | int, ...]


def answer(sessions: Iterable[OracleSession], question: Question) -> tuple[Row, ...]:
    """The rows `ask` must give, in its order, paged."""
    sessions = list(sessions)
    groups = _grouped(sessions, question)
    keys = {key for key in groups if any(groups[key].has(each) for each in question.metrics)}
    if Metric.GROUP_CONVERSION_RATE in question.metrics:  # only what visitors are in
        keys = {key for key in keys if groups[key].visitors}
    if not question.dimensions and question.bucket is None:
        keys = {()}
    wholes: dict[Metric, dict[Key, int]] = {
        metric: _visitors(sessions, _whole(question, metric))
        for metric in question.metrics
        if metric in SHARE_METRICS
    }
    rows = []
    for key in keys:
        of_key = {
            metric: found[key if metric is Metric.GROUP_CONVERSION_RATE else ()]
            for metric, found in wholes.items()
        }
        numbers = (measured(each, groups[key], question, of_key) for each in question.metrics)
        rows.append(Row(key, tuple(numbers)))
    return tuple(_ordered(rows, question)[question.offset :][: question.limit])


def _grouped(sessions: Iterable[OracleSession], question: Question) -> dict[Key, Group]:
    first = question.start_s - question.start_s % MINUTE_S
    minutes = range(first, question.end_s)
    found: dict[Key, Group] = defaultdict(Group)
    by_hits = hits_decide(question.filters, question.dimensions)
    for session in sessions:
        hits = Hits(session, minutes)
        for hit in hits.all:
            if all(hits.holds(condition, hit) for condition in question.filters):
                _add(found, question, hits, hit)
        start = session.hits[0]
        begins = start.minute in minutes and not by_hits
        if begins and all(hits.holds(condition, start) for condition in question.filters):
            for key, _ in _keys(question, session, hits, start):
                found[key].visits[session.session_id] = session
        if not by_hits:
            continue
        for hit in hits.all:
            for key, reached in _keys(question, session, hits, hit):
                if hits.count((*question.filters, *reached), hit):
                    found[key].visits[session.session_id] = session
    return found


def _add(found: dict[Key, Group], question: Question, hits: Hits, hit: OracleHit) -> None:
    """Put a hit for which all conditions hold into the groups it belongs to."""
    entry = (hits.session, hit)
    for key, reached in _keys(question, hits.session, hits, hit):
        group = found[key]
        group.add_timings(hit)
        if hit.is_report:
            group.reports.append(entry)
        if hits.count((*question.filters, *reached), hit):
            (group.scrolls if hit.is_report else group.hits).append(entry)


def _keys(
    question: Question, session: OracleSession, hits: Hits, hit: OracleHit
) -> Iterator[tuple[Key, tuple[Condition, ...]]]:
    """The rows a hit belongs to, one for each goal it reaches, with the goal's condition."""
    reached = {
        goal.name: goal.condition for goal in question.goals if hits.holds(goal.condition, hit)
    }
    start: Key = ()
    if question.bucket is not None:
        start = (bucket_start(hit.minute, question.bucket, question.timezone),)
    values = [
        list(reached) if dimension == GOAL else [value_of(dimension, session, hit)]
        for dimension in question.dimensions
    ]
    for each in product(*values):
        goals = [
            reached[str(value)]
            for dimension, value in zip(question.dimensions, each, strict=True)
            if dimension == GOAL
        ]
        yield (*start, *each), tuple(goals)


def _whole(question: Question, share: Metric) -> Question:
    """The question whose visitors `share` is a percent of."""
    whole = replace(question, metrics=(Metric.VISITORS,), order=())
    if share is not Metric.PERCENTAGE:
        whole = replace(whole, filters=of_any_kind(question.filters))
    if share is Metric.GROUP_CONVERSION_RATE:
        goals = tuple(replace(goal, condition=All(())) for goal in question.goals)
        return replace(whole, goals=goals)
    return replace(whole, dimensions=(), bucket=None)


def _visitors(sessions: Iterable[OracleSession], question: Question) -> dict[Key, int]:
    counts = {key: group.visitors for key, group in _grouped(sessions, question).items()}
    return defaultdict(int, counts)


def _ordered(rows: Iterable[Row], question: Question) -> list[Row]:
    """By the question's order, then by bucket and dimensions; what has no number comes last."""
    by = question.order or (
        *(() if question.bucket is None else (Order(question.bucket),)),
        Order(question.metrics[0], descending=True),
    )
    found = sorted(rows, key=lambda row: row.dimensions)
    for order in reversed(by):
        known = [row for row in found if _column(row, question, order.by) is not None]
        unknown = [row for row in found if _column(row, question, order.by) is None]
        known.sort(key=partial(_column, question=question, by=order.by), reverse=order.descending)
        found = known + unknown
    return found


def _column(row: Row, question: Question, by: Metric | Dimension | Bucket) -> Any:
    """A number or text, of one kind in all rows."""
    if isinstance(by, Metric):
        return row.metrics[question.metrics.index(by)]
    if isinstance(by, Bucket):
        return row.dimensions[0]
    return row.dimensions[question.dimensions.index(by) + (question.bucket is not None)]
