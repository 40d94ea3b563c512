"""A worker that is stopping comes to its end, whatever it waits for.

Faust stops its parts one after the other and commits in between; cut off from Kafka, or with a
consumer that has crashed, that has been seen to take more than five minutes. Nothing is lost by
ending at once: starting is recovering.
"""

import logging
import os
import threading
from typing import Final

logger = logging.getLogger(__name__)

STOP_S_MAX: Final = 8.0  # a clean end takes one or two; whoever sends SIGTERM waits 10 or more


def end_within(seconds: float = STOP_S_MAX) -> None:
    """From now on this process lives no longer than that; it then ends with status 1."""
    timer = threading.Timer(seconds, _end, (seconds,))
    timer.daemon = True  # a process that ends by itself does not wait for it
    timer.start()


def _end(seconds: float) -> None:
    logger.critical("still stopping after %.0f s: ends as it is", seconds)
    os._exit(1)
