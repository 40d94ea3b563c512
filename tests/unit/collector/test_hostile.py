"""Whatever is sent: an answer below 500, nothing raised, and what is stored can be read again."""

import asyncio
import logging
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.steps.fields import GIVEN, KEYS
from schemas.events import BATCH_BYTES_MAX, Hit
from tests.unit.collector.support import ADDRESS, KEY, Collector, running

ALL_KEYS = [key for keys in KEYS.values() for key in keys] + ["event_id", "timestamp"]
HEADERS = [
    "user-agent",
    "x-plausible-ip",
    "cf-connecting-ip",
    "b-forwarded-for",
    "x-forwarded-for",
    "forwarded",
    "accept-language",
    "content-type",
    "content-length",
    "content-encoding",
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["https://example.com/%00", "pageview", "engagement", "example.com", "1e999"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
bodies = st.dictionaries(st.sampled_from(ALL_KEYS) | st.text(), values)
urls = st.builds("{}://{}/{}".format, st.sampled_from(["http", "app"]), st.text(), st.text())
events = st.fixed_dictionaries(
    {"n": st.text(min_size=1) | st.just("pageview"), "u": urls | st.just("https://example.com/a")},
    optional={"r": urls | st.text(), "p": values, "$": values, "d": st.just("example.com")},
)
headers = st.dictionaries(st.sampled_from(HEADERS), st.text(st.characters(codec="latin-1")))


def check(status: int, collector: Collector) -> None:
    assert 200 <= status < 500
    for _, value in collector.sink.records:
        assert len(value) <= BATCH_BYTES_MAX
    for hit in collector.sink.hits():
        for text in texts(hit):
            assert not any(ord(character) < 32 for character in text)
            text.encode()


def texts(hit: Hit) -> list[str]:
    plain = [hit.name, hit.hostname, hit.path, hit.currency, hit.left_out, hit.import_name]
    return [
        *plain,
        *(part for pair in hit.props for part in pair),
        *msgspec.structs.astuple(hit.visit),
    ]


async def send(method: str, path: str, body: Any, sent: dict[str, str]) -> None:
    async with running() as collector:
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        reply = await collector.request(method, path, raw, sent)
        check(reply.status, collector)


@given(st.binary() | bodies | events | values, headers)
@settings(max_examples=150, deadline=None)
def test_events(body: Any, sent: dict[str, str]) -> None:
    asyncio.run(send("POST", "/api/event", body, sent))


given_values = st.dictionaries(st.sampled_from(GIVEN), values)
batch_events = st.builds(
    lambda event, more, who: event | more | who,
    events,
    given_values,
    st.dictionaries(
        st.sampled_from(["ip", "visitor", "user_agent", "timestamp", "event_id"]), values
    ),
)


@given(
    st.lists(batch_events | values, max_size=4),
    st.just("example.com") | values,
    st.none() | st.text() | values,
    headers,
)
@settings(max_examples=100, deadline=None)
def test_batches(sent: list[Any], domain: Any, name: Any, given_headers: dict[str, str]) -> None:
    body = {"domain": domain, "import": name, "events": sent}
    given_headers |= {"authorization": f"Bearer {KEY}"}
    asyncio.run(send("POST", "/api/batch", body, given_headers))


@given(st.text(), headers, values)
@settings(max_examples=50, deadline=None)
def test_finish(name: str, given_headers: dict[str, str], domain: Any) -> None:
    given_headers |= {"authorization": f"Bearer {KEY}"}
    path = f"/api/imports/{name}/finish"
    asyncio.run(send("POST", path, {"domain": domain}, given_headers))


@given(st.text(), st.text(), headers)
@settings(max_examples=50, deadline=None)
def test_any_route(method: str, path: str, sent: dict[str, str]) -> None:
    asyncio.run(send(method, path, b"", sent))


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
