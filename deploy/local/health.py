"""Is a process answering? One question per kind of server, each with a short time limit."""

import http.client
import logging
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

import redis
from clickhouse_driver import Client

ANSWER_SECONDS: Final = 3.0
API_VERSIONS: Final = 18  # Kafka's request that any client opens with
# A server that is not up yet is our answer, not an error to print with its traceback.
logging.getLogger("clickhouse_driver").setLevel(logging.CRITICAL)
Kind = Literal["kafka", "redis", "clickhouse", "http", "tcp", "running"]


@dataclass(frozen=True, slots=True)
class Health:
    """How one process is asked. `running` asks nobody: that the supervisor runs it is all."""

    kind: Kind
    address: str = ""


def host_port(address: str, default_port: int) -> tuple[str, int]:
    """The first `host:port` of a broker list or URL."""
    parts = urlsplit(address if "://" in address else f"tcp://{address.split(',')[0]}")
    return parts.hostname or "127.0.0.1", parts.port or default_port


def api_versions_request(correlation_id: int) -> bytes:
    """A Kafka ApiVersions v0 request without a client id."""
    body = struct.pack(">hhih", API_VERSIONS, 0, correlation_id, -1)
    return struct.pack(">i", len(body)) + body


def _ask_kafka(address: str) -> None:
    with socket.create_connection(host_port(address, 9092), ANSWER_SECONDS) as broker:
        broker.sendall(api_versions_request(correlation_id=1))
        answer = broker.recv(8, socket.MSG_WAITALL)
    if len(answer) < 8 or struct.unpack(">ii", answer)[1] != 1:
        raise OSError("no answer to ApiVersions")


def _ask_redis(address: str) -> None:
    with redis.Redis.from_url(
        address, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
    ) as client:
        client.ping()


def _ask_clickhouse(address: str) -> None:
    # Without the database: the migrations make it, so at first it is not there.
    server = urlsplit(address)._replace(path="").geturl()
    client = Client.from_url(f"{server}?connect_timeout={ANSWER_SECONDS}")
    try:
        client.execute("SELECT 1")
    finally:
        client.disconnect()


def _ask_http(address: str) -> None:
    url = urlsplit(address)
    host, port = host_port(address, 80)
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", url.path or "/")
        answer = connection.getresponse()
        body = answer.read(300).decode(errors="replace")
    finally:
        connection.close()
    if answer.status != 200:
        raise OSError(f"{answer.status} {body.strip()}")


def _ask_tcp(address: str) -> None:
    socket.create_connection(host_port(address, 0), ANSWER_SECONDS).close()


_ASK: Final[Mapping[Kind, Callable[[str], None]]] = {
    "kafka": _ask_kafka,
    "redis": _ask_redis,
    "clickhouse": _ask_clickhouse,
    "http": _ask_http,
    "tcp": _ask_tcp,
    "running": lambda _address: None,
}


def ailment(health: Health) -> str | None:
    """What is wrong, in a line; None when it answers as it should."""
    try:
        _ASK[health.kind](health.address)
    except Exception as error:  # whatever a driver raises, the answer is: not healthy
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    return None
