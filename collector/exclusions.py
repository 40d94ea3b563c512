"""What one site leaves out or honours, compiled once when its settings change."""

from dataclasses import dataclass
from typing import Final

from collector.networks import Networks, parse_network
from collector.patterns import Patterns
from schemas.sites import SiteSettings, has_rules

NO_NETWORKS: Final = Networks()


@dataclass(frozen=True, slots=True)
class Exclusions:
    """None where a site has no such rule."""

    hostnames: Patterns | None
    addresses: Networks
    countries: frozenset[str]
    pages: Patterns | None
    honour_gpc: bool
    honour_dnt: bool
    count_bots: bool
    count_data_centres: bool
    count_referrer_spam: bool


# A site that has no rules, which is nearly all of them.
NOTHING: Final = Exclusions(None, NO_NETWORKS, frozenset(), None, False, False, False, False, False)


def compile_exclusions(site: SiteSettings) -> Exclusions | None:
    """None for a site that has no rule. Raises `ValueError` for an address that is none."""
    if not has_rules(site):
        return None
    return Exclusions(
        hostnames=Patterns(map(str.lower, site.hostnames)) if site.hostnames else None,
        addresses=Networks(map(parse_network, site.excluded_addresses)),
        countries=frozenset(map(str.upper, site.excluded_countries)),
        pages=Patterns(site.excluded_pages) if site.excluded_pages else None,
        honour_gpc=site.honour_gpc,
        honour_dnt=site.honour_dnt,
        count_bots=site.count_bots,
        count_data_centres=site.count_data_centres,
        count_referrer_spam=site.count_referrer_spam,
    )
