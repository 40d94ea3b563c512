"""Draw a week of requests to the invented site. Pure: the same seed gives the same lines."""

import ipaddress
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

from deploy.demo import site_pages as site
from deploy.demo.audience import (
    BROWSERS,
    COUNTRIES,
    HOLES,
    NEWS_SITE,
    ROBOTS,
    SOURCES,
    Country,
    Robot,
    Source,
)

SLOT_S: Final = 900
DAY_S: Final = 86_400
# Relative traffic by hour of the visitor's own day, midnight first.
HOURS: Final = (6, 4, 3, 2, 2, 3, 6, 14, 38, 62, 70, 68, 55, 62, 72, 70, 62, 48, 36, 32, 32, 28, 19,
                11)  # fmt: skip
WEEKEND: Final = 0.45  # of a weekday's traffic
RETURNING: Final = 0.35  # chance that a visit is by someone seen before
PAGES_OF_VISIT_MAX: Final = 15
THINK_MEDIAN_S, THINK_SIGMA = 38.0, 1.0
BURST_AT: Final = 0.55  # of the time span: the popular post reaches a news site
BURST_SHARE: Final = 0.11  # of all visits
BURST_RISE_S, BURST_DECAY_S = 1_500.0, 10_000.0
ROBOTS_PER_PAGE: Final = 0.16  # requests of robots for each pageview of a person


class Weighted(Protocol):
    """Something that is drawn more often the more it weighs."""

    @property
    def weight(self) -> float:
        """Relative."""


W = TypeVar("W", bound=Weighted)


class Request(NamedTuple):
    """A line of the log to be, in order of its time."""

    at_s: float
    address: str
    method: str
    target: str
    status: int
    body_bytes: int
    referrer: str
    agent: str


@dataclass(slots=True)
class Person:
    """Someone with one browser at one address."""

    country: Country
    address: str
    agent: str
    seen_pages: set[str]


class Week:
    """The random draws of one log; `end_s` is epoch seconds."""

    def __init__(self, seed: int, days: float, end_s: int) -> None:
        self._random = Random(seed)  # noqa: S311 - a demo's traffic
        self._begin_s, self._end_s = end_s - round(days * DAY_S), end_s
        slots = range(self._begin_s, end_s, SLOT_S)
        self._slots = slots
        self._rhythms = {
            country.code: list(accumulate(activity(at_s, country.offset_h) for at_s in slots))
            for country in COUNTRIES
        }
        self._people: list[Person] = []

    def requests(self, pageviews: int) -> Iterator[Request]:
        """All requests, in no order, with exactly so many pageviews of people."""
        left = pageviews
        while left:
            visit = list(self._visit(left))
            left -= sum(1 for request, is_view in visit if is_view)
            yield from (one for one, is_view in visit if is_view or one.at_s < self._end_s)
        for _ in range(round(pageviews * ROBOTS_PER_PAGE)):
            yield self._robot_request()

    def _visit(self, pages_max: int) -> Iterator[tuple[Request, bool]]:
        """One visit: pages with their assets, and whether each request is a pageview."""
        draw = self._random
        in_burst = draw.random() < BURST_SHARE
        person = self._person(in_burst)
        source = NEWS_SITE if in_burst else _pick(draw, SOURCES)
        at_s = self._burst_s() if in_burst else self._ordinary_s(person.country)
        path = self._landing(source)
        query, referrer = source.query, source.referrer
        for number in range(min(pages_max, PAGES_OF_VISIT_MAX)):
            if at_s >= self._end_s and number:
                return
            yield from self._page(person, min(at_s, self._end_s - 1.0), path, query, referrer)
            if draw.random() >= source.goes_on:
                return
            at_s += draw.lognormvariate(math.log(THINK_MEDIAN_S), THINK_SIGMA)
            referrer, query = f"https://{site.HOST}{path}", ""
            if draw.random() < 0.02:
                yield self._mishap(person, at_s - 3.0, referrer), False
            path = self._link(path)

    def _page(
        self, person: Person, at_s: float, path: str, query: str, referrer: str
    ) -> Iterator[tuple[Request, bool]]:
        draw = self._random
        known = path in person.seen_pages
        status = 304 if known and draw.random() < 0.5 else 200
        target = f"{path}?{query}" if query else path
        yield _get(person, at_s, target, status, site.page_bytes(path), referrer), True
        shown_from = f"https://{site.HOST}{path}"
        assets = [] if person.seen_pages else list(site.COMMON_ASSETS)
        if path.startswith("/blog/") and not known:
            assets += draw.sample(site.FIGURES, 2)
        for asset in assets:
            at_s += draw.uniform(0.02, 0.4)
            yield _get(person, at_s, asset.path, 200, asset.body_bytes, shown_from), False
        person.seen_pages.add(path)

    def _mishap(self, person: Person, at_s: float, referrer: str) -> Request:
        kind = self._random.random()
        if kind < 0.6:
            return _get(person, at_s, self._random.choice(site.GONE), 404, 1_832, referrer)
        if kind < 0.9:
            return _get(person, at_s, self._random.choice(site.MOVED), 301, 178, referrer)
        return _get(person, at_s, site.UNSTEADY, 500, 612, referrer)

    def _person(self, in_burst: bool) -> Person:
        draw = self._random
        if self._people and not in_burst and draw.random() < RETURNING:
            # Squared: some come back every day, most never.
            return self._people[int(len(self._people) * draw.random() ** 2)]
        country = _pick(draw, COUNTRIES)
        address = _address(draw, draw.choice(country.blocks))
        person = Person(country, address, _pick(draw, BROWSERS).agent, set())
        self._people.append(person)
        return person

    def _landing(self, source: Source) -> str:
        if source.lands_on == "docs":
            return _zipf(self._random, site.DOCS)
        if source.lands_on == "posts":
            return _zipf(self._random, site.POSTS)
        if source.lands_on == "home":
            return self._random.choices(site.OTHERS, (30, 8, 5, 3, 2, 3, 3))[0]
        return source.lands_on

    def _link(self, path: str) -> str:
        if path.startswith("/docs/") and self._random.random() < 0.08:
            words = self._random.choice(("fuzzy match", "größe", "boost title", "c++"))
            return f"/search/{quote(words)}"
        return _zipf(self._random, site.links_from(path))

    def _ordinary_s(self, country: Country) -> float:
        rhythm = self._rhythms[country.code]
        (slot_s,) = self._random.choices(self._slots, cum_weights=rhythm)
        return min(slot_s + self._random.random() * SLOT_S, self._end_s - 1.0)

    def _burst_s(self) -> float:
        """A steep rise, then a slow decay: the difference of two waits, added to its start."""
        draw = self._random
        began_s = self._begin_s + BURST_AT * (self._end_s - self._begin_s)
        waited_s = draw.expovariate(1 / BURST_RISE_S) + draw.expovariate(1 / BURST_DECAY_S)
        return min(began_s + waited_s, self._end_s - 1.0)

    def _robot_request(self) -> Request:
        draw = self._random
        robot = _pick(draw, ROBOTS)
        at_s = draw.uniform(self._begin_s, self._end_s - 1)
        target, status = self._wanted(robot)
        size = site.page_bytes(target) if status == 200 else 1_832
        address = _address(draw, robot.block)
        return Request(at_s, address, "GET", target, status, size, "", robot.agent)

    def _wanted(self, robot: Robot) -> tuple[str, int]:
        draw = self._random
        if robot.wants == "feed":
            return site.FEED, draw.choice((200, 304, 304))
        if robot.wants == "robots":
            return draw.choice((("/robots.txt", 200), ("/", 200)))
        if robot.wants == "holes":
            # A scanner looks at the front page first.
            return ("/", 200) if draw.random() < 0.2 else (draw.choice(HOLES), 404)
        if draw.random() < 0.08:
            return draw.choice((("/robots.txt", 200), (draw.choice(site.GONE), 404)))
        return draw.choice((*site.DOCS, *site.POSTS, *site.TAGS, *site.OTHERS)), 200


def activity(at_s: float, offset_h: float) -> float:
    """Relative traffic at a time from people who live at UTC plus `offset_h` hours."""
    local = datetime.fromtimestamp(at_s + offset_h * 3600, UTC)
    here, after = HOURS[local.hour], HOURS[(local.hour + 1) % 24]
    return (here + (after - here) * local.minute / 60) * (WEEKEND if local.weekday() > 4 else 1.0)


def _get(
    person: Person, at_s: float, target: str, status: int, size: int, referrer: str
) -> Request:
    body = 0 if status == 304 else size
    return Request(at_s, person.address, "GET", target, status, body, referrer, person.agent)


def _pick(draw: Random, choices: Sequence[W]) -> W:
    return draw.choices(choices, [choice.weight for choice in choices])[0]


def _zipf(draw: Random, ranked: Sequence[str]) -> str:
    return draw.choices(ranked, [1 / (rank + 1) for rank in range(len(ranked))])[0]


def _address(draw: Random, block: str) -> str:
    network = ipaddress.ip_network(block)
    return str(network[draw.randrange(1, network.num_addresses - 1)])
