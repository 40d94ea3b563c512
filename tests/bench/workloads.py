"""Logs drawn by seed: who visits what when, as records of `hits`. Pure: no clock, no I/O.

A visit is a visitor on a site with the dimensions of their first hit and a few hits, one every
HIT_EVERY_S of the log's time. As many visits are open at once as that takes at the workload's pace;
when one has had its hits, another visitor begins. Every id is drawn, so no two hits share one.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from schemas.events import (
    ENGAGEMENT,
    PAGEVIEW,
    VERSION,
    Batch,
    Hit,
    Kind,
    Visit,
)

HIT_EVERY_S: Final = 20.0  # between two hits of a visit
OPEN_VISITS_MAX: Final = 100_000
POWER: Final = 1.1  # the page of rank r is seen as often as r ** -POWER says
# Of the hits after the first of a visit: how many are pageviews, custom events, engagement.
KINDS: Final = ((Kind.PAGEVIEW, PAGEVIEW), (Kind.EVENT, "signup"), (Kind.ENGAGEMENT, ENGAGEMENT))
KIND_WEIGHTS: Final = (80, 5, 15)
SOURCES: Final = ("", "Google", "Hacker News", "Bing")
COUNTRIES: Final = ("DE", "US", "FR", "GB", "IN")
DEVICES: Final = ("Desktop", "Mobile")
BROWSERS: Final = ("Chrome", "Safari", "Firefox")


@dataclass(frozen=True, slots=True)
class Workload:
    """What the hits of a log are like."""

    name: str
    sites: int
    pages: int  # of a site, seen by a power law
    audiences: int  # distinct dimensions of visits
    hits_per_visit: float  # on average, 1 or more
    hits_per_s: float  # of the log's own time, all partitions together
    hot_share: float = 0.0  # of the visits: to site 1, the others go evenly to the rest
    hits_per_record: int = 250

    def at_pace(self, hits_per_s: float) -> "Workload":
        """The same visits, closer together or further apart."""
        return replace(self, hits_per_s=hits_per_s)


# The pace of a busy log: one that must be folded at 100,000 hits a second and core is no quiet one.
PLAIN: Final = Workload("plain", 10, 40, 12, 5, 10_000)
HOT_SITE: Final = Workload("hot_site", 51, 200, 24, 5, 1_000, hot_share=0.9)
SMALL_SITES: Final = Workload("small_sites", 10_000, 10, 24, 5, 1_000)
NEW_VISITORS: Final = Workload("new_visitors", 10, 40, 12, 1, 1_000)
NEW_ROWS: Final = Workload("new_rows", 100, 50_000, 120, 2, 100)
WORKLOADS: Final = (PLAIN, HOT_SITE, SMALL_SITES, NEW_VISITORS, NEW_ROWS)


class _Visitor:
    """An open visit."""

    __slots__ = ("begun", "hits_left", "site_id", "visit", "visitor_id")

    def __init__(self, draw: random.Random, workload: Workload, visits: list[Visit]) -> None:
        hot = workload.hot_share
        others = workload.sites - 1 if hot else workload.sites
        at_hot = hot and draw.random() < hot
        self.site_id = 1 if at_hot else 1 + bool(hot) + int(draw.random() * others)
        self.visitor_id = draw.getrandbits(63)
        self.visit = visits[int(draw.random() * len(visits))]
        further = workload.hits_per_visit - 1
        self.hits_left = 1 + (int(draw.expovariate(1 / further) + 0.5) if further > 0 else 0)
        self.begun = False


def audiences(count: int) -> list[Visit]:
    """The first `count` combinations of dimensions."""
    combined = itertools.product(BROWSERS, COUNTRIES, SOURCES, DEVICES)
    return [
        Visit(
            channel="Organic Search" if source else "Direct", source=source, country=country,
            device=device, browser=browser, browser_version="120", os="Windows", os_version="10",
            screen="1920x1080", language="en",
        )
        for browser, country, source, device in itertools.islice(combined, count)
    ]  # fmt: skip


def batches(
    workload: Workload, seed: int, partition: int, partitions: int, hits: int, start_ms: int
) -> Iterator[Batch]:
    """The records of one partition: `hits` hits, the log's time moving from `start_ms` on."""
    draw = random.Random(f"{workload.name} {seed} {partition}")
    visits = audiences(workload.audiences)
    paths = [f"/page/{rank}" for rank in range(1, workload.pages + 1)]
    weights = list(itertools.accumulate(rank**-POWER for rank in range(1, workload.pages + 1)))
    hits_per_s = workload.hits_per_s / partitions
    open_count = max(1, min(OPEN_VISITS_MAX, round(hits_per_s * HIT_EVERY_S)))
    visitors = [_Visitor(draw, workload, visits) for _ in range(open_count)]
    for first in range(0, hits, workload.hits_per_record):
        count = min(workload.hits_per_record, hits - first)
        drawn = zip(
            draw.choices(paths, cum_weights=weights, k=count),
            draw.choices(KINDS, KIND_WEIGHTS, k=count),
            strict=True,
        )
        record = []
        for number, (path, kind) in enumerate(drawn, first):
            place = int(draw.random() * open_count)
            visitor = visitors[place]
            at_ms = start_ms + int(number / hits_per_s * 1000)
            record.append(_hit(draw, visitor, kind if visitor.begun else KINDS[0], path, at_ms))
            visitor.begun = True
            visitor.hits_left -= 1
            if not visitor.hits_left:
                visitors[place] = _Visitor(draw, workload, visits)
        yield Batch(VERSION, "bench", tuple(record))


def _hit(
    draw: random.Random, visitor: _Visitor, kind: tuple[Kind, str], path: str, at_ms: int
) -> Hit:
    engaged = kind[0] is Kind.ENGAGEMENT
    return Hit(
        visitor.site_id, kind[0], visitor.visitor_id, draw.getrandbits(63), at_ms, at_ms, kind[1],
        "example.com", path, visitor.visit, (), True,
        12_000 if engaged else 0, 70 if engaged else 0,
    )  # fmt: skip


def length_ms(workload: Workload, hits: int) -> int:
    """How long the log of `hits` hits in all partitions is, by its own time."""
    return int(hits / workload.hits_per_s * 1000) + 1
