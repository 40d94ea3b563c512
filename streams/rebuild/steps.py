"""Steps that a rebuild and an erasure share."""

import asyncio
import time
from contextlib import closing

from redis.exceptions import RedisError

from aggregates.clickhouse.expiry import Cutoffs, Expiry
from aggregates.clickhouse.generations import Generation
from streams.rebuild.crew import RebuildFailed
from streams.rebuild.followers import wait_for_generation
from streams.rebuild.log import log_ends
from streams.rebuild.making import Maker
from streams.settings import Settings
from streams.site_settings import read_sites, wanted_cutoffs


def due_cutoffs(settings: Settings, dry_run: bool) -> Cutoffs:
    """What retention takes away by now; but for a dry run, from what is there as well.

    So all generations are of the same minutes, and equal ones have equal checksums.
    Raises `RebuildFailed`, `StoreUnavailable`.
    """
    try:
        sites = read_sites(settings.redis_url).values()
    except RedisError as error:
        raise RebuildFailed(f"Redis, which knows what is kept, is away: {error}") from error
    with closing(Expiry(settings.clickhouse_url)) as expiry:
        cutoffs = wanted_cutoffs(sites, expiry.cutoffs(), int(time.time()))
        if not dry_run:
            expiry.expire(cutoffs)
    return cutoffs


def switch(maker: Maker, to: Generation) -> None:
    """Have everyone read and fold `to`; returns once all shards are up to date.

    Raises `ShardsAway` when the workers do not come; it is served all the same.
    """
    maker.registry.activate(to)
    maker.console.print(f"[bold]Generation {to.number} is served now.[/] Workers follow ...")
    begun = time.monotonic()
    ends = asyncio.run(log_ends(maker.settings.kafka_broker))
    wait_for_generation(maker.settings, to.number, ends)
    maker.console.print(
        f"All {len(ends)} shards are of generation {to.number} and up to date "
        f"{time.monotonic() - begun:.1f} s after the switch."
    )
