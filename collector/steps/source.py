"""Step "source": where a visit came from."""

from functools import lru_cache
from typing import Final, NamedTuple

from collector.pipeline import NO_QUERY, Draft
from collector.steps.channels import PAID_CLICK_IDS, channel
from collector.steps.sources import UNKNOWN, Known, known_host, known_tag
from collector.steps.urls import KEPT_CHARS_MAX, split_url, without_www
from collector.text import clean, cut
from schemas.events import DIMENSION_CHARS_MAX, REFERRER_CHARS_MAX

REFERRERS_KEPT_MAX: Final = 8_192
UTMS: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
CLICK_IDS: Final = ("gclid", "gbraid", "wbraid", "msclkid", "fbclid", "twclid")
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_SCHEMES: Final = ("http", "https", "android-app", "ios-app")


class Referrer(NamedTuple):
    """The page that led here: its host without `www.`, host and path without query, who it is."""

    host: str
    page: str
    known: Known


NOBODY: Final = Referrer("", "", UNKNOWN)


def _split_referrer(text: str) -> Referrer:
    parts = split_url(text)
    if parts is None or parts.scheme not in _SCHEMES:
        return NOBODY
    host = clean(without_www(parts.host))
    if host in _LOCAL or host.endswith(".localhost"):
        return NOBODY
    path = clean(parts.path.rstrip("/"))
    first_segment = parts.path.split("/", 2)[1] if "/" in parts.path else ""
    page = f"{host}{path}"[:REFERRER_CHARS_MAX]
    return Referrer(host, page, known_host(host, first_segment))


_kept_referrer = lru_cache(maxsize=REFERRERS_KEPT_MAX)(_split_referrer)


def read_referrer(text: str, own_hosts: tuple[str, ...]) -> Referrer:
    """NOBODY for none, a bad one, the site's own pages and a developer's machine."""
    if not text:
        return NOBODY
    found = (_kept_referrer if len(text) <= KEPT_CHARS_MAX else _split_referrer)(text)
    return NOBODY if found.host in own_hosts else found


def read_tags(query: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """The utm tags: what a batch names stands instead of what the URL says."""
    if not query and not given:
        return {}
    tags = {name: given.get(name) or query.get(name, "") for name in UTMS}
    return {name: cut(text, DIMENSION_CHARS_MAX) for name, text in tags.items() if text}


def _click_id(query: dict[str, str]) -> str:
    return next((name for name in CLICK_IDS if name in query), "") if query else ""


def _tagged(query: dict[str, str], tags: dict[str, str]) -> str:
    """The source an address names itself."""
    found = tags.get("utm_source") or query.get("source") or query.get("ref") or ""
    return cut(found, DIMENSION_CHARS_MAX)


def read_origin(
    referrer_text: str,
    hostname: str,
    domain: str,
    query: dict[str, str] = NO_QUERY,
    given: dict[str, str] = NO_QUERY,
) -> dict[str, str]:
    """Where a visit came from, by dimension.

    Source: as given, else as tagged, else the referrer's known name, else its host.
    """
    referrer = read_referrer(referrer_text, (hostname, without_www(domain)))
    found = read_tags(query, given)
    tag = given.get("source") or _tagged(query, found)
    click_id = _click_id(query)
    if not tag and not referrer.host:
        tag = PAID_CLICK_IDS.get(click_id, "")
    known = known_tag(tag) if tag else referrer.known
    source = known.name or tag or referrer.host
    medium, campaign = found.get("utm_medium", ""), found.get("utm_campaign", "")
    found["source"] = source
    found["referrer"] = referrer.page
    found["click_id"] = click_id
    found["channel"] = channel(source, known.category, medium, campaign, click_id)
    return found


_kept_origin = lru_cache(maxsize=REFERRERS_KEPT_MAX)(read_origin)


def attribute(draft: Draft) -> Draft:
    """Most visits name nothing themselves: what their referrer tells is remembered."""
    referrer, hostname, domain = draft.referrer, draft.hostname, draft.site.domain
    is_long = len(referrer) + len(hostname) > KEPT_CHARS_MAX
    if draft.query or draft.given or is_long:
        draft.visit |= read_origin(referrer, hostname, domain, draft.query, draft.given)
    else:
        draft.visit |= _kept_origin(referrer, hostname, domain)
    return draft
