"""In which currency revenue is answered, and how an amount is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from babel.numbers import format_currency

from aggregates.clickhouse.filters import Goal
from aggregates.clickhouse.questions import Rate
from aggregates.clickhouse.vocabulary import REVENUE_METRICS
from webapp.stats.currencies import rates_to

WARNINGS: Final = {
    "no_single_revenue_currency": "Revenue metrics are null as there are multiple currencies for "
    "the selected event:goals.",
    "no_revenue_goals_matching": "Revenue metrics are null as there are no matching revenue goals.",
}
_UNITS: Final = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"), (1, ""))


@dataclass(frozen=True, slots=True)
class Revenue:
    """`currency` is "" where there is no revenue to be told; `warning` says why."""

    currency: str = ""
    warning: str = ""
    by_goal: Mapping[str, str] | None = None  # currencies, if each goal has its own

    @property
    def rates(self) -> tuple[Rate, ...]:
        return rates_to(self.currency) if self.currency else ()

    def currency_for(self, goal: str) -> str:
        """That of a row; "" for a goal without revenue."""
        return self.currency if self.by_goal is None else self.by_goal.get(goal, "")

    @property
    def others(self) -> tuple[str, ...]:
        """The currencies of goals beside `currency`."""
        known = set((self.by_goal or {}).values()) - {self.currency}
        return tuple(sorted(known))


def revenue_of(
    metrics: Sequence[str],
    currencies: Callable[[], Mapping[str, str]],
    goals: tuple[Goal, ...],
    by_goal: bool,
) -> Revenue:
    """What revenue of `goals` is answered in, if it is asked for; `by_goal`, each has a row."""
    if not any(metric in REVENUE_METRICS for metric in metrics):
        return Revenue()
    known = currencies() if goals else {}
    found = {goal.name: known[goal.name] for goal in goals if known.get(goal.name)}
    used = sorted(set(found.values()))
    if not used:
        return Revenue(warning="no_revenue_goals_matching")
    if by_goal:
        return Revenue(used[0], by_goal=found)
    return Revenue(used[0]) if len(used) == 1 else Revenue(warning="no_single_revenue_currency")


def shown(amount: float | None, currency: str) -> dict[str, Any] | None:
    """An amount as clients get it; None without a currency."""
    if not currency:
        return None
    value = round(amount or 0.0, 3)
    return {
        "value": value,
        "currency": currency,
        "short": _short(value, currency),
        "long": format_currency(value, currency, locale="en"),
    }


def _short(value: float, currency: str) -> str:
    """`€500.2M`"""
    unit, letter = next(each for each in _UNITS if abs(value) >= each[0] or each[0] == 1)
    text = format_currency(value / unit, currency, "¤#,##0.0", locale="en", currency_digits=False)
    return f"{text}{letter}"
