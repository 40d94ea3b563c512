"""Steps "consent" and "exclude": what the site's own rules say.

Who asked not to be counted is turned away and leaves no trace. Everything else goes into the log
with the first reason that fits; what the visitor did himself, the opt-out of the script, is kept in
his browser, which then sends nothing.
"""

from typing import Final

from collector.errors import Rejected
from collector.exclusions import NOTHING
from collector.patterns import Patterns
from collector.pipeline import Draft
from collector.steps.urls import split_url, without_www
from schemas.drop_reasons import DropReason

# What browsers send in place of an Origin they keep to themselves: it says nothing.
OPAQUE_ORIGIN: Final = "null"


def honour(draft: Draft) -> Draft:
    """Raises `Rejected` for a browser that sends a signal its site honours."""
    exclusions, header = draft.exclusions, draft.client.header
    if exclusions.honour_gpc and header("sec-gpc") == "1":
        raise Rejected(DropReason.GPC, "request", "Sec-GPC is honoured by this site")
    if exclusions.honour_dnt and header("dnt") == "1":
        raise Rejected(DropReason.DNT, "request", "DNT is honoured by this site")
    return draft


def _host_fits(host: str, hostnames: Patterns) -> bool:
    """`host` has lost its `www.`, which a pattern may name or mean by `*`."""
    return hostnames.fit(host) or hostnames.fit(f"www.{host}")


def _origin_fits(origin: str, hostnames: Patterns) -> bool:
    if not origin or origin == OPAQUE_ORIGIN:
        return True
    parts = split_url(origin)
    return parts is not None and _host_fits(without_www(parts.host), hostnames)


def find_exclusion(draft: Draft) -> DropReason | None:
    """The first of the site's rules that leaves the hit out."""
    exclusions = draft.exclusions
    hostnames = exclusions.hostnames
    if hostnames is not None and not (
        _host_fits(draft.hostname, hostnames)
        and _origin_fits(draft.client.header("origin") or "", hostnames)
    ):
        return DropReason.HOSTNAME
    if draft.packed_address in exclusions.addresses:
        return DropReason.ADDRESS
    if draft.visit["country"] in exclusions.countries:
        return DropReason.COUNTRY
    if exclusions.pages is not None and exclusions.pages.fit(draft.path):
        return DropReason.PAGE
    return None


def exclude(draft: Draft) -> Draft:
    """Before the classes of bots: counting those again must not bring back what is excluded."""
    if draft.exclusions is not NOTHING:
        reason = find_exclusion(draft)
        if reason is not None:
            draft.left_out = reason.value
    return draft
