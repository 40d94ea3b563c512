"""The dashboard without a mouse, and its addresses."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText || document.activeElement.title"))


def test_tab_reaches_the_controls_in_order_and_shows_where_it_is(desk: Desk) -> None:
    page = desk.open()
    seen: list[str] = []
    for _ in range(14):
        page.keyboard.press("Tab")
        seen.append(focused(page))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", f"no focus ring on {seen[-1]!r}"
    wanted = ["Pawprint", "Dashboard", "API", "Filter", "24h", "7d", "30d", "12mo"]
    assert [name for name in seen if name in wanted] == wanted


def test_arrows_walk_the_headline_tabs(desk: Desk) -> None:
    page = desk.open()
    tabs = page.get_by_role("tablist", name="Number on the chart")
    tabs.get_by_role("tab", name="Visitors").focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.get_by_role("tab", name="Visits")).to_be_focused()
    expect(tabs.get_by_role("tab", name="Visits")).to_have_attribute("aria-selected", "true")
    assert page.url.endswith("?metric=visits")


def test_keys_choose_and_escape_clears(desk: Desk) -> None:
    page = desk.open()
    page.keyboard.press("3")
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="30d")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith("?period=30d&compare=off")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith("?period=30d&compare=off")


def test_a_row_filters_and_back_lets_go(desk: Desk) -> None:
    page = desk.open("?period=30d")
    sizes = page.get_by_role("tab", name="Size")
    sizes.click()
    row = page.get_by_role("tabpanel", name="Size").get_by_role("link").first
    value = row.inner_text()
    row.click()
    chip = page.get_by_role("list", name="Filters")
    expect(chip).to_contain_text(f"Device is {value}")
    page.go_back()
    expect(chip).to_have_count(0)


def test_an_address_brings_everything_back(desk: Desk) -> None:
    page = desk.open("?period=24h&metric=pageviews&filter=visit:device==Desktop&pages=entry")
    expect(page.get_by_role("button", name="24h")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("tab", name="Pageviews")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="Entry")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("Device is Desktop")).to_be_visible()


def test_the_whole_list_is_searched(desk: Desk) -> None:
    page = desk.open("?period=30d")
    page.get_by_role("button", name="All countries").click()
    dialog = page.get_by_role("dialog", name="All countries")
    dialog.get_by_role("searchbox").fill("germ")
    links = dialog.get_by_role("link")
    expect(links).to_have_count(1)
    expect(links).to_contain_text("Germany")


def test_the_chart_tells_what_is_under_the_pointer(desk: Desk) -> None:
    page = desk.open("?period=30d")
    page.locator(".chart").hover(position={"x": 700, "y": 100})
    expect(page.locator(".tooltip-card")).to_contain_text("Visitors")


def test_logging_out_ends_at_the_log_in_page(desk: Desk) -> None:
    context = desk.browser.new_context()
    desk.opened.append(context)
    page = context.new_page()
    page.goto(desk.stack.dashboard)
    page.get_by_label("E-mail").fill(desk.stack.email)
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.get_by_label("Password").fill(desk.stack.password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
