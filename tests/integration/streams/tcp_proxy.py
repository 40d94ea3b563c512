"""A TCP proxy on loopback that can be cut, to take a server away from one process only."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Proxy:
    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._open: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self._serving: set[asyncio.Task[None]] = set()
        self.url = ""

    def cut(self) -> None:
        """Close every connection and refuse new ones."""
        self._is_cut = True
        for writer in self._open:
            writer.close()

    def mend(self) -> None:
        self._is_cut = False

    async def end(self) -> None:
        """Cut for good; returns when every connection is gone."""
        self.cut()
        await asyncio.gather(*self._serving)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.close()
            return
        there_reader, there = await asyncio.open_connection(*self._target)
        self._open |= {writer, there}
        await asyncio.gather(_copy(reader, there), _copy(there_reader, writer))
        self._open -= {writer, there}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[Proxy]:
    """A proxy before the server of `url`; its `url` is the same with the proxy's address."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    proxy = Proxy(parts.hostname, parts.port)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    user = f"{parts.username}@" if parts.username else ""
    proxy.url = parts._replace(netloc=f"{user}127.0.0.1:{port}").geturl()
    try:
        yield proxy
    finally:
        server.close()
        await proxy.end()
