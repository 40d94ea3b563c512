"""Who visits the invented site: countries by public address blocks, browsers, sources, robots.

Address blocks are large allocations of well-known providers, checked in tests against the data
the collector uses. Weights are relative.
"""

from dataclasses import dataclass
from typing import Final

from deploy.demo.site_pages import NEWEST_POST, POPULAR_POST


@dataclass(frozen=True, slots=True)
class Country:
    """Where visitors live, in UTC plus `offset_h` hours, and the blocks of their addresses."""

    code: str
    weight: float
    offset_h: float
    blocks: tuple[str, ...]


COUNTRIES: Final = (
    Country("US", 30, -6, ("73.0.0.0/8", "98.192.0.0/10", "71.192.0.0/11", "68.32.0.0/11")),
    Country("DE", 12, 1, ("87.128.0.0/10", "91.0.0.0/10", "79.192.0.0/10")),
    Country("GB", 8, 0, ("86.128.0.0/10", "81.128.0.0/11", "82.0.0.0/11")),
    Country("IN", 7, 5.5, ("117.192.0.0/10", "106.192.0.0/11", "122.160.0.0/12")),
    Country("FR", 5, 1, ("82.64.0.0/14",)),
    Country("CA", 5, -5, ("70.24.0.0/13", "99.224.0.0/11", "174.88.0.0/14")),
    Country("NL", 4, 1, ("84.24.0.0/13", "77.160.0.0/12")),
    Country("JP", 4, 9, ("60.32.0.0/12", "153.128.0.0/10", "118.0.0.0/12")),
    Country("BR", 4, -3, ("179.208.0.0/12",)),
    Country("PL", 3, 1, ("83.0.0.0/11", "79.184.0.0/13", "89.64.0.0/12")),
    Country("SE", 2.5, 1, ("90.224.0.0/12", "81.224.0.0/12", "78.64.0.0/12")),
    Country("AU", 2.5, 10, ("1.120.0.0/13", "101.160.0.0/11", "121.208.0.0/12")),
    Country("ES", 2.5, 1, ("83.32.0.0/11", "79.144.0.0/12", "80.24.0.0/13")),
    Country("IT", 2.5, 1, ("79.0.0.0/10", "87.0.0.0/12", "95.224.0.0/11")),
    Country("CH", 2, 1, ("85.0.0.0/13", "178.192.0.0/13", "83.76.0.0/14")),
    Country("KR", 1.5, 9, ("121.128.0.0/10", "218.144.0.0/12", "175.192.0.0/10")),
    Country("UA", 1.5, 2, ("46.200.0.0/14", "178.92.0.0/14")),
    Country("SG", 1, 8, ("116.86.0.0/15", "119.74.0.0/16", "121.6.0.0/15")),
    Country("ZA", 1, 2, ("41.0.0.0/11", "196.208.0.0/14")),
    Country("MX", 1, -6, ("189.128.0.0/10", "201.96.0.0/11")),
)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser's user agent."""

    weight: float
    device: str
    agent: str


_WEBKIT: Final = "AppleWebKit/537.36 (KHTML, like Gecko)"
_WINDOWS: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MAC: Final = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_LINUX: Final = "Mozilla/5.0 (X11; Linux x86_64)"
_ANDROID: Final = "Mozilla/5.0 (Linux; Android 10; K)"
_IPHONE: Final = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)"
_IPAD: Final = "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X)"
_SAFARI_MOBILE: Final = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148"

BROWSERS: Final = (
    Browser(24, "Desktop", f"{_WINDOWS} {_WEBKIT} Chrome/142.0.0.0 Safari/537.36"),
    Browser(4, "Desktop", f"{_WINDOWS} {_WEBKIT} Chrome/141.0.0.0 Safari/537.36"),
    Browser(7, "Desktop", f"{_WINDOWS} {_WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"),
    Browser(
        5,
        "Desktop",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    ),
    Browser(13, "Desktop", f"{_MAC} {_WEBKIT} Chrome/142.0.0.0 Safari/537.36"),
    Browser(
        8,
        "Desktop",
        f"{_MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    ),
    Browser(
        3,
        "Desktop",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
    ),
    Browser(5, "Desktop", f"{_LINUX} {_WEBKIT} Chrome/142.0.0.0 Safari/537.36"),
    Browser(5, "Desktop", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    Browser(11, "Mobile", f"{_IPHONE} {_SAFARI_MOBILE} Safari/604.1"),
    Browser(11, "Mobile", f"{_ANDROID} {_WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36"),
    Browser(
        1.5,
        "Mobile",
        f"{_ANDROID} {_WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
    ),
    Browser(1.5, "Mobile", "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"),
    Browser(1, "Tablet", f"{_IPAD} {_SAFARI_MOBILE} Safari/604.1"),
    Browser(
        1,
        "Tablet",
        "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 "
        "(KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ),
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where visits come from, and where they land."""

    weight: float
    referrer: str  # "" is typed in or a bookmark
    lands_on: str  # "docs", "posts", "home", or a path
    query: str = ""
    goes_on: float = 0.5  # chance of another page after each


NEWS_SITE: Final = Source(0, "https://news.ycombinator.com/", POPULAR_POST, goes_on=0.22)
SOURCES: Final = (
    Source(30, "https://www.google.com/", "docs", goes_on=0.55),
    Source(9, "https://www.google.com/", "posts", goes_on=0.35),
    Source(6, "https://duckduckgo.com/", "docs", goes_on=0.55),
    Source(4, "https://www.bing.com/", "docs", goes_on=0.5),
    Source(18, "", "home", goes_on=0.65),
    Source(7, "", "docs", goes_on=0.6),
    Source(7, "https://github.com/minnow-search/minnow", "docs", goes_on=0.62),
    Source(3, "https://lobste.rs/", "posts", goes_on=0.3),
    Source(3, "https://www.reddit.com/r/programming/", "posts", goes_on=0.28),
    Source(2, "https://stackoverflow.com/questions/71922301/static-site-search", "docs"),
    Source(2, "https://mastodon.social/", "posts", goes_on=0.3),
    Source(1.5, "https://www.linkedin.com/", "posts", goes_on=0.3),
    Source(4, "", NEWEST_POST, "utm_source=newsletter&utm_medium=email&utm_campaign=minnow-2.0",
           goes_on=0.5),
    Source(1.5, "https://www.google.com/", "home", "utm_source=google&utm_medium=cpc&"
           "utm_campaign=site%20search&gclid=Cj0KCQiA", goes_on=0.4),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Robot:
    """A program that asks for pages, feeds or holes."""

    weight: float
    agent: str
    block: str
    wants: str  # "pages", "feed", "holes" or "robots"


ROBOTS: Final = (
    Robot(22, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
          "66.249.64.0/19", "pages"),
    Robot(14, "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
          "157.55.39.0/24", "pages"),
    Robot(10, "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; "
          "+https://openai.com/gptbot", "20.171.206.0/24", "pages"),
    Robot(9, "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
          "54.36.148.0/24", "pages"),
    Robot(15, "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 214 subscribers)",
          "8.29.198.0/24", "feed"),
    Robot(8, "FreshRSS/1.24.1 (Linux; https://freshrss.org)", "51.68.0.0/16", "feed"),
    Robot(12, "", "95.24.0.0/13", "holes"),
    Robot(6, "python-requests/2.32.3", "3.80.0.0/12", "holes"),
    Robot(4, "curl/8.5.0", "3.80.0.0/12", "robots"),
)  # fmt: skip
HOLES: Final = (
    "/wp-login.php",
    "/xmlrpc.php",
    "/.env",
    "/.git/config",
    "/phpmyadmin/",
    "/wp-content/plugins/file-manager/readme.txt",
    "/cgi-bin/luci/;stok=/locale",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
)
