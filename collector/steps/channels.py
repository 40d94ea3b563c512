"""Which channel a visit came through: Google Analytics 4's default channel group, all of it.

The rules are those of https://support.google.com/analytics/answer/9756891 (channels for manual
traffic) in the order of that page; the first that fits names the channel. What GA4 calls a medium
is the `utm_medium`, or what it puts there itself: "cpc" for a click on an ad, "ai-assistant" for an
assistant's referrer, "organic" and "referral" for others'.

Two things differ, as both would else be "Unassigned": a source that names no medium is a referral,
and one that is a mail program is e-mail.
"""

import re
from typing import Final

# The parameter an ad network adds to its links -> whose it is. fbclid and twclid are added to links
# that nobody paid for as well.
PAID_CLICK_IDS: Final = {"gclid": "Google", "gbraid": "Google", "wbraid": "Google",
                         "msclkid": "Bing"}  # fmt: skip
_PAID: Final = re.compile(r"(.*cp.*|ppc|retargeting|paid.*)", re.DOTALL)
_SHOPPING: Final = re.compile(r"(.*(([^a-df-z]|^)shop|shopping).*)", re.DOTALL)
_DISPLAY: Final = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_SOCIAL: Final = frozenset(
    {"social", "social-network", "social-media", "sm", "social network", "social media"}
)
_EMAIL: Final = frozenset({"email", "e-mail", "e_mail", "e mail"})
_REFERRAL: Final = frozenset({"referral", "app", "link"})
_NAMES: Final = {"search": "Search", "social": "Social", "video": "Video", "shopping": "Shopping"}
UNASSIGNED: Final = "Unassigned"


def channel(source: str, category: str, medium: str, campaign: str, click_id: str) -> str:
    """The channel; `category` is `sources.Known.category`, `medium` and `campaign` are tags."""
    source, medium, campaign = source.lower(), medium.lower(), campaign.lower()
    if not medium and click_id in PAID_CLICK_IDS:
        medium = "cpc"
    if not source and not medium and not campaign:
        return "Direct"
    if "cross-network" in campaign:
        return "Cross-network"
    if _SHOPPING.fullmatch(campaign):
        category = "shopping"
    return (
        _paid(category, medium)
        or _organic(category, medium)
        or _named(source, medium)
        or _unnamed(source, category, medium)
    )


def _paid(category: str, medium: str) -> str:
    """The channel of what was paid for, "" for what was not."""
    paid = _PAID.fullmatch(medium) is not None
    if paid and category in _NAMES:
        return f"Paid {_NAMES[category]}"
    if medium in _DISPLAY:
        return "Display"
    return "Paid Other" if paid else ""


def _organic(category: str, medium: str) -> str:
    if category == "shopping":
        return "Organic Shopping"
    if category == "social" or medium in _SOCIAL:
        return "Organic Social"
    if category == "video" or "video" in medium:
        return "Organic Video"
    return "Organic Search" if category == "search" or medium == "organic" else ""


def _named(source: str, medium: str) -> str:
    """The channels that a source or a medium names outright."""
    if medium in _REFERRAL:
        return "Referral"
    if source in _EMAIL or medium in _EMAIL:
        return "Email"
    if medium == "affiliate":
        return "Affiliates"
    if medium == "audio":
        return "Audio"
    if "sms" in (source, medium):
        return "SMS"
    if medium.endswith("push") or "mobile" in medium or "notification" in medium:
        return "Mobile Push Notifications"
    return "Mobile Push Notifications" if source == "firebase" else ""


def _unnamed(source: str, category: str, medium: str) -> str:
    if medium == "ai-assistant" or (category == "ai" and not medium):
        return "AI Assistant"
    if category == "email" and not medium:
        return "Email"
    return "Referral" if source and not medium else UNASSIGNED
