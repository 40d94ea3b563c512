"""Sets of networks that answer quickly whether an address is in one of them."""

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAPPED: Final = bytes(10) + b"\xff\xff"  # an IPv4 address in IPv6 clothes (RFC 4291, 2.5.5.2)
IPV4_BYTES: Final = 4


def pack(text: str) -> bytes:
    """The 4 or 16 bytes of a bare address, a mapped IPv4 one as 4; b"" if it is none."""
    try:
        packed = inet_pton(AF_INET6 if ":" in text else AF_INET, text)
    except (OSError, ValueError):  # ValueError: a NUL or half a character in it
        return b""
    return packed[12:] if packed.startswith(_MAPPED) and len(packed) > IPV4_BYTES else packed


def spell(packed: bytes) -> str:
    """The one spelling of a packed address, "" for none."""
    if not packed:
        return ""
    return inet_ntop(AF_INET if len(packed) == IPV4_BYTES else AF_INET6, packed)


def _unmapped(network: Network) -> Network:
    """A network of mapped addresses as the IPv4 network it means: `pack` makes them so too."""
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < 96:
        return network
    return ipaddress.IPv4Network((int(mapped), network.prefixlen - 96))


class Networks:
    """Disjoint ranges of packed addresses in order: a bisection a question, under 1 µs in 100,000.

    IPv4 and IPv6 lie apart, as bytes of unlike length must not be compared.
    """

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        ranges: dict[int, list[tuple[bytes, bytes]]] = {4: [], 16: []}
        for network in map(_unmapped, networks):
            first, last = network.network_address.packed, network.broadcast_address.packed
            ranges[len(first)].append((first, last))
        self._starts: dict[int, list[bytes]] = {}
        self._ends: dict[int, list[bytes]] = {}
        for length, found in ranges.items():
            merged = _merge(found)
            self._starts[length] = [first for first, _ in merged]
            self._ends[length] = [last for _, last in merged]

    def __len__(self) -> int:
        """How many ranges are left once overlapping ones were merged."""
        return sum(map(len, self._starts.values()))

    def __contains__(self, packed: bytes) -> bool:
        """`packed` as `pack` makes it; b"" is in no network."""
        starts = self._starts.get(len(packed))
        if not starts:
            return False
        at = bisect_right(starts, packed) - 1
        return at >= 0 and packed <= self._ends[len(packed)][at]


def _merge(ranges: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Sorted, overlapping ones as one."""
    merged: list[tuple[bytes, bytes]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def parse_network(text: str) -> Network:
    """An address or a CIDR block; bits beyond its prefix are forgiven. Raises `ValueError`."""
    return ipaddress.ip_network(text.strip(), strict=False)
