"""User agents: bots, and what the others run on."""

import crawleruseragents
import pytest

from collector.steps.agents import AGENT_CHARS_MAX
from tests.unit.collector.support import CHROME, classify

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) {WEBKIT} Mobile/15E148 Safari/604.1"
)
IPAD = IPHONE.replace("iPhone;", "iPad;").replace("iPhone OS", "OS")
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Safari/605.1.15"
FIREFOX = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0"
PIXEL = f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {BLINK} Chrome/120.0.0.0 Mobile Safari/537.36"
TABLET = PIXEL.replace("Pixel 8", "SM-X900").replace(" Mobile", "")
TV = f"Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) {BLINK} 76.0.3809.146/6.0 TV Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "device", "browser", "version", "os", "os_version"),
    [
        (CHROME, "Desktop", "Chrome", "120", "Windows", "10"),
        (MAC, "Desktop", "Safari", "17", "macOS", "10.15"),
        (FIREFOX, "Desktop", "Firefox", "121", "Linux", ""),
        (IPHONE, "Mobile", "Safari", "17", "iOS", "17.2"),
        (IPAD, "Tablet", "Safari", "17", "iOS", "17.2"),
        (PIXEL, "Mobile", "Chrome", "120", "Android", "14"),
        (TABLET, "Tablet", "Chrome", "120", "Android", "14"),
    ],
)
def test_people(
    agent: str, device: str, browser: str, version: str, os: str, os_version: str
) -> None:
    found = classify(agent)
    assert not found.bot
    names = ("device", "browser", "browser_version", "os", "os_version")
    assert [found.dimensions.get(name, "") for name in names] == [
        device,
        browser,
        version,
        os,
        os_version,
    ]


def test_television() -> None:
    assert classify(TV).dimensions["device"] == "TV"


@pytest.mark.parametrize(
    "agent",
    ["", "-", "Mozilla/5.0", "curl/8.0", "python-requests/2.31", "Java/1.8", "\ufffd", "x" * 99_999,
     CHROME.replace("Chrome/", "HeadlessChrome/"), "Mozilla/5.0 (compatible; Googlebot/2.1)",
     f"{CHROME} Cypress/13.0", f"{CHROME} jsdom/20.0", f"{CHROME} HtmlUnit/2", f"{CHROME} SlimerJS",
     f"{CHROME} headless", "Mozilla/5.0 (Unknown; Linux) AppleWebKit/538.1 PhantomJS/2.1 Safari"],
)  # fmt: skip
def test_bots(agent: str) -> None:
    assert classify(agent[:AGENT_CHARS_MAX]).bot


def test_every_known_crawler_is_one() -> None:
    """The Rust engine must find what the patterns' own examples show."""
    examples = [
        agent
        for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA
        for agent in entry["instances"]
    ]
    assert len(examples) > 2_000
    assert [agent for agent in examples if not classify(agent).bot] == []


def test_the_agent_itself_is_not_kept() -> None:
    assert CHROME not in repr(classify(CHROME))
