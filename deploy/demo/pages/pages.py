"""Which file is which page, and what stands in it. Pure but for reading the files once."""

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

FOLDER: Final = Path(__file__).parent / "files"
HTML: Final = "text/html; charset=utf-8"
# Path -> (file, title).
PAGES: Final = {
    "/": ("home.html", "Minnow"),
    "/guide/": ("guide.html", "A long page"),
    "/app/": ("app.html", "An app in one page"),
}
# The app's own addresses: it is one page, whatever its address says.
APP: Final = "/app/"
FILES: Final = {
    "/style.css": ("style.css", "text/css; charset=utf-8"),
    "/app.js": ("app.js", "text/javascript; charset=utf-8"),
    "/minnow-prices.csv": ("minnow-prices.csv", "text/csv; charset=utf-8"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pages stand."""

    collector: str
    dashboard: str
    domain: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    kind: str
    body: bytes


def answer_to(target: str, place: Place) -> Answer:
    """The answer to a request's target, such as `/guide/?utm_source=news`."""
    path = unquote(urlsplit(target).path)
    if path in FILES:
        name, kind = FILES[path]
        return Answer(200, kind, _read(name).encode())
    if path.startswith(APP):
        path = APP
    if path in PAGES:
        name, title = PAGES[path]
        return Answer(200, HTML, _page(name, title, place, ""))
    return Answer(404, HTML, _page("missing.html", "No such page", place, ' data-event="404"'))


def _page(name: str, title: str, place: Place, options: str) -> bytes:
    words = {
        "title": escape(title),
        "script": escape(f"{place.collector}/js/script.js"),
        "dashboard": escape(place.dashboard),
        "domain": escape(place.domain),
        "options": options,
    }
    page = _read("layout.html").replace("{main}", _read(name))
    for word, text in words.items():
        page = page.replace(f"{{{word}}}", text)
    return page.encode()


@lru_cache(maxsize=len(PAGES) + len(FILES) + 2)
def _read(name: str) -> str:
    return (FOLDER / name).read_text()
