"""What `tests/fuzz` draws too seldom: every depth of nesting, and where canaries must not be."""

import logging
import sys

import pytest

from tests.unit.collector.support import ADDRESS, running


async def test_any_depth_of_nesting() -> None:
    """Some depth is just within the stack when it is read and beyond it when it is written."""
    event = (
        b'{"name":"x","url":"https://a.b/","visitor":"v","timestamp":"2025-05-17T10:05:03Z","z":'
    )
    async with running() as collector:
        statuses = set()
        for depth in range(sys.getrecursionlimit() - 150, sys.getrecursionlimit() + 10):
            deep = b"[" * depth + b"]" * depth + b"}"
            start = b'{"domain":"example.com","import":"log","events":['
            statuses.add((await collector.batch(start + event + deep + b"]}")).status)
            statuses.add((await collector.event(event + deep)).status)
        assert statuses == {200, 202, 400}


AGENT = "Mozilla/5.0 (X11; CanaryOS) Gecko/20100101 Firefox/121.0 canary-agent-4711"


async def test_address_and_agent_are_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """The canary: in no record, log or metric, also when events are refused or not stored."""
    with caplog.at_level(logging.DEBUG):
        async with running() as collector:
            event = {"n": "pageview", "u": "https://example.com/", "d": "example.com"}
            forwarded = {"x_forwarded_for": ADDRESS, "user_agent": AGENT}
            assert (await collector.event(event, **forwarded)).status == 202
            assert (await collector.event({}, **forwarded)).status == 400
            own = {"name": "x", "url": "https://a.b/", "ip": ADDRESS, "user_agent": AGENT}
            past = own | {"timestamp": "2025-05-17T10:05:03Z"}
            body = {"domain": "example.com", "import": "log", "events": [past, own]}
            assert (await collector.batch(body)).status == 200
            collector.sink.broken = True
            assert (await collector.event(event, **forwarded)).status == 503
            metrics = collector.parts.metrics.render()
    assert len(collector.sink.hits()) == 2
    seen = b"".join(value for _, value in collector.sink.records) + metrics
    seen += caplog.text.encode()
    for secret in (
        ADDRESS.encode(),
        bytes(map(int, ADDRESS.split("."))),
        b"canary",
        AGENT.encode(),
    ):
        assert secret not in seen
