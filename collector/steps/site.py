"""Step "site": which registered site an event belongs to, and what it leaves out."""

from typing import Protocol

from collector.errors import Rejected
from collector.exclusions import Exclusions
from collector.pipeline import Draft, Step
from schemas.drop_reasons import DropReason
from schemas.sites import SiteSettings


class SiteSource(Protocol):
    """Sites in memory."""

    def find(self, domain: str) -> SiteSettings | None:
        """The settings of a domain in lower case."""

    def exclusions(self, site_id: int) -> Exclusions:
        """What a site that was found leaves out."""


def site_step(sites: SiteSource) -> Step:
    def find_site(draft: Draft) -> Draft:
        site = sites.find(draft.domain)
        if site is None:
            raise Rejected(DropReason.UNKNOWN_SITE, "domain", "is not registered here")
        draft.site = site
        draft.exclusions = sites.exclusions(site.site_id)
        return draft

    return find_site
