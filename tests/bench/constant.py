"""The baseline: the collector's server, which reads the body and answers 202, and nothing else.

python -m tests.bench.constant PORT
"""

import sys
from typing import Any

from granian.constants import Interfaces, Loops
from granian.server import Server

HEADERS = [("content-type", "text/plain; charset=utf-8"), ("content-length", "2")]


class App:
    async def __rsgi__(self, scope: Any, exchange: Any) -> None:
        await exchange()
        exchange.response_bytes(202, HEADERS, b"ok")


def load_app(_target: str) -> Any:
    return App()


if __name__ == "__main__":
    server = Server(
        "constant",
        port=int(sys.argv[1]),
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        backpressure=1024,
        websockets=False,
        log_access=False,
        log_enabled=False,
    )
    server.serve(target_loader=load_app)
