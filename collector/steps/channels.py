"""Which channel a visit came through, after Google Analytics 4's default channel group.

https://support.google.com/analytics/answer/9756891 states the rules that are followed in this
order; "AI Assistants" is ours.
"""

import re
from typing import Final

PAID_CLICK_IDS: Final = ("gclid", "gbraid", "wbraid", "msclkid")
_PAID: Final = re.compile(r".*cp.*|ppc|retargeting|paid.*")
_DISPLAY: Final = ("display", "banner", "expandable", "interstitial", "cpm")
_SOCIAL: Final = (
    "social",
    "social-network",
    "social-media",
    "sm",
    "social network",
    "social media",
)
_EMAIL: Final = ("email", "e-mail", "e_mail", "e mail", "newsletter")
_BY_MEDIUM: Final = {
    "affiliate": "Affiliates",
    "audio": "Audio",
    "sms": "SMS",
    "organic": "Organic Search",
    "referral": "Referral",
    "link": "Referral",
    "app": "Referral",
    "video": "Organic Video",
}
_ORGANIC: Final = {
    "search": "Organic Search",
    "social": "Organic Social",
    "video": "Organic Video",
    "email": "Email",
    "ai": "AI Assistants",
}
_BOUGHT: Final = {"search": "Paid Search", "social": "Paid Social", "video": "Paid Video"}


def channel(source: str, category: str, medium: str, campaign: str, click_id: str) -> str:
    """The channel; `category` is `sources.Known.category`, `medium` and `campaign` are tags."""
    medium = medium.lower()
    if "cross-network" in campaign.lower():
        return "Cross-network"
    bought = _bought(category, medium, click_id)
    if bought:
        return bought
    organic = _ORGANIC.get(category)
    if organic:
        return organic
    if medium in _SOCIAL:
        return "Organic Social"
    if medium in _EMAIL or source.lower() in _EMAIL:
        return "Email"
    if medium in _BY_MEDIUM:
        return _BY_MEDIUM[medium]
    if medium.endswith("push") or "mobile" in medium or "notification" in medium:
        return "Mobile Push Notifications"
    return "Referral" if source else "Direct"


def _bought(category: str, medium: str, click_id: str) -> str:
    """The paid channel, "" if nothing says that the visit was paid for."""
    if medium in _DISPLAY:
        return "Display"
    if click_id in PAID_CLICK_IDS:
        return _BOUGHT.get(category, "Paid Search")
    if _PAID.fullmatch(medium):
        return _BOUGHT.get(category, "Paid Other")
    return ""
