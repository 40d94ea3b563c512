"""The log as Kafka keeps it: an idempotent producer that is replaced when it fails.

Any record that is not acknowledged makes a new producer. aiokafka gives a record its sequence
number when it takes it up; if it then gives up, the number is missing and the broker refuses all
that follows (OutOfOrderSequenceNumber), for ever. A new producer has a new id and starts at 0. What
the old one may still have stored is what its client will send again, under the same event id.

A live hit waits for the acknowledgement no longer than the setting says: then it is spooled.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from collector.errors import Unavailable
from collector.metrics import Metrics
from collector.producers import partitions_of, stop_producer
from collector.settings import Settings
from collector.spool_format import Record

RETRY_S: Final = 1.0
# aiokafka's own limit for one request, and for a record it holds.
REQUEST_TIMEOUT_S: Final = 10.0
# A replay makes nobody wait, and brings much at once.
REPLAY_TIMEOUT_S: Final = 15.0

log = logging.getLogger(__name__)


class KafkaSink:
    """`Sink` on a topic. `run` keeps a producer alive; `ready` is set once the topic is there."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._producer: AIOKafkaProducer | None = None
        self._failed = asyncio.Event()
        self.ready = asyncio.Event()
        self.partition_count = 0  # of the first connection; fixed then, for order's sake

    @property
    def connected(self) -> bool:
        return self._producer is not None

    async def append(self, partition: int, value: bytes) -> None:
        """Stored on all in-sync replicas when it returns. Raises `Unavailable`."""
        await self._append([Record(partition, value)], self._settings.ack_timeout_s)

    async def append_all(self, records: Sequence[Record]) -> None:
        """As `append`, each partition's records in their order.

        Raises `Unavailable` when any is not stored: of each partition the first ones may be.
        """
        await self._append(records, REPLAY_TIMEOUT_S)

    async def _append(self, records: Sequence[Record], timeout_s: float) -> None:
        producer = self._producer
        if producer is None:
            raise Unavailable("kafka")
        topic = self._settings.hits_topic
        acks: list[asyncio.Future[object]] = []
        try:
            async with asyncio.timeout(timeout_s):
                for partition, value in records:
                    acks.append(await producer.send(topic, value, partition=partition))
                for ack in acks:
                    await ack
        # AssertionError: aiokafka's way to say that the partition is not in its metadata.
        except (KafkaError, OSError, TimeoutError, AssertionError) as error:
            for ack in acks:
                ack.add_done_callback(_look_at)
            log.warning("kafka append failed", extra={"fields": {"error": type(error).__name__}})
            if producer is self._producer:
                self._producer = None  # nothing more goes into it
                self._failed.set()
            raise Unavailable("kafka") from error

    async def run(self) -> None:
        """Connect, and again whenever a producer failed. Ends when cancelled, flushing first."""
        while True:
            producer = await self._connect()
            try:
                self._failed.clear()
                self._producer = producer
                self.ready.set()
                await self._failed.wait()
            finally:
                self._producer = None
                await stop_producer(producer)

    async def _connect(self) -> AIOKafkaProducer:
        """A started producer that knows the topic; waits for both as long as it takes."""
        waiting_for = ""
        while True:
            producer = self._make()
            try:
                async with asyncio.timeout(REQUEST_TIMEOUT_S):
                    await producer.start()
                    partitions = await partitions_of(producer, self._settings.hits_topic)
                if partitions:
                    self._settle(partitions)
                    return producer
                problem = "topic"
            except (KafkaError, OSError, TimeoutError):
                problem = "broker"
            except BaseException:
                await stop_producer(producer)
                raise
            await stop_producer(producer)
            if problem != waiting_for:
                waiting_for = problem
                fields = {"topic": self._settings.hits_topic, "problem": problem}
                log.warning("waiting for kafka", extra={"fields": fields})
            await asyncio.sleep(RETRY_S)

    def _make(self) -> AIOKafkaProducer:
        self._metrics.count("pawprint_collector_producers_total")
        return AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka_broker,
            acks="all",
            enable_idempotence=True,
            compression_type="zstd",
            max_batch_size=2 * self._settings.record_bytes_max,
            max_request_size=4 * self._settings.record_bytes_max,
            request_timeout_ms=int(REQUEST_TIMEOUT_S * 1000),
            # Zero: our own batches already waited, and one is in flight at a time.
            linger_ms=0,
        )

    def _settle(self, partitions: int) -> None:
        if not self.partition_count:
            self.partition_count = partitions
            if partitions < self._settings.partitions:
                fields = {"expected": self._settings.partitions, "found": partitions}
                log.warning("fewer partitions than the setting says", extra={"fields": fields})


def _look_at(ack: "asyncio.Future[object]") -> None:
    """How the others of a failed append end is nobody's question, but must have been asked."""
    if not ack.cancelled():
        ack.exception()
