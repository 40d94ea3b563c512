"""A hit shows on an open dashboard while one looks at it."""

import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, Stack

pytestmark = pytest.mark.browser

SHOWN_WITHIN_MS = 1_000
CROWD = 40  # visitors of one page at once: enough to be among the ten that are looked at most

PAGEVIEWS = """
() => [...document.querySelectorAll("[data-pageviews]")]
  .reduce((sum, bar) => sum + Number(bar.dataset.pageviews), 0)
"""


def counter(page: Page) -> int:
    """The big number."""
    return int(page.get_by_test_id("current-visitors").inner_text().replace(",", ""))


@pytest.fixture
def crowded(stack: Stack, visitor: str) -> str:
    """A page nobody knew, with CROWD visitors on it. Others may come and go elsewhere meanwhile."""
    path = f"/browser-test/{secrets.token_hex(4)}"
    stack.send_hits(path, [f"{visitor}:{each:x}" for each in range(1, CROWD + 1)])
    return path


def test_one_hit_shows_within_a_second(
    desk: Desk, stack: Stack, crowded: str, visitor: str
) -> None:
    page = desk.open()
    page.get_by_role("button", name="Who is where").click()
    row = page.get_by_role("dialog").get_by_role("listitem").filter(has_text=crowded)
    expect(row).to_contain_text(str(CROWD))
    stack.send_hits(crowded, [f"{visitor}:0"])
    expect(row).to_contain_text(str(CROWD + 1), timeout=SHOWN_WITHIN_MS)


def test_counter_and_running_minute_move_with_a_crowd(
    desk: Desk, stack: Stack, visitor: str
) -> None:
    """More at once than the demo's own traffic brings in ten seconds, or takes away in one."""
    page = desk.open(still=False)
    visitors, pageviews = counter(page), page.evaluate(PAGEVIEWS)
    stack.send_hits("/crowd", [f"{visitor}:{each:x}" for each in range(2 * CROWD)])
    page.wait_for_function(
        f"least => ({PAGEVIEWS})() >= least",
        arg=pageviews + 2 * CROWD,
        polling=20,
        timeout=SHOWN_WITHIN_MS,
    )
    expect(page.locator(".strip-minute")).to_have_count(30)
    page.wait_for_timeout(SHOWN_WITHIN_MS)  # the number takes a third of a second to get there
    assert counter(page) >= visitors + CROWD
