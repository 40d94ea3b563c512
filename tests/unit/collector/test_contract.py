"""The ingestion contract that existing clients rely on, line by line, through the whole collector.

Each row names the line it stands for. What a line leaves open is tested in `test_events.py`.
"""

import gzip
from typing import Any, NamedTuple

import cramjam
import msgspec
import pytest

from collector import identity
from collector.networks import Networks
from schemas.events import Hit, Kind
from tests.unit.collector.support import CHROME, SECRET, Collector, Reply, page, running


class Row(NamedTuple):
    """A request, and what must be stored of it: fields of the hit or of its visit."""

    line: str
    body: Any
    stored: dict[str, Any]
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


def visit(**query: str) -> dict[str, Any]:
    tail = "&".join(f"{name}={text}" for name, text in query.items())
    return page(u=f"https://example.com/?{tail}")


JSON_PAGE = msgspec.json.encode(page())
LONG = "https://r.example/" + "x" * 3_000
ROWS = [
    Row("application/json", JSON_PAGE, {"site_id": 7}, {"content_type": "application/json"}),
    Row("text/plain holds JSON", JSON_PAGE, {"site_id": 7}, {"content_type": "text/plain"}),
    Row("n", page(n="buy"), {"name": "buy", "kind": Kind.EVENT}),
    Row("name", {"name": "buy", "url": "https://example.com/a"}, {"name": "buy", "path": "/a"}),
    Row("name is an integer", page(n=7), {"name": "7"}),
    Row("name of 120 characters", page(n="é" * 120), {"name": "é" * 120}),
    Row("url of 2,000 bytes", page(u="https://example.com/" + "a" * 1_980), {"site_id": 7}),
    Row("d", page(d="example.com"), {"site_id": 7}),
    Row("domain", {"n": "a", "u": "https://x.org/", "domain": "example.com"}, {"site_id": 7}),
    Row("domain from the url's host", {"n": "a", "u": "https://example.com/"}, {"site_id": 7}),
    Row("leading www. stripped", page(d="www.example.com"), {"site_id": 7}),
    Row("r", page(r="https://r.example/x"), {"referrer": "r.example/x"}),
    Row("referrer", page(referrer="https://r.example/x"), {"referrer": "r.example/x"}),
    Row("referrer cut at 2,000", page(r=LONG), {"referrer": LONG[8:2_000]}),
    *(Row(f"props as {key}", page(**{key: {"a": "b"}}), {"props": (("a", "b"),)}) for key in "mp"),
    Row("props as meta", page(meta={"a": "b"}), {"props": (("a", "b"),)}),
    Row("props as props", page(props={"a": "b"}), {"props": (("a", "b"),)}),
    Row("props: a JSON string of one", page(m='{"a":"b"}'), {"props": (("a", "b"),)}),
    Row("props: 30 kept", page(p={f"{i:02}": 1 for i in range(31)}), {
        "props": tuple((f"{i:02}", "1") for i in range(30))
    }),
    Row("props: lists, maps, blanks", page(p={"a": [1], "b": {}, "c": " ", "d": None}), {
        "props": ()
    }),
    Row("props: values made strings", page(p={"a": 1, "b": 1.5, "c": False}), {
        "props": (("a", "1"), ("b", "1.5"), ("c", "false"))
    }),
    Row("props: 300 and 2,000 bytes", page(p={"k" * 300: "v" * 2_000}), {
        "props": (("k" * 300, "v" * 2_000),)
    }),
    Row("$", page(**{"$": {"currency": "USD", "amount": 1.99}}), {
        "revenue_micros": 1_990_000, "currency": "USD"
    }),
    Row("revenue", page(revenue={"currency": "USD", "amount": "1.99"}), {
        "revenue_micros": 1_990_000, "currency": "USD"
    }),
    Row("revenue: bad, the event kept", page(revenue={"currency": "?", "amount": "x"}), {
        "revenue_micros": 0, "currency": "", "name": "pageview"
    }),
    Row("i", page(n="a", i=False), {"interactive": False}),
    Row("interactive", page(n="a", interactive=False), {"interactive": False}),
    Row("interactive when it does not say", page(n="a"), {"interactive": True}),
    Row("h", page(u="https://example.com/a#b", h=1), {"path": "/a#b"}),
    Row("hashMode", page(u="https://example.com/a#b", hashMode=1), {"path": "/a#b"}),
    Row("no hash mode", page(u="https://example.com/a#b"), {"path": "/a"}),
    Row("sd and e", page(n="engagement", sd=100, e=1), {"scroll_depth": 100, "engaged_ms": 1}),
    Row("v, unknown keys", page(v=11, z={"y": []}), {"path": "/"}),
    Row("path is percent-decoded", page(u="https://example.com/%E2%82%AC%20x"), {"path": "/€ x"}),
    Row("trailing white space", page(u="https://example.com/a%20%0A"), {"path": "/a"}),
    Row("empty path", page(u="https://example.com?x=1"), {"path": "/"}),
    Row("source: utm_source", visit(utm_source="news", ref="x"), {"source": "news"}),
    Row("source: source", visit(source="news", ref="x"), {"source": "news"}),
    Row("source: ref", visit(ref="news"), {"source": "news"}),
    Row("source: the referrer's name", page(r="https://www.google.com/"), {"source": "Google"}),
    Row("source: else its host", page(r="https://www.r.example/a"), {"source": "r.example"}),
    Row("source: own site", page(r="https://www.example.com/b"), {"source": "", "referrer": ""}),
    Row("source: localhost", page(r="http://localhost:8000/b"), {"source": "", "referrer": ""}),
    *(
        Row(f"click id {name}", visit(**{name: "secret"}), {"click_id": name})
        for name in ("gclid", "gbraid", "wbraid", "msclkid", "fbclid", "twclid")
    ),
    Row("timings", page(t={"lcp": 1200.6, "cls": 0.1234, "ttfb": 80, "transfer_size": 5_000}), {
        "timings": ((0, 1_201), (2, 123), (4, 80), (12, 5_000))
    }),
    Row("timings: long key, bad ones dropped one by one", page(timings={
        "lcp": -1, "inp": "5", "cls": 1e300, "fcp": True, "ttfb": 2**32, "dns": None, "ssl": 3,
        "surprise": 1, "connect": [1], "render": 10**30,
    }), {"timings": ((7, 3),)}),
    Row("timings: no object", page(t=[1]), {"timings": ()}),
    *(
        Row(f"screen width {width!r}", page(w=width), {"screen": screen})
        for width, screen in [
            (320, "Mobile"), (575, "Mobile"), (576, "Tablet"), (991, "Tablet"), (992, "Laptop"),
            (1_439, "Laptop"), (1_440, "Desktop"), (7_680, "Desktop"), (0, ""), (-1, ""),
            (10**9, ""), ("wide", ""), (True, ""),
        ]
    ),
]  # fmt: skip


def stored(hit: Hit, names: dict[str, Any]) -> dict[str, Any]:
    return {n: getattr(hit, n) if hasattr(hit, n) else getattr(hit.visit, n) for n in names}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.line)
async def test_what_is_kept(row: Row) -> None:
    async with running() as collector:
        reply = await collector.event(row.body, **row.headers)
        assert (reply.status, reply.body) == (202, b"ok")
        assert "x-drop-reason" not in reply.headers
        assert reply.headers["access-control-allow-origin"] == "*"
        (hit,) = collector.sink.hits()
        assert stored(hit, row.stored) == row.stored


JSON_ERROR = "Unable to parse request body as json"
PROPS_ERROR = "keys should have at most 300 bytes and values 2000 bytes"
ERRORS = [
    ("url missing", {"n": "pageview", "d": "example.com"}, "url", "is required"),
    ("url data:", page(u="data:text/html,x"), "url", "scheme is not allowed"),
    ("url without host", page(u="/only/a/path"), "url", "must be a valid url"),
    ("domain blank", page(d=""), "domain", "can't be blank"),
    ("no json", b"{", "request", JSON_ERROR),
    ("props key", page(p={"k" * 301: "v"}), "props", PROPS_ERROR),
    ("props value", page(p={"k": "é" * 1_001}), "props", PROPS_ERROR),
    ("name long", page(n="x" * 121), "event_name", "should be at most 120 character(s)"),
]


@pytest.mark.parametrize(("line", "body", "field", "message"), ERRORS, ids=lambda part: str(part))
async def test_errors(line: str, body: Any, field: str, message: str) -> None:
    async with running() as collector:
        reply = await collector.event(body)
        assert (reply.status, reply.json) == (400, {"errors": {field: [message]}}), line
        assert reply.headers["access-control-allow-origin"] == "*"
        assert collector.sink.records == []


async def test_an_engagement_event_without_depth_or_time() -> None:
    async with running() as collector:
        reply = await collector.event(page(n="engagement"))
        assert (reply.status, list(reply.json["errors"])) == (400, ["event_name"])


def dropped(reply: Reply) -> tuple[int, str | None, str | None]:
    headers = reply.headers
    return reply.status, headers.get("x-plausible-dropped"), headers.get("x-drop-reason")


async def test_dropped_is_202_with_the_count_and_the_reason() -> None:
    async with running() as collector:
        assert dropped(await collector.event(page())) == (202, None, None)
        reply = await collector.event(page(d="a.example"))
        assert dropped(reply) == (202, "1", "unknown_site")
        reply = await collector.event(page(d="example.com,a.example,b.example"))
        assert dropped(reply) == (202, "2", "unknown_site")
        reply = await collector.event(page(d="example.com,a.example"), user_agent="curl/8")
        assert dropped(reply) == (202, "2", "bot, unknown_site")
        exposed = reply.headers["access-control-expose-headers"]
        assert exposed == "x-plausible-dropped, x-drop-reason"  # else no script could read them


async def test_a_list_of_domains_is_an_event_for_each() -> None:
    async with running() as collector:
        await collector.event(page(d="example.com,other.example"))
        assert {hit.site_id for hit in collector.sink.hits()} == {7, 8}


async def test_the_body_limit_is_one_megabyte() -> None:
    body = JSON_PAGE[:-1] + b',"x":"' + b"x" * (1_000_000 - len(JSON_PAGE) - 7) + b'"}'
    async with running() as collector:
        assert len(body) == 1_000_000
        assert (await collector.event(body)).status == 202
        assert (await collector.event(body + b" ")).status == 413
        for pack, encoding in ((gzip.compress, "gzip"), (cramjam.brotli.compress, "br")):
            assert (
                await collector.event(bytes(pack(body)), content_encoding=encoding)
            ).status == 202
            reply = await collector.event(bytes(pack(body + b" ")), content_encoding=encoding)
            assert (reply.status, reply.json) == (413, {"errors": {"request": ["is too large"]}})
        assert len(collector.sink.hits()) == 3


# The contract's order. Each header names another address; the first that is there counts.
ADDRESSES = (
    ("x-plausible-ip", "81.2.69.1"),
    ("cf-connecting-ip", "81.2.69.2"),
    ("b-forwarded-for", "81.2.69.3"),
    ("x-forwarded-for", "81.2.69.4, 10.0.0.1"),
    ("forwarded", 'for="81.2.69.5:80";proto=https, for=10.0.0.2'),
)


async def visitor(collector: Collector, headers: dict[str, str]) -> int:
    given = {"user-agent": CHROME} | headers
    reply = await collector.request("POST", "/api/event", page(), given)
    assert reply.status == 202
    return collector.sink.hits()[-1].visitor_id


async def test_the_client_address_in_the_contracts_order() -> None:
    async with running(partitions=1) as collector:
        for begin in range(len(ADDRESSES)):
            alone = await visitor(collector, {"x-plausible-ip": f"81.2.69.{begin + 1}"})
            assert await visitor(collector, dict(ADDRESSES[begin:])) == alone
        peer = await visitor(collector, {})
        assert peer == await visitor(collector, {"x-plausible-ip": "127.0.0.1"})


async def test_the_client_address_only_from_trusted_proxies() -> None:
    async with running(partitions=1, trusted_proxies=Networks()) as collector:
        peer = await visitor(collector, {})
        for name, address in ADDRESSES:
            assert await visitor(collector, {name: address}) == peer


async def test_a_retry_has_the_same_id() -> None:
    async with running() as collector:
        await collector.event(page(event_id="a"))
        await collector.event(page(event_id="a"))
        first, second = collector.sink.hits()
        assert first.event_id == second.event_id == identity.event_id(SECRET, 7, "a")


PANELBEAR = {
    "pid": "7",
    "event": "pageview",
    "url": "https://example.com/pricing",
    "screen_width": 1_280,
    "user_language": "de-CH",
    "timezone": "Europe/Zurich",
    "referrer": "https://www.google.com/",
    "utm_source": "news",
    "utm_campaign": "spring",
    "utm_medium": "email",
    "dns": 3,
    "connect": 12,
    "ssl": 8,
    "ttfb": 90.5,
    "download": 4,
    "dom_content_loaded": 300,
    "render": 410,
    "page_load": 800,
    "transfer_size": 12_000,
    "connection_speed": "4g",
}


async def test_panelbears_client() -> None:
    async with running() as collector:
        reply = await collector.event(PANELBEAR, accept_language="en")
        assert dropped(reply) == (202, None, None)
        (hit,) = collector.sink.hits()
        wanted = {
            "site_id": 7,
            "kind": Kind.PAGEVIEW,
            "path": "/pricing",
            "screen": "Laptop",
            "language": "de-CH",
            "source": "news",
            "channel": "Email",
            "referrer": "google.com",
            "utm_campaign": "spring",
            "country": "GB",
            "timings": (
                (4, 90), (5, 3), (6, 12), (7, 8), (8, 4), (9, 300), (10, 410), (11, 800),
                (12, 12_000),
            ),
        }  # fmt: skip
        assert stored(hit, wanted) == wanted
        assert b"Zurich" not in collector.sink.records[0][1]


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"pid": 7}, (202, None, None)),
        ({"pid": "example.com"}, (202, None, None)),
        ({"pid": None}, (202, None, None)),  # the url's host is registered
        ({"pid": "99"}, (202, "1", "unknown_site")),
        ({"pid": "aBcDeF"}, (202, "1", "unknown_site")),
        ({"pid": []}, (400, None, "malformed")),
        ({"event": None}, (400, None, "malformed")),
        ({"url": None}, (400, None, "malformed")),
        ({"utm_source": [], "user_language": 5, "dns": {}, "screen_width": "x"}, (202, None, None)),
    ],
)
async def test_panelbears_client_and_what_it_may_send(
    changes: dict[str, Any], answer: tuple[int, str | None, str | None]
) -> None:
    async with running() as collector:
        assert dropped(await collector.event(PANELBEAR | changes)) == answer
