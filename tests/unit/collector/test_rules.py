"""What a site's settings and the operator's files leave out, from request to hit."""

from typing import Any

import msgspec
import pytest

from collector.networks import Networks, parse_network
from schemas.events import Hit
from schemas.sites import SiteSettings, encode
from tests.unit.collector.support import ADDRESS, CHROME, Collector, Reply, page, running

SITE = SiteSettings(7, "example.com")
SPAM = {"r": "https://www.semalt.com/crawler"}


async def send(
    collector: Collector, body: dict[str, Any], headers: dict[str, str]
) -> tuple[Reply, Hit | None]:
    reply = await collector.event(page(**body), **headers)
    hits = collector.sink.hits()
    return reply, hits[-1] if hits else None


CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, str]]] = [
    ("hostname", {"hostnames": ("shop.example.com",)}, {}, {}),
    ("hostname", {"hostnames": ("*.example.com",)}, {"u": "https://notexample.com/"}, {}),
    ("", {"hostnames": ("*.example.com",)}, {"u": "https://www.example.com/"}, {}),
    ("", {"hostnames": ("www.example.com",)}, {}, {"origin": "https://www.example.com"}),
    ("hostname", {"hostnames": ("example.com",)}, {}, {"origin": "https://copy.example"}),
    ("hostname", {"hostnames": ("example.com",)}, {}, {"origin": "https://["}),
    ("hostname", {"hostnames": ("example.com",)}, {"u": "https://example.com.evil/"}, {}),
    ("", {"hostnames": ("EXAMPLE.com", "b.example")}, {}, {"origin": "https://www.example.com:8"}),
    ("", {"hostnames": ("*.example.com",)}, {"u": "https://a.example.com/"}, {"origin": "null"}),
    ("", {}, {}, {"origin": "https://copy.example"}),
    ("address", {"excluded_addresses": ("10.0.0.0/8", ADDRESS)}, {}, {}),
    ("address", {"excluded_addresses": ("81.2.69.0/24",)}, {}, {}),
    ("", {"excluded_addresses": ("81.2.70.0/24", "2001:db8::/32")}, {}, {}),
    ("country", {"excluded_countries": ("FR", "gb")}, {}, {}),
    ("", {"excluded_countries": ("FR",)}, {}, {}),
    ("page", {"excluded_pages": ("/admin/**",)}, {"u": "https://example.com/admin/a/b"}, {}),
    ("page", {"excluded_pages": ("/a/*/c",)}, {"u": "https://example.com/a/%62/c"}, {}),
    ("", {"excluded_pages": ("/admin/*",)}, {"u": "https://example.com/admin/a/b"}, {}),
    ("prefetch", {}, {}, {"sec_purpose": "prefetch;prerender"}),
    ("prefetch", {}, {}, {"purpose": "Prefetch"}),
    ("prefetch", {}, {}, {"x_purpose": "preview"}),
    ("prefetch", {}, {}, {"x_moz": "prefetch"}),
    ("bot", {}, {}, {"user_agent": "curl/8.0"}),
    ("", {"count_bots": True}, {}, {"user_agent": "curl/8.0"}),
    ("data_centre", {}, {}, {"x_forwarded_for": "203.0.113.9"}),
    ("", {"count_data_centres": True}, {}, {"x_forwarded_for": "203.0.113.9"}),
    ("referrer_spam", {}, SPAM, {}),
    ("referrer_spam", {}, {"r": "http://x.semalt.com"}, {}),
    ("", {"count_referrer_spam": True}, SPAM, {}),
    ("", {}, {"r": "https://notsemalt.com/"}, {}),
    # What the site excludes goes first: counting bots again must not bring it back.
    ("page", {"excluded_pages": ("/",)}, SPAM, {"user_agent": "curl/8.0", "purpose": "prefetch"}),
    ("address", {"excluded_addresses": ("0.0.0.0/0",), "excluded_pages": ("/",)}, {}, {}),
]


@pytest.mark.parametrize(("reason", "settings", "body", "headers"), CASES)
async def test_what_a_rule_leaves_out_is_kept_with_its_reason(
    reason: str, settings: dict[str, Any], body: dict[str, Any], headers: dict[str, str]
) -> None:
    async with running() as collector:
        collector.parts.sites.put(msgspec.structs.replace(SITE, **settings))
        collector.parts.lists.data_centres = Networks([parse_network("203.0.113.0/24")])
        reply, hit = await send(collector, body, headers)
    assert (reply.status, reply.body) == (202, b"ok")
    assert reply.headers.get("x-drop-reason", "") == reason
    assert reply.headers.get("x-plausible-dropped") == ("1" if reason else None)
    assert hit is not None and hit.left_out == reason


@pytest.mark.parametrize(
    ("reason", "settings", "headers"),
    [
        ("gpc", {"honour_gpc": True}, {"sec_gpc": "1"}),
        ("dnt", {"honour_dnt": True}, {"dnt": "1"}),
        ("", {"honour_gpc": True}, {"dnt": "1"}),
        ("", {"honour_dnt": True}, {"sec_gpc": "1", "dnt": "0"}),
        ("", {}, {"sec_gpc": "1", "dnt": "1"}),
    ],
)
async def test_of_who_asks_not_to_be_counted_nothing_is_kept(
    reason: str, settings: dict[str, Any], headers: dict[str, str]
) -> None:
    async with running() as collector:
        collector.parts.sites.put(msgspec.structs.replace(SITE, **settings))
        reply, hit = await send(collector, {}, headers)
    assert (reply.status, reply.headers.get("x-drop-reason", "")) == (202, reason)
    assert (hit is None) is bool(reason)


async def test_one_event_for_two_sites_is_judged_by_each() -> None:
    async with running() as collector:
        collector.parts.sites.put(msgspec.structs.replace(SITE, excluded_pages=("/",)))
        reply = await collector.event(page(d="example.com,other.example"))
        hits = {hit.site_id: hit.left_out for hit in collector.sink.hits()}
    assert hits == {7: "page", 8: ""}
    assert reply.headers["x-plausible-dropped"] == "1"


async def test_who_sends_too_much_is_told_to_wait_and_nothing_is_stored() -> None:
    async with running(address_rate_per_s=1) as collector:
        answers = [await collector.event(page()) for _ in range(11)]
        other = await collector.event(page(), x_forwarded_for="81.2.69.143")
        stored = len(collector.sink.hits())
        text = (await collector.request("GET", "/metrics")).body.decode()
    assert [answer.status for answer in answers] == [202] * 10 + [429]
    assert (answers[-1].headers["retry-after"], other.status, stored) == ("1", 202, 11)
    assert answers[-1].headers["x-drop-reason"] == "rate_limited"
    assert answers[-1].json == {"errors": {"request": ["too many events from this address"]}}
    assert 'hits_refused_total{reason="rate_limited"} 1.0' in text
    assert ADDRESS not in text


async def test_a_refusal_names_its_reason() -> None:
    async with running() as collector:
        answers = [await collector.event(page(u=url)) for url in ("", "https://a.b/" + "x" * 2_000)]
    assert [answer.status for answer in answers] == [400, 400]
    assert [answer.headers["x-drop-reason"] for answer in answers] == ["malformed", "over_limit"]


async def test_a_site_over_its_limit_is_dropped_with_the_reason() -> None:
    async with running() as collector:
        collector.parts.sites.put(msgspec.structs.replace(SITE, rate_per_s_max=1))
        answers = [await collector.event(page()) for _ in range(11)]
    assert [answer.status for answer in answers] == [202] * 11
    assert answers[-1].headers["x-drop-reason"] == "rate_limited"
    assert len(collector.sink.hits()) == 10


async def test_a_batch_is_judged_by_what_it_says() -> None:
    rules = replace_site(excluded_addresses=("81.2.69.0/24",), excluded_countries=("FR",))
    events = [
        {"ip": ADDRESS, "user_agent": CHROME},
        {"ip": "1.1.1.1", "user_agent": CHROME, "country": "FR"},
        {"visitor": "u", "country": "DE"},
    ]
    async with running() as collector:
        collector.parts.sites.put(rules)
        await collector.batch(
            {
                "domain": "example.com",
                "events": [
                    {"name": "pageview", "url": "https://example.com/"} | event for event in events
                ],
            }
        )
        assert sorted(hit.left_out for hit in collector.sink.hits()) == ["", "address", "country"]


def replace_site(**changes: Any) -> SiteSettings:
    return msgspec.structs.replace(SITE, **changes)


def test_a_site_without_rules_takes_no_more_room_in_redis() -> None:
    assert encode(SITE) == b'{"site_id":7,"domain":"example.com"}'
