"""Health questions, asked of small servers made for the test."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from deploy.local import health
from deploy.local.health import Health


@contextmanager
def answering(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """A server that answers one connection; yields its host:port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(answer(connection.recv(4096)))

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("kind", ["kafka", "redis", "clickhouse", "http", "tcp"])
def test_nobody_there_is_an_ailment_in_one_line(kind: health.Kind) -> None:
    scheme = {"redis": "redis://", "clickhouse": "clickhouse://", "http": "http://"}.get(kind, "")
    wrong = health.ailment(Health(kind, scheme + closed_port()))
    assert wrong
    assert "\n" not in wrong


def test_a_broker_that_answers_api_versions_is_healthy() -> None:
    def broker(request: bytes) -> bytes:
        size, key, version, correlation, _client = struct.unpack(">ihhih", request)
        assert (size, key, version) == (10, health.API_VERSIONS, 0)
        return struct.pack(">ii", 4, correlation)

    with answering(broker) as address:
        assert health.ailment(Health("kafka", address)) is None


def test_something_else_on_the_brokers_port_is_not_healthy() -> None:
    with answering(lambda _request: b"HTTP/1.1 400 Bad") as address:
        assert health.ailment(Health("kafka", address))


def test_a_page_that_says_503_is_not_healthy_and_its_reason_is_shown() -> None:
    page = b"HTTP/1.1 503 Busy\r\nContent-Length: 10\r\n\r\nrecovering"
    with answering(lambda _request: page) as address:
        wrong = health.ailment(Health("http", f"http://{address}/healthz"))
    assert wrong == "503 recovering"


def test_a_page_that_says_200_is_healthy() -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with answering(lambda _request: page) as address:
        assert health.ailment(Health("http", f"http://{address}/healthz")) is None


def test_the_first_broker_of_a_list_is_asked() -> None:
    assert health.host_port("one:9092,two:9093", 9092) == ("one", 9092)
    assert health.host_port("redis://h/0", 6379) == ("h", 6379)
