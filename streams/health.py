"""GET /healthz and GET /metrics for operators, on a port of their own."""

import logging
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams.app import app, settings
from streams.plumbing import worker

logger = logging.getLogger(__name__)


def ready() -> bool:
    """Tables are recovered and no rebalance runs."""
    return bool(app.tables.actives_ready and not app.rebalancing)


async def healthz(_request: web.Request) -> web.Response:
    """200 when ready, else 503; the body says how far each partition is."""
    body = {
        "ready": ready(),
        "generation": worker.ownership.generation,
        "rows_unconfirmed": worker.ownership.unconfirmed,
        "held_back": worker.held_back,
        "partitions": {
            str(owned.partition): {
                "applied": owned.applied,
                "saved": owned.saved,
                "lag": owned.lag,
                "limited": owned.shard.state.limited,
            }
            for owned in worker.ownership.shards.values()
        },
    }
    return web.json_response(body, status=200 if ready() else 503)


async def metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@app.task
async def serve_health() -> None:
    application = web.Application()
    application.add_routes([web.get("/healthz", healthz), web.get("/metrics", metrics)])
    runner: Any = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port).start()
    logger.info("health on http://%s:%d/healthz", settings.host, settings.port)
    await app.wait_until_stopped()
    await runner.cleanup()
