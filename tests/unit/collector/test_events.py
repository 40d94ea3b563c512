"""`POST /api/event`: a table of request -> stored hit, one row for each line of the contract."""

from typing import Any, NamedTuple

import pytest

from collector.networks import Networks
from schemas.events import Hit, Kind
from tests.unit.collector.support import CHROME, NOW_MS, Reply, page, running


class Row(NamedTuple):
    """What is sent, and the fields of the hit (or of its visit) that must come out of it."""

    name: str
    body: Any
    stored: dict[str, Any]
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


STORED = [
    Row("pageview", page(), {"name": "pageview", "kind": Kind.PAGEVIEW, "path": "/"}),
    Row(
        "long keys",
        {"name": "signup", "url": "https://example.com/a", "domain": "example.com"},
        {"name": "signup", "kind": Kind.EVENT, "path": "/a"},
    ),
    Row("name may be an integer", page(n=404), {"name": "404", "kind": Kind.EVENT}),
    Row("domain from the url", {"n": "pageview", "u": "https://www.example.com/"}, {"site_id": 7}),
    Row("www. is no part of a domain", page(d="WWW.Example.com"), {"site_id": 7}),
    Row("hostname without www.", page(u="https://www.example.com/"), {"hostname": "example.com"}),
    Row("path is decoded", page(u="https://example.com/a%20b/%C3%A9"), {"path": "/a b/é"}),
    Row(
        "broken escapes stay readable", page(u="https://example.com/%ff%zz"), {"path": "/\ufffd%zz"}
    ),
    Row("white space after the path", page(u="https://example.com/a%20%20"), {"path": "/a"}),
    Row("empty path", page(u="https://example.com"), {"path": "/"}),
    Row("control characters", page(u="https://example.com/a%00%0Ab"), {"path": "/a\ufffd\ufffdb"}),
    Row("hash mode", page(u="https://example.com/a#/b", h=1), {"path": "/a#/b"}),
    Row("no hash mode", page(u="https://example.com/a#/b", h=0), {"path": "/a"}),
    Row("time is ours", page(), {"at_ms": NOW_MS, "received_at_ms": NOW_MS, "import_name": ""}),
    Row("a browser's timestamp counts for nothing", page(timestamp="1999"), {"at_ms": NOW_MS}),
    Row(
        "props",
        page(p={"b": 1, "a": True, "c": 1.5}),
        {"props": (("a", "true"), ("b", "1"), ("c", "1.5"))},
    ),
    Row("props under meta, as JSON text", page(m='{"plan":"pro"}'), {"props": (("plan", "pro"),)}),
    Row("props that are no object", page(p=[1]), {"props": ()}),
    Row("props that are broken JSON", page(p="{"), {"props": ()}),
    Row(
        "props: lists, maps, blanks",
        page(p={"a": [], "b": {}, "c": "", "d": None, "": "x", "e": "f"}),
        {"props": (("e", "f"),)},
    ),
    Row("props: a number nobody means", page(p={"a": 10**30, "b": "c"}), {"props": (("b", "c"),)}),
    Row(
        "props: first 30",
        page(p={f"{i:02}": i for i in range(40)}),
        {"props": tuple((f"{i:02}", str(i)) for i in range(30))},
    ),
    Row(
        "revenue",
        page(**{"$": {"currency": "eur", "amount": "9.90"}}),
        {"revenue_micros": 9_900_000, "currency": "EUR"},
    ),
    Row(
        "revenue as JSON text",
        page(revenue='{"currency":"USD","amount":-3}'),
        {"revenue_micros": -3_000_000, "currency": "USD"},
    ),
    *(
        Row(f"bad revenue {bad!r}", page(revenue=bad), {"revenue_micros": 0, "currency": ""})
        for bad in (
            5,
            "x",
            {"currency": "EURO", "amount": 1},
            {"currency": "EUR"},
            {"amount": 1},
            {"currency": "EUR", "amount": "NaN"},
            {"currency": "EUR", "amount": "1e99"},
            {"currency": "EUR", "amount": "9" * 50},
            {"currency": "EUR", "amount": [1]},
            {"currency": "EUR", "amount": "sNaN"},
            {"currency": "EUR", "amount": "1e999999999"},
        )
    ),
    Row("interactive", page(), {"interactive": True}),
    Row("not interactive", page(i=False), {"interactive": False}),
    Row(
        "engagement",
        page(n="engagement", sd=60, e=4200),
        {"kind": Kind.ENGAGEMENT, "scroll_depth": 60, "engaged_ms": 4200},
    ),
    Row("engagement by depth alone", page(n="engagement", sd=0), {"scroll_depth": 0}),
    Row("engagement counts nowhere else", page(sd=60, e=9), {"scroll_depth": 0, "engaged_ms": 0}),
    Row("unknown keys and script version", page(v=27, whatever={"x": [1]}), {"path": "/"}),
    Row("app schemes", page(u="app://example.com/a"), {"hostname": "example.com", "path": "/a"}),
    Row("country of the address", page(), {"country": "GB"}),
    Row("language", page(), {"language": "de-CH"}, {"accept_language": "de-CH,de;q=0.9"}),
    Row("absurd language", page(), {"language": ""}, {"accept_language": "../etc"}),
    Row(
        "device",
        page(),
        {
            "device": "Desktop",
            "browser": "Chrome",
            "browser_version": "120",
            "os": "Windows",
            "os_version": "10",
        },
    ),
    Row("text that is no referrer", page(r=7), {"source": "", "channel": "Direct"}),
    Row("a bot is stored and left out", page(), {"left_out": "bot"}, {"user_agent": "curl/8.0"}),
    Row("no agent at all is a bot", page(), {"left_out": "bot"}, {"user_agent": ""}),
    Row("no browser at all is a bot", page(), {"left_out": "bot"}, {"user_agent": "Java/1.8"}),
    Row("people are not", page(), {"left_out": ""}),
]


def read(hit: Hit, name: str) -> Any:
    return getattr(hit, name) if hasattr(hit, name) else getattr(hit.visit, name)


@pytest.mark.parametrize("row", STORED, ids=lambda row: row.name)
async def test_stored(row: Row) -> None:
    async with running() as collector:
        reply = await collector.event(row.body, **row.headers)
        assert (reply.status, reply.body) == (202, b"ok")
        (hit,) = collector.sink.hits()
        assert {name: read(hit, name) for name in row.stored} == row.stored


REFUSED = [
    ("no JSON", b"nonsense", "request", "Unable to parse request body as json"),
    ("empty", b"", "request", "Unable to parse request body as json"),
    ("a list", b"[]", "request", "Unable to parse request body as json"),
    ("NaN", b'{"n": NaN}', "request", "Unable to parse request body as json"),
    ("infinite", b'{"n": 1e999}', "request", "Unable to parse request body as json"),
    (
        "huge integer",
        b'{"n": ' + b"9" * 6000 + b"}",
        "request",
        "Unable to parse request body as json",
    ),
    ("lone surrogate", b'{"n": "\\ud800"}', "request", "Unable to parse request body as json"),
    ("broken UTF-8", b'{"n": "\xff"}', "request", "Unable to parse request body as json"),
    ("deep nesting", b"[" * 200_000, "request", "Unable to parse request body as json"),
    ("url is required", {"n": "pageview", "d": "example.com"}, "url", "is required"),
    ("no url, no domain", {"n": "pageview"}, "url", "is required"),
    ("empty url", page(u=""), "url", "is required"),
    ("data url", page(u="data:text/html,x"), "url", "scheme is not allowed"),
    ("no host", page(u="/a"), "url", "must be a valid url"),
    ("a file", page(u="file:///a"), "url", "must be a valid url"),
    ("half an IPv6 host", page(u="http://[::1/"), "url", "must be a valid url"),
    ("a host with a space", page(u="http://a b/"), "url", "must be a valid url"),
    ("url of another type", page(u={"x": 1}), "url", "must be a valid url"),
    (
        "long url",
        page(u="https://example.com/" + "a" * 1_981),
        "url",
        "should be at most 2000 byte(s)",
    ),
    (
        "long url in bytes",
        page(u="https://example.com/" + "é" * 991),
        "url",
        "should be at most 2000 byte(s)",
    ),
    ("blank domain", page(d=" , "), "domain", "can't be blank"),
    ("domain of another type", page(d=5), "domain", "must be a string"),
    (
        "many domains",
        page(d=",".join(f"{i}.com" for i in range(11))),
        "domain",
        "should be at most 10 domains",
    ),
    ("no name", {"u": "https://example.com/"}, "event_name", "can't be blank"),
    ("blank name", page(n=" "), "event_name", "can't be blank"),
    ("name of another type", page(n=["x"]), "event_name", "can't be blank"),
    ("name true", page(n=True), "event_name", "can't be blank"),
    ("name false", page(n=False), "event_name", "can't be blank"),
    ("long name", page(n="x" * 121), "event_name", "should be at most 120 character(s)"),
    (
        "engagement of nothing",
        page(n="engagement"),
        "event_name",
        "an engagement event needs a whole number in sd or e",
    ),
    (
        "absurd engagement",
        page(n="engagement", sd=101, e=-1),
        "event_name",
        "an engagement event needs a whole number in sd or e",
    ),
    (
        "long prop key",
        page(p={"k" * 301: 1}),
        "props",
        "keys should have at most 300 bytes and values 2000 bytes",
    ),
    (
        "long prop value",
        page(p={"k": "v" * 2001}),
        "props",
        "keys should have at most 300 bytes and values 2000 bytes",
    ),
    ("event_id of another type", page(event_id=5), "event_id", "must be a string"),
    ("long event_id", page(event_id="x" * 65), "event_id", "should be at most 64 character(s)"),
]


@pytest.mark.parametrize(
    ("body", "field", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
async def test_refused(body: Any, field: str, message: str) -> None:
    async with running() as collector:
        reply = await collector.event(body)
        assert (reply.status, reply.json) == (400, {"errors": {field: [message]}})
        assert collector.sink.records == []


def dropped(reply: Reply) -> tuple[str, str]:
    return reply.headers["x-plausible-dropped"], reply.headers["x-drop-reason"]


async def test_an_unknown_site_is_dropped_and_said_so() -> None:
    async with running() as collector:
        reply = await collector.event(page(d="nobody.example"))
        assert (reply.status, reply.body) == (202, b"ok")
        assert dropped(reply) == ("1", "unknown_site")
        assert collector.sink.records == []


async def test_a_bot_is_answered_as_dropped() -> None:
    async with running() as collector:
        reply = await collector.event(page(), user_agent="Googlebot/2.1")
        assert reply.status == 202
        assert dropped(reply) == ("1", "bot")


async def test_nothing_dropped_says_nothing() -> None:
    async with running() as collector:
        reply = await collector.event(page())
        assert "x-plausible-dropped" not in reply.headers
        assert reply.headers["access-control-allow-origin"] == "*"


async def test_each_domain_of_a_list_gets_its_hit() -> None:
    async with running() as collector:
        reply = await collector.event(
            page(d="example.com, other.example,nobody.example,example.com")
        )
        assert dropped(reply) == ("1", "unknown_site")
        hits = collector.sink.hits()
        assert sorted(hit.site_id for hit in hits) == [7, 8]
        assert hits[0].visitor_id != hits[1].visitor_id


async def test_a_retry_keeps_its_event_id_and_others_differ() -> None:
    async with running() as collector:
        for body in (page(event_id="a"), page(event_id="a"), page(event_id="b"), page(), page()):
            await collector.event(body)
        ids = [hit.event_id for hit in collector.sink.hits()]
        assert len(set(ids)) == 4
        assert max(ids.count(one) for one in ids) == 2


async def test_one_person_is_one_visitor_in_one_partition() -> None:
    async with running() as collector:
        await collector.event(page())
        await collector.event(page(u="https://example.com/b"))
        await collector.event(page(), x_forwarded_for="81.2.69.143")
        await collector.event(page(), user_agent=CHROME.replace("120", "121"))
        hits = collector.sink.hits()
        assert len({hit.visitor_id for hit in hits}) == 3
        homes = [
            {
                at
                for at, batch in collector.sink.batches
                for hit in batch.hits
                if hit.visitor_id == one
            }
            for one in {hit.visitor_id for hit in hits}
        ]
        assert all(len(home) == 1 for home in homes)


async def test_yesterdays_id_is_given_only_in_the_first_half_hour() -> None:
    midnight = NOW_MS - NOW_MS % 86_400_000
    async with running() as collector:
        collector.parts.now_ms = midnight - 1
        await collector.event(page())
        for at_ms in (midnight, midnight + 1_799_999, midnight + 1_800_000):
            collector.parts.now_ms = at_ms
            await collector.event(page())
        before, first, last, after = sorted(collector.sink.hits(), key=lambda hit: hit.at_ms)
        assert first.prev_visitor_id == last.prev_visitor_id == before.visitor_id
        assert after.prev_visitor_id == 0
        assert after.visitor_id == first.visitor_id != before.visitor_id
        partitions = {at for at, batch in collector.sink.batches if batch.hits}
        assert len(partitions) == 1


async def test_without_todays_salt_it_is_503() -> None:
    async with running() as collector:
        collector.parts.salts.missing = True
        reply = await collector.event(page())
        assert reply.status == 503
        assert reply.headers["retry-after"] == "5"
        assert collector.sink.records == []


async def test_only_a_trusted_proxy_may_name_the_address() -> None:
    async with running(trusted_proxies=Networks()) as collector:
        await collector.event(page())
        await collector.event(page(), x_forwarded_for="1.1.1.1")
        hits = collector.sink.hits()
        assert hits[0].visitor_id == hits[1].visitor_id
        assert hits[0].visit.country == ""  # of the peer, which is this machine
