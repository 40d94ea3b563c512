"""The parameters of the stats API on the OpenAPI page."""

from typing import Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from aggregates.clickhouse.questions import PERCENTILES
from aggregates.clickhouse.vocabulary import DIMENSIONS, PROP_PREFIX, Metric
from webapp.stats.comparisons import Mode
from webapp.stats.dialects import Dialect
from webapp.stats.parameters import (
    INTERVALS,
    LIMIT_DEFAULT,
    LIMIT_MAX,
    PAGE_MAX,
    PERCENTILE_DEFAULT,
)
from webapp.stats.periods import CUSTOM_DAYS_MAX, DEFAULT_PERIOD, PERIODS


def _example(value: object, name: str = "for example") -> list[OpenApiExample]:
    return [OpenApiExample(name, value=value)]


def _text(
    name: str, description: str, example: str, default: str | None = None
) -> OpenApiParameter:
    return OpenApiParameter(
        name, str, default=default, description=description, examples=_example(example)
    )


def _flag(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(
        name, bool, default=False, description=description, examples=_example(True)
    )


DIALECT: Final = OpenApiParameter(
    "dialect",
    str,
    enum=tuple(Dialect),
    default=Dialect.PLAUSIBLE.value,
    description="`plausible`: as clients written for Plausible expect. Periods of days end with "
    "yesterday; values that are not known are called `Direct / None`, `(none)` or `(not set)`, "
    "and are not listed for places, entry and exit pages and campaigns; means of nothing are 0; "
    "versions are broken down with their browser or system; `conversion_rate` in rows is that of "
    "each row's own visitors; comparisons are with as many days. `pawprint`: periods of days end "
    "with today; values that are not known are empty; means of nothing are null; months are "
    "compared with months.",
    examples=_example("pawprint"),
)
PERIOD: Final = (
    _text(
        "period",
        f"On the site's calendar: {', '.join(PERIODS)}, or any other number of days (`14d`) or "
        "months (`3mo`). `24h` ends with the running hour, months and years with the running "
        "one, days as `dialect` says.",
        "7d",
        DEFAULT_PERIOD,
    ),
    OpenApiParameter(
        "date",
        str,
        description="The day (or a day in the month, or year) that counts as today. With "
        "`custom`: two dates, both included, or two datetimes, the second excluded; "
        f"at most {CUSTOM_DAYS_MAX} days.",
        examples=[
            OpenApiExample("a day", value="2026-11-23"),
            OpenApiExample("two days", value="2026-11-01,2026-11-30"),
            OpenApiExample("an hour", value="2026-11-23T10:00:00,2026-11-23T11:00:00"),
        ],
    ),
)
METRICS: Final = _text(
    "metrics",
    f"Comma-separated, of {', '.join(Metric)}. `bounce_rate`, `scroll_depth` and all rates are in "
    "percent, `visit_duration` and `time_on_page` in seconds, revenue in the unit of `currency`. "
    "What pages report of their loading is given as a percentile: `cls` as a score, "
    "`transfer_size` in bytes, all other timings in milliseconds; none of them together with an "
    "entry page, an exit page, an event, a goal or a custom property.",
    "visitors,pageviews,bounce_rate",
    Metric.VISITORS.value,
)
PERCENTILE: Final = OpenApiParameter(
    "percentile",
    int,
    enum=PERCENTILES,
    default=PERCENTILE_DEFAULT,
    description="Which percentile of timings",
    examples=_example(95),
)
CURRENCY: Final = _text(
    "currency",
    "That of revenue, ISO 4217; that of the goals if it is not given. Revenue in others is "
    "converted by the operator's rates; those without a rate are left out, and `meta.revenue` "
    "names them. A breakdown by `event:currency` converts nothing.",
    "EUR",
)
FILTERS: Final = OpenApiParameter(
    "filters",
    str,
    description="`property==value` or `property!=value`, joined by `;`. Several values are "
    "joined by `|`, `*` stands for any characters, a backslash takes the meaning from these. "
    "Goals are named as they are shown. Or JSON as in `filters` of the Stats API v2, with `and`, "
    "`or`, `not`, `has_done`, `contains`, `matches` and segments.",
    examples=[
        OpenApiExample("country and page", value="visit:country==DE|AT;event:page!=/admin*"),
        OpenApiExample("a custom property", value=f"{PROP_PREFIX}author==Ada"),
        OpenApiExample(
            "JSON",
            value='[["or",[["is","visit:country",["DE"]],["contains","event:page",["/de"]]]]]',
        ),
    ],
)
IMPORTED: Final = _flag(
    "with_imported", "Changes nothing but a `warning`: imported hits are counted as all others."
)
COMPARE: Final = (
    OpenApiParameter(
        "compare",
        str,
        enum=tuple(Mode),
        description="Also say how much each metric changed. `previous_period`: against the time "
        "just before; `year_over_year`: against the same dates a year earlier; `custom`: against "
        "`compare_from` to `compare_to`. Of a period that is still running only the days that "
        "have come are compared with as many.",
        examples=_example("previous_period"),
    ),
    _text("compare_from", "With `compare=custom`: the first day", "2025-11-01"),
    _text("compare_to", "With `compare=custom`: the last day, included", "2025-11-30"),
    _flag("match_day_of_week", "The other period begins on the same day of the week."),
)
INTERVAL: Final = OpenApiParameter(
    "interval",
    str,
    enum=tuple(INTERVALS),
    description="The steps; `date` is the same as `day`, weeks begin on Monday. By default hours "
    "for one day, months for several, else days.",
    examples=_example("hour"),
)
PROPERTY: Final = OpenApiParameter(
    "property",
    str,
    required=True,
    description=f"Comma-separated, of {', '.join(DIMENSIONS)} and {PROP_PREFIX}NAME for custom "
    "ones. A row names them without their prefix, or with it where two would be called the same. "
    "`time:minute` is in epoch seconds.",
    examples=_example("visit:source"),
)
ROWS: Final = (
    _text(
        "order_by",
        "Comma-separated, of the metrics and properties asked for; `-` before one turns the "
        "order around. What is equal is ordered by the properties.",
        "-pageviews,visit:source",
    ),
    OpenApiParameter(
        "limit",
        int,
        default=LIMIT_DEFAULT,
        description=f"Rows, at most {LIMIT_MAX}",
        examples=_example(10),
    ),
    OpenApiParameter(
        "page",
        int,
        default=1,
        description=f"From 1 to {PAGE_MAX}",
        examples=_example(2),
    ),
    _flag("total_rows", "Also count the rows of all pages together, which takes longer."),
)
QUESTION: Final = (*PERIOD, METRICS, FILTERS, CURRENCY, PERCENTILE, DIALECT, IMPORTED)
