"""The demo's pages, clicked by a visitor: the counter moves, events and web vitals arrive."""

import json
import secrets
import time
from collections.abc import Iterator
from itertools import product
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import SIZES, USER_AGENT, WAIT_MS, Scheme, Stack

pytestmark = pytest.mark.browser

DOMAIN = "click.pawprint.test"
COUNTED_S_MAX = 30.0
LIVE_S_MAX = 5.0
SENT = {
    "Outbound Link: Click", "File Download", "Sign up", "Order", "Form: Submission", "404",
}  # fmt: skip
SERIOUS = {"serious", "critical"}


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[BrowserContext]:
    context = browser.new_context(user_agent=USER_AGENT, base_url=stack.pages_url)
    context.set_default_timeout(WAIT_MS)
    yield context
    context.close()


def asked(stack: Stack, path: str, **parameters: str) -> Any:
    """The results: a list of rows, or of an aggregate a value by metric."""
    answer = httpx.get(
        f"{stack.webapp_url}/api/v1/stats/{path}",
        params={"site_id": DOMAIN, "period": "day", **parameters},
        headers={"Authorization": f"Bearer {stack.stats_key}"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def click_everything(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Sign up for Pro").click()
    page.get_by_role("button", name="Buy a fish").click()
    page.get_by_label("Ask something").fill("what?")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("Asked; nobody will answer.")).to_be_visible()
    with page.expect_download():
        page.get_by_role("link", name="Take the price list").click()
    with page.expect_popup() as elsewhere:
        page.get_by_role("link", name="Go elsewhere").click()
    elsewhere.value.close()
    page.get_by_role("link", name="App").click()
    page.get_by_role("link", name="Brook").click()
    expect(page.get_by_text("You are at the brook.")).to_be_visible()
    page.get_by_role("link", name="404").click()
    page.get_by_role("link", name="Long page").click()
    page.mouse.wheel(0, 900)
    page.wait_for_timeout(400)
    page.get_by_role("link", name="Home").click()


def test_what_is_clicked_arrives(visit: BrowserContext, stack: Stack) -> None:
    page = visit.new_page()
    # Nothing outside this machine is asked: the link is what counts.
    visit.route("https://example.org/**", lambda route: route.fulfill(body="elsewhere"))
    click_everything(page)
    until = time.monotonic() + COUNTED_S_MAX
    events: set[object] = set()
    speeds: dict[str, object] = {}
    while time.monotonic() < until and not (events >= SENT and all(speeds.values())):
        rows = asked(stack, "breakdown", property="event:name")
        events = {row["name"] for row in rows}
        found = asked(stack, "aggregate", metrics="lcp,fcp,ttfb,page_load")
        speeds = {name: each["value"] for name, each in found.items()}
        time.sleep(0.5)
    assert events >= SENT
    assert all(speeds.values()), speeds
    seen = {row["page"] for row in asked(stack, "breakdown", property="event:page")}
    assert {"/", "/app/", "/app/brook", "/nowhere/", "/guide/"} <= seen


def visitors_now(stack: Stack) -> int:
    """The live counter of the pages' site."""
    answer = httpx.get(
        f"{stack.webapp_url}/api/v1/stats/realtime/visitors",
        params={"site_id": DOMAIN},
        headers={"Authorization": f"Bearer {stack.stats_key}"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    return int(answer.text)


def test_the_live_counter_goes_up(browser: Browser, stack: Stack) -> None:
    nobody_seen_before = f"{USER_AGENT} {secrets.token_hex(4)}"
    before = visitors_now(stack)
    context = browser.new_context(user_agent=nobody_seen_before)
    context.new_page().goto(stack.pages_url)
    until = time.monotonic() + LIVE_S_MAX
    while (now := visitors_now(stack)) <= before and time.monotonic() < until:
        time.sleep(0.1)
    context.close()
    assert now == before + 1


def test_an_order_is_taken_with_its_revenue(visit: BrowserContext) -> None:
    page = visit.new_page()
    page.goto("/")

    def is_order(url: str, body: str | None) -> bool:
        return url.endswith("/api/event") and json.loads(body or "{}").get("n") == "Order"

    with page.expect_response(lambda each: is_order(each.url, each.request.post_data)) as answered:
        page.get_by_role("button", name="Buy a fish").click()
    answer = answered.value
    assert answer.status == 202
    assert "x-drop-reason" not in answer.headers
    sent = json.loads(answer.request.post_data or "{}")
    assert sent["$"] == {"amount": 9.9, "currency": "EUR"}


def test_everything_is_reached_by_keyboard(visit: BrowserContext) -> None:
    page = visit.new_page()
    page.goto("/")
    things = page.evaluate("document.querySelectorAll('a, button, input').length")
    reached = set()
    for _ in range(things):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
        )
    assert len(reached) == things > 10


def test_who_does_not_want_to_be_counted_is_not(visit: BrowserContext) -> None:
    page = visit.new_page()
    page.goto("/")
    page.get_by_role("button", name="Do not count me").click()
    page.wait_for_load_state("networkidle")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto("/guide/?unseen")
    page.wait_for_load_state("networkidle")
    assert not [url for url in sent if url.endswith("/api/event")]


@pytest.mark.parametrize(("size", "scheme"), tuple(product(SIZES, ("light", "dark"))))
def test_no_barriers(browser: Browser, stack: Stack, size: str, scheme: Scheme) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        base_url=stack.pages_url,
    )
    page = context.new_page()
    for path in ("/", "/guide/", "/app/", "/nowhere/"):
        page.goto(path)
        found = Axe().run(page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in SERIOUS] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
