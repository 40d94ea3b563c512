"""What a dashboard asks for a period, as questions: webapp/frontend/src/page/Reports.tsx says what.

Tests hold the names against the front end's sources.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from aggregates.clickhouse.filters import Condition, Filter, Operator
from aggregates.clickhouse.questions import Question
from aggregates.clickhouse.vocabulary import DIMENSIONS, Bucket, Metric

# METRICS of lib/metrics.ts and SPEEDS of lib/speed.ts.
HEADLINE: Final = (
    Metric.VISITORS, Metric.VISITS, Metric.PAGEVIEWS, Metric.VIEWS_PER_VISIT, Metric.BOUNCE_RATE,
    Metric.VISIT_DURATION,
)  # fmt: skip
SPEEDS: Final = (Metric.LCP, Metric.INP, Metric.CLS, Metric.FCP, Metric.TTFB)
# The tabs that are open at first, and what the places panel asks to know its tabs:
# (dimension, rows shown, the value that is left out).
BREAKDOWNS: Final[Mapping[str, tuple[str, int, str | None]]] = {
    "channels": ("visit:channel", 7, None),
    "pages": ("event:page", 7, None),
    "countries": ("visit:country", 6, None),
    "regions": ("visit:region", 1, ""),
    "cities": ("visit:city", 1, ""),
    "browsers": ("visit:browser", 6, None),
    "events": ("event:name", 5, "pageview"),
}
# What is one click away.
TABS: Final[Mapping[str, tuple[str, int, str | None]]] = {
    "sources": ("visit:source", 7, None),
    "entry_pages": ("visit:entry_page", 7, None),
    "exit_pages": ("visit:exit_page", 7, None),
}


def totals(site_id: int, start_s: int, end_s: int) -> Question:
    """The headline numbers of a period; all other questions begin with it."""
    return Question(site_id, start_s, end_s, HEADLINE)


def panels(total: Question, timezone: str) -> dict[str, Question]:
    """All that an opened dashboard asks of the rollups, by the name of the panel."""
    return {
        "totals": total,
        "series": replace(total, bucket=Bucket.DAY, timezone=timezone),
        **{name: breakdown(total, *asked) for name, asked in BREAKDOWNS.items()},
        "speed": replace(total, metrics=SPEEDS),
    }


def tabs(total: Question) -> dict[str, Question]:
    """What the tabs ask that are closed at first."""
    return {name: breakdown(total, *asked) for name, asked in TABS.items()}


def breakdown(total: Question, name: str, rows: int, without: str | None) -> Question:
    """Visitors by one dimension, the first `rows` of them."""
    dimension = DIMENSIONS[name]
    left_out: tuple[Condition, ...] = ()
    if without is not None:
        left_out = (Filter(dimension, True, (without,), Operator.IS),)
    return replace(
        total,
        metrics=(Metric.VISITORS,),
        dimensions=(dimension,),
        filters=(*total.filters, *left_out),
        limit=rows,
    )


def filtered(total: Question, name: str, value: str) -> Question:
    """The same, of hits (or of visits with such a hit) that have that value."""
    return replace(total, filters=(Filter(DIMENSIONS[name], False, (value,), Operator.IS),))
