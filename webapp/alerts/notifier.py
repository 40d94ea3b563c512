"""From the topic `alerts` into the database; an offset is committed once its record is kept.

Survives replay: `record_alert` may be told the same twice. A record that cannot be used is logged
and skipped; one that cannot be kept right now is tried again, and nothing after it is read.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections

from schemas import topics
from schemas.records import Alert, decode
from webapp.alerts.services import UnusableRecord, record_alert

logger = logging.getLogger(__name__)

GROUP: Final = "pawprint-notifier"
RETRY_MIN_S: Final = 0.5
RETRY_MAX_S: Final = 30.0
METADATA_AGE_MS: Final = 5_000  # a topic that is made after the start is found this soon


async def run(broker: str, topic: str = topics.ALERTS.name, group: str = GROUP) -> None:
    """Consume until cancelled; while Kafka is away, try again, more slowly each time."""
    backoff = Backoff()
    while True:
        try:
            async with _consumer(broker, topic, group) as consumer:
                async for record in consumer:
                    await keep(record.value, f"{record.topic}/{record.partition}/{record.offset}")
                    await consumer.commit()
                    backoff.reset()
        except KafkaError as error:
            await backoff.wait(f"Kafka is away: {error!r}")


async def keep(value: bytes | None, place: str) -> None:
    """Keep one record, however long the database takes. `place` names it in the log."""
    backoff = Backoff()
    while True:
        try:
            await sync_to_async(_keep)(value, place)
            return
        except DatabaseError as error:
            await sync_to_async(close_old_connections)()  # the next try opens a new one
            await backoff.wait(f"{place}: the database is away: {error}")


class Backoff:
    """Waits from RETRY_MIN_S on, twice as long each time, up to RETRY_MAX_S."""

    def __init__(self) -> None:
        self._next_s = RETRY_MIN_S

    def reset(self) -> None:
        self._next_s = RETRY_MIN_S

    async def wait(self, reason: str) -> None:
        logger.warning("%s; again in %.1f s", reason, self._next_s)
        await asyncio.sleep(self._next_s)
        self._next_s = min(2 * self._next_s, RETRY_MAX_S)


def _keep(value: bytes | None, place: str) -> None:
    try:
        record_alert(decode(value or b"", Alert))
    except (msgspec.DecodeError, UnusableRecord) as error:
        logger.error("%s skipped: %s", place, error)


@asynccontextmanager
async def _consumer(broker: str, topic: str, group: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        metadata_max_age_ms=METADATA_AGE_MS,
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()
