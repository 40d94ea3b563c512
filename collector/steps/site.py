"""Step "site": which registered site an event belongs to."""

from collections.abc import Callable

from collector.errors import Rejected
from collector.pipeline import Draft, Step
from schemas.drop_reasons import DropReason
from schemas.sites import SiteSettings


def site_step(lookup: Callable[[str], SiteSettings | None]) -> Step:
    """`lookup` gives a domain's settings from memory."""

    def find_site(draft: Draft) -> Draft:
        site = lookup(draft.domain)
        if site is None:
            raise Rejected(DropReason.UNKNOWN_SITE, "domain", "is not registered here")
        draft.site = site
        return draft

    return find_site
