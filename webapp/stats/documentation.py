"""The parameters of the stats API on the OpenAPI page."""

from typing import Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from aggregates.clickhouse.vocabulary import DIMENSIONS, Metric
from webapp.stats.parameters import INTERVALS, LIMIT_DEFAULT, LIMIT_MAX, PAGE_MAX, PREVIOUS_PERIOD
from webapp.stats.periods import CUSTOM_DAYS_MAX, DEFAULT_PERIOD, PERIODS


def _example(value: object, name: str = "for example") -> list[OpenApiExample]:
    return [OpenApiExample(name, value=value)]


PERIOD: Final = (
    OpenApiParameter(
        "period",
        str,
        enum=PERIODS,
        default=DEFAULT_PERIOD,
        description="On the site's calendar. `24h` ends with the running hour, `7d` and `30d` "
        "with today, `6mo` and `12mo` with this month.",
        examples=_example("7d"),
    ),
    OpenApiParameter(
        "date",
        str,
        description="The day (or a day in the month) that the period ends with, instead of "
        "today. With `custom`: two dates, both included, or two datetimes, the second excluded; "
        f"at most {CUSTOM_DAYS_MAX} days.",
        examples=[
            OpenApiExample("a day", value="2026-11-23"),
            OpenApiExample("two days", value="2026-11-01,2026-11-30"),
            OpenApiExample("an hour", value="2026-11-23T10:00:00,2026-11-23T11:00:00"),
        ],
    ),
)
METRICS: Final = OpenApiParameter(
    "metrics",
    str,
    default=Metric.VISITORS.value,
    description=f"Comma-separated, of {', '.join(Metric)}. `bounce_rate` is in percent, "
    "`visit_duration` in seconds. What pages report of their loading is given as its third "
    "quartile: `cls` as a score, `transfer_size` in bytes, all other timings in milliseconds; none "
    "of them together with an entry page, an exit page or `event:name`.",
    examples=_example("visitors,pageviews,bounce_rate"),
)
FILTERS: Final = OpenApiParameter(
    "filters",
    str,
    description="`property==value` or `property!=value`, joined by `;`. Several values are "
    "joined by `|`, `*` stands for any characters, a backslash takes the meaning from these.",
    examples=_example("visit:country==DE|AT;event:page!=/admin*"),
)
COMPARE: Final = OpenApiParameter(
    "compare",
    str,
    enum=(PREVIOUS_PERIOD,),
    description="Also say how much each metric changed against the period just before.",
    examples=_example(PREVIOUS_PERIOD),
)
INTERVAL: Final = OpenApiParameter(
    "interval",
    str,
    enum=tuple(INTERVALS),
    description="The steps. By default hours for one day, months for several, else days.",
    examples=_example("hour"),
)
PROPERTY: Final = OpenApiParameter(
    "property",
    str,
    required=True,
    description=f"Comma-separated, of {', '.join(DIMENSIONS)}. A row names them without their "
    "prefix. `time:minute` is in epoch seconds.",
    examples=_example("visit:source"),
)
PAGING: Final = (
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
)
