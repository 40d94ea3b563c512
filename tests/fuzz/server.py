"""python -m tests.fuzz.server PORT: the collector behind its real server, its log looked at."""

import asyncio
import logging
import logging.config
import sys
from typing import Any, Final

from collector.__main__ import serve
from collector.logs import log_config
from collector.settings import Settings
from tests.fuzz.checking import stored_problems
from tests.unit.collector.support import SECRET, FakeParts, MemorySink

BODY_TIMEOUT_S: Final = 0.5
# Above what all connections of a run may ask for: no 503 is then a right answer.
LIMITS: Final = {
    "body_timeout_s": BODY_TIMEOUT_S,
    "bodies_bytes_max": 2**30,
    "address_rate_per_s": 0,
    "key_batches_per_s": 0,
}

log = logging.getLogger(__name__)


class CheckedSink(MemorySink):
    """Reads every record as the streams would, and keeps none."""

    async def append(self, partition: int, value: bytes) -> None:
        for problem in stored_problems([value]):
            log.error("unreadable record", extra={"fields": {"problem": problem}})


class ServedParts(FakeParts):
    """What `FakeParts` has, started within the server's loop."""

    def __init__(self) -> None:
        super().__init__(**LIMITS)
        self.sink = CheckedSink()

    def start(self) -> None:
        self._running = asyncio.get_event_loop().create_task(self.make_outbox(4).run())

    async def stop(self) -> None:
        self._running.cancel()


def load(_target: str) -> Any:
    from collector.app import App

    return App(ServedParts())


def main(port: int) -> None:
    settings = Settings(route_secret=SECRET, port=port, drain_timeout_s=1.0)
    logging.config.dictConfig(log_config(settings.log_level))
    serve(settings, load)


if __name__ == "__main__":
    main(int(sys.argv[1]))
