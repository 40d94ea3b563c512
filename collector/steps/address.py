"""Step "address": the client's address, which goes no further than the steps after it."""

from typing import Final

from collector.errors import malformed
from collector.networks import Networks, pack, spell
from collector.pipeline import Draft, Header

# In the contract's order; the peer itself comes last.
SINGLE_HEADERS: Final = ("x-plausible-ip", "cf-connecting-ip", "b-forwarded-for")
HEADER_CHARS_MAX: Final = 2_000


def _bare(text: str) -> str:
    """Without quotes, brackets, zone and port: `"[::1%eth0]:80"` -> `::1`, `1.2.3.4:5` too."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return text.partition("%")[0]


def pack_address(text: str) -> bytes:
    """The bytes of an address however proxies write it (`networks.pack`); b"" if it is none."""
    return pack(text) or pack(_bare(text))


def _forwarded_for(header: str) -> str:
    """The first `for=` of RFC 7239's Forwarded."""
    for pair in header.split(",", 1)[0].split(";"):
        key, _, text = pair.partition("=")
        if key.strip().lower() == "for":
            return text
    return ""


def is_trusted(peer: str, trusted: Networks) -> bool:
    return pack(_bare(peer)) in trusted  # it comes with its port


def candidates(header: Header, peer: str, trusted: bool) -> list[str]:
    """Where the client's address may stand, best first; only the peer if it is not trusted."""
    found: list[str] = []
    if trusted:
        for name in SINGLE_HEADERS:
            _add(found, header(name))
        hops = header("x-forwarded-for")
        _add(found, hops.partition(",")[0] if hops else None)
        forwarded = header("forwarded")
        _add(found, _forwarded_for(forwarded) if forwarded else None)
    found.append(peer)
    return found


def _add(found: list[str], text: str | None) -> None:
    if text and len(text) <= HEADER_CHARS_MAX:
        found.append(text)


def find_address(draft: Draft) -> Draft:
    """A batch names address or visitor itself: without either nobody was there to count."""
    for text in draft.client.addresses:
        packed = pack_address(text)
        if packed:
            draft.packed_address, draft.address = packed, spell(packed)
            return draft
    if draft.own_time and not draft.client.visitor:
        if any(draft.client.addresses):
            raise malformed("ip", "must be an IPv4 or IPv6 address")
        raise malformed("visitor", "is required, or else ip and user_agent")
    return draft
