"""Token buckets, and limits of addresses and sites."""

import pytest

from collector.errors import Rejected, Throttled
from collector.networks import Networks, pack, parse_network
from collector.pipeline import Client, Draft
from collector.rates import Buckets
from collector.steps.limits import BURST_S, RateLimits, limits_step
from schemas.drop_reasons import DropReason
from schemas.sites import SiteSettings
from tests.unit.collector.support import NOW_MS

RATE = 2


def test_a_bucket_empties_and_fills() -> None:
    """2 a second, 4 at once: | 4 now, then none | 1 after 500 ms | full again after 2 s |"""
    buckets = Buckets(10)
    waits = [buckets.take(1, NOW_MS, RATE, 4) for _ in range(5)]
    assert waits == [0, 0, 0, 0, 500]
    assert buckets.take(1, NOW_MS + 499, RATE, 4) == 1
    assert buckets.take(1, NOW_MS + 500, RATE, 4) == 0
    later = NOW_MS + 60_000
    assert [bool(buckets.take(1, later, RATE, 4)) for _ in range(5)] == [False] * 4 + [True]


def test_buckets_are_of_a_bounded_number() -> None:
    buckets = Buckets(3)
    refused = [key for key in (1, 2, 3, 1, 4) if buckets.take(key, NOW_MS, 1, 1)]
    assert (refused, len(buckets)) == ([1], 3)
    # 2 was longest without a hit and is forgotten; 1 is not, though it was refused last.
    assert [bool(buckets.take(key, NOW_MS, 1, 1)) for key in (1, 2)] == [True, False]


def draft(
    address: str = "1.2.3.4", site: SiteSettings | None = None, own_time: bool = False
) -> Draft:
    made = Draft({}, "example.com", NOW_MS, Client(), own_time=own_time)
    made.packed_address = pack(address)
    made.site = site or SiteSettings(7, "example.com")
    return made


def limits(address: int = 0, site: int = 0, exempt: str = "127.0.0.1") -> RateLimits:
    return RateLimits(address, site, Networks([parse_network(exempt)]))


def test_an_address_is_told_how_long_to_wait() -> None:
    step = limits_step(limits(address=RATE))
    for _ in range(RATE * BURST_S):
        step(draft())
    with pytest.raises(Throttled) as refused:
        step(draft())
    assert (refused.value.reason, refused.value.wait_s) == (DropReason.RATE_LIMITED, 0.5)
    step(draft("1.2.3.5"))


def test_an_ipv6_network_is_one_sender() -> None:
    step = limits_step(limits(address=RATE))
    for number in range(RATE * BURST_S):
        step(draft(f"2001:db8:0:1::{number:x}"))
    with pytest.raises(Throttled):
        step(draft("2001:db8:0:1:ffff::"))
    step(draft("2001:db8:0:2::"))


def test_a_proxy_that_names_nobody_stands_for_many() -> None:
    step = limits_step(limits(address=1))
    for _ in range(BURST_S + 5):
        step(draft("127.0.0.1"))


def test_batches_are_not_limited() -> None:
    step = limits_step(limits(address=1, site=1))
    for _ in range(BURST_S + 5):
        step(draft(own_time=True))


def test_a_sites_own_limit_goes_before_the_operators() -> None:
    step = limits_step(limits(site=1))
    strict, free = SiteSettings(7, "a.example"), SiteSettings(8, "b.example", rate_per_s_max=50)
    for number in range(BURST_S):
        step(draft(f"1.1.1.{number}", strict))
    with pytest.raises(Rejected) as refused:
        step(draft("1.1.1.99", strict))
    assert refused.value.reason is DropReason.RATE_LIMITED
    assert not isinstance(refused.value, Throttled)
    for number in range(BURST_S + 5):
        step(draft(f"1.1.1.{number}", free))
