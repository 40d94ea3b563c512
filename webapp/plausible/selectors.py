"""What a query needs to know of a site."""

import logging
from typing import Final, cast

from django.core.cache import cache
from redis.exceptions import RedisError

from aggregates.clickhouse.queries import read_query
from webapp.stats import selectors

logger = logging.getLogger(__name__)

FIRST_HIT_KEPT_S: Final = 300  # an import may bring earlier ones
NO_HIT: Final = -1


def first_hit_s(site_id: int) -> int | None:
    """The minute of a site's first hit, epoch seconds, as it was a few minutes ago at most.

    None without hits. Raises `TooCostly`, `StoreUnavailable`.
    """
    key = f"first-hit:{site_id}"
    try:
        kept = cache.get(key)
    except RedisError:
        logger.warning("the first hit of a site is not kept: Redis is away")
        return _read_first_hit_s(site_id)
    if kept is None:
        found = _read_first_hit_s(site_id)
        kept = NO_HIT if found is None else found
        cache.set(key, kept, FIRST_HIT_KEPT_S)
    return None if kept == NO_HIT else int(kept)


def _read_first_hit_s(site_id: int) -> int | None:
    rows = selectors.reader().read(read_query("first_minute"), {"site_id": site_id})
    return cast("int", rows[0][0]) if rows else None
