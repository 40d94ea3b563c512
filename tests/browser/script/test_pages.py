"""What pages do by themselves: load, change, hide, come back, end."""

from playwright.sync_api import BrowserContext, Page

from tests.browser.script.site import Site, page


def paths(site: Site) -> list[str]:
    return [event["u"].removeprefix(site.url) for event in site.named("pageview")]


def stay(tab: Page) -> None:
    """Long enough to be worth a report."""
    tab.wait_for_timeout(200)


def test_pages_of_an_application(site: Site, tab: Page) -> None:
    tab.goto(f"{site.url}/")
    site.wait_for("pageview")
    stay(tab)
    tab.evaluate("history.pushState(null, '', '/list'); history.pushState(null, '', '/list?a=1')")
    tab.evaluate("history.replaceState(null, '', '/item')")
    site.wait(lambda: len(site.named("pageview")) == 3)
    tab.go_back()
    site.wait(lambda: len(site.named("pageview")) == 4)
    assert paths(site) == ["/", "/list", "/item", "/list"]
    report = site.named("engagement")[0]
    assert report["u"] == f"{site.url}/"
    assert report["e"] >= 150
    assert report["sd"] == 100


def test_fragments_are_pages_in_hash_mode(site: Site, tab: Page) -> None:
    site.pages["/"] = page('<a href="#/two">two</a>', "data-hash")
    tab.goto(f"{site.url}/#/one")
    tab.click("a")
    site.wait(lambda: len(site.named("pageview")) == 2)
    assert paths(site) == ["/#/one", "/#/two"]
    assert {event["h"] for event in site.taken} == {1}


def test_a_page_from_the_back_forward_cache(site: Site, tab: Page) -> None:
    tab.goto(f"{site.url}/")
    tab.evaluate("window.kept = 1")
    stay(tab)
    tab.goto(f"{site.url}/b")
    site.wait(lambda: len(site.named("pageview")) == 2)
    stay(tab)
    tab.go_back(wait_until="commit")  # a page that is not loaded has no "load"
    site.wait(lambda: len(site.named("pageview")) == 3)
    assert tab.evaluate("window.kept") == 1  # the same page as before, not loaded anew
    assert paths(site) == ["/", "/b", "/"]
    assert len(site.named("engagement")) == 2


def test_a_tab_that_is_hidden_reports_and_rests(site: Site, tab: Page) -> None:
    """Headless Chromium hides no tab, so the page is told so."""
    tab.goto(f"{site.url}/")
    stay(tab)
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    changed = "document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))"
    tab.evaluate(hide % "true" + changed)
    site.wait_for("pageview", "engagement")
    tab.wait_for_timeout(600)
    tab.evaluate(hide % "false" + changed)
    stay(tab)
    tab.goto("about:blank")
    site.wait_for("pageview", "engagement", "engagement")
    assert site.taken[2]["e"] < 600


def test_a_page_closed_while_sending(site: Site, tab: Page, context: BrowserContext) -> None:
    tab.goto(f"{site.url}/")
    site.wait_for("pageview")
    stay(tab)
    site.is_slow = True
    keeper = context.new_page()  # else the browser's last page goes
    tab.evaluate("void pawprint('last words')")
    tab.close(run_before_unload=True)
    site.wait(lambda: len(site.taken) == 3)
    assert sorted(site.names) == ["engagement", "last words", "pageview"]
    keeper.close()


def test_offline_then_online(site: Site, tab: Page, context: BrowserContext) -> None:
    tab.goto(f"{site.url}/")
    site.wait_for("pageview")
    context.set_offline(True)
    tab.evaluate("void pawprint('a'); void pawprint('b')")
    tab.wait_for_timeout(300)
    assert site.names == ["pageview"]
    context.set_offline(False)
    site.wait(lambda: len(site.taken) == 3)
    assert sorted(site.names) == ["a", "b", "pageview"]


def test_a_collector_that_is_away_gets_the_same_event_again(site: Site, tab: Page) -> None:
    site.status = 503
    tab.goto(f"{site.url}/")
    site.wait(lambda: len(site.tries) == 1)
    site.status = 202
    site.wait_for("pageview")
    assert site.tries[0] == site.tries[1]


def test_vitals_arrive_with_the_engagement(site: Site, tab: Page) -> None:
    body = "<h1>Large</h1><button onclick='let t=Date.now();while(Date.now()-t<60);'>b</button>"
    site.pages["/"] = page(body)
    tab.goto(f"{site.url}/")
    tab.wait_for_load_state("load")
    stay(tab)
    tab.click("button")
    tab.wait_for_timeout(500)
    tab.goto(f"{site.url}/b")
    site.wait(lambda: site.named("engagement"))
    timings = site.named("engagement")[0]["t"]
    wanted = {"lcp", "inp", "fcp", "ttfb", "cls", "dom_content_loaded", "page_load"}
    assert wanted <= timings.keys()
    assert timings["inp"] >= 60
    assert 0 < timings["ttfb"] <= timings["fcp"] <= timings["lcp"] < 15_000
    assert timings["cls"] < 0.1
    assert timings["transfer_size"] > len(site.pages["/"])


def test_a_shift_of_the_layout_is_measured(site: Site, tab: Page) -> None:
    grow = "setTimeout(() => document.querySelector('div').style.height = '300px', 150)"
    site.pages["/"] = page(f"<div></div><p style='height:300px'>Text</p><script>{grow}</script>")
    tab.goto(f"{site.url}/")
    tab.wait_for_timeout(600)
    tab.goto(f"{site.url}/b")
    site.wait(lambda: site.named("engagement"))
    assert site.named("engagement")[0]["t"]["cls"] > 0.05


def test_scrolling(site: Site, tab: Page) -> None:
    site.pages["/"] = page("<div style='height: 4000px'></div>")
    tab.goto(f"{site.url}/")
    tab.evaluate("scrollTo(0, 1000)")
    stay(tab)
    tab.evaluate("scrollTo(0, 0)")
    stay(tab)
    tab.goto(f"{site.url}/b")
    site.wait(lambda: site.named("engagement"))
    assert 35 <= site.named("engagement")[0]["sd"] <= 50
