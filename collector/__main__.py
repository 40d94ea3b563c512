"""`python -m collector`: serve until SIGTERM."""

import gc
import logging.config
import os
import sys
from collections.abc import Callable
from typing import Any

from granian.constants import Interfaces, Loops
from granian.server import Server

from collector.logs import log_config
from collector.settings import Settings, read_settings
from schemas.environment import BadSetting

STOP_MARGIN_S = 5
YOUNG_OBJECTS = 20_000  # made and not freed, until those are looked through


def load_app(_target: str) -> Any:
    """The application, built in the worker: patterns and tables are not needed in its parent."""
    from collector.app import App
    from collector.runtime import Runtime

    app = App(Runtime(read_settings(os.environ)))
    spare_what_lasts()
    return app


def spare_what_lasts() -> None:
    """Patterns and tables are a million objects that stay: Python need not look for cycles there.

    By default it walked all of them again and again, which took a tenth of the time. Requests leave
    few cycles behind, if any.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 100)


def serve(settings: Settings, load: Callable[[str], Any] = load_app) -> None:
    """Returns after SIGTERM or SIGINT, once everything accepted is written."""
    server = Server(
        "collector",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        workers=settings.workers,
        backpressure=settings.connections_max,
        websockets=False,
        log_access=False,
        log_dictconfig=log_config(settings.log_level),
        respawn_failed_workers=True,
        workers_kill_timeout=2 * int(settings.drain_timeout_s) + STOP_MARGIN_S,
    )
    server.serve(target_loader=load)


def main() -> None:
    try:
        settings = read_settings(os.environ)
    except BadSetting as error:
        sys.exit(f"collector: {error}")
    logging.config.dictConfig(log_config(settings.log_level))
    serve(settings)


if __name__ == "__main__":
    main()
