"""Requests as browsers send them: 200 agents, addresses, referrers and pages, drawn by seed."""

import itertools
import json
import random
from typing import Final

AGENTS_COUNT: Final = 200
PAGES: Final = 500
_SYSTEMS: Final = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
    "X11; CrOS x86_64 14541.0.0",
    "Linux; Android 10; K",
    "Linux; Android 14; Pixel 8",
    "Linux; Android 13; SM-S918B",
)
_WEBKIT: Final = "AppleWebKit/537.36 (KHTML, like Gecko)"
_REFERRERS: Final = (
    "https://www.google.com/",
    "https://www.bing.com/search",
    "https://duckduckgo.com/",
    "https://news.ycombinator.com/item?id=4711",
    "https://t.co/abcdef",
    "https://www.reddit.com/r/selfhosted/",
    "https://github.com/pawprint/pawprint",
    "https://blog.example.net/2026/how-we-count",
)
_LANGUAGES: Final = ("en-US,en;q=0.9", "de-DE,de;q=0.9,en;q=0.5", "fr-FR,fr;q=0.9", "pt-BR")
_SOURCES: Final = ("newsletter", "spring-sale", "partner")


def agents() -> list[str]:
    """AGENTS_COUNT of Chrome, Edge, Firefox and Safari, of the last years' versions."""

    def made() -> itertools.chain[str]:
        versions = range(118, 148)
        chromium = (
            f"Mozilla/5.0 ({system}) {_WEBKIT} Chrome/{version}.0.0.0{end}"
            for version in versions
            for system in _SYSTEMS[:5]
            for end in (" Safari/537.36", f" Safari/537.36 Edg/{version}.0.0.0")
        )
        mobile = (
            f"Mozilla/5.0 ({system}) {_WEBKIT} Chrome/{version}.0.0.0 Mobile Safari/537.36"
            for version in versions
            for system in _SYSTEMS[4:]
        )
        firefox = (
            f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
            for version in versions
            for system in _SYSTEMS[:3]
        )
        safari = (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS {major}_{minor} like Mac OS X) "
            f"AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{major}.{minor} "
            "Mobile/15E148 Safari/604.1"
            for major in (16, 17, 18)
            for minor in range(10)
        )
        return itertools.chain.from_iterable(
            itertools.zip_longest(chromium, mobile, firefox, safari)
        )

    return list(itertools.islice((agent for agent in made() if agent), AGENTS_COUNT))


def requests(seed: int, count: int, domains: list[str]) -> list[bytes]:
    """Whole HTTP/1.1 requests. A visitor sends five of them on average; one in ten is an event."""
    draw, known = random.Random(seed), agents()
    visitors = [(_address(draw), draw.choice(known)) for _ in range(max(1, count // 5))]
    return [_request(draw, *draw.choice(visitors), draw.choice(domains)) for _ in range(count)]


def _address(draw: random.Random) -> str:
    return f"{draw.randrange(11, 126)}." + ".".join(str(draw.randrange(256)) for _ in range(3))


def _request(draw: random.Random, address: str, agent: str, domain: str) -> bytes:
    page = int(PAGES * draw.random() ** 3)  # a few pages are most of the traffic
    url = f"https://{domain}/articles/page-{page}"
    if draw.random() < 0.1:
        url += f"?utm_source={draw.choice(_SOURCES)}&utm_medium=email&utm_campaign=autumn"
    event: dict[str, object] = {"n": "pageview", "v": 24, "u": url, "d": domain}
    event["r"] = draw.choice(_REFERRERS) if draw.random() < 0.4 else None
    if draw.random() < 0.1:
        event |= {"n": "Signup", "p": {"plan": draw.choice(("free", "pro")), "step": "done"}}
    body = json.dumps(event, separators=(",", ":"))
    return (
        "POST /api/event HTTP/1.1\r\nHost: stats.example.com\r\n"
        f"User-Agent: {agent}\r\nX-Forwarded-For: {address}\r\n"
        f"Accept: */*\r\nAccept-Language: {draw.choice(_LANGUAGES)}\r\n"
        "Accept-Encoding: gzip, deflate, br\r\n"
        f"Content-Type: text/plain\r\nOrigin: https://{domain}\r\nReferer: https://{domain}/\r\n"
        f"Sec-Fetch-Mode: cors\r\nSec-Fetch-Site: cross-site\r\nContent-Length: {len(body)}\r\n\r\n"
        f"{body}"
    ).encode()
