"""Which requests are pageviews."""

import pytest
from msgspec.structs import replace

from deploy.importing.lines import Line
from deploy.importing.pages import PageRules, is_page

PAGE = Line(1, 0, "192.0.2.1", "GET", "/", 200, 0, "", "")
ALL = PageRules(hosts=frozenset())


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/blog/",
        "/a.html",
        "/a.php?x=style.css",
        "/v1.2",
        "/css",
        "/feedback",
        "/?q=rss-reader",
        "//x",
        "/" + "x" * 1_799,
    ],
)
def test_pages(target: str) -> None:
    assert is_page(replace(PAGE, target=target))
    assert is_page(replace(PAGE, target=target, status=304))


@pytest.mark.parametrize(
    "target",
    [
        "/a.css",
        "/A.PNG",
        "/a.js?v=3",
        "/robots.txt",
        "/favicon.ico",
        "/feed",
        "/blog/feed/",
        "/index.xml",
        "/?flav=rss20",
        "/?feed=Atom&x=1",
        "*",
        "http://example.com/",
        "",
        '/"',
        "/\\x22",
        "/#top",
        "/\u00e9",
        "/" + "x" * 1_800,
    ],
)
def test_not_pages(target: str) -> None:
    assert not is_page(replace(PAGE, target=target))


@pytest.mark.parametrize(
    "change", [{"method": "HEAD"}, {"method": "POST"}, {"status": 301}, {"status": 206}]
)
def test_only_what_was_got(change: dict[str, str | int]) -> None:
    assert not is_page(replace(PAGE, **change))
