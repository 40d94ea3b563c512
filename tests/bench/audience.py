"""A site's visitors drawn by seed: who comes when, from where, and what they look at. Pure.

    visits      a Poisson process that follows the hours of a day and the days of a week
    visitors    new ones, and some of the same day again; every id is of its UTC day, as salts are
    a visit     1 to 10 pageviews, geometric, some 50 s apart, pages by a power law; some of them
                followed by a report of engagement, the first of which carries load timings
    origins     sources, countries, browsers, systems, languages each by a power law of their own

Hits come as records of one partition for each minute of the log, as a quiet site's do. Some records
come late, as out of a collector's spool.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.events import ENGAGEMENT, PAGEVIEW, VERSION, Batch, Hit, Kind, Visit
from schemas.timings import TIMINGS

DAY_MS: Final = 86_400_000
MINUTE_MS: Final = 60_000
VIEWS_MAX: Final = 10  # of a visit
LEAVE_SHARE: Final = 0.42  # of visitors, after each page
EVENT_SHARE: Final = 0.04  # of what is seen: a custom event instead of a pageview
ENGAGED_SHARE: Final = 0.4  # of pageviews whose reading is reported
TIMED_SHARE: Final = 0.5  # of first reports of a visit: not all browsers measure
AGAIN_SHARE: Final = 0.12  # of visits by somebody who was there that day
STAY_MS: Final = 50_000  # on a page, on average
LATE_SHARE: Final = 0.002  # of minutes whose hits come LATE_MINUTES later
LATE_MINUTES: Final = 100
PAGE_POWER: Final = 1.0  # the page of rank r is seen as often as r ** -PAGE_POWER says
# Of a day's visits, hour by hour (UTC), and of a week's, day by day from Monday.
HOURS: Final = (
    16, 12, 9, 8, 8, 10, 16, 28, 42, 52, 56, 57, 54, 55, 58, 60, 58, 54, 50, 50, 48, 42, 32, 22,
)  # fmt: skip
WEEK: Final = (1.12, 1.15, 1.12, 1.08, 1.0, 0.75, 0.78)
EVENTS: Final = ("Outbound Link: Click", "File Download", "Signup", "Form: Submission")
PAGES: Final = 2_000

REFERRERS: Final = tuple(f"site{rank}.example" for rank in range(60))
# (channel, source, referrer); Direct first, as it is the most frequent.
ORIGINS: Final = (
    ("Direct", "", ""), ("Organic Search", "Google", "www.google.com"),
    ("Organic Social", "Hacker News", "news.ycombinator.com"),
    ("Organic Social", "Reddit", "www.reddit.com"), ("Organic Search", "Bing", "www.bing.com"),
    ("Organic Search", "DuckDuckGo", "duckduckgo.com"), ("Email", "newsletter", ""),
    ("Organic Social", "Twitter", "t.co"), ("Paid Search", "Google", "www.google.com"),
    *(("Referral", site, f"{site}/links/{site[4:-8]}") for site in REFERRERS),
)  # fmt: skip
COUNTRIES: Final = (
    "US", "DE", "GB", "IN", "FR", "CA", "BR", "NL", "ES", "AU", "IT", "JP", "PL", "SE", "CH", "MX",
    "AT", "BE", "DK", "NO", "FI", "IE", "PT", "CZ", "TR", "ID", "KR", "ZA", "AR", "RO",
)  # fmt: skip
BROWSERS: Final = ("Chrome", "Safari", "Firefox", "Edge", "Samsung Browser", "Opera")
SYSTEMS: Final = (
    ("Windows", "10", "Desktop"), ("iOS", "19.1", "Mobile"), ("Android", "16", "Mobile"),
    ("macOS", "15.4", "Desktop"), ("Windows", "11", "Desktop"), ("GNU/Linux", "", "Desktop"),
    ("iPadOS", "19.1", "Tablet"),
)  # fmt: skip
LANGUAGES: Final = ("en-US", "de-DE", "en-GB", "fr-FR", "es-ES", "pt-BR", "nl-NL", "ja-JP")
SCREENS: Final = ("XL", "M", "L", "S")
CAMPAIGNS: Final = ("", "", "", "", "", "", "spring", "launch", "brand")


@dataclass(frozen=True, slots=True)
class Audience:
    """What to draw of one site."""

    site_id: int
    visits_per_day: float  # on average over a week
    days: int


class _Skewed:
    """Indexes below `count`, drawn by a power law from a table, as that is quick."""

    def __init__(self, draw: random.Random, count: int, power: float = 1.0) -> None:
        weights = list(itertools.accumulate(rank**-power for rank in range(1, count + 1)))
        self._drawn = draw.choices(range(count), cum_weights=weights, k=8_191)
        self._at = 0

    def next(self, draw: random.Random) -> int:
        if self._at <= 0:
            self._at = len(self._drawn)
            draw.shuffle(self._drawn)
        self._at -= 1
        return self._drawn[self._at]


class _Drawing:
    """The tables of one site, and the visitors of the day."""

    def __init__(self, draw: random.Random, audience: Audience) -> None:
        self.draw, self.site_id = draw, audience.site_id
        self.pages = [f"/{'blog' if rank % 3 else 'docs'}/page-{rank}" for rank in range(1, PAGES)]
        self.page = _Skewed(draw, PAGES - 1, PAGE_POWER)
        self.origin, self.country = _Skewed(draw, len(ORIGINS)), _Skewed(draw, len(COUNTRIES))
        self.place, self.version = _Skewed(draw, 24), _Skewed(draw, 6, 1.6)
        self.browser, self.system = _Skewed(draw, len(BROWSERS)), _Skewed(draw, len(SYSTEMS))
        self.language, self.screen = _Skewed(draw, len(LANGUAGES)), _Skewed(draw, len(SCREENS))
        self.seen: list[tuple[int, Visit]] = []

    def visitor(self) -> tuple[int, Visit]:
        """Somebody of today, new or not."""
        draw = self.draw
        if self.seen and draw.random() < AGAIN_SHARE:
            return self.seen[int(draw.random() * len(self.seen))]
        found = draw.getrandbits(64), self.visit()
        self.seen.append(found)
        return found

    def visit(self) -> Visit:
        draw = self.draw
        channel, source, referrer = ORIGINS[self.origin.next(draw)]
        country = COUNTRIES[self.country.next(draw)]
        place = self.place.next(draw)
        os, os_version, device = SYSTEMS[self.system.next(draw)]
        campaign = CAMPAIGNS[int(draw.random() * len(CAMPAIGNS))] if source else ""
        return Visit(
            channel=channel, source=source, referrer=referrer,
            utm_source=source if campaign else "", utm_medium="cpc" if campaign else "",
            utm_campaign=campaign, click_id="gclid" if channel == "Paid Search" else "",
            country=country, region=f"{country}-{place // 4}", city=f"{country} city {place}",
            device=device, browser=BROWSERS[self.browser.next(draw)],
            browser_version=str(140 - self.version.next(draw)), os=os, os_version=os_version,
            screen=SCREENS[self.screen.next(draw)], language=LANGUAGES[self.language.next(draw)],
        )  # fmt: skip

    def hits(self, at_ms: int) -> Iterator[Hit]:
        """A visit that begins then."""
        draw, (visitor_id, visit) = self.draw, self.visitor()
        engaged = False
        for _ in range(VIEWS_MAX):
            path = self.pages[self.page.next(draw)]
            is_event = draw.random() < EVENT_SHARE
            kind = (Kind.EVENT, draw.choice(EVENTS)) if is_event else (Kind.PAGEVIEW, PAGEVIEW)
            yield self._hit(kind, visitor_id, at_ms, path, visit)
            stay_ms = 1_000 + int(draw.expovariate(1 / STAY_MS))
            if not is_event and draw.random() < ENGAGED_SHARE:
                report = (Kind.ENGAGEMENT, ENGAGEMENT)
                yield self._hit(report, visitor_id, at_ms + stay_ms, path, visit, not engaged)
                engaged = True
            if draw.random() < LEAVE_SHARE:
                return
            at_ms += stay_ms

    def _hit(
        self, kind: tuple[Kind, str], visitor_id: int, at_ms: int, path: str, visit: Visit,
        timed: bool = False,
    ) -> Hit:  # fmt: skip
        draw, is_report = self.draw, kind[0] is Kind.ENGAGEMENT
        timings: tuple[tuple[int, int], ...] = ()
        if timed and draw.random() < TIMED_SHARE:
            timings = tuple((index, int(draw.lognormvariate(6, 1))) for index in range(5))
        return Hit(
            self.site_id, kind[0], visitor_id, draw.getrandbits(63), at_ms, at_ms, kind[1],
            "example.com", path, visit, engaged_ms=int(draw.random() * 60_000) if is_report else 0,
            scroll_depth=int(draw.random() * 101) if is_report else 0, timings=timings,
        )  # fmt: skip


assert TIMINGS[:5] == ("lcp", "inp", "cls", "fcp", "ttfb")


def minutes(audience: Audience, seed: int, start_ms: int, partitions: int) -> Iterator[list[Batch]]:
    """One record for each partition, minute by minute from `start_ms`, which begins a UTC day."""
    draw = random.Random(f"audience {seed} {audience.site_id}")
    drawing = _Drawing(draw, audience)
    ahead: list[Hit] = []  # of visits that go on after midnight
    for day in range(audience.days):
        day_ms = start_ms + day * DAY_MS
        drawing.seen = []
        hits = ahead
        for at_ms in _begins(draw, audience, day_ms):
            hits.extend(drawing.hits(at_ms))
        hits.sort(key=_time)
        ahead = [hit for hit in hits if hit.at_ms >= day_ms + DAY_MS]
        yield from _records(draw, hits[: len(hits) - len(ahead)], day_ms, partitions)


def _time(hit: Hit) -> int:
    return hit.at_ms


def _begins(draw: random.Random, audience: Audience, day_ms: int) -> list[int]:
    """When the visits of a day begin."""
    mean = audience.visits_per_day * WEEK[(day_ms // DAY_MS + 3) % 7]
    count = max(0, round(draw.gauss(mean, mean**0.5)))
    hours = draw.choices(range(24), HOURS, k=count)
    return sorted(day_ms + hour * 3_600_000 + int(draw.random() * 3_600_000) for hour in hours)


def _records(
    draw: random.Random, hits: Sequence[Hit], day_ms: int, partitions: int
) -> Iterator[list[Batch]]:
    at, late = 0, dict[int, list[Hit]]()
    for end_ms in range(day_ms + MINUTE_MS, day_ms + DAY_MS + 1, MINUTE_MS):
        begin = at
        while at < len(hits) and hits[at].at_ms < end_ms:
            at += 1
        now = [*late.pop(end_ms, ()), *hits[begin:at]]
        comes_ms = end_ms + LATE_MINUTES * MINUTE_MS
        if draw.random() < LATE_SHARE and comes_ms <= day_ms + DAY_MS:
            late[comes_ms], now = now, []
        yield [
            Batch(
                VERSION, "bench", tuple(hit for hit in now if hit.visitor_id % partitions == each)
            )
            for each in range(partitions)
        ]
