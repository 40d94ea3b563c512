"""The forwarder tests and chaos put before a server."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.forwarder import Forwarder


@contextmanager
def echo(port: int = 0) -> Iterator[int]:
    """A server that sends back what it gets, one connection after the other."""
    with socket.create_server(("127.0.0.1", port)) as listener:

        def serve() -> None:
            while True:
                try:
                    with listener.accept()[0] as near:
                        while data := near.recv(100):
                            near.sendall(data)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def ask(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as near:
        near.sendall(b"hello")
        return near.recv(100)


def test_forwards_cuts_and_restores() -> None:
    with echo() as port, Forwarder("127.0.0.1", port) as forwarder:
        assert ask(forwarder.port) == b"hello"
        with socket.create_connection(("127.0.0.1", forwarder.port), timeout=5) as open_one:
            open_one.sendall(b"x")
            assert open_one.recv(1) == b"x"
            forwarder.cut()
            assert open_one.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            ask(forwarder.port)
        forwarder.restore()
        assert ask(forwarder.port) == b"hello"


def test_a_server_that_was_away_is_reached_again() -> None:
    with echo() as port:
        pass
    with Forwarder("127.0.0.1", port) as forwarder:
        assert ask(forwarder.port) == b""
        with echo(port):
            assert ask(forwarder.port) == b"hello"


def test_a_delay_holds_back_both_ways() -> None:
    with echo() as port, Forwarder("127.0.0.1", port) as forwarder:
        forwarder.delay_s = 0.1
        began = time.monotonic()
        assert ask(forwarder.port) == b"hello"
        assert time.monotonic() - began >= 0.2
