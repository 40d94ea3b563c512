"""The network address a request came from, as far as it can be believed."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any

from django.conf import settings

from webapp.config.env import Network


def address_of(meta: Mapping[str, Any]) -> str:
    """The address behind a request, by its META. Neither to be stored nor to be logged."""
    return client_address(
        meta.get("REMOTE_ADDR", ""),
        meta.get("HTTP_X_FORWARDED_FOR", ""),
        settings.TRUSTED_PROXIES,
    )


def client_address(peer: str, forwarded_for: str, trusted: Iterable[Network]) -> str:
    """The nearest address that is no trusted proxy, or the farthest proxy if all are.

    Each proxy appends to X-Forwarded-For who called it, so it is read from its end: what stands
    left of the first untrusted address may be invented.
    """
    networks = tuple(trusted)
    address = peer
    for hop in reversed([*forwarded_for.split(","), peer]):
        if not _is_address(hop.strip()):
            break
        address = hop.strip()
        if not any(ip_address(address) in network for network in networks):
            break
    return address


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
