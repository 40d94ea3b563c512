"""Routes, methods, limits of a body, and what an error of ours may tell."""

import asyncio
import gzip
import logging
import tracemalloc

import pytest
from granian._granian import RSGIProtocolError as ProtocolError

from collector.app import App
from collector.logs import JsonFormatter
from tests.unit.collector.support import KEY, Collector, FakeExchange, FakeParts, page, running

EVENT = "/api/event"


async def test_preflight() -> None:
    async with running() as collector:
        reply = await collector.request("OPTIONS", EVENT)
        assert reply.status == 204
        assert reply.headers["access-control-allow-origin"] == "*"
        assert "POST" in reply.headers["access-control-allow-methods"]
        assert "content-type" in reply.headers["access-control-allow-headers"]


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "nonsense", ""])
async def test_any_content_type_holds_json(kind: str) -> None:
    async with running() as collector:
        assert (await collector.event(page(), content_type=kind)).status == 202


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", EVENT, 405),
        ("PUT", "/api/batch", 405),
        ("POST", "/healthz", 405),
        ("GET", "/", 404),
        ("GET", "/api/imports/finish", 404),
        ("POST", "/api/imports/finish", 404),
        ("POST", "/api/imports//finish", 404),
        ("GET", "/\x00", 404),
        ("BREW", EVENT, 405),
        ("GET", "/healthz", 200),
        ("HEAD", "/healthz", 200),
        ("GET", "/metrics", 200),
    ],
)
async def test_routes(method: str, path: str, status: int) -> None:
    async with running() as collector:
        reply = await collector.request(method, path)
        assert reply.status == status
        assert reply.headers.get("allow") is not None or status != 405


async def test_a_declared_body_is_turned_away_before_it_is_read() -> None:
    async with running() as collector:
        exchange = FakeExchange([b"x"], delay_s=60)
        headers = {"content-length": "1000001"}
        reply = await collector.request("POST", EVENT, headers=headers, exchange=exchange)
        assert (reply.status, reply.json) == (413, {"errors": {"request": ["is too large"]}})


async def test_an_undeclared_body_is_turned_away_while_it_is_read() -> None:
    async with running() as collector:
        exchange = FakeExchange([b"x" * 400_000] * 3)
        reply = await collector.request("POST", EVENT, headers={}, exchange=exchange)
        assert reply.status == 413


async def test_a_body_of_the_limit_is_read() -> None:
    async with running() as collector:
        body = b'{"n":"pageview","u":"https://example.com/","x":"'
        body += b"x" * (1_000_000 - len(body) - 2) + b'"}'
        assert len(body) == 1_000_000
        headers = {"content-length": "1000000"}
        assert (await collector.request("POST", EVENT, body, headers)).status == 202
        assert (await collector.request("POST", EVENT, body, {})).status == 202


@pytest.mark.parametrize("headers", [{}, {"content-length": "9"}])
async def test_a_slow_body_is_given_up(headers: dict[str, str]) -> None:
    async with running(body_timeout_s=0.01) as collector:
        exchange = FakeExchange([b"x"], delay_s=60)
        reply = await collector.request("POST", EVENT, headers=headers, exchange=exchange)
        assert reply.status == 408


class BrokenOff(FakeExchange):
    """A client that says it will send no more before its body is whole."""

    async def __call__(self) -> bytes:
        raise ProtocolError


async def test_a_body_that_breaks_off_is_told_to_who_still_listens() -> None:
    async with running() as collector:
        headers = {"content-length": "9"}
        exchange = BrokenOff([])
        reply = await collector.request("POST", EVENT, headers=headers, exchange=exchange)
        assert (reply.status, reply.json) == (400, {"errors": {"request": ["is not complete"]}})


async def test_memory_for_bodies_is_bounded() -> None:
    async with running(bodies_bytes_max=1_500) as collector:
        slow = FakeExchange([b"x"], delay_s=0.05)
        headers = {"content-length": "1000"}
        first = asyncio.create_task(
            collector.request("POST", EVENT, headers=headers, exchange=slow)
        )
        await asyncio.sleep(0.01)
        assert (await collector.request("POST", EVENT, headers=headers)).status == 503
        assert (await first).status == 400
        assert (await collector.request("POST", EVENT, headers=headers)).status == 400


async def test_a_body_counts_until_its_answer() -> None:
    """Also while Kafka is waited for, or a slow broker would let bodies fill the memory."""
    async with running(bodies_bytes_max=1_500) as collector:
        body = b'{"n":"pageview","u":"https://example.com/","x":"' + b"x" * 900 + b'"}'
        headers = {"content-length": str(len(body)), "user-agent": "x"}
        collector.sink.gate.clear()
        first = asyncio.create_task(collector.request("POST", EVENT, body, headers))
        await asyncio.sleep(0.01)
        assert (await collector.request("POST", EVENT, body, headers)).status == 503
        collector.sink.gate.set()
        assert (await first).status == 202
        assert (await collector.request("POST", EVENT, body, headers)).status == 202


LISTS = b"[" + b"[]," * 200_000 + b"1]"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (EVENT, b'{"n":"x","u":"https://example.com/","z":' + LISTS + b"}"),
        (
            "/api/batch",
            b'{"domain":"example.com","events":[{"name":"x","url":"https://example.com/",'
            b'"visitor":"v","z":' + LISTS + b"}]}",
        ),
    ],
    ids=["event", "batch"],
)
async def test_while_kafka_is_waited_for_nothing_lies_in_memory_as_objects(
    path: str, body: bytes
) -> None:
    headers = {"authorization": f"Bearer {KEY}", "content-length": str(len(body))}
    async with running() as collector:
        collector.sink.gate.clear()
        tracemalloc.start()
        try:
            waiting = asyncio.create_task(collector.request("POST", path, body, headers))
            await asyncio.sleep(0.1)
            taken, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert not waiting.done()
        assert taken < 2 * len(body) < peak  # lists of nothing take 20 times their text
        collector.sink.gate.set()
        assert (await waiting).status in (200, 202)


async def test_a_packed_batch_counts_as_what_it_may_become() -> None:
    body = gzip.compress(b'{"domain":"example.com","events":[]}')
    headers = {"authorization": f"Bearer {KEY}", "content-length": str(len(body))}
    packed = headers | {"content-encoding": "gzip"}
    async with running(batch_bytes_max=1_000, bodies_bytes_max=1_000) as collector:
        assert (await collector.request("POST", "/api/batch", body, packed)).status == 503
    async with running(batch_bytes_max=1_000, bodies_bytes_max=1_100) as collector:
        for _ in range(3):  # what was reserved is given back
            assert (await collector.request("POST", "/api/batch", body, packed)).status == 200


async def test_before_kafka_was_found_it_is_503() -> None:
    parts = FakeParts()
    exchange = FakeExchange([b"{}"])
    reply = await Collector(parts, App(parts)).request("POST", EVENT, exchange=exchange)
    assert (reply.status, reply.headers["retry-after"]) == (503, "5")


async def test_health_tells_what_is_missing() -> None:
    async with running() as collector:
        reply = await collector.request("GET", "/healthz")
        assert reply.json == {"status": "ok", "kafka": "ok"}
        for parts, status in (
            ({"kafka": "ok", "redis": "away"}, 200),
            ({"kafka": "waiting", "redis": "ok"}, 503),
        ):
            collector.parts.states = parts
            reply = await collector.request("GET", "/healthz")
            assert reply.status == status


async def test_an_error_of_ours_tells_nobody_what_was_sent(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("canary")

    async with running() as collector:
        monkeypatch.setattr(collector.parts.sites, "find", fail)
        with caplog.at_level(logging.ERROR):
            reply = await collector.event(page())
        assert reply.status == 500
        assert b"canary" not in reply.body
        (record,) = caplog.records
        line = JsonFormatter().format(record)
        assert "canary" not in line
        assert "ZeroDivisionError" in line and "app.py" in line


async def test_answers_are_counted_by_route_and_status() -> None:
    async with running() as collector:
        await collector.event(page())
        await collector.event(b"")
        await collector.request("GET", "/secret")
        text = (await collector.request("GET", "/metrics")).body.decode()
        assert 'requests_total{route="/api/event",status="202"} 1.0' in text
        assert 'requests_total{route="/api/event",status="400"} 1.0' in text
        assert "hits_accepted_total 1.0" in text
        assert 'hits_refused_total{reason="malformed"} 1.0' in text
        assert 'step_seconds_count{step="identity"} 1.0' in text
        assert "secret" not in text
