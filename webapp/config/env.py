"""The settings of every process of the web application, read once from the environment.

Nothing else in `webapp` touches `os.environ`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parents[2]
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One field a variable; the comment gives its name, unit, default and why it is so."""

    # DJANGO_SECRET_KEY: signs sessions and tokens. No default: one that is known to all signs
    # nothing. Django refuses to use an empty one, so that tools can still import the settings.
    secret_key: str
    # DATABASE_URL: SQLite in the data directory, the embedded default; PostgreSQL in production.
    database_url: str
    # REDIS_URL: live counters, site settings, cache and Celery's broker.
    redis_url: str
    # CLICKHOUSE_READ_URL, else CLICKHOUSE_URL: the rollups, read as a user that cannot write.
    clickhouse_url: str
    # KAFKA_BROKER: host:port; only the notifier reads from it.
    kafka_broker: str
    # PAWPRINT_PARTITIONS: shards whose status makes a complete picture; as in streams.
    partitions: int
    # PAWPRINT_BASE_URL: where people reach the web application; links in mails start with it.
    base_url: str
    # PAWPRINT_COLLECTOR_URL: where browsers reach the collector; shown with the script tag.
    collector_url: str
    # PAWPRINT_ALLOWED_HOSTS: comma-separated Host headers answered; by default the host of the
    # base URL and this machine's own names.
    allowed_hosts: tuple[str, ...]
    # PAWPRINT_TRUSTED_PROXIES: comma-separated networks whose X-Forwarded-For is believed.
    trusted_proxies: tuple[Network, ...]
    # PAWPRINT_DATA_DIR: what processes write: SQLite, mails, Celery's schedule.
    data_dir: Path
    # PAWPRINT_LOG_LEVEL: debug, info, warning or error.
    log_level: str
    # PAWPRINT_WEBAPP_HOST: address to listen on; this machine only unless a proxy is elsewhere.
    host: str
    # PAWPRINT_WEBAPP_PORT
    port: int
    # PAWPRINT_MAIL_FROM: sender of every mail.
    mail_from: str
    # POSTMARK_SERVER_TOKEN: mails go out through Postmark when set, else into files.
    postmark_token: str

    @property
    def is_https(self) -> bool:
        """People come over TLS, so cookies may be marked secure."""
        return urlsplit(self.base_url).scheme == "https"


def read(variables: Mapping[str, str]) -> Environment:
    """The settings in `variables`. Raises `ValueError` for a number or network that is none."""
    data_dir = Path(variables.get("PAWPRINT_DATA_DIR") or ROOT / ".pawprint").resolve()
    base_url = variables.get("PAWPRINT_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
    clickhouse_url = variables.get("CLICKHOUSE_URL", "clickhouse://default@127.0.0.1:9000/pawprint")
    proxies = variables.get("PAWPRINT_TRUSTED_PROXIES", "127.0.0.1/32,::1/128")
    return Environment(
        secret_key=variables.get("DJANGO_SECRET_KEY", ""),
        database_url=variables.get("DATABASE_URL") or f"sqlite:///{data_dir}/webapp.sqlite3",
        redis_url=variables.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
        clickhouse_url=variables.get("CLICKHOUSE_READ_URL") or clickhouse_url,
        kafka_broker=variables.get("KAFKA_BROKER", "127.0.0.1:9092"),
        partitions=int(variables.get("PAWPRINT_PARTITIONS", "4")),
        base_url=base_url,
        collector_url=variables.get("PAWPRINT_COLLECTOR_URL", "http://127.0.0.1:8001").rstrip("/"),
        allowed_hosts=_items(variables.get("PAWPRINT_ALLOWED_HOSTS", "")) or _own_hosts(base_url),
        trusted_proxies=tuple(ip_network(network) for network in _items(proxies)),
        data_dir=data_dir,
        log_level=variables.get("PAWPRINT_LOG_LEVEL", "info").upper(),
        host=variables.get("PAWPRINT_WEBAPP_HOST", "127.0.0.1"),
        port=int(variables.get("PAWPRINT_WEBAPP_PORT", "8000")),
        mail_from=variables.get("PAWPRINT_MAIL_FROM", "Pawprint <pawprint@localhost>"),
        postmark_token=variables.get("POSTMARK_SERVER_TOKEN", ""),
    )


def name_settings_module() -> None:
    """Tell Django where its settings are, unless the caller has chosen others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.config.settings")
    # Django's checks load every page and the API into processes that serve none: 50 MB in each of
    # Celery's. They run with `migrate`.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")


def _items(value: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in value.split(",") if item.strip())


def _own_hosts(base_url: str) -> tuple[str, ...]:
    host = urlsplit(base_url).hostname or ""
    return tuple(dict.fromkeys(name for name in (host, "localhost", "127.0.0.1", "[::1]") if name))


env: Final = read(os.environ)
