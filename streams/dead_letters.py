"""Records that cannot be decoded: kept in `hits-dead` with where they were and why."""

import asyncio
import logging
from typing import Any

from schemas.records import DeadLetter, encode
from streams import metrics
from streams.app import hits_dead

logger = logging.getLogger(__name__)

RETRY_S_MAX = 10.0
ERROR_CHARS_MAX = 500


async def bury(event: Any, error: Exception) -> None:
    """Write the record to `hits-dead`; returns when the broker has it, however long that takes.

    Replayed, it writes the same letter under the same key again.
    """
    message = event.message
    letter = DeadLetter(
        message.topic, message.partition, message.offset,
        str(error)[:ERROR_CHARS_MAX], event.value or b"",
    )  # fmt: skip
    key = f"{message.topic}/{message.partition}/{message.offset}".encode()
    retry_s = 0.5
    while True:
        try:
            sent = await hits_dead.send(key=key, value=encode(letter))
            await sent
            break
        except Exception as failure:  # whatever the driver raises: hold, do not lose the record
            logger.warning("hits-dead not written, trying again: %r", failure)
            await asyncio.sleep(retry_s)
            retry_s = min(RETRY_S_MAX, retry_s * 2)
    metrics.DEAD_LETTERS.inc()
    logger.error(
        "dead letter topic=%s partition=%d offset=%d: %s",
        message.topic, message.partition, message.offset, letter.error,
    )  # fmt: skip
