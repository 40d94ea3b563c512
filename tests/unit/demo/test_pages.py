"""The pages to click around in: each is there, and nothing of a request stands in them."""

import re

import pytest

from deploy.demo.pages.pages import FILES, PAGES, Place, answer_to

PLACE = Place("http://127.0.0.1:8001", 'http://127.0.0.1:8000/a.b/?"<', "a.b")


@pytest.mark.parametrize("path", [*PAGES, *FILES, "/app/pond", "/guide/?utm_source=x"])
def test_what_is_there(path: str) -> None:
    answer = answer_to(path, PLACE)
    assert answer.status == 200
    assert re.search(rb"\{(main|title|script|dashboard|domain|options)\}", answer.body) is None


@pytest.mark.parametrize("path", ["/nowhere/", "/../../etc/passwd", "/%2e%2e/style.css", "", "//x"])
def test_all_else_is_the_page_that_says_so(path: str) -> None:
    answer = answer_to(path, PLACE)
    assert answer.status == 404
    assert b'data-event="404"' in answer.body
    assert b"passwd" not in answer.body


def test_the_tag_counts_for_the_site_also_on_this_machine() -> None:
    page = answer_to("/", PLACE).body.decode()
    assert (
        '<script defer data-local data-domain="a.b" src="http://127.0.0.1:8001/js/script.js">'
        in page
    )
    assert "a.b/?&quot;&lt;" in page


def test_every_link_of_the_pages_leads_somewhere() -> None:
    for path in PAGES:
        page = answer_to(path, PLACE).body.decode()
        for target in re.findall(r'(?:href|src)="(/[^"]*)"', page):
            assert answer_to(target, PLACE).status == (404 if target == "/nowhere/" else 200), (
                target
            )
