"""Things of a test's own on the real servers."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from clickhouse_driver import Client

from aggregates.clickhouse.migrate import migrate


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def drop_database(url: str) -> None:
    """Drop the ClickHouse database of `url` if it is there."""
    name = urlsplit(url).path.lstrip("/")
    client = Client.from_url(urlsplit(url)._replace(path="/default").geturl())
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
