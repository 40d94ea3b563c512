"""A hit of a test's own into a shard that a worker owns."""

from typing import Final

from aggregates.core.fold import fold
from schemas.events import PAGEVIEW, VERSION, Batch, Hit, Kind, Visit
from streams.shards import OwnedShard

SITE: Final = 7


def fold_hit(owned: OwnedShard, at_ms: int, path: str = "/") -> None:
    """The next record: one pageview, of a visitor of its own."""
    number = owned.applied + 1
    hit = Hit(
        SITE, Kind.PAGEVIEW, number, number, at_ms, at_ms, PAGEVIEW, "h", path, Visit()
    )  # fmt: skip
    fold(owned.shard, number, Batch(VERSION, "c", (hit,)), at_ms)
