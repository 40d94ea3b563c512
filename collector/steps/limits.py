"""Step "limits": no address and no site may send more than its share.

Servers' batches are not limited here: their keys and sizes are.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from collector.errors import Rejected, Throttled
from collector.networks import IPV4_BYTES, Networks
from collector.pipeline import Draft, Step
from collector.rates import Buckets
from schemas.drop_reasons import DropReason

ADDRESSES_MAX: Final = 65_536  # 7 MB
SITES_MAX: Final = 16_384
BURST_S: Final = 10  # a bucket holds what comes in this time
# Whoever has one IPv6 address has all of its /64.
IPV6_KEY_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Hits a second in one worker; 0 is no limit. `exempt` addresses stand for many visitors: a
    proxy's own, of a visitor it did not name."""

    address_per_s: int
    site_per_s: int
    exempt: Networks


def limits_step(limits: RateLimits) -> Step:
    """Buckets are keyed by a hash with a key of this process: no address is kept."""
    addresses, sites = Buckets(ADDRESSES_MAX), Buckets(SITES_MAX)
    process_key = secrets.token_bytes(16)

    def limit_address(packed: bytes, now_ms: int) -> None:
        network = packed if len(packed) == IPV4_BYTES else packed[:IPV6_KEY_BYTES]
        rate = limits.address_per_s
        key = hash(process_key + network)
        wait_ms = addresses.take(key, now_ms, rate, rate * BURST_S)
        if wait_ms and packed not in limits.exempt:
            raise Throttled("request", "too many events from this address", wait_ms / 1000)

    def limit(draft: Draft) -> Draft:
        """Raises `Throttled` for an address: it is to wait. `Rejected` for a site: its visitors
        can do nothing about it, and asking them to try again would make it worse."""
        if draft.own_time:
            return draft
        if limits.address_per_s and draft.packed_address:
            limit_address(draft.packed_address, draft.received_at_ms)
        rate = draft.site.rate_per_s_max or limits.site_per_s
        if rate and sites.take(draft.site.site_id, draft.received_at_ms, rate, rate * BURST_S):
            raise Rejected(DropReason.RATE_LIMITED, "domain", "sends more than its limit")
        return draft

    return limit
