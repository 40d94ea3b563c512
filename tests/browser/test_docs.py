"""The page of the API in a real browser: found, copied, read by keyboard, on a phone."""

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import SIZES, WAIT_MS, Scheme, Stack
from tests.browser.test_look import LOOKS, NARROWEST_PX, TARGET_PX, barriers

pytestmark = pytest.mark.browser


class Reader:
    """Opens the page; complains about errors on its console, the policy's refusals among them."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self.browser, self.stack = browser, stack
        self.errors: list[str] = []

    def open(self, size: str = "wide", scheme: Scheme = "light", anchor: str = "") -> Page:
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda said: self.errors.append(said.text) if said.type == "error" else None,
        )
        page.goto(f"{self.stack.webapp_url}/api/docs/{anchor}")
        page.locator(".code-copy").first.wait_for()
        return page


@pytest.fixture
def reader(browser: Browser, stack: Stack) -> Iterator[Reader]:
    made = Reader(browser, stack)
    before = set(browser.contexts)
    yield made
    for context in set(browser.contexts) - before:
        context.close()
    assert made.errors == []


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_no_barriers(reader: Reader, size: str, scheme: Scheme) -> None:
    page = reader.open(size, scheme)
    assert barriers(page) == []
    folder = os.environ.get("TEST_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"api-{size}-{scheme}.png")


def test_a_language_is_chosen_for_all_examples_and_kept(reader: Reader) -> None:
    page = reader.open()
    page.locator("#aggregate").get_by_role("tab", name="curl").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    for name in ("start", "aggregate", "breakdown"):
        assert page.locator(f"#{name}-python").is_visible()
        assert page.locator(f"#{name}-curl").is_hidden()
    page.reload()
    page.locator("#aggregate-python").wait_for()


def test_what_is_copied_is_what_is_shown(reader: Reader) -> None:
    page = reader.open()
    code = page.locator("#breakdown-curl")
    code.get_by_role("button", name="Copy").click()
    code.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == code.locator("code").text_content()


def test_finding_by_keyboard(reader: Reader) -> None:
    page = reader.open()
    page.keyboard.press("/")
    page.keyboard.type("bounce_rate")
    links = page.locator("[data-nav] a:visible")
    assert links.all_inner_texts() == ["Metrics"]
    page.keyboard.press("Enter")
    page.wait_for_url("**/#metrics")
    page.keyboard.press("/")
    page.locator("[data-search]").fill("nothing like it")
    assert page.get_by_text("Nothing on this page is called that.").is_visible()
    page.keyboard.press("Escape")
    assert links.count() > 10


def test_the_list_says_where_one_is(reader: Reader) -> None:
    page = reader.open(anchor="#ledger")
    page.locator("[data-nav] a[aria-current][href='#ledger']").wait_for()


def test_the_theme_is_chosen_by_hand(reader: Reader) -> None:
    page = reader.open()
    page.get_by_role("button", name="Light or dark").click()  # auto -> light
    page.get_by_role("button", name="Light or dark").click()  # light -> dark
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


@pytest.mark.parametrize(
    ("language", "width"), list(product(("curl", "python"), (SIZES["phone"][0], NARROWEST_PX)))
)
def test_nothing_is_cut_off_on_a_phone(reader: Reader, language: str, width: int) -> None:
    page = reader.open("phone")
    page.set_viewport_size({"width": width, "height": 844})
    page.locator(f"#start-{language}-tab").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_targets_are_large_enough_for_a_thumb(reader: Reader) -> None:
    page = reader.open("phone")
    small = page.evaluate(
        """least => [...document.querySelectorAll("nav a, button")]
            .map(each => [each.getBoundingClientRect(), each])
            .filter(([box]) => box.width > 0 && box.height < least)
            .map(([box, each]) => `${each.outerHTML.slice(0, 90)} is ${box.height} px high`)""",
        TARGET_PX,
    )
    assert small == []


def test_it_is_whole_without_scripts(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{stack.webapp_url}/api/docs/")
    for language in ("curl", "httpie", "python"):
        assert page.locator(f"#aggregate-{language}").is_visible()
    context.close()
