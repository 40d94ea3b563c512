"""Pictures of a running dashboard: `python -m deploy.local.screenshot --url --login --out`."""

import argparse
import json
from itertools import product
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, sync_playwright

from deploy.local.errors import StackError
from deploy.local.packages import CHROMIUM, find

WIDTHS_PX: Final = {"wide": (1280, 1000), "phone": (390, 844)}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
SETTLE_MS: Final = 1500  # charts and the first live numbers are drawn by then


def take(
    browser: Browser, url: str, login: dict[str, str], size: str, scheme: Literal["light", "dark"]
) -> bytes:
    """A picture of the whole dashboard page at one size and colour scheme, PNG."""
    width, height = WIDTHS_PX[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=2
    )
    try:
        page = context.new_page()
        page.goto(f"{url}/login/?next=/{login['domain']}/")
        page.get_by_label("E-mail").fill(login["email"])
        page.get_by_label("Password").fill(login["password"])
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{url}/{login['domain']}/**")
        page.wait_for_timeout(SETTLE_MS)
        return page.screenshot(full_page=True)
    finally:
        context.close()


def main() -> None:
    """Write dashboard-SIZE-SCHEME.png for each size and scheme."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--login", required=True, type=Path, help="the home's demo.json")
    parser.add_argument("--out", required=True, type=Path)
    given = parser.parse_args()
    login = json.loads(given.login.read_text())
    given.out.mkdir(parents=True, exist_ok=True)
    chromium = find(CHROMIUM.program)
    if chromium is None:
        raise StackError("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for size, scheme in product(WIDTHS_PX, SCHEMES):
            picture = given.out / f"dashboard-{size}-{scheme}.png"
            picture.write_bytes(take(browser, given.url, login, size, scheme))
            print(picture)


if __name__ == "__main__":
    main()
