"""Pages made for Plausible: its snippet with `plausible.init`, and file names with extensions."""

import json

import pytest
from playwright.sync_api import Page

from tests.browser.script.site import DIST, Site, page

SRC = "/js/pa-Xy_9-z.js"
STUB = (
    "window.plausible=window.plausible||function(){(plausible.q=plausible.q||[]).push(arguments)};"
    "plausible.init=plausible.init||function(i){plausible.o=i||{}};"
)
LOCAL = "{captureOnLocalhost: true}"
THINGS = """
<a id="out" href="http://localhost:1/away?x=1" target="other">out</a>
<a id="file" href="/book.epub" download>file</a>
<form><input name="q"><input type="submit"></form>
<script>document.forms[0].addEventListener("submit", (event) => event.preventDefault())</script>
"""


def snippet(init: str = f"plausible.init({LOCAL})", body: str = "", attributes: str = "") -> str:
    """A page with the snippet, which asks for the script as Plausible's own does."""
    tag = f'<script async {attributes} src="{SRC}"></script><script>{STUB}{init}</script>'
    return f"<!doctype html><title>Page</title>{tag}<body>{body}</body>"


def test_the_snippet(site: Site, tab: Page) -> None:
    site.pages["/"] = snippet(f"plausible.init({LOCAL}); plausible('early', {{props: {{a: 1}}}})")
    tab.goto(f"{site.url}/")
    site.wait_for("pageview", "early")
    tab.evaluate("history.pushState(null, '', '/list'); plausible('late')")
    site.wait(lambda: len(site.named("pageview")) == 2 and "late" in site.names)
    assert {event["d"] for event in site.taken} == {"127.0.0.1"}
    assert [event["p"] for event in site.named("early")] == [{"a": 1}]


def test_init_after_loading(site: Site, tab: Page) -> None:
    site.pages["/"] = snippet("plausible('early')")
    tab.goto(f"{site.url}/")
    tab.wait_for_load_state("load")
    assert site.tries == []
    tab.evaluate("plausible.init({domain: 'example.com', captureOnLocalhost: true})")
    site.wait_for("pageview", "early")
    assert {event["d"] for event in site.taken} == {"example.com"}


def test_options_of_init(site: Site, tab: Page) -> None:
    options = """{captureOnLocalhost: true, endpoint: "/p/event", outboundLinks: false,
      fileDownloads: {fileExtensions: ["epub"]}, customProperties: {author: "Ann"},
      transformRequest: (event) => ({...event, u: event.u.split("?")[0]})}"""
    site.pages["/"] = snippet(f"plausible.init({options})", THINGS)
    tab.goto(f"{site.url}/?secret=1")
    for selector in ("#out", "#file", "[type=submit]"):
        tab.click(selector)
    site.wait(lambda: "Form: Submission" in site.names)
    site.wait(lambda: "File Download" in site.names)
    tab.wait_for_timeout(200)
    tab.evaluate("history.pushState(null, '', '/b?secret=2')")
    site.wait(lambda: site.named("engagement") and len(site.named("pageview")) == 2)
    assert site.named("Outbound Link: Click") == []
    assert {event["u"] for event in site.taken} == {f"{site.url}/", f"{site.url}/b"}
    assert site.named("pageview")[0]["p"] == {"author": "Ann"}
    assert site.named("File Download")[0]["p"] == {"author": "Ann", "url": f"{site.url}/book.epub"}
    assert site.named("engagement")[0]["p"] == {"author": "Ann"}


def test_fragments_and_pageviews_by_hand(site: Site, tab: Page) -> None:
    options = "{captureOnLocalhost: true, hashBasedRouting: true, autoCapturePageviews: false}"
    site.pages["/"] = snippet(f"plausible.init({options})")
    tab.goto(f"{site.url}/#/one")
    tab.wait_for_timeout(200)
    assert site.tries == []
    tab.evaluate("void plausible('pageview')")
    site.wait_for("pageview")
    assert (site.taken[0]["u"], site.taken[0]["h"]) == (f"{site.url}/#/one", 1)


def test_a_local_page_is_not_counted_and_may_be_silent(site: Site, tab: Page) -> None:
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    for options in ("", "{logging: false}"):
        site.pages["/"] = snippet(f"plausible.init({options})")
        tab.goto(f"{site.url}/")
        tab.wait_for_timeout(200)
    assert (site.tries, said) == ([], ["pawprint off"])


@pytest.mark.parametrize("is_genuine", [True, False])
def test_the_hash_we_print(site: Site, tab: Page, is_genuine: bool) -> None:
    integrity = json.loads((DIST / "script.json").read_text())["pa.js"]["integrity"]
    allowed = integrity if is_genuine else "sha384-" + "A" * 64
    site.pages["/"] = snippet(attributes=f'integrity="{allowed}" crossorigin')
    tab.goto(f"{site.url}/")
    if is_genuine:
        site.wait_for("pageview")
    else:
        tab.wait_for_timeout(300)
        assert site.tries == []


@pytest.mark.parametrize(
    "name",
    ["plausible", "script.outbound-links.file-downloads", "plausible.tagged-events.hash.revenue"],
)
def test_file_names_with_extensions(site: Site, tab: Page, name: str) -> None:
    site.pages["/"] = page(THINGS, 'data-domain="example.com"', f"/js/{name}.js")
    tab.goto(f"{site.url}/#/a")
    site.wait_for("pageview")
    tab.click("#out")
    site.wait(lambda: "Outbound Link: Click" in site.names)
    assert {event["d"] for event in site.taken} == {"example.com"}
    assert {event["h"] for event in site.taken} == {int("hash" in name)}


def test_attributes_of_the_tag(site: Site, tab: Page) -> None:
    attributes = 'event-author="Ann" add-file-types="epub"'
    src = "/js/script.file-downloads.manual.pageview-props.js"
    site.pages["/"] = page(THINGS, attributes, src)
    tab.goto(f"{site.url}/")
    tab.click("#file")
    site.wait_for("File Download")  # `manual` is heeded: no pageview
    assert site.taken[0]["p"] == {"author": "Ann", "url": f"{site.url}/book.epub"}
