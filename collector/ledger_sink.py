"""Writes the ledger's counts to Kafka, about every second, until they are acknowledged.

With a producer of its own: a count may be written twice, and must never be what stops hits.
"""

import asyncio
import logging
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from collector.ledger import Ledger
from collector.producers import partitions_of, stop_producer
from collector.settings import Settings
from schemas.records import encode

FLUSH_INTERVAL_S: Final = 1.0
RETRY_S: Final = 5.0
TIMEOUT_S: Final = 5.0

log = logging.getLogger(__name__)


class LedgerSink:
    """`run` writes until it is cancelled; then it writes once more what there is."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings = settings
        self._ledger = ledger
        self._problem = ""

    async def run(self) -> None:
        while True:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._settings.kafka_broker,
                acks="all",
                enable_idempotence=False,
                request_timeout_ms=int(TIMEOUT_S * 1000),
                linger_ms=20,
            )
            try:
                await self._write_with(producer)
            except (KafkaError, OSError, TimeoutError) as error:
                self._tell(type(error).__name__)
            finally:
                await stop_producer(producer)
            await asyncio.sleep(RETRY_S)

    async def _write_with(self, producer: AIOKafkaProducer) -> None:
        """Returns when the topic is missing. Raises as aiokafka does."""
        async with asyncio.timeout(TIMEOUT_S):
            await producer.start()
            partitions = await partitions_of(producer, self._settings.ledger_topic)
        if not partitions:
            self._tell("topic is missing")
            return
        self._problem = ""
        try:
            while True:
                await asyncio.sleep(FLUSH_INTERVAL_S)
                await self._flush(producer)
                self._ledger.forget()
        except asyncio.CancelledError:
            await self._flush(producer)
            raise

    async def _flush(self, producer: AIOKafkaProducer) -> None:
        counts = self._ledger.unwritten()
        if not counts:
            return
        topic = self._settings.ledger_topic
        async with asyncio.timeout(TIMEOUT_S):
            acks = [
                await producer.send(topic, encode(count), key=b"%d" % count.site_id)
                for count in counts
            ]
            await asyncio.gather(*acks)
        self._ledger.written(counts)

    def _tell(self, problem: str) -> None:
        """Once, not every few seconds."""
        if problem != self._problem:
            self._problem = problem
            fields = {"topic": self._settings.ledger_topic, "problem": problem}
            log.warning("ledger cannot be written", extra={"fields": fields})
