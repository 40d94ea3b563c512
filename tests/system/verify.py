"""Count pageviews straight from the log that was played and compare with the REST API.

    python -m tests.system.verify --home .pawprint --api http://127.0.0.1:8000

Imports nothing of Pawprint. The last line is `differences: N`; the exit code is 0 only for N = 0,
1 for more, 2 if nothing was compared.
"""

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from tests.system.counting import (
    MINUTE_S,
    RULES,
    Cell,
    Page,
    Tally,
    load,
    minute_of,
    read_pages,
    tally,
)

DAY_S = 86_400
SETTLE_S = 20  # a minute is compared when it ended at least so long ago
PAGE_ROWS = 1_000
DIFFERENCES_SHOWN = 20
ROBOTS = ("bot", "referrer_spam")  # what is not counted as nobody was there
TOP_PATHS = 15


class CannotCompare(Exception):
    """Nothing can be compared; the message says why."""


class Api:
    """The REST API of one site."""

    def __init__(self, client: httpx.Client, site_id: str, key: str) -> None:
        self._client, self._site_id = client, site_id
        self._headers = {"Authorization": f"Bearer {key}"}

    def _get(self, name: str, begin: int, end: int, **parameters: str | int) -> dict[str, Any]:
        span = ",".join(datetime.fromtimestamp(s, UTC).strftime("%FT%TZ") for s in (begin, end))
        asked = {"site_id": self._site_id, "period": "custom", "date": span, **parameters}
        try:
            answer = self._client.get(f"/api/v1/stats/{name}", params=asked, headers=self._headers)
        except httpx.HTTPError as error:
            url = self._client.base_url
            raise CannotCompare(f"the API at {url} does not answer ({error!r})") from error
        if answer.status_code != 200:
            raise CannotCompare(f"the API answered {answer.status_code}: {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found

    def pageviews(self, begin: int, end: int) -> Counter[Cell]:
        """Pageviews by path and minute in [begin, end)."""
        counts: Counter[Cell] = Counter()
        properties = {"property": "event:page,time:minute", "metrics": "pageviews"}
        for number in range(1, sys.maxsize):
            rows = self._get("breakdown", begin, end, **properties, limit=PAGE_ROWS, page=number)[
                "results"
            ]
            for row in rows:
                counts[Cell(row["page"], row["minute"])] += row["pageviews"]
            if len(rows) < PAGE_ROWS:
                break
        return counts

    def ledger(self, begin: int, end: int) -> dict[str, Any]:
        """How many hits were accepted, counted and left out in [begin, end)."""
        found: dict[str, Any] = self._get("ledger", begin, end)["results"]
        return found


@dataclass
class Answers:
    """What the API said, by day, so that only days that differ are asked for again."""

    days: dict[int, Counter[Cell]] = field(default_factory=dict)
    ledger: dict[str, Any] = field(default_factory=dict)

    def cells(self) -> Counter[Cell]:
        return Counter({cell: n for day in self.days.values() for cell, n in day.items()})

    def ask(self, api: Api, days: Iterable[int], begin: int, cut: int) -> None:
        for day in days:
            self.days[day] = api.pageviews(day, min(day + DAY_S, cut))
        self.ledger = api.ledger(begin, cut)


def differences(expected: Tally, answers: Answers) -> tuple[list[str], set[int]]:
    """Each difference in words, and their days. A path's total only if no minute explains it."""
    words, days, explained = [], set(), set()
    counted = answers.cells()
    for cell in sorted({*expected.cells.most, *counted}):
        if not expected.cells.holds(cell, counted[cell]):
            at = datetime.fromtimestamp(cell.minute, UTC).strftime("%F %H:%M")
            foreign = "" if expected.paths.most[cell.path] else " (not the log's: who sent it?)"
            says = f"log {expected.cells.text(cell)}, API {counted[cell]}{foreign}"
            words.append(f"{at}  {cell.path}: {says}")
            days.add(cell.minute // DAY_S * DAY_S)
            explained.add(cell.path)
    by_path = per_path(counted)
    for path in sorted({*expected.paths.most, *by_path} - explained):
        if not expected.paths.holds(path, by_path[path]):
            words.append(
                f"all minutes  {path}: log {expected.paths.text(path)}, API {by_path[path]}"
            )
            days |= set(answers.days)
    return words + ledger_differences(expected, answers.ledger), days


def per_path(cells: Counter[Cell]) -> Counter[str]:
    paths: Counter[str] = Counter()
    for cell, count in cells.items():
        paths[cell.path] += count
    return paths


def robots_of(ledger: dict[str, Any]) -> int:
    return sum(ledger["left_out"].get(reason, 0) for reason in ROBOTS)


def ledger_differences(expected: Tally, ledger: dict[str, Any]) -> list[str]:
    """The ledger counts a robot's retried hit each time it was stored: more of these is no loss."""
    words = []
    if not expected.totals.holds("counted", ledger["counted"]):
        words.append(f"ledger: log {expected.totals.text('counted')}, counted {ledger['counted']}")
    robots = robots_of(ledger)
    if robots < expected.totals.least["robots"]:
        words.append(f"ledger: log {expected.totals.text('robots')} of robots, left out {robots}")
    if ledger["accepted"] != ledger["counted"] + sum(ledger["left_out"].values()):
        words.append(f"ledger: accepted is not counted + left out: {ledger}")
    return words


def compare(home: Path, api: Api, pages: list[Page], wait_s: float) -> int:
    """Compare until nothing differs or the time is over, print it, return the differences."""
    started = time.time()
    cut = (int(started) - SETTLE_S) // MINUTE_S * MINUTE_S
    minutes = [hit.first for hit in load(home, pages).hits(started)]
    begin = (min(minutes) if minutes else cut) // DAY_S * DAY_S - DAY_S
    answers, days = Answers(), set(range(begin, cut, DAY_S))
    while True:
        before = load(home, pages)
        answers.ask(api, sorted(days), begin, cut)
        after, now = load(home, pages), time.time()
        expected = tally(before.hits(now), after.hits(now), cut)
        found, days = differences(expected, answers)
        if not found or now - started > wait_s:
            break
        print(f"{len(found)} differences: waiting for the pipeline to catch up", flush=True)
        time.sleep(2)
    if not before.manifest["finished"]:
        print("History is still being sent: only what was acknowledged is expected")
    print_tables(expected, answers, minute_of(before.manifest["started_ms"]), cut)
    if not expected.cells.least:
        raise CannotCompare("the log has no pageview in a minute that is over; try again in two")
    for line in found[:DIFFERENCES_SHOWN]:
        print(line)
    if len(found) > DIFFERENCES_SHOWN:
        print(f"... and {len(found) - DIFFERENCES_SHOWN} more")
    return len(found)


def print_tables(expected: Tally, answers: Answers, history_until: int, cut: int) -> None:
    counted = answers.cells()
    by_path = per_path(counted)
    print(f"\n{'path':<60} {'log':>12} {'API':>8}")
    for path, _ in expected.paths.most.most_common(TOP_PATHS):
        print(f"{path[:60]:<60} {expected.paths.text(path):>12} {by_path[path]:>8}")
    others = len({*expected.paths.most, *by_path}) - TOP_PATHS
    if others > 0:
        print(f"... and {others} more paths")
    everything, ledger = expected.totals.text("counted"), answers.ledger
    print(f"{'all paths':<60} {everything:>12} {sum(by_path.values()):>8}")
    print(f"{'ledger: counted':<60} {everything:>12} {ledger['counted']:>8}")
    robots = expected.totals.text("robots")
    print(f"{'ledger: left out as robots':<60} {robots:>12} {robots_of(ledger):>8}")
    repeats = {reason: n for reason, n in ledger["left_out"].items() if reason not in ROBOTS}
    if repeats:
        print(f"ledger: left out for other reasons, such as retries: {repeats}")
    cells = {*expected.cells.most, *counted}
    live = sum(cell.minute > history_until for cell in cells)
    until = datetime.fromtimestamp(cut, UTC).strftime("%F %H:%M UTC")
    print(f"compared: {len(cells)} cells (path and minute) before {until}, ", end="")
    print(f"{len(cells) - live} of history and {live} of live traffic\n")


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, required=True, help="PAWPRINT_HOME of the stack")
    parser.add_argument("--api", required=True, help="the web application's address")
    parser.add_argument("--wait", type=float, default=60.0, help="seconds to let it catch up")
    options = parser.parse_args(arguments)
    try:
        demo, pages = read_home(options.home)
        print(f"Rules of this count:\n{RULES}\n")
        print(f"{len(pages)} pages in the log, {sum(page.robot for page in pages)} of them robots'")
        with httpx.Client(base_url=options.api, timeout=60, trust_env=False) as client:
            api = Api(client, demo["domain"], demo["stats_key"])
            count = compare(options.home, api, pages, options.wait)
    except (CannotCompare, OSError, KeyError, ValueError) as error:
        print(f"verify: {error!r}" if isinstance(error, KeyError) else f"verify: {error}")
        return 2
    print(f"differences: {count}")
    return 0 if count == 0 else 1


def read_home(home: Path) -> tuple[dict[str, Any], list[Page]]:
    """The demo site, and the pages of the log that was played into it."""
    for needed in ("demo.json", "demo/manifest.json"):
        if not (home / needed).exists():
            raise CannotCompare(f"there is no {home / needed}: start it with `./inv up`")
    manifest = json.loads((home / "demo/manifest.json").read_text())
    log = Path(manifest["log"])
    if not log.exists():
        raise CannotCompare(f"the log that was played is gone: {log}")
    if hashlib.sha256(log.read_bytes()).hexdigest() != manifest["sha256"]:
        raise CannotCompare(f"{log} was changed since it was played")
    pages = read_pages(log)
    if len(pages) != manifest["pages"]:
        raise CannotCompare(f"{len(pages)} pages by these rules, {manifest['pages']} were played")
    return json.loads((home / "demo.json").read_text()), pages


if __name__ == "__main__":
    sys.exit(main())
