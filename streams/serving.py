"""Which generation this worker folds: found out before it starts, and watched while it runs.

A worker folds one generation all its life. When another one is served the process ends with that
reason and is started again: starting is recovering, and there is no second way into a generation
(deploy/adr/0006-generations.md). Until it has restarted it goes on with the one of before, which
harms nothing: each generation has rows and snapshots of its own.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from aiohttp import web

from aggregates.clickhouse.clients import ClientPool
from aggregates.clickhouse.generations import Generation, active_of, list_generations
from aggregates.protocols import StoreUnavailable
from streams.protocol.ports import Worker
from streams.settings import Settings

logger = logging.getLogger(__name__)

ASK_EVERY_S: Final = 1.0
TIMEOUT_S: Final = 5.0
FILE_NAME: Final = "served-generation.json"


class GenerationSwitched(Exception):
    """Another generation is served than the one this worker folds."""


class Served:
    """The served generation, as ClickHouse says and as a file remembers it."""

    def __init__(self, settings: Settings) -> None:
        self._clients = ClientPool(settings.clickhouse_url, TIMEOUT_S, {})
        self._path = settings.data_dir / FILE_NAME

    def ask(self) -> Generation:
        """As it is now, and remember it. Blocking. Raises `StoreUnavailable`."""
        found = active_of(list_generations(self._clients))
        if found != self.remembered():
            _write(self._path, msgspec.json.encode(found))
        return found

    def remembered(self) -> Generation | None:
        """The last answer. It may be of long ago: a worker that follows it is right, but late."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Generation)
        except (OSError, msgspec.DecodeError):
            return None

    def close(self) -> None:
        self._clients.close()


def _write(path: Path, value: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    being_written = path.with_name(f"{path.name}.{os.getpid()}")
    being_written.write_bytes(value)
    being_written.replace(path)


async def find_generation(settings: Settings) -> Generation:
    """The generation to fold. Without ClickHouse it is the remembered one; without that, waits.

    While it waits the health page says why.
    """
    served = Served(settings)
    try:
        return await asyncio.to_thread(served.ask)
    except StoreUnavailable as error:
        if known := served.remembered():
            logger.warning("generation %d, as remembered: %s", known.number, error)
            return known
        async with _health_page(settings, str(error)):
            return await _first_answer(served)
    finally:
        served.close()


async def _first_answer(served: Served) -> Generation:
    while True:
        try:
            return await asyncio.to_thread(served.ask)
        except StoreUnavailable as error:
            logger.warning("waits to know which generation is served: %s", error)
        await asyncio.sleep(ASK_EVERY_S)


@asynccontextmanager
async def _health_page(settings: Settings, reason: str) -> AsyncIterator[None]:
    """503, until the worker has its own."""

    async def healthz(_request: web.Request) -> web.Response:
        body = {"ready": False, "waiting": f"which generation is served? {reason}"}
        return web.json_response(body, status=503)

    application = web.Application()
    application.add_routes([web.get("/healthz", healthz)])
    runner: Any = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def follow_for_ever(worker: Worker, served: Served) -> None:
    """Ends the process once another generation is served than the one it folds."""
    mine = worker.ownership.generation
    while not worker.process.stopping:
        await worker.clock.sleep(ASK_EVERY_S)
        try:
            now = await asyncio.to_thread(served.ask)
        except StoreUnavailable:
            continue  # the flush says so
        if now.number != mine:
            reason = f"generation {now.number} is served, this worker folds {mine}: starts again"
            await worker.process.crash(GenerationSwitched(reason))
            return
