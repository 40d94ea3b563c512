"""A TCP forwarder in front of a real server, so that tests can take the server away."""

import contextlib
import socket
import threading
import time
from types import TracebackType
from urllib.parse import urlsplit


class Forwarder:
    """Forwards 127.0.0.1:`port` to a server; `cut` drops all connections and refuses new ones.

    `port` is `own_port`, or a free one. While `silent` is true it accepts connections and lets
    nothing through. `delay_s` holds back each piece that goes through, in either direction.
    """

    def __init__(self, host: str, port: int, own_port: int = 0) -> None:
        self._target = (host, port)
        self._sockets: set[socket.socket] = set()
        self._listener = self._listen(own_port)
        self.port: int = self._listener.getsockname()[1]
        self.silent = False
        self.delay_s = 0.0

    def __enter__(self) -> "Forwarder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()

    def cut(self) -> None:
        self._close(self._listener)
        for one in list(self._sockets):
            self._close(one)

    def restore(self) -> None:
        self._listener = self._listen(self.port)

    def _close(self, one: socket.socket) -> None:
        self._sockets.discard(one)
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                try:
                    far = socket.create_connection(self._target)
                except OSError:  # the server is down: so is this connection, and not the next one
                    self._close(near)
                    continue
                self._sockets |= {near, far}
                if listener.fileno() < 0:  # cut while it was being made
                    self._close(near)
                    self._close(far)
                    return
                threading.Thread(target=self._serve, args=(near, far), daemon=True).start()

    def _serve(self, near: socket.socket, far: socket.socket) -> None:
        back = threading.Thread(target=self._copy, args=(far, near), daemon=True)
        back.start()
        self._copy(near, far)
        back.join()
        self._close(near)
        self._close(far)

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        """Until the source ends; a reset on one side is one on the other."""
        ways: tuple[tuple[socket.socket, int], ...] = ((sink, socket.SHUT_WR),)
        try:
            while data := source.recv(65_536):
                if self.delay_s:
                    time.sleep(self.delay_s)
                if not self.silent:
                    sink.sendall(data)
        except OSError:
            ways = ((sink, socket.SHUT_RDWR), (source, socket.SHUT_RDWR))
        for one, way in ways:
            with contextlib.suppress(OSError):
                one.shutdown(way)


def before(url: str, own_port: int = 0) -> Forwarder:
    """A forwarder to the server of `url`, whose port must be in it."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    return Forwarder(parts.hostname, parts.port, own_port)


def through(forwarder: Forwarder, url: str) -> str:
    """`url` by way of the forwarder."""
    parts = urlsplit(url)
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return parts._replace(netloc=f"{user}127.0.0.1:{forwarder.port}").geturl()
