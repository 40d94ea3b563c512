"""One request from one number: the same number draws the same request on every machine."""

import gzip
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote_plus

import cramjam

from collector.steps.fields import GIVEN, KEYS
from schemas.timings import TIMINGS
from tests.fuzz import hostile
from tests.fuzz.mutating import mutate
from tests.unit.collector.support import KEY

EVENT, BATCH, PIXEL = "/api/event", "/api/batch", "/api/pixel.gif"
EVENT_KEYS: Final = tuple(key for keys in KEYS.values() for key in keys)
PANELBEAR_KEYS: Final = ("pid", "event", "screen_width", "user_language", "utm_source", *TIMINGS)
OTHER_KEYS: Final = (
    "event_id",
    "timestamp",
    "visitor",
    "ip",
    "user_agent",
    "v",
    "",
    "\x00",
    *GIVEN,
)
ALL_KEYS: Final = (*EVENT_KEYS, *PANELBEAR_KEYS, *OTHER_KEYS)
HEADERS: Final = (
    "user-agent", "x-plausible-ip", "cf-connecting-ip", "b-forwarded-for", "x-forwarded-for",
    "forwarded", "accept-language", "content-type", "content-length", "content-encoding", "referer",
    "authorization", "if-none-match", "accept-encoding", "sec-gpc", "dnt", "origin", "sec-purpose",
)  # fmt: skip
DEEP_MAX: Final = 1_500
LARGE: Final = 900_000  # bytes; near the limit of an event's body
LARGE_BATCH: Final = 4_100_000  # and of a batch's


@dataclass(frozen=True, slots=True)
class Case:
    """A request as the server hands it over."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    query: str = ""


def _seldom(rng: random.Random, odds: int) -> bool:
    return rng.randrange(odds) == 0


def text(rng: random.Random) -> str:
    pools = (hostile.TEXTS, hostile.TEXTS, hostile.URLS, hostile.ADDRESSES)
    found = rng.choice(rng.choice(pools))
    if _seldom(rng, 8):
        found = found + rng.choice(hostile.TEXTS)
    return found * rng.randrange(2, 400) if _seldom(rng, 40) else found


def url(rng: random.Random) -> str:
    match rng.randrange(3):
        case 0:
            return rng.choice(hostile.URLS)
        case 1:
            return (
                f"https://{text(rng)}/" if _seldom(rng, 3) else f"https://example.com/{text(rng)}"
            )
        case _:
            sent = quote_plus(text(rng), errors="replace")
            return f"https://example.com/{sent}?{rng.choice(ALL_KEYS)}={sent}#{sent}"


def value(rng: random.Random, depth: int = 0) -> Any:
    """JSON of any kind; `@n@` stands for the n-th raw number."""
    match rng.randrange(12 if depth < 4 else 9):
        case 0 | 1 | 2 | 3:
            return text(rng)
        case 4 | 5 | 6:
            return f"@{rng.randrange(len(hostile.RAW_NUMBERS))}@"
        case 7:
            return rng.choice((None, True, False))
        case 8:
            return rng.choice((-1, 0, 1, 7, 50, 2**32, 2**63, 10**30, 0.5, -1e300))
        case 9:
            return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
        case _:
            return {text(rng): value(rng, depth + 1) for _ in range(rng.randrange(4))}


def dump(rng: random.Random, sent: Any) -> bytes:
    """As JSON; lone surrogates are escaped or, broken, in UTF-8."""
    ascii_only = rng.random() < 0.7
    raw = json.dumps(sent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    for index, number in enumerate(hostile.RAW_NUMBERS):
        raw = raw.replace(b'"@%d@"' % index, number)
    return raw


def event(rng: random.Random) -> dict[str, Any]:
    """A good event, worse in a few places."""
    kinds: tuple[dict[str, Any], ...] = (
        {"n": "pageview", "u": "https://example.com/a", "d": "example.com"},
        {"name": "buy", "url": "https://example.com/b", "$": {"currency": "EUR", "amount": "9.90"}},
        {"n": "engagement", "u": "https://example.com/a", "d": "example.com", "sd": 40, "e": 900},
        {"pid": "7", "event": "pageview", "url": "https://example.com/", "page_load": 800},
        {"n": "pageview", "u": "https://example.com/", "t": {"lcp": 1_200.5, "cls": 0.1}, "w": 400},
    )
    found = dict(rng.choice(kinds))
    if rng.random() < 0.3:
        found["u"] = url(rng)
    if rng.random() < 0.3:
        found["r"] = url(rng)
    for _ in range(rng.randrange(4)):
        found[rng.choice(ALL_KEYS)] = value(rng)
    if _seldom(rng, 30):
        found["p"] = {f"{text(rng)}{i}": value(rng, 3) for i in range(rng.randrange(60))}
    return found


def batch(rng: random.Random) -> dict[str, Any]:
    events: list[Any] = []
    for _ in range(rng.choice((0, 1, 1, 2, 3, 5, 40))):
        one = event(rng)
        one.setdefault("visitor", "v")
        if rng.random() < 0.5:
            one["timestamp"] = rng.choice(("2026-02-02T02:00:00Z", "2025-05-17T10:00:00.5+02:00"))
        events.append(one if rng.random() < 0.9 else value(rng))
    found: dict[str, Any] = {"domain": "example.com", "events": events}
    if rng.random() < 0.5:
        found["import"] = rng.choice(("log-1", "log 2", text(rng)))
    for _ in range(rng.randrange(2)):
        found[rng.choice(("domain", "import", "events", "x"))] = value(rng)
    return found


def _deep(rng: random.Random) -> bytes:
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'{"p":[', b"]}")))
    depth = rng.choice((10, 500, 990, DEEP_MAX, 100_000))
    return opening * depth + rng.choice((b"1", b"")) + closing * rng.choice((depth, depth - 1, 0))


def _large(rng: random.Random) -> bytes:
    piece = rng.choice(
        (b"[],", b"{},", b'"a",', b"1.5,", b'{"a":1},', b"9" * 300 + b",", b"\\u00e9")
    )
    size = rng.choice((LARGE, LARGE_BATCH))
    inside = piece * (size // len(piece))
    if piece == b"\\u00e9":
        return b'{"n":"' + inside + b'"}'
    key = rng.choice((b"p", b"x", b"n", b"d", b"events"))
    return (
        b'{"domain":"example.com","n":"a","u":"https://example.com/","%s":[' % key + inside + b"1]}"
    )


def body(rng: random.Random, make: Callable[[random.Random], dict[str, Any]]) -> bytes:
    if _seldom(rng, 400):
        return _large(rng)
    if _seldom(rng, 60):
        return _deep(rng)
    raw = dump(rng, make(rng))
    return mutate(rng, raw) if rng.random() < 0.5 else raw


def packed(rng: random.Random, raw: bytes) -> tuple[str, bytes]:
    """(content encoding, body), sometimes broken and sometimes a bomb."""
    encoding = rng.choice(("gzip", "br", "gzip", "br", "identity", "deflate", "GZIP ", text(rng)))
    if _seldom(rng, 50):
        raw = b" " * 20_000_000
    if "br" in encoding:
        found = bytes(cramjam.brotli.compress(raw, level=1))
    else:
        found = gzip.compress(raw, 1 if len(raw) > LARGE else 9, mtime=0)
    return encoding, mutate(rng, found) if rng.random() < 0.4 else found


def headers(rng: random.Random) -> dict[str, str]:
    found = {"user-agent": rng.choice(hostile.AGENTS), "x-forwarded-for": "81.2.69.142"}
    for _ in range(rng.randrange(4)):
        name = rng.choice(HEADERS)
        found[name] = rng.choice(hostile.ADDRESSES) if "for" in name else text(rng)
    if _seldom(rng, 100):
        found |= {f"x-{number}": text(rng) for number in range(200)}
    if "content-encoding" in found and rng.random() < 0.9:
        del found["content-encoding"]  # else too few would be read at all
    return found


def query(rng: random.Random) -> str:
    pairs = {"u": "https://example.com/", "d": "example.com"} if rng.random() < 0.8 else {}
    for _ in range(rng.randrange(5)):
        sent = value(rng)
        plain = sent if isinstance(sent, str) else json.dumps(sent)
        pairs[rng.choice(ALL_KEYS)] = plain
    found = "&".join(
        f"{quote_plus(key, errors='replace')}={quote_plus(text, errors='replace')}"
        for key, text in pairs.items()
    )
    if rng.random() < 0.3:
        found = mutate(rng, found.encode()).decode("utf-8", "replace")
    return found * rng.choice((2, 90)) if _seldom(rng, 50) else found


def make_case(seed: int) -> Case:
    """The request of this number."""
    rng = random.Random(seed)
    sent = headers(rng)
    kind = rng.randrange(20)
    if kind < 8:
        case = Case("POST", EVENT, body=body(rng, event))
    elif kind < 14:
        case = Case("POST", BATCH, body=body(rng, batch))
        if rng.random() < 0.95:
            sent["authorization"] = f"Bearer {KEY}"
    elif kind < 17:
        case = Case(rng.choice(("GET", "GET", "GET", "HEAD", "POST")), PIXEL, query=query(rng))
    elif kind < 18:
        name = rng.choice(("log-1", "%00", "a%2Fb", text(rng)))
        case = Case("POST", f"/api/imports/{name}/finish", body=body(rng, batch))
        sent["authorization"] = f"Bearer {KEY}"
    else:
        method = rng.choice(("GET", "POST", "HEAD", "OPTIONS", "BREW", text(rng)))
        paths = (EVENT, BATCH, PIXEL, "/healthz", "/metrics", "/", f"/{text(rng)}")
        case = Case(method, rng.choice(paths), body=mutate(rng, b"{}"), query=query(rng))
    if case.body and rng.random() < 0.2:
        encoding, raw = packed(rng, case.body)
        sent["content-encoding"] = encoding
        case = replace(case, body=raw)
    if "content-length" not in sent and rng.random() < 0.7:
        sent["content-length"] = str(len(case.body))
    return replace(case, headers=tuple(sent.items()))
