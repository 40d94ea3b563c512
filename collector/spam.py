"""Referrer spam: hits that exist only so that somebody's domain shows up in reports.

What is built in is the part of Matomo's community list that names itself a traffic or SEO seller
(https://github.com/matomo-org/referrer-spam-list, public domain). No package carries the whole of
it; an operator who wants it supplies the file.
"""

from collections.abc import Container
from typing import Final

SPAMMERS: Final = frozenset(
    {
        "1-99seo.com",
        "1-free-share-buttons.com",
        "100dollars-seo.com",
        "12-reasons-for-seo.net",
        "2-best-seo.com",
        "4webmasters.org",
        "acunetix-referrer.com",
        "amazon-seo-service.com",
        "anti-crisis-seo.com",
        "anticrawler.org",
        "auto-seo-service.org",
        "autoseo-service.org",
        "autoseo-traffic.com",
        "autoseotips.com",
        "backlinks-fast-top.com",
        "best-seo-offer.com",
        "best-seo-software.xyz",
        "best-seo-solution.com",
        "blackhatworth.com",
        "blogorganictraffic.shop",
        "blogseo.xyz",
        "blogtraffic.shop",
        "boostmyppc.com",
        "bot-traffic.icu",
        "bot-traffic.xyz",
        "bottraffic.live",
        "bottraffic143.xyz",
        "bottraffic329.xyz",
        "bottraffic4free.club",
        "bottraffic4free.host",
        "bottraffic999.xyz",
        "buttons-for-website.com",
        "buttons-for-your-website.com",
        "darodar.com",
        "econom.co",
        "event-tracking.com",
        "free-share-buttons.com",
        "free-social-buttons.com",
        "get-free-traffic-now.com",
        "hulfingtonpost.com",
        "ilovevitaly.com",
        "makemoneyonline.com",
        "priceg.com",
        "semalt.com",
        "semaltmedia.com",
        "social-buttons.com",
        "success-seo.com",
        "trafficmonetize.org",
        "videos-for-your-business.com",
    }
)


def is_spammer(host: str, spammers: Container[str]) -> bool:
    """Whether `host`, or a domain it lies in, is one of `spammers`; not a part of a name, as in
    "notsemalt.com"."""
    while host:
        if host in spammers:
            return True
        host = host.partition(".")[2]
    return False
