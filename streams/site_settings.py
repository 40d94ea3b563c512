"""The sites' settings as the web application published them, read by threads and commands."""

from collections.abc import Iterable, Mapping
from typing import cast

import msgspec
from redis import Redis

from aggregates.clickhouse.expiry import Cutoffs, cutoff_s, latest
from schemas import redis_keys
from schemas.sites import SiteSettings, decode_site

TIMEOUT_S = 5


def read_sites(redis_url: str) -> dict[str, SiteSettings]:
    """Domain -> settings. Raises `redis.RedisError`."""
    redis = Redis.from_url(redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
    try:
        found = cast("Mapping[bytes, bytes]", redis.hgetall(redis_keys.SITES))
    finally:
        redis.close()
    known = {}
    for domain, value in found.items():
        try:
            known[domain.decode()] = decode_site(value)
        except msgspec.DecodeError:
            continue  # of a newer web application: the others still count
    return known


def wanted_cutoffs(sites: Iterable[SiteSettings], kept: Cutoffs, now_s: int) -> dict[int, int]:
    """Where each site's numbers begin by now; `kept` is how far retention has come before."""
    by_days = {
        site.site_id: cutoff_s(now_s, site.retention_days) for site in sites if site.retention_days
    }
    return latest(kept, by_days)
