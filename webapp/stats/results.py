"""Numbers as the API's clients get them: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aggregates.clickhouse.questions import Answer
from aggregates.clickhouse.vocabulary import (
    ENGAGEMENT_METRICS,
    REVENUE_METRICS,
    SHARE_METRICS,
    TIMING_METRICS,
    Metric,
)
from webapp.stats.dialects import Dialect, Number, of_nothing

# Without visits there is no mean, so an empty bucket has none either; counts are 0.
RATES: Final = frozenset(
    {
        *(Metric.VIEWS_PER_VISIT, Metric.BOUNCE_RATE, Metric.VISIT_DURATION),
        *(*SHARE_METRICS, *ENGAGEMENT_METRICS, *REVENUE_METRICS, *TIMING_METRICS),
    }
)
DECIMALS: Final = {
    Metric.VIEWS_PER_VISIT: 2,
    Metric.BOUNCE_RATE: 0,
    Metric.VISIT_DURATION: 0,
    **dict.fromkeys(SHARE_METRICS, 2),
    **dict.fromkeys(ENGAGEMENT_METRICS, 0),
    **dict.fromkeys(REVENUE_METRICS, 4),  # no currency has smaller units
}


def shown(metric: Metric, value: Number) -> Number:
    """As clients get it: whole percents and seconds, views per visit with 2 decimals."""
    if value is None or metric not in DECIMALS:
        return value
    decimals = DECIMALS[metric]
    return round(value, decimals) if decimals else round(value)


def change(metric: Metric, value: Number, previous: Number) -> Number:
    """Percent by which `value` differs from `previous`, of what is in percent the difference.

    From nothing to something is 100, from nothing to nothing 0; null where a rate is missing.
    """
    if value is None or previous is None:
        return None
    if metric is Metric.BOUNCE_RATE:
        return round(value - previous)
    if metric in SHARE_METRICS:
        return round(value - previous, 1)
    if previous == 0:
        return 100 if value > 0 else 0
    return round(100 * (value - previous) / previous)


@dataclass(frozen=True, slots=True)
class Form:
    """How the metrics of an answer are called and written."""

    names: tuple[str, ...]  # as the client named them
    metrics: tuple[Metric, ...]  # what that means in the answer, one for each name
    dialect: Dialect

    def named(self, values: Sequence[Number], in_series: bool = False) -> dict[str, Number]:
        """Metric -> value."""
        return {
            name: of_nothing(metric, shown(metric, value), self.dialect, in_series)
            for name, metric, value in zip(self.names, self.metrics, values, strict=True)
        }

    def changes(self, values: Sequence[Number], previous: Sequence[Number]) -> dict[str, Number]:
        """Metric -> how much it changed."""
        pairs = zip(self.names, self.metrics, values, previous, strict=True)
        return {
            name: change(metric, self._held(metric, value), self._held(metric, earlier))
            for name, metric, value, earlier in pairs
        }

    def _held(self, metric: Metric, value: Number) -> Number:
        """What is held against another: in percent points, nothing is not the same as zero."""
        value = shown(metric, value)
        in_points = metric is Metric.BOUNCE_RATE or metric in SHARE_METRICS
        return value if in_points else of_nothing(metric, value, self.dialect)

    def nothing(self) -> tuple[Number, ...]:
        """The values of where nothing happened."""
        return tuple(None if metric in RATES else 0 for metric in self.metrics)


def totals(
    form: Form, answer: Answer, previous: Answer | None = None
) -> dict[str, dict[str, Number]]:
    """Metric -> value, and if there is a previous answer, its value there and the change."""
    values = answer.rows[0].metrics
    found: dict[str, dict[str, Number]] = {
        name: {"value": value} for name, value in form.named(values).items()
    }
    if previous is None:
        return found
    earlier = previous.rows[0].metrics
    compared, changes = form.named(earlier), form.changes(values, earlier)
    return {
        name: total | {"change": changes[name], "comparison_value": compared[name]}
        for name, total in found.items()
    }
