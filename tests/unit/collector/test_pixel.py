"""`GET /api/pixel.gif`: always the picture; 503 alone when an event is not stored."""

import struct
from typing import Any

import pytest

from collector.app import App
from collector.pixel import GIF
from schemas.events import Hit, Kind
from tests.unit.collector.support import Collector, FakeParts, Reply, running

MAIL = {"u": "https://example.com/newsletter/7", "d": "example.com"}


def test_the_picture_is_one_dot() -> None:
    assert len(GIF) == 43
    assert GIF[:6] == b"GIF89a" and struct.unpack("<HH", GIF[6:10]) == (1, 1)
    assert GIF.endswith(b";")


def check_picture(reply: Reply) -> None:
    assert (reply.status, reply.body) == (200, GIF)
    assert reply.headers["content-type"] == "image/gif"
    assert "no-store" in reply.headers["cache-control"]


async def hit_of(query: str | dict[str, Any], **headers: str) -> Hit:
    async with running() as collector:
        reply = await collector.pixel(query, **headers)
        check_picture(reply)
        assert "x-drop-reason" not in reply.headers
        (hit,) = collector.sink.hits()
        return hit


async def test_a_mail_names_its_address() -> None:
    hit = await hit_of(MAIL)
    assert (hit.kind, hit.name, hit.path) == (Kind.PAGEVIEW, "pageview", "/newsletter/7")
    assert (hit.visit.country, hit.visit.browser) == ("GB", "Chrome")


async def test_a_page_is_known_by_the_referer_header() -> None:
    hit = await hit_of("", referer="https://example.com/a?utm_source=news")
    assert (hit.site_id, hit.path, hit.visit.source) == (7, "/a", "news")
    hit = await hit_of({"u": "https://example.com/b"}, referer="https://example.com/a")
    assert hit.path == "/b"


async def test_the_keys_of_an_event() -> None:
    query = MAIL | {
        "n": "read",
        "r": "https://www.google.com/",
        "p": '{"issue": 7}',
        "$": '{"currency": "EUR", "amount": "1.50"}',
        "i": "false",
        "w": "400",
        "t": '{"ttfb": 80}',
        "event_id": "abc",
        "whatever": "x",
    }
    hit = await hit_of(query)
    assert (hit.name, hit.props, hit.interactive) == ("read", (("issue", "7"),), False)
    assert (hit.revenue_micros, hit.currency, hit.timings) == (1_500_000, "EUR", ((4, 80),))
    assert (hit.visit.source, hit.visit.screen) == ("Google", "Mobile")
    assert hit.event_id == (await hit_of(query)).event_id


async def test_numbers_and_yes_and_no_are_read_from_text() -> None:
    hit = await hit_of({"u": "https://example.com/a#b", "h": "1"})
    assert hit.path == "/a#b"
    hit = await hit_of(MAIL | {"n": "engagement", "sd": "40", "e": "900"})
    assert (hit.kind, hit.scroll_depth, hit.engaged_ms) == (Kind.ENGAGEMENT, 40, 900)
    assert (await hit_of(MAIL | {"n": "404"})).name == "404"


async def test_the_first_of_a_key_counts() -> None:
    assert (await hit_of("u=https://example.com/a&u=https://example.com/b")).path == "/a"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "malformed"),
        ({"d": "example.com"}, "malformed"),
        ({"u": "nonsense"}, "malformed"),
        ({"u": "https://nobody.example/"}, "unknown_site"),
        (MAIL | {"n": "x" * 121}, "over_limit"),
        ("&".join(f"{i}=1" for i in range(101)), "malformed"),
        ("x" * 16_385, "over_limit"),
    ],
)
async def test_what_is_refused_is_a_picture_with_the_reason(query: Any, reason: str) -> None:
    async with running() as collector:
        reply = await collector.pixel(query)
        check_picture(reply)
        assert reply.headers["x-drop-reason"] == reason
        assert reply.headers["x-plausible-dropped"] == "1"
        assert collector.sink.records == []
        assert (
            f'refused_total{{reason="{reason}"}} 1.0' in collector.parts.metrics.render().decode()
        )


async def test_a_bot_is_stored_and_left_out() -> None:
    async with running() as collector:
        reply = await collector.pixel(MAIL, user_agent="curl/8")
        check_picture(reply)
        assert reply.headers["x-drop-reason"] == "bot"
        assert [hit.left_out for hit in collector.sink.hits()] == ["bot"]


async def test_what_cannot_be_stored_is_503() -> None:
    async with running() as collector:
        collector.sink.broken = True
        reply = await collector.pixel(MAIL)
        assert (reply.status, reply.headers["retry-after"]) == (503, "5")
    parts = FakeParts()  # Kafka not found yet
    assert (await Collector(parts, App(parts)).pixel(MAIL)).status == 503


async def test_looking_at_its_headers_counts_nobody() -> None:
    async with running() as collector:
        query = "u=https://example.com/"
        reply = await collector.request("HEAD", "/api/pixel.gif", query=query)
        assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b"", "43")
        assert collector.sink.records == []
