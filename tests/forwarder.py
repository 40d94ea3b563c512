"""A TCP forwarder in front of a real server, so that tests can take the server away."""

import contextlib
import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit


class Forwarder:
    """Forwards 127.0.0.1:`port` to a server; `cut` drops all connections and refuses new ones.

    While `silent` is true it accepts connections and lets nothing through.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._sockets: list[socket.socket] = []
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]
        self.silent = False

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
        for one in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._sockets.clear()

    def restore(self) -> None:
        self._listener = self._listen(self.port)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._target)
                self._sockets += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if not self.silent:
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


def before(url: str) -> Forwarder:
    """A forwarder to the server of `url`, whose port must be in it."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    return Forwarder(parts.hostname, parts.port)


def through(forwarder: Forwarder, url: str) -> str:
    """`url` by way of the forwarder."""
    parts = urlsplit(url)
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return parts._replace(netloc=f"{user}127.0.0.1:{forwarder.port}").geturl()
