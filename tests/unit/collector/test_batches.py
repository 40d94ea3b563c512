"""`POST /api/batch` and the end of an import."""

import gzip
from typing import Any

import cramjam
import msgspec
import pytest

from collector.steps.fields import GIVEN
from schemas.events import Kind, Watermark
from tests.unit.collector.support import ADDRESS, CHROME, NOW_MS, Collector, running

HOUR_MS = 3_600_000


def event(**fields: Any) -> dict[str, Any]:
    given = {"name": "pageview", "url": "https://example.com/a", "ip": ADDRESS}
    return given | {"user_agent": CHROME} | fields


def past(**fields: Any) -> dict[str, Any]:
    return event(timestamp="2025-05-17T10:05:03.123Z") | fields


def batch(*events: Any, **fields: Any) -> dict[str, Any]:
    return {"domain": "example.com", "events": list(events)} | fields


def history(*events: Any, **fields: Any) -> dict[str, Any]:
    return batch(*events, **{"import": "log-1"} | fields)


async def drops(collector: Collector, body: Any) -> list[tuple[int, str, str]]:
    reply = await collector.batch(body)
    assert reply.status == 200
    return [(drop["index"], drop["reason"], drop["field"]) for drop in reply.json["dropped"]]


async def test_what_is_accepted_is_stored_and_the_rest_named() -> None:
    async with running() as collector:
        reply = await collector.batch(batch(event(), 5, event(url="x"), event(name="signup")))
        assert reply.status == 200
        assert reply.json["accepted"] == 2
        assert [
            (drop["index"], drop["reason"], drop["field"]) for drop in reply.json["dropped"]
        ] == [(1, "malformed", "event"), (2, "malformed", "url")]
        assert [hit.name for hit in collector.sink.hits()] == ["pageview", "signup"]


async def test_history_keeps_its_own_time_and_name() -> None:
    async with running() as collector:
        await collector.batch(history(past()))
        (hit,) = collector.sink.hits()
        assert hit.at_ms == 1_747_476_303_123
        assert (hit.received_at_ms, hit.import_name) == (NOW_MS, "log-1")
        assert hit.visit.country == "GB"


@pytest.mark.parametrize(
    ("timestamp", "at_ms"),
    [
        (None, NOW_MS),
        ("2026-02-02T01:40:00.5Z", NOW_MS - HOUR_MS + 500),
        ("2026-02-02T03:40:00+02:00", NOW_MS - HOUR_MS),
        ("2026-02-01T02:40:00Z", NOW_MS - 24 * HOUR_MS),
        ("2026-02-02T02:44:59Z", NOW_MS),  # a little ahead is now
    ],
)
async def test_times_on_the_live_clock(timestamp: str | None, at_ms: int) -> None:
    async with running() as collector:
        await collector.batch(batch(event(timestamp=timestamp)))
        (hit,) = collector.sink.hits()
        assert (hit.at_ms, hit.import_name) == (at_ms, "")


@pytest.mark.parametrize(
    ("timestamp", "reason"),
    [
        ("2026-02-01T02:39:59Z", "too_old"),
        ("2026-02-02T02:45:01Z", "in_future"),
        ("2026-02-02T02:40:00", "malformed"),
        ("yesterday", "malformed"),
        (1_770_000_000, "malformed"),
        ("1969-12-31T23:59:59Z", "malformed"),
        ("9999-12-31T23:59:59-23:59", "in_future"),
    ],
)
async def test_times_that_are_turned_away(timestamp: Any, reason: str) -> None:
    async with running() as collector:
        found = await drops(collector, batch(event(timestamp=timestamp)))
        assert found == [(0, reason, "timestamp")]


async def test_an_import_needs_times_but_may_be_old() -> None:
    async with running() as collector:
        found = await drops(collector, history(event(), past(timestamp="1999-01-01T00:00:00Z")))
        assert found == [(0, "malformed", "timestamp")]
        assert len(collector.sink.hits()) == 1


@pytest.mark.parametrize("timestamp", ["9999-12-31T23:23-23:00", "2026-02-03T02:40:00Z"])
async def test_days_to_come_get_no_salts(timestamp: str) -> None:
    """A day after the last that Python knows is no error either."""
    async with running() as collector:
        body = history(past(timestamp=timestamp))
        assert await drops(collector, body) == [(0, "in_future", "timestamp")]
        assert collector.parts.salts.imports == {}


async def test_an_import_sent_twice_has_the_same_event_ids() -> None:
    body = history(past(), past(), past(url="https://example.com/b"))
    async with running() as collector:
        await collector.batch(body)
        await collector.batch(body)
        await collector.batch(body | {"import": "log-2"})
        ids = [hit.event_id for hit in collector.sink.hits()]
        assert len(ids) == 9
        assert len(set(ids)) == 6


async def test_own_event_ids_stand() -> None:
    async with running() as collector:
        await collector.batch(history(past(event_id="a"), past(event_id="b")))
        await collector.batch(history(past(event_id="b")))
        await collector.event({"n": "x", "u": "https://example.com/", "event_id": "b"})
        ids = [hit.event_id for hit in collector.sink.hits()]
        assert len(set(ids)) == 2


async def test_events_of_one_partition_stay_in_order() -> None:
    events = [
        past(
            timestamp=f"2025-05-17T10:{i // 60:02}:{i % 60:02}Z",
            visitor=f"u{i % 7}",
            event_id=f"{i}",
        )
        for i in range(1_000)
    ]
    async with running() as collector:
        reply = await collector.batch(history(*events))
        assert reply.json == {"accepted": 1_000, "dropped": []}
        for partition in range(4):
            times = [hit.at_ms for hit in collector.sink.hits(partition)]
            assert times == sorted(times)
        assert len(collector.sink.hits()) == 1_000
        assert all(len(batch.hits) <= 500 for _, batch in collector.sink.batches)


async def test_visitors_are_named_or_recognised() -> None:
    async with running() as collector:
        await collector.batch(
            batch(
                event(visitor="u1"),
                event(visitor="u1", ip="1.1.1.1"),
                event(visitor="u2"),
                event(),
                event(),
                event(ip="1.1.1.1"),
            )
        )
        ids = [hit.visitor_id for hit in collector.sink.hits()]
        assert len(set(ids)) == 4


async def test_imports_and_live_visitors_cannot_be_linked() -> None:
    async with running() as collector:
        now = "2026-02-02T02:40:00Z"
        await collector.batch(batch(event(timestamp=now)))
        await collector.batch(history(event(timestamp=now)))
        await collector.batch(history(event(timestamp="2026-02-01T02:40:00Z")))
        assert len({hit.visitor_id for hit in collector.sink.hits()}) == 3


async def test_given_dimensions_stand_instead_of_derived_ones() -> None:
    given = {"country": "de", "browser": "Firefox", "os": "Windows", "source": "facebook"}
    async with running() as collector:
        await collector.batch(batch(event(**given, screen="Wide", utm_campaign="spring")))
        visit = collector.sink.hits()[0].visit
        assert (visit.country, visit.browser, visit.browser_version) == ("DE", "Firefox", "")
        assert (visit.os, visit.os_version) == ("Windows", "10")  # the same name keeps its version
        assert (visit.source, visit.channel) == ("facebook", "Organic Social")
        assert (visit.screen, visit.utm_campaign) == ("Wide", "spring")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"country": "Germany"}, "country"),
        ({"country": ["DE"]}, "country"),
        ({"browser": True}, "browser"),
        ({"ip": "nowhere"}, "ip"),
        ({"ip": 5}, "ip"),
        ({"ip": None}, "visitor"),
        ({"user_agent": ["x"]}, "user_agent"),
        ({"visitor": 5}, "visitor"),
    ],
)
async def test_bad_fields_are_named(fields: dict[str, Any], field: str) -> None:
    async with running() as collector:
        assert await drops(collector, batch(event(**fields))) == [(0, "malformed", field)]


async def test_bots_are_accepted_and_left_out() -> None:
    async with running() as collector:
        bots = [event(user_agent="curl/8.0"), event(user_agent="-"), event(user_agent=None)]
        reply = await collector.batch(
            batch(*bots, {"name": "x", "url": "https://a.b/", "visitor": "v"})
        )
        assert reply.json["accepted"] == 4
        assert [hit.left_out for hit in collector.sink.hits()].count("bot") == 3


async def test_every_dimension_may_be_given() -> None:
    given = {name: f"my-{name}" for name in GIVEN} | {"country": "DE"}
    async with running() as collector:
        await collector.batch(batch(event(**given)))
        visit = collector.sink.hits()[0].visit
        assert {name: getattr(visit, name) for name in GIVEN} == given


async def test_the_rest_is_as_in_an_event() -> None:
    sent = {
        "name": "signup",
        "props": {"plan": "pro"},
        "revenue": {"amount": "9.90", "currency": "EUR"},
        "interactive": False,
        "referrer": "https://www.google.com/",
        "timings": {"ttfb": 80},
    }
    async with running() as collector:
        await collector.batch(batch(event(**sent)))
        (hit,) = collector.sink.hits()
        assert (hit.name, hit.props, hit.interactive) == ("signup", (("plan", "pro"),), False)
        assert (hit.revenue_micros, hit.currency, hit.timings) == (9_900_000, "EUR", ((4, 80),))
        assert hit.visit.source == "Google"


async def test_one_event_is_no_larger_than_one_sent_alone() -> None:
    async with running(body_bytes_max=2_000) as collector:
        big, good = event(x="x" * 2_000), event()
        assert await drops(collector, batch(big, good)) == [(0, "over_limit", "event")]
        assert len(collector.sink.hits()) == 1


async def test_an_event_that_is_no_json_spoils_no_other() -> None:
    body = msgspec.json.encode(batch(event(), "here", event()))
    for bad in (b'{"name":"\xff"}', b"1e999", b"[[[]]]"):
        async with running() as collector:
            reply = await collector.batch(body.replace(b'"here"', bad))
            assert (reply.status, reply.json["accepted"]) == (200, 2), bad
            assert [drop["index"] for drop in reply.json["dropped"]] == [1]


async def test_engagement_in_long_words() -> None:
    async with running() as collector:
        await collector.batch(batch(event(name="engagement", scroll_depth=50, engaged_ms=1_000)))
        (hit,) = collector.sink.hits()
        assert (hit.kind, hit.scroll_depth, hit.engaged_ms) == (Kind.ENGAGEMENT, 50, 1_000)


async def test_who_may_write() -> None:
    async with running() as collector:
        cases = [
            (batch(event()), "", 401),
            (batch(event()), "stolen", 401),
            (batch(event()), "x" * 300, 401),
            (batch(event(), domain="other.example"), "key-of-alice", 403),
            (batch(event(), domain="nobody.example"), "key-of-alice", 403),
        ]
        for body, key, status in cases:
            reply = await collector.batch(body, key)
            assert (reply.status, list(reply.json["errors"])) == (status, ["authorization"])
        assert collector.sink.records == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", "request"),
        (b"[]", "request"),
        ({"domain": "example.com"}, "events"),
        (batch(domain=""), "domain"),
        (batch(domain=5), "domain"),
        ({"events": []}, "domain"),
        (batch(**{"import": ""}), "import"),
        (batch(**{"import": 5}), "import"),
        (batch(**{"import": "x" * 121}), "import"),
        (batch(**{"import": "a\nb"}), "import"),
        (b'{"domain":"example.com","import":"\xef","events":[]}', "import"),
        (b'{"domain":"\xef","events":[]}', "domain"),
        (b'{"domain":"example.com","events":"\xef"}', "events"),
    ],
)
async def test_what_is_no_batch(body: Any, field: str) -> None:
    async with running() as collector:
        reply = await collector.batch(body)
        assert (reply.status, list(reply.json["errors"])) == (400, [field])


async def test_gzip_and_its_limits() -> None:
    packed = gzip.compress(msgspec.json.encode(batch(event())))
    brotlied = bytes(cramjam.brotli.compress(msgspec.json.encode(batch(event()))))
    bomb = gzip.compress(b" " * 5_000_000)
    async with running() as collector:
        cases = [
            (packed, "gzip", 200),
            (brotlied, "br", 200),
            (b" " * (4 * 2**20 + 1), "", 413),
            (packed, "br", 400),
            (packed, "deflate", 400),
            (b"nonsense", "gzip", 400),
            (packed[:-9], "gzip", 400),
            (bomb, "gzip", 413),
        ]
        for body, encoding, status in cases:
            reply = await collector.batch(body, content_encoding=encoding)
            assert reply.status == status, encoding


async def test_too_many_events() -> None:
    async with running() as collector:
        assert (await collector.batch(batch(*[event()] * 1_001))).status == 413
        assert collector.sink.records == []


async def test_an_empty_batch_is_one() -> None:
    async with running() as collector:
        reply = await collector.batch(batch())
        assert (reply.status, reply.json) == (200, {"accepted": 0, "dropped": []})


async def test_finish_reaches_every_partition_and_forgets_the_salts() -> None:
    async with running() as collector:
        await collector.batch(history(past()))
        assert collector.parts.salts.imports
        reply = await collector.finish("log-1", {"domain": "example.com"})
        assert (reply.status, reply.json) == (200, {"finished": "log-1"})
        marks = sorted(collector.sink.watermarks())
        assert marks == [(at, Watermark(7, "log-1", NOW_MS, final=True)) for at in range(4)]
        assert collector.parts.salts.imports == {}


async def test_finish_reads_its_name_and_checks_the_key() -> None:
    async with running() as collector:
        reply = await collector.finish("log%202025%2Fa", {"domain": "example.com"})
        assert reply.json == {"finished": "log 2025/a"}
        for name, body, key, status in [
            ("a", {"domain": "example.com"}, "stolen", 401),
            ("a", {"domain": "other.example"}, "key-of-alice", 403),
            ("a", {}, "key-of-alice", 400),
            ("%00", {"domain": "example.com"}, "key-of-alice", 400),
            ("x" * 121, {"domain": "example.com"}, "key-of-alice", 400),
        ]:
            assert (await collector.finish(name, body, key)).status == status


async def test_not_acknowledged_is_503_and_counts_nothing() -> None:
    async with running() as collector:
        collector.sink.broken = True
        for reply in (
            await collector.batch(history(past())),
            await collector.finish("log-1", {"domain": "example.com"}),
        ):
            assert reply.status == 503
            assert reply.headers["retry-after"] == "5"
        assert collector.parts.salts.imports  # kept for the next try


async def test_a_key_that_sends_too_many_is_told_to_wait() -> None:
    async with running(key_batches_per_s=1) as collector:
        body = {"domain": "example.com", "events": [event()]}
        answers = [await collector.batch(body) for _ in range(11)]
        collector.parts.now_ms += 1_000
        later = await collector.batch(body)
        stored = len(collector.sink.hits())
    assert [answer.status for answer in answers] == [200] * 10 + [429]
    assert (answers[-1].headers["retry-after"], later.status, stored) == ("1", 200, 11)
    assert answers[-1].json == {"errors": {"request": ["too many batches with this key"]}}
