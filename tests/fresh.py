"""Things of a test's own on the real servers."""

import asyncio
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from clickhouse_driver import Client

from aggregates.clickhouse.migrate import migrate
from schemas.topics import TOPICS, Topic
from streams.settings import Settings
from streams.topic_admin import create_topics

TOPICS_S_MAX = 20.0


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def drop_database(url: str) -> None:
    """Drop the ClickHouse database of `url` and those of its generations, if they are there."""
    base = urlsplit(url).path.lstrip("/")
    client = Client.from_url(urlsplit(url)._replace(path="/default").geturl())
    for (name,) in client.execute("SHOW DATABASES"):
        if re.fullmatch(rf"{base}(_g\d+)?", name):
            client.execute(f"DROP DATABASE IF EXISTS {name}")
    client.disconnect()


@contextmanager
def rollups(clickhouse_url: str, name: str) -> Iterator[str]:
    """The URL of a migrated, empty database beside the one tests are given; dropped at the end."""
    url = f"{clickhouse_url}_{name}"
    drop_database(url)
    migrate(url)
    try:
        yield url
    finally:
        drop_database(url)


async def empty_topics(settings: Settings, topics: Sequence[Topic] = TOPICS) -> None:
    """Each of these topics on that broker is empty, with the partitions of `settings`.

    Raises TimeoutError when the broker does not get there.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_broker)
    await admin.start()
    existing = set(await admin.list_topics())
    await admin.delete_topics([topic.name for topic in topics if topic.name in existing])
    await admin.close()
    made: set[str] = set()
    async with asyncio.timeout(TOPICS_S_MAX):
        while len(made) < len(topics):  # deletion goes on behind the answer
            with suppress(KafkaError):
                made.update(await create_topics(settings))
            await asyncio.sleep(0.2)
