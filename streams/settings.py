"""Every setting of the streams, read once from the environment; nothing else reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas import environment, topics
from schemas.environment import parse_count, parse_seconds, setting


@dataclass(frozen=True, slots=True)
class Settings:
    """The streams' settings; the unit is the last word of a name."""

    kafka_broker: str = setting(
        "KAFKA_BROKER", "127.0.0.1:9092", str, "host:port of brokers, comma-separated"
    )
    redis_url: str = setting(
        "REDIS_URL", "redis://127.0.0.1:6379/0", str, "live counters go there, thresholds come"
    )
    clickhouse_url: str = setting(
        "CLICKHOUSE_URL", "clickhouse://default@127.0.0.1:9000/pawprint", str, "rollups go there"
    )
    partitions: int = setting(
        "PAWPRINT_PARTITIONS",
        topics.PARTITIONS,
        parse_count,
        "of topics that are made; the broker says how many there are",
    )
    replication: int = setting(
        "PAWPRINT_REPLICATION", 1, parse_count, "copies of each topic; 3 on a cluster of brokers"
    )
    data_dir: Path = setting(  # noqa: RUF009 - it makes a field
        "PAWPRINT_DATA_DIR", Path(".pawprint/data"), Path, "Faust's scratch files"
    )
    host: str = setting(
        "PAWPRINT_STREAMS_HOST", "127.0.0.1", str, "address of health and metrics: operators only"
    )
    port: int = setting("PAWPRINT_STREAMS_PORT", 8002, parse_count, "port of health and metrics")
    log_level: str = setting("PAWPRINT_LOG_LEVEL", "info", str, "debug, info, warning or error")
    checkpoint_interval_s: float = setting(
        "PAWPRINT_CHECKPOINT_INTERVAL_S",
        2.0,
        parse_seconds,
        "least time between checkpoints: what a killed worker's successor folds again",
    )
    flush_interval_s: float = setting(
        "PAWPRINT_FLUSH_INTERVAL_S",
        1.0,
        parse_seconds,
        "time between inserts: ClickHouse wants few and large ones",
    )
    live_interval_s: float = setting(
        "PAWPRINT_LIVE_INTERVAL_S",
        0.2,
        parse_seconds,
        "time between live counters: a hit shows within half a second",
    )
    rows_unconfirmed_max: int = setting(
        "PAWPRINT_ROWS_UNCONFIRMED_MAX",
        200_000,
        parse_count,
        "rows waiting for ClickHouse, all shards of a worker; then the log is not read on",
    )
    records_buffered_max: int = setting(
        "PAWPRINT_RECORDS_BUFFERED_MAX",
        128,
        parse_count,
        "records read ahead of the fold, up to 256 KB each; at 500 a second 0.25 s of work",
    )
    retention_interval_s: float = setting(
        "PAWPRINT_RETENTION_INTERVAL_S",
        3_600.0,
        parse_seconds,
        "time between looks for what retention takes away; it takes whole days (UTC)",
    )
    seal_interval_s: float = setting(
        "PAWPRINT_SEAL_INTERVAL_S",
        60.0,
        parse_seconds,
        "time between looks for days that are over and can be sealed",
    )
    seal_quiet_s: float = setting(
        "PAWPRINT_SEAL_QUIET_S",
        120.0,
        parse_seconds,
        "how long nothing was written of a day that is sealed: more than an insert may take",
    )
    rows_per_insert_max: int = setting(
        "PAWPRINT_ROWS_PER_INSERT_MAX",
        100_000,
        parse_count,
        "rows of each table in one insert, all shards of a worker: bounds its memory",
    )


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`. Raises `BadSetting` naming the variable."""
    return environment.read_settings(Settings, environ)
