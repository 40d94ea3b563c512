"""Pawprint's own processes: commands, addresses, and the environment they read."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from deploy.local.health import Health
from deploy.local.home import Home
from deploy.local.program import Program
from deploy.local.servers import clickhouse
from deploy.local.settings import ROOT, Settings

HOST: Final = "127.0.0.1"
ON_TOPICS: Final = frozenset({"collector", "streams", "notifier"})  # need Kafka's topics to start


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything of one stack answers, whether we started it or not."""

    kafka: str
    redis: str
    clickhouse: str
    clickhouse_read: str
    database: str
    webapp: str
    collector: str
    streams: str
    pages: str  # the demo's, to click around in


def addresses(home: Home, ports: Mapping[str, int], settings: Settings) -> Addresses:
    """The given servers' addresses, and those of the ones we start on `ports`."""
    sqlite = f"sqlite:///{quote(str(home.data / 'webapp.sqlite3'))}"
    given = settings.clickhouse_url
    ours = clickhouse.url(ports["clickhouse"], "reader")
    return Addresses(
        kafka=settings.kafka_broker or f"{HOST}:{ports['kafka']}",
        redis=settings.redis_url or f"redis://{HOST}:{ports['redis']}/0",
        clickhouse=given or clickhouse.url(ports["clickhouse"]),
        clickhouse_read=settings.clickhouse_read_url or given or ours,
        database=settings.database_url or sqlite,
        webapp=f"http://{HOST}:{ports['webapp']}",
        collector=f"http://{HOST}:{ports['collector']}",
        streams=f"http://{HOST}:{ports['streams']}",
        pages=f"http://{HOST}:{ports['pages']}",
    )


def environment(
    home: Home, ports: Mapping[str, int], found: Addresses, secrets: Mapping[str, str]
) -> dict[str, str]:
    """What Pawprint's processes read from their environment."""
    return {
        "PAWPRINT_HOME": str(home.path),
        "PAWPRINT_DATA_DIR": str(home.data),
        "KAFKA_BROKER": found.kafka,
        "REDIS_URL": found.redis,
        "CLICKHOUSE_URL": found.clickhouse,
        "CLICKHOUSE_READ_URL": found.clickhouse_read,
        "DATABASE_URL": found.database,
        "PAWPRINT_BASE_URL": found.webapp,
        "PAWPRINT_COLLECTOR_URL": found.collector,
        "PAWPRINT_WEBAPP_HOST": HOST,
        "PAWPRINT_WEBAPP_PORT": str(ports["webapp"]),
        "PAWPRINT_COLLECTOR_HOST": HOST,
        "PAWPRINT_COLLECTOR_PORT": str(ports["collector"]),
        "PAWPRINT_STREAMS_PORT": str(ports["streams"]),
        **secrets,
    }


def programs(home: Home, found: Addresses) -> list[Program]:
    """All of Pawprint's processes but the demo's."""

    def ours(name: str, health: Health, *arguments: str) -> Program:
        return Program(
            name=name,
            group="applications",
            command=(sys.executable, "-P", "-m", *arguments),
            cwd=ROOT,
            health=health,
            ready_after_s=120,
        )

    running = Health("running")
    celery = ("celery", "--app", "webapp.config.celery", "--quiet")
    # Threads: the jobs wait for mail servers and webhooks, and a process each would cost memory.
    worker = ("worker", "--pool", "threads", "--concurrency", "4", "--loglevel", "info")
    schedule = ("--schedule", str(home.data / "celery-beat"), "--pidfile", "")
    return [
        ours("collector", Health("http", f"{found.collector}/healthz"), "collector"),
        ours("streams", Health("http", f"{found.streams}/healthz"), "streams", "worker"),
        ours("webapp", Health("http", f"{found.webapp}/healthz"), "webapp", "serve"),
        ours("celery-worker", running, *celery, *worker),
        ours("celery-beat", running, *celery, "beat", *schedule, "--loglevel", "info"),
        ours("notifier", running, "webapp", "run_notifier"),
    ]
