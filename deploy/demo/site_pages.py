"""The invented site behind the generated log: Minnow, a small search engine for documentation."""

from dataclasses import dataclass
from typing import Final

HOST: Final = "minnow.example"
POPULAR_POST: Final = "/blog/we-deleted-our-job-queue/"

# Most read first: how often a page is landed on falls with its place (Zipf's law).
DOCS: Final = (
    "/docs/install/",
    "/docs/quick-start/",
    "/docs/query-syntax/",
    "/docs/ranking/",
    "/docs/configuration/",
    "/docs/languages/",
    "/docs/highlighting/",
    "/docs/javascript-widget/",
    "/docs/indexing-markdown/",
    "/docs/synonyms/",
    "/docs/facets/",
    "/docs/deploy-with-docker/",
    "/docs/incremental-builds/",
    "/docs/typo-tolerance/",
    "/docs/http-api/",
    "/docs/command-line/",
    "/docs/migrating-from-version-1/",
    "/docs/theming/",
    "/docs/limits/",
    "/docs/faq/",
)
POSTS: Final = (
    "/blog/how-a-search-index-fits-in-40-kilobytes/",
    "/blog/typo-tolerance-without-a-server/",
    "/blog/minnow-2.0/",
    "/blog/a-bloom-filter-you-can-draw-on-a-napkin/",
    "/blog/we-measured-every-search-box-we-could-find/",
    "/blog/ranking-is-mostly-about-titles/",
    "/blog/what-1000-failed-searches-taught-us/",
    "/blog/stemming-german-compound-words/",
    "/blog/why-our-tests-run-in-two-seconds/",
    "/blog/shipping-webassembly-to-old-browsers/",
    "/blog/minnow-1.4/",
    "/blog/the-case-for-boring-file-formats/",
    "/blog/searching-in-japanese-without-spaces/",
    "/blog/how-we-say-no-to-features/",
    "/blog/a-year-of-sponsorship-in-numbers/",
    "/blog/accessible-autocomplete/",
    "/blog/caching-is-a-promise/",
    "/blog/our-release-checklist/",
    "/blog/minnow-1.0/",
    "/blog/hello-world/",
)
TAGS: Final = ("/blog/tags/search/", "/blog/tags/open%20source/", "/blog/tags/release%20notes/")
OTHERS: Final = ("/", "/docs/", "/blog/", "/pricing/", "/about/", "/changelog/", "/playground/")
GONE: Final = ("/docs/instal/", "/blog/minnow-3.0/", "/download", "/docs/v1/api/", "/blog/draft/")
MOVED: Final = ("/docs", "/blog", "/docs/install", "/about")
UNSTEADY: Final = "/playground/run"  # answers 500 now and then

NEWEST_POST: Final = POSTS[2]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file pages are made of."""

    path: str
    body_bytes: int


COMMON_ASSETS: Final = (
    Asset("/assets/minnow.3f9c1a.css", 18_412),
    Asset("/assets/minnow.b71e02.js", 41_903),
    Asset("/assets/inter-var.woff2", 98_304),
    Asset("/favicon.ico", 1_150),
)
FIGURES: Final = tuple(Asset(f"/assets/figures/{n:02d}.webp", 20_000 + 3_111 * n) for n in range(9))
FEED: Final = "/feed.xml"


def links_from(path: str) -> tuple[str, ...]:
    """The pages a reader of `path` is likely to go on to."""
    if path.startswith("/docs/"):
        if path not in DOCS:
            return DOCS[:8]
        at = DOCS.index(path)
        return (*DOCS[at + 1 : at + 4], "/docs/", "/playground/", DOCS[1])
    if path == "/blog/" or path.startswith("/blog/tags/"):
        return (POPULAR_POST, *POSTS[:10])
    if path.startswith("/blog/"):
        return ("/", "/blog/", POSTS[0], NEWEST_POST, "/docs/quick-start/", *TAGS)
    if path == "/":
        return ("/docs/", "/docs/install/", "/blog/", "/playground/", "/pricing/", NEWEST_POST)
    return ("/", "/docs/quick-start/", "/pricing/", "/about/", "/changelog/")


def page_bytes(path: str) -> int:
    """The size of a page, the same each time."""
    return 6_000 + sum(path.encode()) * 7 % 23_000
