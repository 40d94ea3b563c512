"""The spike threshold of each site, read from the settings the webapp keeps in Redis."""

import asyncio
import logging
from contextlib import suppress

from redis.exceptions import RedisError

from streams.app import app, settings
from streams.site_settings import read_sites

logger = logging.getLogger(__name__)

READ_EVERY_S = 5.0

thresholds: dict[int, int] = {}  # site id -> pageviews a minute
_known = asyncio.Event()  # they were read once


@app.task
async def read_for_ever() -> None:
    """Keeps the last good values while Redis is away."""
    while not app.should_stop:
        try:
            sites = await asyncio.to_thread(read_sites, settings.redis_url)
            thresholds.update({site.site_id: site.spike_threshold for site in sites.values()})
            _known.set()
        except RedisError as error:
            logger.warning("site settings not read: %s", type(error).__name__)
        await asyncio.sleep(READ_EVERY_S)


async def thresholds_known(wait_s: float) -> None:
    """Returns once they were read, or after `wait_s`: without Redis the last ones count."""
    with suppress(TimeoutError):
        await asyncio.wait_for(_known.wait(), wait_s)
