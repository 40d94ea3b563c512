"""The worker's loops, as tasks of the app."""

import asyncio

from streams.app import app, settings
from streams.expiring import expire_for_ever
from streams.ingest import FLUSH_EVERY_S
from streams.plumbing import expiry, held_counts, rows, sealer, worker
from streams.protocol.checkpointing import checkpoint_for_ever
from streams.protocol.flushing import flush_for_ever
from streams.protocol.mirroring import mirror_for_ever
from streams.protocol.watching import watch_for_ever
from streams.sealing import seal_for_ever
from streams.serving import Served, follow_for_ever


@app.task
async def checkpoint() -> None:
    await checkpoint_for_ever(worker)


@app.task
async def flush() -> None:
    await flush_for_ever(worker)


@app.task
async def mirror() -> None:
    await mirror_for_ever(worker)


@app.task
async def watch() -> None:
    await watch_for_ever(worker)


@app.task
async def follow() -> None:
    await follow_for_ever(worker, Served(settings))


@app.task
async def expire() -> None:
    await expire_for_ever(worker, expiry, rows)


@app.task
async def seal() -> None:
    await seal_for_ever(worker, sealer)


@app.task
async def flush_ingest() -> None:
    while not worker.process.stopping:
        await asyncio.sleep(FLUSH_EVERY_S)
        await held_counts.flush()
