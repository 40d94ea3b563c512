"""The words people use for metrics, properties and steps, and what the API calls them.

`deploy` imports nothing of ours, so the API's names are written down here again; a test holds them
against the registered ones.
"""

from typing import Final

METRICS: Final = (
    "visitors", "visits", "pageviews", "events", "views_per_visit", "bounce_rate",
    "visit_duration", "scroll_depth", "time_on_page", "lcp", "inp", "cls", "fcp", "ttfb", "dns",
    "connect", "ssl", "download", "dom_content_loaded", "render", "page_load", "transfer_size",
    "percentage", "conversion_rate", "total_revenue", "average_revenue",
)  # fmt: skip
_METRIC_WORDS: Final = {
    "people": "visitors",
    "users": "visitors",
    "uniques": "visitors",
    "sessions": "visits",
    "views": "pageviews",
    "hits": "pageviews",
    "page views": "pageviews",
    "bounces": "bounce_rate",
    "bounce": "bounce_rate",
    "duration": "visit_duration",
    "visit time": "visit_duration",
    "scroll": "scroll_depth",
    "size": "transfer_size",
    "share": "percentage",
    "conversions": "events",
    "conversion": "conversion_rate",
    "revenue": "total_revenue",
    "sales": "total_revenue",
}
PROPERTIES: Final = (
    "event:name", "event:page", "event:hostname", "visit:entry_page", "visit:exit_page",
    "visit:entry_page_hostname", "visit:exit_page_hostname", "visit:channel", "visit:source",
    "visit:referrer", "visit:utm_source", "visit:utm_medium", "visit:utm_campaign",
    "visit:utm_content", "visit:utm_term", "visit:click_id", "visit:country", "visit:region",
    "visit:city", "visit:device", "visit:browser", "visit:browser_version", "visit:os",
    "visit:os_version", "visit:screen", "visit:language", "event:goal", "event:currency",
)  # fmt: skip
GOAL: Final = "event:goal"
# A property of events has the name that the site gave it, behind the first of these.
PROP_PREFIXES: Final = ("event:props:", "props:", "prop:", "property:")
PROP_WORDS: Final = ("prop", "property")
PROP_NAME_BYTES_MAX: Final = 300
PROP_NAME_WITHOUT: Final = frozenset(",;=!\\")  # which take names apart where the API is asked
_PROPERTY_WORDS: Final = {
    "event": "event:name",
    "events": "event:name",
    "path": "event:page",
    "paths": "event:page",
    "host": "event:hostname",
    "landing page": "visit:entry_page",
    "sources": "visit:source",
    "countries": "visit:country",
    "cities": "visit:city",
    "campaign": "visit:utm_campaign",
    "campaigns": "visit:utm_campaign",
    "medium": "visit:utm_medium",
    "operating system": "visit:os",
    "systems": "visit:os",
    "currencies": "event:currency",
}
# What people say for steps -> the API's interval.
STEPS: Final = {"minute": "minute", "hour": "hour", "day": "date", "week": "week", "month": "month"}


def _named(names: tuple[str, ...]) -> dict[str, str]:
    """Names as people write them: without what stands before the colon, with blanks, as many."""
    found: dict[str, str] = {}
    for name in names:
        short = name.rpartition(":")[2]
        for word in (name, short, short.replace("_", " ")):
            found[word] = name
            found.setdefault(f"{word}s", name)
    return found


METRIC_WORDS: Final = (
    {name: name for name in METRICS}
    | {name.replace("_", " "): name for name in METRICS}
    | _METRIC_WORDS
)
PROPERTY_WORDS: Final = _named(PROPERTIES) | _PROPERTY_WORDS
SHARES: Final = ("percentage", "conversion_rate")  # with decimals
PERCENTS: Final = ("bounce_rate", "scroll_depth", *SHARES)
REVENUES: Final = ("total_revenue", "average_revenue")
SECONDS: Final = ("visit_duration", "time_on_page")
PLAIN: Final = ("visitors", "visits", "pageviews", "events")
LOWER_IS_BETTER: Final = frozenset(METRICS) - {
    *PLAIN, *SHARES, *REVENUES, "views_per_visit", "visit_duration", "scroll_depth", "time_on_page",
}  # fmt: skip
