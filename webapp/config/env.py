"""Every setting of the web application's processes, read once from the environment.

Nothing else in `webapp` touches `os.environ`.
"""

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from schemas import environment, topics
from schemas.environment import parse_count, parse_whole, setting

ROOT: Final = Path(__file__).resolve().parents[2]
CURRENCIES_MAX: Final = 41  # rates to one of them: as many as a question may have
Network = IPv4Network | IPv6Network


def _items(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(network) for network in _items(text))


def _rates(text: str) -> tuple[tuple[str, float], ...]:
    """`{"USD": 1.0, "EUR": 1.08}`: what one unit is worth in the one all are held against."""
    rates = json.loads(text)
    if not isinstance(rates, dict) or len(rates) > CURRENCIES_MAX:
        raise ValueError(f"must be a JSON object of at most {CURRENCIES_MAX} currencies")
    for code, worth in rates.items():
        if re.fullmatch(r"[A-Z]{3}", code) is None:
            raise ValueError(f"{code!r} is no code of ISO 4217")
        is_number = isinstance(worth, int | float) and not isinstance(worth, bool)
        if not is_number or not 0 < worth < math.inf:
            raise ValueError(f"{code} must be worth more than 0")
    return tuple((code, float(worth)) for code, worth in rates.items())


def _address(text: str) -> str:
    return text.rstrip("/")


def _folder(text: str) -> Path:
    return Path(text).resolve()


@dataclass(frozen=True, slots=True)
class Environment:
    """The web application's settings; what `given_` leaves empty, a property fills."""

    # No default: one that is known to all signs nothing. Django refuses to use an empty one, and
    # not we, so that tools can still import the settings.
    secret_key: str = setting("DJANGO_SECRET_KEY", "", str, "signs sessions and tokens")
    given_database_url: str = setting(
        "DATABASE_URL", "", str, "PostgreSQL in production; SQLite in the data directory without it"
    )
    redis_url: str = setting(
        "REDIS_URL", "redis://127.0.0.1:6379/0", str, "live counters, site settings, cache, Celery"
    )
    rollups_url: str = setting(
        "CLICKHOUSE_URL", "clickhouse://default@127.0.0.1:9000/pawprint", str, "the rollups"
    )
    given_read_url: str = setting(
        "CLICKHOUSE_READ_URL", "", str, "the rollups, as a user that cannot write"
    )
    kafka_broker: str = setting(
        "KAFKA_BROKER", "127.0.0.1:9092", str, "host:port; only the notifier reads from it"
    )
    partitions: int = setting(
        "PAWPRINT_PARTITIONS",
        topics.PARTITIONS,
        parse_count,
        "shards whose status makes a complete picture, at least; more as they appear",
    )
    base_url: str = setting(
        "PAWPRINT_BASE_URL",
        "http://127.0.0.1:8000",
        _address,
        "where people reach it; links in mails begin with it",
    )
    collector_url: str = setting(
        "PAWPRINT_COLLECTOR_URL",
        "http://127.0.0.1:8001",
        _address,
        "where browsers reach the collector; shown with the script tag",
    )
    given_hosts: tuple[str, ...] = setting(
        "PAWPRINT_ALLOWED_HOSTS",
        (),
        _items,
        "comma-separated Host headers answered; the base URL's and this machine's without it",
    )
    trusted_proxies: tuple[Network, ...] = setting(
        "PAWPRINT_TRUSTED_PROXIES",
        _networks("127.0.0.1/32,::1/128"),
        _networks,
        "networks whose X-Forwarded-For is believed",
    )
    api_requests_per_hour: int = setting(
        "PAWPRINT_API_REQUESTS_PER_HOUR",
        600,
        parse_whole,
        "API requests of a key without a limit of its own, in any hour; 0 is no limit",
    )
    api_person_requests_per_hour: int = setting(
        "PAWPRINT_API_PERSON_REQUESTS_PER_HOUR",
        6000,
        parse_whole,
        "the same for a person who is logged in, and for who uses a shared link from one address; "
        "a dashboard takes a dozen to show a period",
    )
    api_address_requests_per_hour: int = setting(
        "PAWPRINT_API_ADDRESS_REQUESTS_PER_HOUR",
        600,
        parse_whole,
        "the same for all that come from an address (IPv6: a /64) without a valid key or log-in",
    )
    data_dir: Path = setting(  # noqa: RUF009 - it makes a field
        "PAWPRINT_DATA_DIR",
        ROOT / ".pawprint",
        _folder,
        "what processes write: SQLite, mails, Celery's schedule",
    )
    log_level: str = setting(
        "PAWPRINT_LOG_LEVEL", "INFO", str.upper, "debug, info, warning or error"
    )
    host: str = setting("PAWPRINT_WEBAPP_HOST", "127.0.0.1", str, "address to listen on")
    port: int = setting("PAWPRINT_WEBAPP_PORT", 8000, parse_count, "TCP port to listen on")
    currency_rates: tuple[tuple[str, float], ...] = setting(
        "PAWPRINT_CURRENCY_RATES",
        (),
        _rates,
        'JSON, as in {"USD": 1.0, "EUR": 1.08}: units of one currency that one of each is worth; '
        "revenue is converted by it, and without a rate left out",
    )
    mail_from: str = setting(
        "PAWPRINT_MAIL_FROM", "Pawprint <pawprint@localhost>", str, "sender of every mail"
    )
    postmark_token: str = setting(
        "POSTMARK_SERVER_TOKEN", "", str, "mails go through Postmark when set, else into files"
    )

    @property
    def database_url(self) -> str:
        return self.given_database_url or f"sqlite:///{self.data_dir}/webapp.sqlite3"

    @property
    def clickhouse_url(self) -> str:
        """The rollups as the dashboards read them."""
        return self.given_read_url or self.rollups_url

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        names = (urlsplit(self.base_url).hostname or "", "localhost", "127.0.0.1", "[::1]")
        return self.given_hosts or tuple(dict.fromkeys(name for name in names if name))

    @property
    def is_https(self) -> bool:
        """People come over TLS, so cookies may be marked secure."""
        return urlsplit(self.base_url).scheme == "https"


def read(variables: Mapping[str, str]) -> Environment:
    """The settings in `variables`. Raises `BadSetting` naming the variable."""
    return environment.read_settings(Environment, variables)


def name_settings_module() -> None:
    """Tell Django where its settings are, unless the caller has chosen others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.config.settings")
    # Django's checks load every page and the API into processes that serve none: 50 MB in each of
    # Celery's. They run with `migrate`.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")


env: Final = read(os.environ)
