"""Requests that carry what must not be kept, each secret spelled as nothing else is."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import cramjam

from tests.integration.collector.conftest import KEY

MARKER: Final = "/this-path-is-meant-to-be-stored"
WORD: Final = "canary"
# None of these is anybody's (RFC 5737, RFC 3849).
ADDRESSES: Final = ("198.51.100.77", "203.0.113.177", "192.0.2.137", "2001:db8:c0ff:ee::77")
PACKED: Final = (bytes([198, 51, 100, 77]), bytes([203, 0, 113, 177]), bytes([192, 0, 2, 137]))
AGENT: Final = f"Mozilla/5.0 (X11; {WORD}-system) Gecko/20100101 Firefox/121.0 {WORD}-agent"
URL: Final = (
    f"https://{WORD}-user:{WORD}-pass@example.com{MARKER}"
    f"?token={WORD}-query&gclid={WORD}-click&utm_source=news#{WORD}-fragment"
)
REFERRER: Final = f"https://r.example/page?session={WORD}-session#{WORD}-part"
HEADERS: Final = {
    "user-agent": AGENT,
    "x-forwarded-for": f"{ADDRESSES[0]}, {ADDRESSES[1]}",
    "cookie": f"id={WORD}-cookie",
    "referer": f"{URL}-header",
    "origin": f"https://{WORD}-origin.example",
    "x-something": f"{WORD}-header",
}
EVENT: Final[dict[str, Any]] = {
    "n": "pageview",
    "u": URL,
    "d": "example.com",
    "r": REFERRER,
    "event_id": f"{WORD}-event",
    "unknown": f"{WORD}-unknown",
    "timezone": f"{WORD}-zone",
}
BATCH_EVENT: Final[dict[str, Any]] = {
    "name": "pageview",
    "url": URL,
    "referrer": REFERRER,
    "timestamp": "2025-05-17T10:05:03Z",
    "event_id": f"{WORD}-import-event",
}
# Everything that is written of an address: as text, and as the bytes of it.
SECRETS: Final = (WORD.encode(), *(each.encode() for each in ADDRESSES), *PACKED)


@dataclass(frozen=True, slots=True)
class Send:
    """One request, and the statuses that are right while everything works."""

    method: str
    path: str
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    stored: int = 0  # hits


def _json(sent: Any) -> bytes:
    return json.dumps(sent).encode()


def _events() -> Iterator[Send]:
    yield Send("POST", "/api/event", 202, _json(EVENT), stored=1)
    yield Send("POST", "/api/event", 202, _json(EVENT), {"content-type": "text/plain"}, stored=1)
    packed = {
        "gzip": gzip.compress(_json(EVENT)),
        "br": bytes(cramjam.brotli.compress(_json(EVENT))),
    }
    for encoding, body in packed.items():
        yield Send("POST", "/api/event", 202, body, {"content-encoding": encoding}, stored=1)
        yield Send("POST", "/api/event", 400, body[:-3], {"content-encoding": encoding})
    for name in ("x-plausible-ip", "cf-connecting-ip", "b-forwarded-for", "forwarded"):
        text = f"for={ADDRESSES[2]}" if name == "forwarded" else ADDRESSES[3]
        yield Send("POST", "/api/event", 202, _json(EVENT), {name: text}, stored=1)
    bot = {"user-agent": f"Googlebot/2.1 {WORD}-bot"}
    yield Send("POST", "/api/event", 202, _json(EVENT), bot, stored=1)
    panelbear = {"pid": "7", "event": "pageview", "url": URL, "timezone": f"{WORD}-zone"}
    yield Send("POST", "/api/event", 202, _json(panelbear), stored=1)


def _bad_events() -> Iterator[Send]:
    for change in (
        {"n": WORD * 100},
        {"n": ""},
        {"u": f"data:{WORD}"},
        {"u": f"https://[{WORD}/"},
        {"u": f"https://example.com/{WORD * 900}"},
        {"d": [WORD]},
        {"p": {WORD * 100: WORD}},
        {"n": "engagement", "sd": WORD},
    ):
        yield Send("POST", "/api/event", 400, _json(EVENT | change))
    yield Send("POST", "/api/event", 202, _json(EVENT | {"d": f"{WORD}.example"}))
    for broken in (_json(EVENT)[:-1], b'{"n": "' + WORD.encode() + b'\xff"}', WORD.encode(), b""):
        yield Send("POST", "/api/event", 400, broken)
    yield Send("POST", "/api/event", 400, _json(EVENT), {"content-encoding": WORD})
    yield Send("POST", "/api/event", 413, WORD.encode() * 200_000)


def _pixels() -> Iterator[Send]:
    yield Send("GET", "/api/pixel.gif?" + urlencode({"u": URL, "r": REFERRER}), 200, stored=1)
    yield Send("GET", "/api/pixel.gif", 200, stored=1)  # the page is the Referer header's
    yield Send("GET", "/api/pixel.gif?" + urlencode({"u": f"data:{WORD}"}), 200)
    yield Send("GET", f"/api/pixel.gif?{WORD}=%zz{WORD}", 200, stored=1)


def _batches() -> Iterator[Send]:
    key = {"authorization": f"Bearer {KEY}"}
    seen = BATCH_EVENT | {"ip": ADDRESSES[1], "user_agent": AGENT}
    named = BATCH_EVENT | {"visitor": f"{WORD}-visitor"}
    bad = [seen | {"ip": WORD}, seen | {"url": WORD}, named | {"timestamp": WORD}, WORD]
    history = {"domain": "example.com", "import": "old-log", "events": [seen, named, *bad]}
    live = [{**event, "timestamp": None} for event in (seen, named)]
    yield Send("POST", "/api/batch", 200, _json(history), key, stored=2)
    yield Send(
        "POST", "/api/batch", 200, _json({**history, "import": None, "events": live}), key, stored=2
    )
    packed = gzip.compress(_json(history))
    yield Send("POST", "/api/batch", 200, packed, key | {"content-encoding": "gzip"}, stored=2)
    yield Send("POST", "/api/batch", 400, _json({"domain": "example.com", "events": WORD}), key)
    yield Send("POST", "/api/batch", 403, _json({**history, "domain": f"{WORD}.example"}), key)
    yield Send("POST", "/api/batch", 401, _json(history), {"authorization": f"Bearer {WORD}-key"})
    yield Send("POST", "/api/imports/old-log/finish", 200, _json({"domain": "example.com"}), key)
    yield Send("POST", f"/api/imports/%00{WORD}/finish", 400, _json({"domain": "example.com"}), key)


def sends() -> list[Send]:
    """Every way in, used well and badly."""
    return [
        *_events(),
        *_bad_events(),
        *_pixels(),
        *_batches(),
        Send("GET", f"/{WORD}/path?{WORD}", 404),
        Send(WORD.upper(), "/api/event", 405),
        Send("GET", "/healthz", 200),
    ]
