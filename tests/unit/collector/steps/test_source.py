"""Where a visit came from: source, referrer, click id and channel."""

from typing import Any

import pytest

from collector.pipeline import Client, Draft
from collector.steps.known_hosts import KNOWN_HOSTS
from collector.steps.source import attribute
from schemas.sites import SiteSettings

GOOGLE = "https://www.google.com/"


def attributed(query: dict[str, str], referrer: str, **given: str) -> dict[str, str]:
    draft = Draft({}, "example.com", 0, Client(), site=SiteSettings(7, "example.com"))
    draft.hostname, draft.query, draft.referrer = "blog.example.com", query, referrer
    draft.given = given
    return attribute(draft).visit


CASES: list[tuple[str, dict[str, str], str, str, str]] = [
    ("nothing", {}, "", "", "Direct"),
    ("search", {}, GOOGLE, "Google", "Organic Search"),
    (
        "a country's search",
        {},
        "https://www.google.co.uk/search?q=secret",
        "Google",
        "Organic Search",
    ),
    ("images", {}, "https://www.google.de/imgres?x=1", "Google Images", "Organic Search"),
    (
        "search app",
        {},
        "android-app://com.google.android.googlequicksearchbox/",
        "Google",
        "Organic Search",
    ),
    ("social", {}, "https://l.facebook.com/l.php", "Facebook", "Organic Social"),
    ("short link", {}, "https://t.co/abc", "Twitter", "Organic Social"),
    ("news", {}, "https://news.ycombinator.com/item", "Hacker News", "Organic Social"),
    ("mail", {}, "https://mail.google.com/", "Gmail", "Email"),
    ("video", {}, "https://www.youtube.com/watch?v=1", "YouTube", "Organic Video"),
    ("assistant", {}, "https://chatgpt.com/", "ChatGPT", "AI Assistant"),
    ("another site", {}, "https://www.friend.org/a/", "friend.org", "Referral"),
    ("own page", {}, "https://blog.example.com/a", "", "Direct"),
    ("own site", {}, "https://www.example.com/a", "", "Direct"),
    ("developer", {}, "http://localhost:3000/", "", "Direct"),
    ("no web page", {}, "javascript:alert(1)", "", "Direct"),
    ("broken", {}, "http://[", "", "Direct"),
    ("empty host", {}, "http:///a", "", "Direct"),
    ("a look-alike", {}, "https://notgoogle.com.evil.org/", "notgoogle.com.evil.org", "Referral"),
    ("tag before referrer", {"utm_source": "news"}, GOOGLE, "news", "Referral"),
    ("tag of a known name", {"utm_source": "FACEBOOK"}, "", "Facebook", "Organic Social"),
    ("tag in short", {"utm_source": "fb"}, "", "Facebook", "Organic Social"),
    ("tag as a host", {"utm_source": "google.com"}, "", "Google", "Organic Search"),
    ("source", {"source": "hn"}, GOOGLE, "hn", "Referral"),
    ("ref", {"ref": "friend"}, GOOGLE, "friend", "Referral"),
    ("utm_source before ref", {"ref": "b", "utm_source": "a"}, "", "a", "Referral"),
    ("paid search by click", {"gclid": "x"}, GOOGLE, "Google", "Paid Search"),
    (
        "paid search by medium",
        {"utm_source": "google", "utm_medium": "CPC"},
        "",
        "Google",
        "Paid Search",
    ),
    (
        "paid social",
        {"utm_source": "ig", "utm_medium": "paid-social"},
        "",
        "Instagram",
        "Paid Social",
    ),
    (
        "organic social by click",
        {"fbclid": "x"},
        "https://www.facebook.com/",
        "Facebook",
        "Organic Social",
    ),
    ("paid elsewhere", {"utm_source": "blog", "utm_medium": "ppc"}, "", "blog", "Paid Other"),
    ("display", {"utm_source": "a", "utm_medium": "banner"}, "", "a", "Display"),
    ("newsletter", {"utm_source": "may", "utm_medium": "email"}, "", "may", "Email"),
    ("paid click alone", {"gclid": "x"}, "", "Google", "Paid Search"),
    ("paid click of Bing", {"msclkid": "x"}, "", "Bing", "Paid Search"),
    ("shop", {}, "https://www.amazon.de/dp/1", "Amazon", "Organic Shopping"),
    ("listed with www.", {}, "https://www.baidu.com/s", "Baidu", "Organic Search"),
    ("listed with www. only", {}, "https://www.exalead.com/a", "Exalead", "Organic Search"),
    ("part of a search site", {}, "https://blog.naver.com/a", "Naver Blog", "Organic Social"),
    ("affiliate", {"utm_source": "x", "utm_medium": "affiliate"}, "", "x", "Affiliates"),
    ("push", {"utm_source": "x", "utm_medium": "web-push"}, "", "x", "Mobile Push Notifications"),
    (
        "cross-network",
        {"utm_campaign": "cross-network-1", "gclid": "x"},
        GOOGLE,
        "Google",
        "Cross-network",
    ),
]


@pytest.mark.parametrize(
    ("query", "referrer", "source", "channel"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_source_and_channel(
    query: dict[str, str], referrer: str, source: str, channel: str
) -> None:
    visit = attributed(query, referrer)
    assert (visit["source"], visit["channel"]) == (source, channel)


def test_the_referrer_is_kept_without_its_query() -> None:
    assert (
        attributed({}, "https://www.friend.org/a/b/?token=secret#x")["referrer"] == "friend.org/a/b"
    )
    assert attributed({}, "https://friend.org")["referrer"] == "friend.org"
    assert attributed({}, "https://blog.example.com/a")["referrer"] == ""


@pytest.mark.parametrize("name", ["gclid", "gbraid", "wbraid", "msclkid", "fbclid", "twclid"])
def test_a_click_id_is_named_never_kept(name: str) -> None:
    visit = attributed({name: "secret"}, "")
    assert visit["click_id"] == name
    assert "secret" not in visit.values()


def test_tags_are_cut_and_cleaned() -> None:
    query: dict[str, Any] = {"utm_campaign": " a\x00b ", "utm_term": "x" * 999, "utm_content": ""}
    visit = attributed(query, "")
    assert visit["utm_campaign"] == "a\ufffdb"
    assert len(visit["utm_term"]) == 200
    assert "utm_content" not in visit


def test_what_a_batch_names_stands() -> None:
    visit = attributed({"utm_source": "a"}, GOOGLE, utm_source="bing", utm_medium="cpc")
    assert (visit["source"], visit["utm_medium"], visit["channel"]) == (
        "Bing",
        "cpc",
        "Paid Search",
    )


def test_no_host_is_listed_twice() -> None:
    hosts = [
        host
        for names in KNOWN_HOSTS.values()
        for listed in names.values()
        for host in listed.split()
    ]
    assert sorted(hosts) == sorted(set(hosts))
