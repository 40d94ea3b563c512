"""The query of the Stats API v2 on the OpenAPI page."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

from webapp.plausible.schema import METRICS

QUERY: Final = f"""Clients of Plausible's Stats API v2 work with another host name.

`metrics` are of {", ".join(METRICS)}. `date_range` is on the site's calendar: `7d` are 7 whole days
that end with yesterday, `6mo` 6 whole months that end with the last one. `dimensions` break down by
what hits and visits have, by `event:goal`, `event:props:NAME`, and by `time` or `time:minute`,
`hour`, `day`, `week`, `month`. `filters` compare (`is`, `is_not`, `contains`, `contains_not`,
`matches`, `matches_not`), are put together by `and`, `or`, `not`, `has_done`, `has_not_done`, and
all of them hold. Steps in time without a hit have no row: `include.time_labels` lists them all."""


def _example(name: str, **query: Any) -> OpenApiExample:
    return OpenApiExample(name, value={"site_id": "example.com", **query}, request_only=True)


EXAMPLES: Final = [
    _example("totals", metrics=["visitors", "pageviews", "bounce_rate"], date_range="7d"),
    _example(
        "sources from two countries",
        metrics=["visitors"],
        date_range=["2026-11-01", "2026-11-30"],
        dimensions=["visit:source"],
        filters=[["is", "visit:country_name", ["Germany", "Austria"]]],
        pagination={"limit": 10},
    ),
    _example(
        "a day by hours",
        metrics=["visitors", "visits"],
        date_range="day",
        dimensions=["time:hour"],
        include={"time_labels": True},
    ),
    _example(
        "pages of visits that saw the prices",
        metrics=["visitors", "time_on_page"],
        date_range="30d",
        dimensions=["event:page"],
        filters=[["has_done", ["is", "event:page", ["/pricing"]]]],
        order_by=[["time_on_page", "desc"]],
    ),
]
