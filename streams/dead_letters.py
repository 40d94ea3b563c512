"""Records that cannot be decoded: kept in `hits-dead` with where they were and why."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from schemas.drop_reasons import DropReason
from schemas.events import Batch, Hit, encode_batch
from schemas.records import DeadLetter, encode
from streams import metrics
from streams.app import hits_dead

logger = logging.getLogger(__name__)

RETRY_S_MAX = 10.0
ERROR_CHARS_MAX = 500


async def bury(event: Any, error: Exception) -> None:
    """Keep a record that cannot be decoded; returns when the broker has it, however long it takes.

    Replayed, it writes the same letter under the same key again.
    """
    await _bury(event, str(error), event.value or b"")


async def bury_hits(event: Any, batch: Batch, hits: Sequence[Hit]) -> None:
    """As `bury`, for hits of a record that was folded without them."""
    error = f"{len(hits)} of {len(batch.hits)} hits: {DropReason.CLOCK_AHEAD}"
    rest = Batch(batch.version, batch.collector_id, tuple(hits), replay_of=batch.replay_of)
    await _bury(event, error, encode_batch(rest))


async def _bury(event: Any, error: str, value: bytes) -> None:
    message = event.message
    letter = DeadLetter(
        message.topic, message.partition, message.offset,
        error[:ERROR_CHARS_MAX], value, round(message.timestamp * 1000),
    )  # fmt: skip
    retry_s = 0.5
    while True:
        try:
            sent = await hits_dead.send(key=letter.key.encode(), value=encode(letter))
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
