"""The spike threshold of each site, read from the settings the webapp keeps in Redis."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from schemas import redis_keys
from schemas.sites import decode_site
from streams.app import app, settings

logger = logging.getLogger(__name__)

READ_EVERY_S = 5.0

thresholds: dict[int, int] = {}  # site id -> pageviews a minute
_known = asyncio.Event()  # they were read once


@app.task
async def read_for_ever() -> None:
    """Keeps the last good values while Redis is away."""
    redis = Redis.from_url(settings.redis_url, socket_timeout=5)
    while not app.should_stop:
        try:
            found = await redis.hgetall(redis_keys.SITES)
            thresholds.update(_thresholds(found))
            _known.set()
        except RedisError as error:
            logger.warning("site settings not read: %s", type(error).__name__)
        await asyncio.sleep(READ_EVERY_S)
    await redis.aclose()


async def thresholds_known(wait_s: float) -> None:
    """Returns once they were read, or after `wait_s`: without Redis the last ones count."""
    with suppress(TimeoutError):
        await asyncio.wait_for(_known.wait(), wait_s)


def _thresholds(found: Mapping[Any, Any]) -> dict[int, int]:
    read = {}
    for value in found.values():
        try:
            site = decode_site(value)
        except msgspec.DecodeError:
            continue  # written by a newer webapp; the others still count
        read[site.site_id] = site.spike_threshold
    return read
