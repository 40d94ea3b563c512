"""A real Chromium before a running stack, which `./inv test` starts and names in TEST_STACK_*."""

import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

CHROMIUM: Final = os.environ.get("TEST_CHROMIUM", "/usr/bin/chromium")
USER_AGENT: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)  # the test's own visitor must not look like a robot
ARGUMENTS: Final = (
    "--no-sandbox",
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # A context's own agent does not reach what a page sends as it is left: that would be a robot's.
    f"--user-agent={USER_AGENT}",
)
SIZES: Final = {"wide": (1280, 1000), "phone": (390, 844)}
WAIT_MS: Final = 15_000  # for what is not measured: a busy machine draws slowly

Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the running stack answers, and who may log in."""

    webapp_url: str
    collector_url: str
    pages_url: str  # of the demo's pages to click around in
    domain: str
    email: str
    password: str
    stats_key: str

    @property
    def dashboard(self) -> str:
        return f"{self.webapp_url}/{self.domain}/"

    def send_hits(self, path: str, addresses: Iterable[str]) -> None:
        """A pageview from each address, as a browser would send it; returns once all are in."""
        event = {"n": "pageview", "u": f"https://{self.domain}{path}", "d": self.domain}
        with httpx.Client(base_url=self.collector_url, timeout=5) as client:
            for address in addresses:
                headers = {"User-Agent": USER_AGENT, "X-Forwarded-For": address}
                assert client.post("/api/event", json=event, headers=headers).status_code == 202


@pytest.fixture(scope="session")
def stack() -> Stack:
    url, login = os.environ.get("TEST_STACK_URL"), os.environ.get("TEST_STACK_LOGIN")
    if not url or not login:
        pytest.fail("TEST_STACK_URL and TEST_STACK_LOGIN are not set: run `./inv test`")
    known = json.loads(Path(login).read_text())
    names = ("collector_url", "pages_url", "domain", "email", "password", "stats_key")
    return Stack(url, *(known[name] for name in names))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def session(browser: Browser, stack: Stack) -> str:
    """The cookies of somebody who logged in through the form, as Playwright keeps them (JSON)."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(stack.dashboard)
    page.get_by_label("E-mail").fill(stack.email)
    page.get_by_label("Password").fill(stack.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(stack.dashboard)
    state = json.dumps(context.storage_state())
    context.close()
    return state


@dataclass(frozen=True, slots=True)
class Desk:
    """Opens pages for somebody logged in; complains about errors on their consoles."""

    browser: Browser
    stack: Stack
    session: str
    opened: list[BrowserContext]
    errors: list[str]

    def open(
        self, search: str = "", *, size: str = "wide", scheme: Scheme = "light", still: bool = True
    ) -> Page:
        """The dashboard at an address, once its numbers are there."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce" if still else "no-preference",
            has_touch=size == "phone",
            storage_state=json.loads(self.session),
        )
        context.set_default_timeout(WAIT_MS)
        self.opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(self.stack.dashboard + search)
        page.get_by_test_id("current-visitors").wait_for()
        page.locator(".kpi-value").first.wait_for()
        page.locator(".chart canvas").wait_for()
        return page


@pytest.fixture
def desk(browser: Browser, stack: Stack, session: str) -> Iterator[Desk]:
    made = Desk(browser, stack, session, [], [])
    yield made
    for context in made.opened:
        context.close()
    assert made.errors == []


@pytest.fixture
def visitor() -> str:
    """An address of documentation range that nobody came from before."""
    return f"2001:db8::{secrets.token_hex(2)}:{int(time.time()) % 65_536:x}"
