"""In which currency revenue is answered, and what of it could not be.

With a breakdown by `event:currency` every row is in its own and nothing is converted. Else there
is one: that asked for, or that of the goals; other currencies are converted by the operator's
rates, and those without a rate are left out and named.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aggregates.clickhouse.filters import Condition, Converted, parts
from aggregates.clickhouse.questions import RATES_MAX, Question, Rate
from aggregates.clickhouse.vocabulary import DIMENSIONS, GOAL, REVENUE_METRICS, Metric
from webapp.api.errors import InvalidInput
from webapp.goals.selectors import currency_of
from webapp.sites.models import Site
from webapp.stats import selectors
from webapp.stats.currencies import kept_apart, rates_to

CURRENCY: Final = DIMENSIONS["event:currency"]
NO_CURRENCY: Final = "XXX"  # ISO 4217 for "no currency"


@dataclass(frozen=True, slots=True)
class Money:
    """The currencies of an answer, by their ISO 4217 codes."""

    currency: str  # of all revenue; "" if each row has its own
    converted: tuple[str, ...]
    left_out: tuple[str, ...]  # without a rate


def is_revenue(metric: Metric) -> bool:
    return metric in REVENUE_METRICS


def in_currency(
    site: Site, questions: tuple[Question, ...], metrics: tuple[Metric, ...], currency: str
) -> tuple[tuple[Question, ...], Money | None]:
    """`questions` with `metrics`, and their revenue in `currency`, "" if none was named.

    The questions differ in their periods only. Asks the rollups which currencies there are, so
    that none is left out in silence. Raises `InvalidInput` if it is needed and cannot be told, and
    as `selectors.answers`.
    """
    if not any(map(is_revenue, metrics)):
        return questions, None
    is_apart = CURRENCY in questions[0].dimensions
    currency = currency or currency_of(site, _goal_names(questions[0]))
    if not currency and not is_apart:
        raise InvalidInput("currency", "is needed for revenue: a code of ISO 4217, as in EUR")
    found = _currencies(questions)
    if is_apart:
        money, rates = _apart(found)
    else:
        money, rates = _in_one(found, currency)
    asked = tuple(
        dataclasses.replace(
            question, metrics=metrics, currency=money.currency or NO_CURRENCY, rates=rates
        )
        for question in questions
    )
    return asked, money


def _apart(found: list[str]) -> tuple[Money, tuple[Rate, ...]]:
    shown = [code for code in found if code != NO_CURRENCY][:RATES_MAX]
    return Money("", (), tuple(code for code in found if code not in shown)), kept_apart(shown)


def _in_one(found: list[str], currency: str) -> tuple[Money, tuple[Rate, ...]]:
    known = {rate.currency: rate for rate in rates_to(currency)}
    used = tuple(known[code] for code in found if code in known)[:RATES_MAX]
    converted = tuple(rate.currency for rate in used)
    left_out = tuple(code for code in found if code not in (currency, *converted))
    return Money(currency, converted, left_out), used


def _currencies(questions: tuple[Question, ...]) -> list[str]:
    """All currencies in what is asked about, that of most events first."""
    answers = selectors.answers(
        *(
            Question(
                site_id=question.site_id,
                start_s=question.start_s,
                end_s=question.end_s,
                metrics=(Metric.EVENTS,),
                dimensions=(CURRENCY,),
                filters=question.filters,
            )
            for question in questions
        )
    )
    codes = (str(row.dimensions[0]) for answer in answers for row in answer.rows)
    return [code for code in dict.fromkeys(codes) if code]


def _goal_names(question: Question) -> tuple[str, ...]:
    """The goals that are listed or filtered on."""
    listed = [goal.name for goal in question.goals] if GOAL in question.dimensions else []
    return tuple(dict.fromkeys([*_converted(question.filters), *listed]))


def _converted(conditions: Iterable[Condition]) -> Iterable[str]:
    for condition in conditions:
        if isinstance(condition, Converted):
            yield from (goal.name for goal in condition.goals)
        else:
            yield from _converted(parts(condition))
