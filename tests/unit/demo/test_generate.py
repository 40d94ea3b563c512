"""The drawn log: the same for a seed, readable, and of a believable shape."""

import ipaddress
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import crawleruseragents
import iptocc
import pytest

from deploy.demo.access_log import BadLines, read_lines
from deploy.demo.audience import BROWSERS, COUNTRIES, ROBOTS, Country
from deploy.demo.generate import main
from deploy.demo.site_pages import HOST, POPULAR_POST
from deploy.importing.lines import Line
from deploy.importing.pages import is_page

HITS = 6_000


def draw(path: Path, *options: str) -> bytes:
    assert main(["--out", str(path), "--hits", str(HITS), *options]) == 0
    return path.read_bytes()


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    path, bad = tmp_path_factory.mktemp("log") / "access.log", BadLines()
    draw(path)
    found = list(read_lines(path, bad))
    assert bad.count == 0
    return found


@pytest.fixture(scope="module")
def people(lines: list[Line]) -> list[Line]:
    agents = {browser.agent for browser in BROWSERS}
    return [line for line in lines if is_page(line) and line.agent in agents]


def hour_of(line: Line) -> datetime:
    return datetime.fromtimestamp(line.at_ms / 1000, UTC)


def test_a_seed_gives_the_same_bytes_and_another_gives_others(tmp_path: Path) -> None:
    one = draw(tmp_path / "a", "--seed", "7")
    assert one == draw(tmp_path / "b", "--seed", "7")
    assert one != draw(tmp_path / "c", "--seed", "8")


def test_as_many_pageviews_as_asked_for(people: list[Line]) -> None:
    assert len(people) == HITS


def test_it_ends_where_it_should_and_lasts_as_long(tmp_path: Path) -> None:
    path = tmp_path / "log"
    draw(path, "--end", "2026-06-10T12:00:00+02:00", "--days", "3")
    times = [line.at_ms for line in read_lines(path, BadLines())]
    end = datetime(2026, 6, 10, 10, tzinfo=UTC).timestamp() * 1000
    assert end - 3_600_000 < max(times) <= end
    assert end - 3 * 86_400_000 <= min(times) < end - 2.8 * 86_400_000


def test_written_when_answered_so_not_quite_sorted(lines: list[Line]) -> None:
    times = [line.at_ms for line in lines]
    assert times != sorted(times)
    assert all(after > before - 5_000 for before, after in pairwise(times))


def test_weekends_and_nights_are_quieter(people: list[Line]) -> None:
    ordinary = [line for line in people if "ycombinator" not in line.referrer]
    days = Counter(hour_of(line).weekday() for line in ordinary)
    assert days[5] + days[6] < 0.6 * (days[0] + days[1])
    nearby = Counter(
        hour_of(line).hour for line in ordinary if iptocc.country_code(line.address) == "DE"
    )
    assert nearby[2] + nearby[3] < 0.2 * (nearby[9] + nearby[13])


def test_a_post_gets_popular_on_a_news_site(people: list[Line]) -> None:
    readers = [line for line in people if "ycombinator" in line.referrer]
    assert 0.04 < len(readers) / HITS < 0.15
    assert {line.target for line in readers} == {POPULAR_POST}
    hours = Counter(line.at_ms // 3_600_000 for line in readers)
    assert max(hours.values()) > 0.1 * len(readers)
    assert max(hours) - min(hours) < 48


def test_sources(people: list[Line]) -> None:
    hosts = Counter(urlsplit(line.referrer).hostname for line in people)
    assert {"www.google.com", "duckduckgo.com", "lobste.rs", "github.com", HOST} <= set(hosts)
    assert hosts[None] > 0.1 * HITS
    assert sum("utm_source=newsletter" in line.target for line in people) > 20


def test_visitors_come_back_and_read_on(people: list[Line]) -> None:
    per_visitor = Counter((line.address, line.agent) for line in people)
    days_of: dict[str, set[int]] = {}
    for line in people:
        days_of.setdefault(line.address, set()).add(line.at_ms // 86_400_000)
    assert HITS / len(per_visitor) > 1.8
    assert sum(len(days) > 1 for days in days_of.values()) > 0.1 * len(days_of)
    assert any(line.status == 304 for line in people)


def test_a_few_pages_are_most_read(people: list[Line]) -> None:
    counts = [count for _, count in Counter(line.target for line in people).most_common()]
    assert sum(counts[:5]) > 0.3 * HITS
    assert len(counts) > 40


def test_robots_scanners_errors_and_assets(lines: list[Line], people: list[Line]) -> None:
    robots = {robot.agent for robot in ROBOTS}
    share = sum(is_page(line) and line.agent in robots for line in lines) / HITS
    assert 0.05 < share < 0.2
    statuses = Counter(line.status for line in lines)
    assert statuses[404] > 50
    assert {301, 500} <= set(statuses)
    assert any(line.target == "/wp-login.php" and line.status == 404 for line in lines)
    assert sum(not is_page(line) for line in lines) > HITS


def test_robots_are_known_as_such_and_browsers_are_not() -> None:
    assert all(not robot.agent or crawleruseragents.is_crawler(robot.agent) for robot in ROBOTS)
    assert not any(crawleruseragents.is_crawler(browser.agent) for browser in BROWSERS)


def test_devices(people: list[Line]) -> None:
    device_of = {browser.agent: browser.device for browser in BROWSERS}
    devices = Counter(device_of[line.agent] for line in people)
    assert devices["Desktop"] > devices["Mobile"] > devices["Tablet"] > 0


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.code)
def test_addresses_are_where_they_are_said_to_be(country: Country) -> None:
    for block in country.blocks:
        network = ipaddress.ip_network(block)
        step = network.num_addresses // 97
        found = Counter(iptocc.country_code(str(network[n * step + 1])) for n in range(97))
        assert found[country.code] >= 93


@pytest.mark.parametrize("bad", [["--hits", "0"], ["--days", "0"], ["--end", "soon"]])
def test_bad_options_are_refused(bad: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path / "x"), *bad])


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path / "missing" / "x"), "--hits", "1"]) == 2
