"""Every setting of the collector, read once from the environment; nothing else reads it."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from pathlib import Path
from typing import Final

from collector.networks import Networks, parse_network
from schemas import environment, events, topics
from schemas.environment import parse_count, parse_seconds, parse_whole, setting

ROUTE_SECRET_BYTES_MIN: Final = 16


def parse_networks(text: str) -> Networks:
    """Comma-separated addresses or CIDR blocks."""
    return Networks(parse_network(part) for part in text.split(",") if part.strip())


def parse_secret(text: str) -> bytes:
    """Hex of at least ROUTE_SECRET_BYTES_MIN bytes, at most blake2b's key of 64."""
    secret = bytes.fromhex(text)
    if not ROUTE_SECRET_BYTES_MIN <= len(secret) <= 64:
        raise ValueError(f"needs {ROUTE_SECRET_BYTES_MIN} to 64 bytes, has {len(secret)}")
    return secret


@dataclass(frozen=True, slots=True)
class Settings:
    """The collector's settings; the unit is the last word of a name."""

    route_secret: bytes = setting(
        "PAWPRINT_ROUTE_SECRET",
        MISSING,
        parse_secret,
        "hex; keys the hash that chooses a visitor's partition, so it must outlive daily salts",
    )
    host: str = setting(
        "PAWPRINT_COLLECTOR_HOST",
        "127.0.0.1",
        str,
        "address to listen on; a proxy stands before it",
    )
    port: int = setting("PAWPRINT_COLLECTOR_PORT", 8001, parse_count, "TCP port to listen on")
    workers: int = setting(
        "PAWPRINT_COLLECTOR_WORKERS",
        1,
        parse_count,
        "processes; each has its own batches and its own /metrics, so prefer more collectors",
    )
    kafka_broker: str = setting("KAFKA_BROKER", "127.0.0.1:9092", str, "host:port of a broker")
    hits_topic: str = setting(
        "PAWPRINT_HITS_TOPIC", topics.HITS.name, str, "topic to write; another one only in tests"
    )
    ledger_topic: str = setting(
        "PAWPRINT_LEDGER_TOPIC", topics.INGEST_LEDGER.name, str, "the same for the ledger"
    )
    redis_url: str = setting(
        "REDIS_URL", "redis://127.0.0.1:6379/0", str, "sites, ingest keys and salts are there"
    )
    partitions: int = setting(
        "PAWPRINT_PARTITIONS",
        topics.PARTITIONS,
        parse_count,
        "what the operator expects at least; Kafka's own count is used, fewer are warned about",
    )
    trusted_proxies: Networks = setting(  # noqa: RUF009 - it makes a field
        "PAWPRINT_TRUSTED_PROXIES",
        parse_networks("127.0.0.1/32,::1/128"),
        parse_networks,
        "networks whose forwarding headers are believed; anybody else's are ignored",
    )
    data_dir: Path = setting(  # noqa: RUF009 - it makes a field
        "PAWPRINT_DATA_DIR",
        Path(".pawprint/data"),
        Path,
        "snapshots for a start without Redis or Kafka, and the spool: a disk that stays",
    )
    cities_file: Path | None = setting(  # noqa: RUF009 - it makes a field
        "PAWPRINT_CITIES_FILE",
        None,
        Path,
        "table of cities in MaxMind's format; without one only countries are known",
    )
    data_centres_file: Path | None = setting(  # noqa: RUF009 - it makes a field
        "PAWPRINT_DATA_CENTRES_FILE",
        None,
        Path,
        "one CIDR block a line; hits from there are left out as data_centre",
    )
    spammers_file: Path | None = setting(  # noqa: RUF009 - it makes a field
        "PAWPRINT_REFERRER_SPAMMERS_FILE",
        None,
        Path,
        "one domain a line, as in Matomo's list; added to the few that are built in",
    )
    address_rate_per_s: int = setting(
        "PAWPRINT_ADDRESS_RATE_PER_S",
        100,
        parse_whole,
        "hits a second one address (IPv6: a /64) may send to a worker, ten times that at once; "
        "an office shares one; 0 is no limit",
    )
    site_rate_per_s: int = setting(
        "PAWPRINT_SITE_RATE_PER_S",
        0,
        parse_whole,
        "the same for a site that names no limit of its own; 0 is no limit",
    )
    key_batches_per_s: int = setting(
        "PAWPRINT_KEY_BATCHES_PER_S",
        50,
        parse_whole,
        "batches a second with one ingest key, and ten times as many at once; 0 is no limit",
    )
    log_level: str = setting("PAWPRINT_LOG_LEVEL", "info", str, "debug, info, warning or error")

    body_bytes_max: int = setting(
        "PAWPRINT_BODY_BYTES_MAX", 1_000_000, parse_count, "one event's body, as clients expect"
    )
    batch_bytes_max: int = setting(
        "PAWPRINT_BATCH_BYTES_MAX", 4 * 2**20, parse_count, "a batch's body, packed and unpacked"
    )
    batch_events_max: int = setting(
        "PAWPRINT_BATCH_EVENTS_MAX",
        1_000,
        parse_count,
        "events in a batch: bounds one answer's work",
    )
    domains_max: int = setting(
        "PAWPRINT_EVENT_DOMAINS_MAX", 10, parse_count, "domains one event may be counted for"
    )
    body_timeout_s: float = setting(
        "PAWPRINT_BODY_TIMEOUT_S", 10.0, parse_seconds, "time a client has to send its body"
    )
    bodies_bytes_max: int = setting(
        "PAWPRINT_BODIES_BYTES_MAX",
        64 * 2**20,
        parse_count,
        "memory all bodies being read may take together; beyond it 503",
    )
    connections_max: int = setting(
        "PAWPRINT_CONNECTIONS_MAX", 1_024, parse_count, "requests in progress in one worker"
    )
    linger_ms: int = setting(
        "PAWPRINT_LINGER_MS",
        4,
        parse_count,
        "time a record waits for more hits: short beside the broker's own few milliseconds",
    )
    waiting_hits_max: int = setting(
        "PAWPRINT_WAITING_HITS_MAX",
        20_000,
        parse_count,
        "hits not acknowledged yet, over all partitions; beyond it 503",
    )
    waiting_bytes_max: int = setting(
        "PAWPRINT_WAITING_BYTES_MAX", 64 * 2**20, parse_count, "the same in bytes of their records"
    )
    ack_timeout_s: float = setting(
        "PAWPRINT_ACK_TIMEOUT_S",
        2.0,
        parse_seconds,
        "wait for the broker's acknowledgement; then the record goes to the spool: a browser waits",
    )
    spool_bytes_max: int = setting(
        "PAWPRINT_SPOOL_BYTES_MAX",
        512 * 2**20,
        parse_count,
        "disk a worker's spool may take while Kafka is away, some 2,000,000 hits; beyond it 503",
    )
    drain_timeout_s: float = setting(
        "PAWPRINT_DRAIN_TIMEOUT_S",
        15.0,
        parse_seconds,
        "time to write what is waiting before a stop",
    )
    sites_interval_s: float = setting(
        "PAWPRINT_SITES_INTERVAL_S",
        30.0,
        parse_seconds,
        "sites and keys are read again this often, in case a change's message was lost",
    )
    record_hits_max: int = events.BATCH_HITS_MAX
    record_bytes_max: int = events.BATCH_BYTES_MAX


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`. Raises `BadSetting` naming the variable."""
    return environment.read_settings(Settings, environ)
