"""A shared link, opened by a stranger: as a page, behind a password, in a frame."""

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.conftest import SIZES, WAIT_MS, Desk, Scheme, Stack
from tests.browser.test_look import barriers

pytestmark = pytest.mark.browser

MAKE_LINK = """async (fields) => {
  const token = document.querySelector("meta[name=csrf-token]").content;
  const answer = await fetch("/api/v1/sites/shared-links", {
    method: "PUT",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(fields),
  });
  return (await answer.json()).url;
}"""
ADD_FRAME = """(url) => {
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: url, title: "Visitors", width: 1000, height: 900 });
  document.body.replaceChildren(frame);
}"""


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """Somebody without a cookie; complains about errors on the page."""
    context = browser.new_context(viewport={"width": SIZES["wide"][0], "height": SIZES["wide"][1]})
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def make_link(desk: Desk, **fields: str) -> str:
    """The address of a new link, on the running stack."""
    wanted = {"site_id": desk.stack.domain, "name": secrets.token_hex(8), **fields}
    url: str = desk.open().evaluate(MAKE_LINK, wanted)
    path = url[url.index("/share/") :]
    return desk.stack.webapp_url + path


def see_numbers(place: Page | FrameLocator) -> None:
    """The numbers of the period and the live counter, on a page or in a frame."""
    expect(place.locator(".kpi-value").first).to_be_visible()
    expect(place.get_by_test_id("current-visitors")).to_be_visible()
    expect(place.locator(".problem")).to_have_count(0)


def test_a_link_shows_the_numbers_and_nothing_of_the_members(desk: Desk, stranger: Page) -> None:
    stranger.goto(make_link(desk))
    see_numbers(stranger)
    expect(
        stranger.get_by_text(f"{desk.stack.domain}, shared with you for reading")
    ).to_be_visible()
    expect(stranger.get_by_role("button", name="Account")).to_have_count(0)
    stranger.get_by_role("button", name="vs previous").click()
    stranger.reload()  # the address has kept what the link is found by
    see_numbers(stranger)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_password_is_asked_for(desk: Desk, stranger: Page, scheme: Scheme) -> None:
    stranger.emulate_media(color_scheme=scheme)
    stranger.goto(make_link(desk, password="open sesame"))
    field = stranger.get_by_label("Password of the link")
    expect(field).to_be_focused()
    assert barriers(stranger) == []
    field.fill("wrong")
    field.press("Enter")
    expect(stranger.get_by_role("alert")).to_be_visible()
    assert barriers(stranger) == []
    stranger.get_by_label("Password of the link").fill("open sesame")
    stranger.get_by_role("button", name="Open the dashboard").click()
    see_numbers(stranger)
    assert barriers(stranger) == []


def test_in_a_frame_of_another_page(desk: Desk, stack: Stack, stranger: Page) -> None:
    url = make_link(desk)
    stranger.goto(stack.pages_url)
    stranger.evaluate(ADD_FRAME, f"{url}&embed=true&theme=dark")
    frame = stranger.frame_locator("iframe")
    see_numbers(frame)
    expect(frame.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(frame.locator("header.top")).to_have_count(0)
