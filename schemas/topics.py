"""Kafka's topics as data: who writes them, who reads them, what is in them, how long it stays."""

from dataclasses import dataclass, field
from typing import Final

APP_ID: Final = "pawprint-streams"  # Faust's consumer group and prefix of its changelogs
PARTITIONS: Final = 4  # the default; PAWPRINT_PARTITIONS says how many a new installation gets

_FOREVER: Final = {"retention.ms": "-1", "retention.bytes": "-1"}
# Eager compaction, so that a recovery reads few dead snapshots (DESIGN: Faust, checkpoints).
_CHECKPOINTS: Final = {
    "cleanup.policy": "compact",
    "segment.bytes": str(16 * 2**20),
    "segment.ms": "60000",
    "min.cleanable.dirty.ratio": "0.05",
    "max.compaction.lag.ms": "60000",
    "delete.retention.ms": "60000",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `key` says what the partition is chosen by; `record` what a value is."""

    name: str
    key: str
    record: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    config: dict[str, str] = field(default_factory=dict)


HITS: Final = Topic(
    name="hits",
    key="none; partition = keyed hash of (site, visitor), chosen by the collector",
    record="schemas.events.Batch, msgpack",
    producers=("collector",),
    consumers=("streams",),
    # The broker's own time of each record is the second witness against a collector's clock that
    # jumps ahead (aggregates/core/fold.py).
    config=_FOREVER | {"max.message.bytes": str(2**20), "message.timestamp.type": "LogAppendTime"},
)
HITS_DEAD: Final = Topic(
    name="hits-dead",
    key="topic/partition/offset of the record it holds",
    record="schemas.records.DeadLetter, JSON",
    producers=("streams",),
    consumers=("a person",),
    config=_FOREVER | {"max.message.bytes": str(2 * 2**20)},
)
SITE_MINUTES: Final = Topic(
    name="site-minutes",
    key="site id",
    record="schemas.records.SiteMinute, JSON",
    producers=("streams",),
    consumers=("streams",),
    config={"retention.ms": str(7 * 86_400_000)},
)
ALERTS: Final = Topic(
    name="alerts",
    key="site id",
    record="schemas.records.Alert, JSON",
    producers=("streams",),
    consumers=("webapp notifier",),
    config={"retention.ms": str(30 * 86_400_000)},
)
INGEST_LEDGER: Final = Topic(
    name="ingest-ledger",
    key="site id",
    record="schemas.records.IngestCount, JSON",
    producers=("collector",),
    consumers=("streams",),
    config={"retention.ms": str(30 * 86_400_000)},
)
CHECKPOINTS: Final = Topic(
    name=f"{APP_ID}-checkpoints-changelog",
    key="msgpack [generation, partition, epoch, slot, chunk]",
    record="one chunk of a partition's snapshot (streams/checkpoints.py)",
    producers=("streams", "./inv rebuild"),
    consumers=("streams",),
    config=_CHECKPOINTS | {"max.message.bytes": str(2**20)},
)
SPIKES: Final = Topic(
    name=f"{APP_ID}-spikes-changelog",
    key="site id",
    record="streams/spikes.py: the last minutes of one site",
    producers=("streams",),
    consumers=("streams",),
    config=_CHECKPOINTS,
)

# A shard is a partition of each of these. The other topics are keyed by site or not at all; they
# keep the partitions they were made with, as a site's history must not move.
SHARDED: Final = (CHECKPOINTS, HITS)
TOPICS: Final = (HITS, HITS_DEAD, SITE_MINUTES, ALERTS, INGEST_LEDGER, CHECKPOINTS, SPIKES)
