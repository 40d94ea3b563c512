"""What the page looks like, to people and to those who check for barriers."""

import os
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError

from tests.browser.conftest import SIZES, Desk, Scheme

pytestmark = pytest.mark.browser

LOOKS = tuple(product(SIZES, ("light", "dark")))
SERIOUS = {"serious", "critical"}
TARGET_PX = 36
NARROWEST_PX = 320


def barriers(page: Page) -> list[str]:
    """Serious violations axe finds: rule, and the first place."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:200]}"
        for each in found
        if each["impact"] in SERIOUS
    ]


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_no_barriers(desk: Desk, size: str, scheme: Scheme) -> None:
    page = desk.open("?filter=visit:device==Desktop", size=size, scheme=scheme)
    page.locator(".bars").first.wait_for()
    assert barriers(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers_in_dialogs(desk: Desk, scheme: Scheme) -> None:
    page = desk.open(scheme=scheme)
    page.keyboard.press("f")
    page.get_by_role("dialog").get_by_role("checkbox").first.wait_for()
    assert barriers(page) == []


@pytest.mark.parametrize("path", ["/login/", "/no-such.site/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers_around_the_dashboard(desk: Desk, path: str, scheme: Scheme) -> None:
    page = desk.open(scheme=scheme)
    if path == "/login/":
        page.context.clear_cookies()  # who is logged in is sent on
    page.goto(desk.stack.webapp_url + path)
    page.get_by_role("heading").first.wait_for()
    assert barriers(page) == []


def test_nothing_is_cut_off_on_a_phone(desk: Desk) -> None:
    page = desk.open("?filter=visit:device==Desktop", size="phone")
    for width in (SIZES["phone"][0], NARROWEST_PX):
        page.set_viewport_size({"width": width, "height": 844})
        # The chart is drawn anew a frame after its card has got narrower.
        with suppress(TimeoutError):
            page.wait_for_function(
                "width => document.documentElement.scrollWidth <= width", arg=width, timeout=2_000
            )
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} px of content in {width}"


def test_targets_are_large_enough_for_a_thumb(desk: Desk) -> None:
    page = desk.open("?filter=visit:device==Desktop", size="phone")
    page.locator(".bars").first.wait_for()
    small = page.evaluate(
        """least => [...document.querySelectorAll("main a, main button, .top a, .top button")]
            .map(each => [each.getBoundingClientRect(), each])
            .filter(([box]) => box.width > 0 && box.height < least)
            .map(([box, each]) => `${each.outerHTML.slice(0, 90)} is ${box.height} px high`)""",
        TARGET_PX,
    )
    assert small == []


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_pictures(desk: Desk, size: str, scheme: Scheme) -> None:
    """Written to the folder TEST_PICTURES names, for people to look at."""
    page = desk.open(size=size, scheme=scheme)
    page.locator(".bars").nth(3).wait_for()
    picture = page.screenshot(full_page=True)
    assert len(picture) > 20_000  # bytes; an empty page takes less
    folder = os.environ.get("TEST_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"dashboard-{size}-{scheme}.png").write_bytes(picture)
