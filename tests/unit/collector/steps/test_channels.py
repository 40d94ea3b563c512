"""Google Analytics 4's default channel group, line by line.

Each case is a line, or an alternative of a line, of the table "Channels for manual traffic" on
https://support.google.com/analytics/answer/9756891, in its order.
"""

import pytest

from collector.steps.channels import UNASSIGNED, channel

# (channel, source, its category, medium, campaign)
DEFINITION: list[tuple[str, str, str, str, str]] = [
    ("Direct", "", "", "", ""),
    ("Cross-network", "google", "search", "cpc", "Summer Cross-Network 1"),
    # (shopping site or campaign ^(.*(([^a-df-z]|^)shop|shopping).*)$) and a paid medium
    ("Paid Shopping", "Amazon", "shopping", "cpc", ""),
    ("Paid Shopping", "google", "search", "ppc", "shop"),
    ("Paid Shopping", "google", "search", "ppc", "spring-shop-2"),
    ("Paid Shopping", "google", "search", "ppc", "eshop"),
    ("Paid Shopping", "news", "", "paid", "SHOPPING week"),
    ("Paid Search", "google", "search", "ppc", "workshop"),  # "k" before "shop"
    # ^(.*cp.*|ppc|retargeting|paid.*)$, alternative by alternative
    ("Paid Search", "google", "search", "cpc", ""),
    ("Paid Search", "google", "search", "my-CPA-x", ""),
    ("Paid Search", "google", "search", "ppc", ""),
    ("Paid Search", "google", "search", "retargeting", ""),
    ("Paid Search", "google", "search", "paid-search", ""),
    ("Paid Search", "google", "search", "cpm", ""),  # goes before Display
    ("Paid Social", "Facebook", "social", "paidsocial", ""),
    ("Paid Video", "YouTube", "video", "cpv-cpc", ""),
    ("Display", "a", "", "display", ""),
    ("Display", "a", "", "banner", ""),
    ("Display", "a", "", "expandable", ""),
    ("Display", "a", "", "interstitial", ""),
    ("Display", "a", "", "cpm", ""),
    ("Display", "google", "search", "display", ""),
    ("Paid Other", "a", "", "cpc", ""),
    ("Paid Other", "a", "", "retargeting", ""),
    ("Organic Shopping", "Etsy", "shopping", "", ""),
    ("Organic Shopping", "news", "", "email", "shop"),
    ("Organic Social", "Facebook", "social", "", ""),
    ("Organic Social", "Facebook", "social", "referral", ""),
    ("Organic Social", "a", "", "social", ""),
    ("Organic Social", "a", "", "social-network", ""),
    ("Organic Social", "a", "", "social-media", ""),
    ("Organic Social", "a", "", "SM", ""),
    ("Organic Social", "a", "", "social network", ""),
    ("Organic Social", "a", "", "social media", ""),
    ("Organic Video", "Vimeo", "video", "", ""),
    ("Organic Video", "a", "", "my-video-x", ""),
    ("Organic Search", "google", "search", "", ""),
    ("Organic Search", "a", "", "organic", ""),
    ("Referral", "a", "", "referral", ""),
    ("Referral", "a", "", "app", ""),
    ("Referral", "a", "", "link", ""),
    ("Email", "email", "", "", ""),
    ("Email", "e-mail", "", "x", ""),
    ("Email", "e_mail", "", "", ""),
    ("Email", "e mail", "", "", ""),
    ("Email", "a", "", "Email", ""),
    ("Email", "a", "", "e-mail", ""),
    ("Email", "a", "", "e_mail", ""),
    ("Email", "a", "", "e mail", ""),
    ("Affiliates", "a", "", "affiliate", ""),
    ("Audio", "a", "", "audio", ""),
    ("SMS", "sms", "", "", ""),
    ("SMS", "a", "", "sms", ""),
    ("Mobile Push Notifications", "a", "", "web-push", ""),
    ("Mobile Push Notifications", "a", "", "in-mobile-x", ""),
    ("Mobile Push Notifications", "a", "", "notifications", ""),
    ("Mobile Push Notifications", "firebase", "", "", ""),
    # The medium GA4 gives to assistants' referrers; a tagged medium goes before it.
    ("AI Assistant", "ChatGPT", "ai", "", ""),
    ("AI Assistant", "a", "", "ai-assistant", ""),
    ("Paid Other", "ChatGPT", "ai", "cpc", ""),
    ("Referral", "ChatGPT", "ai", "referral", ""),
    # "Unassigned": no other rule fits.
    (UNASSIGNED, "a", "", "pigeon", ""),
    (UNASSIGNED, "", "", "pigeon", ""),
    (UNASSIGNED, "", "", "", "spring"),
    # Ours: what came without any tag is of a medium too.
    ("Referral", "friend.org", "", "", ""),
    ("Email", "Gmail", "email", "", ""),
]


@pytest.mark.parametrize(("wanted", "source", "category", "medium", "campaign"), DEFINITION)
def test_the_definition(
    wanted: str, source: str, category: str, medium: str, campaign: str
) -> None:
    assert channel(source, category, medium, campaign, "") == wanted


@pytest.mark.parametrize(
    ("click_id", "medium", "wanted"),
    [
        ("gclid", "", "Paid Search"),
        ("gbraid", "", "Paid Search"),
        ("wbraid", "", "Paid Search"),
        ("msclkid", "", "Paid Search"),
        ("fbclid", "", "Organic Search"),
        ("twclid", "", "Organic Search"),
        ("gclid", "display", "Display"),
        ("gclid", "organic", "Organic Search"),
    ],
)
def test_an_ads_click_is_paid_unless_a_tag_says_more(
    click_id: str, medium: str, wanted: str
) -> None:
    assert channel("google", "search", medium, "", click_id) == wanted


@pytest.mark.timeout(5)
def test_a_hostile_campaign_takes_no_time() -> None:
    for text in ("shoppin" * 30, "s" * 200, "cc" * 100):
        channel("a", "", text, text, "")
