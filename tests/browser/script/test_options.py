"""What visitors do, what a page asks for, and how strict it may be."""

import json

import pytest
from playwright.sync_api import Page

from tests.browser.script.site import DIST, Site, page

THINGS = """
<a id="out" href="http://localhost:1/away?x=1" target="other">out</a>
<a id="file" href="/guide.pdf?token=1" download>file</a>
<a id="in" href="#here">in</a>
<button class="pawprint-event-name=Sign+up pawprint-event-plan=pro">tagged</button>
<form><input name="q" required><input type="submit"></form>
<script>document.forms[0].addEventListener("submit", (event) => {
  event.preventDefault(); event.stopImmediatePropagation() })</script>
"""


def test_clicks_and_forms(site: Site, tab: Page) -> None:
    site.pages["/"] = page(THINGS)
    tab.goto(f"{site.url}/")
    for selector in ("#in", "#out", "#file", "button"):
        tab.click(selector)
    tab.click("[type=submit]")  # not filled in: nothing is submitted
    tab.fill("[name=q]", "x")
    tab.click("[type=submit]")
    site.wait(lambda: "Form: Submission" in site.names)
    site.wait(lambda: len(site.taken) >= 5)
    sent = {event["n"]: event.get("p") for event in site.taken if event["n"] != "engagement"}
    assert sent == {
        "pageview": None,
        "Outbound Link: Click": {"url": "http://localhost:1/away?x=1"},
        "File Download": {"url": f"{site.url}/guide.pdf"},
        "Sign up": {"plan": "pro"},
        "Form: Submission": None,
    }


def test_a_missing_page(site: Site, tab: Page) -> None:
    site.pages["/"] = page("", 'data-event="404"')
    tab.goto(f"{site.url}/")
    site.wait_for("pageview", "404")


def test_a_visitor_who_opted_out(site: Site, tab: Page) -> None:
    tab.goto(f"{site.url}/")
    site.wait_for("pageview")
    tab.evaluate("localStorage.pawprint_ignore = true")
    tab.goto(f"{site.url}/b")
    tab.evaluate("void pawprint('a')")
    tab.evaluate("delete localStorage.pawprint_ignore")
    tab.goto(f"{site.url}/")
    site.wait(lambda: len(site.named("pageview")) == 2)
    assert [event["u"] for event in site.named("pageview")] == [f"{site.url}/"] * 2
    assert site.named("a") == []


def test_two_scripts_on_a_page(site: Site, tab: Page) -> None:
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    site.pages["/"] = page(page())
    tab.goto(f"{site.url}/")
    site.wait_for("pageview")
    tab.evaluate("void pawprint('a')")
    site.wait_for("pageview", "a")
    assert said == ["pawprint twice"]


def test_a_local_page_is_not_counted(site: Site, tab: Page) -> None:
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    site.pages["/"] = page().replace("data-local", "")
    tab.goto(f"{site.url}/")
    tab.wait_for_timeout(300)
    assert (site.tries, said) == ([], ["pawprint off"])


@pytest.mark.parametrize("is_genuine", [True, False])
def test_a_strict_policy_with_the_hash_we_print(site: Site, tab: Page, is_genuine: bool) -> None:
    """Also the page's proof: a script with another hash does not run."""
    integrity = json.loads((DIST / "script.json").read_text())["script.js"]["integrity"]
    allowed = integrity if is_genuine else "sha384-" + "A" * 64
    policy = f"default-src 'none'; script-src '{allowed}'; connect-src 'self'"
    site.headers["content-security-policy"] = policy
    site.pages["/"] = page("", f'integrity="{allowed}" crossorigin')
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(f"{site.url}/")
    if is_genuine:
        site.wait_for("pageview")
        assert said == []
    else:
        tab.wait_for_timeout(300)
        assert site.tries == []


def test_a_policy_that_forbids_sending_harms_no_page(site: Site, tab: Page) -> None:
    site.headers["content-security-policy"] = "connect-src 'none'"
    tab.goto(f"{site.url}/")
    tab.evaluate("history.pushState(null, '', '/list')")
    tab.wait_for_timeout(300)
    assert (site.tries, tab.url) == ([], f"{site.url}/list")  # and `tab` saw no error


def test_the_module_and_a_proxy_path(site: Site, tab: Page) -> None:
    code = 'import {init, track} from "/js/index.js"; init({local: true, api: "/p/e"}); track("a")'
    site.pages["/"] = f'<!doctype html><script type="module">{code}</script>'
    tab.goto(f"{site.url}/")
    site.wait_for("pageview", "a")


def test_panelbears_client(site: Site, tab: Page) -> None:
    stub = "window.panelbear=function(){(panelbear.q=panelbear.q||[]).push(arguments)};"
    config = "panelbear('config',{site:'site-1',debug:true});panelbear('track','early')"
    tag = '<script async src="/js/analytics.js"></script>'
    site.pages["/"] = f"<!doctype html>{tag}<script>{stub}{config}</script>"
    tab.goto(f"{site.url}/")
    site.wait_for("pageview", "early")
    tab.evaluate("panelbear('track', 'late')")
    site.wait_for("pageview", "early", "late")
    assert {event["d"] for event in site.taken} == {"site-1"}
