"""Rules (schemas/rules.py) made ready for the fold: which hits count, and how a visit came."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from schemas.drop_reasons import DropReason
from schemas.events import Hit, Visit
from schemas.rules import Erased, Match, Rules, SiteRules

_ERASED: Final = DropReason.ERASED.value
_ON_THE_HIT: Final = frozenset({"name", "hostname", "path"})


@lru_cache(maxsize=10_000)
def _pattern(pattern: str) -> re.Pattern[str]:
    """`*` is anything but "/", `**` anything.

    What comes between two wildcards is taken where it is found first, for good (an atomic group):
    if what follows cannot be found behind it, it cannot behind a later one. So no text takes more
    time than its length squared, where trying all combinations would take it to the power of the
    wildcards.
    """
    first, *pieces = re.split(r"(\*+)", pattern)
    regex, is_open = re.escape(first), False
    wilds, literals = pieces[::2], [re.escape(piece) for piece in pieces[1::2]]
    for place, (wild, literal) in enumerate(zip(wilds, literals, strict=True)):
        is_last = place == len(wilds) - 1
        if wild == "*":
            regex += f"[^/]*{literal}" if is_last else f"(?>[^/]*?{literal})"
            continue
        # What follows the last `**` must reach the end, so it may have to begin later.
        closed = ")" if is_open else ""
        is_open = any(later != "*" for later in wilds[place + 1 :])
        regex += closed + (
            f"(?>.*?{literal}" if is_open else f".*{'' if is_last else '?'}{literal}"
        )
    return re.compile(regex + (")" if is_open else ""), re.DOTALL)


def fits(match: Match, hit: Hit, visit: Visit) -> bool:
    """Whether the hit, or its visit, has what `match` asks for."""
    value = getattr(hit if match.field in _ON_THE_HIT else visit, match.field)
    return _pattern(match.pattern).fullmatch(value) is not None


def _fits_all(when: Sequence[Match], hit: Hit, visit: Visit) -> bool:
    return all(fits(match, hit, visit) for match in when)


class SiteFold(NamedTuple):
    """One site's rules. `plain` sites take every hit as the collector classed it."""

    session_gap_ms: int
    plain: bool
    rules: SiteRules
    erased: bool
    erased_visitors: frozenset[int]


class CompiledRules(NamedTuple):
    """The rules of a generation; `session_gap_max_ms` is the longest gap of any site."""

    default: SiteFold
    sites: dict[int, SiteFold]
    session_gap_max_ms: int

    def of(self, site_id: int) -> SiteFold:
        return self.sites.get(site_id, self.default)


def _compile_site(rules: SiteRules, erased: Erased) -> SiteFold:
    as_classed = not rules.count and not rules.leave_out and not rules.channels
    return SiteFold(
        rules.session_gap_s * 1000,
        as_classed and not erased.whole and not erased.visitor_ids,
        rules,
        erased.whole,
        frozenset(erased.visitor_ids),
    )


def compile_rules(rules: Rules) -> CompiledRules:
    nothing = Erased()
    default = _compile_site(rules.default, nothing)
    sites = {
        site_id: _compile_site(rules.of(site_id), rules.erased.get(site_id, nothing))
        for site_id in (*rules.sites, *rules.erased)
    }
    gaps = [site.session_gap_ms for site in (default, *sites.values())]
    return CompiledRules(default, sites, max(gaps))


def left_out(site: SiteFold, hit: Hit) -> str:
    """The `DropReason` the hit is left out for, "" if it counts.

    What is erased comes before all else. Then what the collector said; a rule may take it back
    (`count`), and others may follow.
    """
    if site.erased or hit.visitor_id in site.erased_visitors:
        return _ERASED
    rules = site.rules
    if hit.left_out and hit.left_out not in rules.count:
        return hit.left_out
    for rule in rules.leave_out:
        if _fits_all(rule.when, hit, hit.visit):
            return DropReason(rule.reason)
    return ""


def visit_of(site: SiteFold, hit: Hit) -> Visit:
    """The dimensions of the visit that `hit` begins, its channel by the site's rules."""
    visit = hit.visit
    for rule in site.rules.channels:
        if _fits_all(rule.when, hit, visit):
            return msgspec.structs.replace(visit, channel=rule.channel)
    return visit
