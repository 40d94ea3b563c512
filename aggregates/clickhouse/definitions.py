"""What each metric and dimension means, in words for people: the one place that says it."""

from dataclasses import dataclass
from typing import Final

from aggregates.clickhouse.vocabulary import PROP_PREFIX, Metric


@dataclass(frozen=True, slots=True)
class Definition:
    """`unit` is what the number counts in, or "" for a value of text."""

    text: str
    unit: str = ""


_MS: Final = "ms"

METRICS: Final[dict[Metric, Definition]] = {
    Metric.VISITORS: Definition("Different visitors. Who comes on two days counts as two", "count"),
    Metric.VISITS: Definition("Visits: they end after 30 minutes without a hit", "count"),
    Metric.PAGEVIEWS: Definition("Pages seen", "count"),
    Metric.EVENTS: Definition("Pageviews and custom events", "count"),
    Metric.VIEWS_PER_VISIT: Definition("Pageviews of a visit, on average", "ratio"),
    Metric.BOUNCE_RATE: Definition(
        "Visits with one pageview at most and no interactive event", "percent"
    ),
    Metric.VISIT_DURATION: Definition("From the first hit of a visit to the last, mean", "seconds"),
    Metric.SCROLL_DEPTH: Definition("How deep pages were read, mean over visits", "percent"),
    Metric.TIME_ON_PAGE: Definition("How long pages were in sight, mean over visits", "seconds"),
    Metric.PERCENTAGE: Definition("Share of the visitors of all rows", "percent"),
    Metric.CONVERSION_RATE: Definition(
        "Share of all visitors, whatever filters on goals and properties say", "percent"
    ),
    Metric.GROUP_CONVERSION_RATE: Definition(
        "As the conversion rate, of the visitors of the same row", "percent"
    ),
    Metric.TOTAL_REVENUE: Definition("Revenue of all events", "money"),
    Metric.AVERAGE_REVENUE: Definition("Revenue of an event that has any, mean", "money"),
    Metric.LCP: Definition("Largest contentful paint: when the main content was there", _MS),
    Metric.INP: Definition("Interaction to next paint: how fast the page answers", _MS),
    Metric.CLS: Definition("Cumulative layout shift: how much the page jumps", "score"),
    Metric.FCP: Definition("First contentful paint: when anything was there", _MS),
    Metric.TTFB: Definition("Time to first byte", _MS),
    Metric.DNS: Definition("Looking up the address", _MS),
    Metric.CONNECT: Definition("Connecting", _MS),
    Metric.SSL: Definition("Agreeing on encryption", _MS),
    Metric.DOWNLOAD: Definition("Receiving the page", _MS),
    Metric.DOM_CONTENT_LOADED: Definition("Until the page's own text was read", _MS),
    Metric.RENDER: Definition("Drawing the page", _MS),
    Metric.PAGE_LOAD: Definition("Until everything was loaded", _MS),
    Metric.TRANSFER_SIZE: Definition("What came over the network", "bytes"),
}

DIMENSIONS: Final[dict[str, Definition]] = {
    "event:name": Definition("`pageview`, or the name of a custom event"),
    "event:page": Definition("Path of the page"),
    "event:hostname": Definition("Host of the page"),
    "event:goal": Definition("Goal that was reached, by its name"),
    "event:currency": Definition("Currency of revenue (ISO 4217)"),
    f"{PROP_PREFIX}NAME": Definition("Value of a custom property"),
    "visit:entry_page": Definition("First page of the visit"),
    "visit:exit_page": Definition("Last page of the visit"),
    "visit:entry_page_hostname": Definition("Host of the first page"),
    "visit:exit_page_hostname": Definition("Host of the last page"),
    "visit:source": Definition("Who sent the visitor: `Google`, `Hacker News`, a host"),
    "visit:referrer": Definition("Page that linked here, without its query"),
    "visit:channel": Definition("Kind of source: `Organic Search`, `Direct`, `Email`"),
    "visit:utm_source": Definition("`utm_source` of the link"),
    "visit:utm_medium": Definition("`utm_medium` of the link"),
    "visit:utm_campaign": Definition("`utm_campaign` of the link"),
    "visit:utm_content": Definition("`utm_content` of the link"),
    "visit:utm_term": Definition("`utm_term` of the link"),
    "visit:click_id": Definition("Name of the advertiser's parameter (`gclid`), never its value"),
    "visit:country": Definition("Country (ISO 3166-1, two letters)"),
    "visit:region": Definition("Region (ISO 3166-2)"),
    "visit:city": Definition("City, where the operator has a table of them"),
    "visit:device": Definition("`Mobile`, `Tablet`, `Laptop`, `Desktop`"),
    "visit:screen": Definition("Width of the screen, as a class"),
    "visit:browser": Definition("Browser"),
    "visit:browser_version": Definition("Main version of the browser"),
    "visit:os": Definition("Operating system"),
    "visit:os_version": Definition("Version of the operating system"),
    "visit:language": Definition("Language of the browser"),
    "time:minute": Definition("Minute", "epoch seconds"),
}
