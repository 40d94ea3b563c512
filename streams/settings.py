"""Settings of the streams process, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from schemas import topics


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field: default, unit, reason."""

    kafka_broker: str = "127.0.0.1:9092"  # KAFKA_BROKER: host:port[,host:port]
    redis_url: str = "redis://127.0.0.1:6379/0"  # REDIS_URL: live counters, site settings
    clickhouse_url: str = "clickhouse://default@127.0.0.1:9000/pawprint"  # CLICKHOUSE_URL: rollups
    partitions: int = topics.PARTITIONS  # PAWPRINT_PARTITIONS: of `hits` and of every table
    replication: int = 1  # PAWPRINT_REPLICATION: copies of each topic; 3 on a real cluster
    data_dir: str = ".pawprint/streams"  # PAWPRINT_DATA_DIR: Faust's scratch files
    host: str = "127.0.0.1"  # PAWPRINT_STREAMS_HOST: health and metrics are for operators only
    port: int = 8002  # PAWPRINT_STREAMS_PORT: health and metrics
    log_level: str = "info"  # PAWPRINT_LOG_LEVEL
    checkpoint_interval_s: float = 2.0  # PAWPRINT_CHECKPOINT_INTERVAL_S: least time between two
    flush_interval_s: float = 1.0  # PAWPRINT_FLUSH_INTERVAL_S: rows to ClickHouse
    live_interval_s: float = 0.2  # PAWPRINT_LIVE_INTERVAL_S: counters to Redis; live is half a s
    rows_unconfirmed_max: int = 200_000  # PAWPRINT_ROWS_UNCONFIRMED_MAX: then the log is not read
    rows_per_insert_max: int = 50_000  # PAWPRINT_ROWS_PER_INSERT_MAX: of each table and shard


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises ValueError naming the variable for a number that is none."""
    default = Settings()

    def number(name: str, value: float) -> float:
        text = environment.get(name, str(value))
        try:
            return float(text)
        except ValueError:
            raise ValueError(f"{name}={text!r} is not a number") from None

    return Settings(
        kafka_broker=environment.get("KAFKA_BROKER", default.kafka_broker),
        redis_url=environment.get("REDIS_URL", default.redis_url),
        clickhouse_url=environment.get("CLICKHOUSE_URL", default.clickhouse_url),
        partitions=int(number("PAWPRINT_PARTITIONS", default.partitions)),
        replication=int(number("PAWPRINT_REPLICATION", default.replication)),
        data_dir=environment.get("PAWPRINT_DATA_DIR", default.data_dir),
        host=environment.get("PAWPRINT_STREAMS_HOST", default.host),
        port=int(number("PAWPRINT_STREAMS_PORT", default.port)),
        log_level=environment.get("PAWPRINT_LOG_LEVEL", default.log_level),
        checkpoint_interval_s=number(
            "PAWPRINT_CHECKPOINT_INTERVAL_S", default.checkpoint_interval_s
        ),
        flush_interval_s=number("PAWPRINT_FLUSH_INTERVAL_S", default.flush_interval_s),
        live_interval_s=number("PAWPRINT_LIVE_INTERVAL_S", default.live_interval_s),
        rows_unconfirmed_max=int(
            number("PAWPRINT_ROWS_UNCONFIRMED_MAX", default.rows_unconfirmed_max)
        ),
        rows_per_insert_max=int(
            number("PAWPRINT_ROWS_PER_INSERT_MAX", default.rows_per_insert_max)
        ),
    )
