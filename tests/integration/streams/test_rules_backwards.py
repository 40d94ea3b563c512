"""Other rules rewrite history: every number as an independent count of the same log has it."""

import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from aiokafka import AIOKafkaProducer
from redis.asyncio import Redis

from schemas import redis_keys
from schemas.events import PAGEVIEW, VERSION, Batch, Hit, Kind, Visit, Watermark, encode_batch
from schemas.sites import SiteSettings, encode
from schemas.topics import HITS
from tests.integration.streams.commands import ask, checksums, streams
from tests.integration.streams.test_worker import settled
from tests.workers import Workers

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

DAY_MS, MINUTE_MS = 86_400_000, 60_000
RULES = """
["one.example"]
session_gap = "10m"
count = ["bot"]
leave_out = [{ when = { path = "/admin/**" } }, { when = { browser = "Old*" }, reason = "bot" }]
channels = [{ when = { utm_source = "news*" }, channel = "Newsletter" }]
"""
TOTALS = (
    "SELECT site_id, sum(visits), sum(bounces), sum(pageviews) FROM visit_rows FINAL"
    " GROUP BY site_id ORDER BY site_id"
)
CHANNELS = "SELECT site_id, channel, sum(visits) FROM visit_rows FINAL GROUP BY site_id, channel"
OUTCOMES = (
    "SELECT site_id, outcome, sum(hits) FROM ledger_rows FINAL"
    " GROUP BY site_id, outcome HAVING sum(hits) > 0"
)


class View(NamedTuple):
    """A pageview as the test draws it."""

    site: int
    visitor: int
    at_ms: int
    path: str
    utm_source: str
    browser: str
    is_bot: bool


def drawn(until_ms: int) -> list[View]:
    """Two days of two sites; visitors come in bursts with pauses of 1 to 60 minutes."""
    draw, views = random.Random(3), []
    for number in range(240):
        site, at_ms = 1 + number % 2, until_ms - draw.randrange(2 * DAY_MS)
        is_bot, source = draw.random() < 0.2, draw.choice(["", "", "newsletter", "shop"])
        browser = draw.choice(["Old Browser", "Firefox", "Firefox", "Firefox"])
        for _ in range(draw.randint(1, 6)):
            path = draw.choice(["/", "/prices", "/admin/users", "/administration"])
            views.append(View(site, number, at_ms, path, source, browser, is_bot))
            at_ms += draw.choice([1, 3, 9, 11, 29, 31, 60]) * MINUTE_MS + draw.randrange(1, 900)
    return sorted((view for view in views if view.at_ms < until_ms), key=lambda view: view.at_ms)


class Counts:
    """What the views come to, counted with plain lists: no windows, shards or rows."""

    def __init__(self, views: Iterable[View], ruled: bool) -> None:
        self.outcomes, self.channels = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
        self.days: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
        by_visitor: dict[tuple[int, int], list[View]] = defaultdict(list)
        for view in views:
            ours = ruled and view.site == 1
            outcome = "bot" if view.is_bot and not ours else ""
            if ours and view.path.startswith("/admin/"):
                outcome = "excluded"
            elif ours and view.browser.startswith("Old"):
                outcome = "bot"
            self.outcomes[view.site, outcome or "counted"] += 1
            if not outcome:
                by_visitor[view.site, view.visitor].append(view)
        for (site, _), seen in by_visitor.items():
            gap_ms = (10 if ruled and site == 1 else 30) * MINUTE_MS
            visits = [[seen[0]]]
            for before, view in pairwise(seen):
                if view.at_ms - before.at_ms > gap_ms:
                    visits.append([])
                visits[-1].append(view)
            for visit in visits:
                self._add(visit, ruled)
            for day in {view.at_ms // DAY_MS for view in seen}:
                self.days[site, day]["visitors"] += 1

    def _add(self, visit: list[View], ruled: bool) -> None:
        first = visit[0]
        renamed = ruled and first.site == 1 and first.utm_source.startswith("news")
        self.channels[first.site, "Newsletter" if renamed else "Direct"] += 1
        day = self.days[first.site, first.at_ms // DAY_MS]
        day["visits"] += 1
        day["bounces"] += len(visit) == 1
        for view in visit:
            self.days[first.site, view.at_ms // DAY_MS]["pageviews"] += 1

    def totals(self) -> list[tuple[int, ...]]:
        return [
            (site, *(sum(day[name] for (of, _), day in self.days.items() if of == site)
                     for name in ("visits", "bounces", "pageviews")))
            for site in (1, 2)
        ]  # fmt: skip


async def write(broker: str, views: list[View]) -> None:
    """In order of time; at the end every partition is told that it is now."""
    producer = AIOKafkaProducer(bootstrap_servers=broker)
    await producer.start()
    partitions = sorted(await producer.partitions_for(HITS.name))
    for number, view in enumerate(views):
        visit = Visit(channel="Direct", utm_source=view.utm_source, browser=view.browser)
        hit = Hit(
            view.site, Kind.PAGEVIEW, view.visitor, number, view.at_ms, view.at_ms, PAGEVIEW,
            "one.example", view.path, visit, left_out="bot" if view.is_bot else "",
        )  # fmt: skip
        partition = partitions[view.visitor % len(partitions)]
        await producer.send(
            HITS.name, encode_batch(Batch(VERSION, "test", (hit,))), partition=partition
        )
    now = Watermark(0, "", time.time_ns() // 1_000_000)
    for partition in partitions:
        record = encode_batch(Batch(VERSION, "test", (), (now,)))
        await producer.send_and_wait(HITS.name, record, partition=partition)
    await producer.stop()


def assert_counts(url: str, generation: int, want: Counts) -> None:
    assert ask(url, generation, TOTALS) == want.totals()
    assert {(s, c): n for s, c, n in ask(url, generation, CHANNELS)} == want.channels
    assert {(s, o): n for s, o, n in ask(url, generation, OUTCOMES)} == want.outcomes


def changed_days(printed: str) -> dict[str, list[tuple[int, int]]]:
    """Day -> (before, after) of pageviews, visits and visitors, as a dry run printed them."""
    found = {}
    for line in printed.splitlines():
        cells = [cell.strip() for cell in re.split("[│┃]", line)]
        cells = [cell for cell in cells if cell]
        if len(cells) == 6 and re.fullmatch(r"\d{4}-\d\d-\d\d", cells[1]):
            numbers = [re.findall(r"(?<![(+-])\b\d+\b", cell.split("(")[0]) for cell in cells[2:5]]
            found[f"{cells[0]} {cells[1]}"] = [(int(n[0]), int(n[-1])) for n in numbers]
    return found


async def test_other_rules_rewrite_history(
    workers: Workers, rollups_url: str, fresh_topics: str, redis_url: str, tmp_path: Path
) -> None:
    async with Redis.from_url(redis_url) as redis:
        for site in (SiteSettings(1, "one.example"), SiteSettings(2, "two.example")):
            await redis.hset(redis_keys.SITES, site.domain, encode(site).decode())
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    views = drawn(time.time_ns() // 1_000_000 - 3 * 3_600_000)
    before, after = Counts(views, ruled=False), Counts(views, ruled=True)
    with workers.supervised(1):
        await write(fresh_topics, views)
        await settled(lambda: ask(rollups_url, 1, TOTALS), before.totals())
        assert_counts(rollups_url, 1, before)

        shown = changed_days(await streams(workers, "rebuild", "--rules", str(rules), "--dry-run"))
        names = ("pageviews", "visits", "visitors")
        assert shown == {
            f"one.example {time.strftime('%Y-%m-%d', time.gmtime(day * 86_400))}": [
                (before.days[site, day][name], after.days[site, day][name]) for name in names
            ]
            for site, day in sorted(before.days)
            if before.days[site, day] != after.days[site, day]
        }
        assert (await checksums(workers)).keys() == {1}, "a dry run leaves nothing"

        await streams(workers, "rebuild", "--rules", str(rules))
        (second,) = (await checksums(workers)).keys() - {1}
        assert_counts(rollups_url, second, after)
        status = await streams(workers, "rebuild", "--status")
        assert 'session_gap = "10m0s"' in status
        assert "Newsletter" in status
        # Kept by a rebuild that names none, forgotten by one that says so.
        await streams(workers, "rebuild", "--no-switch")
        await streams(workers, "rebuild", "--rules", "none", "--no-switch")
        sums = await checksums(workers)
        assert sums[second] == sums[second + 1] != sums[1]
        assert sums[second + 2] == sums[1]
        rules.write_text(RULES.replace("10m", "ten minutes"))
        refused = await streams(workers, "rebuild", "--rules", str(rules), status=1)
        assert '["one.example"] session_gap' in refused
