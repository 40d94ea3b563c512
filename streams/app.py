"""The Faust app: its settings, topics, tables and the shards of this worker. Agents import it."""

import os
from collections import defaultdict
from typing import Any, Final, cast

import faust
from faust.types import TP, ConsumerT
from mode.utils.queues import ThrowableQueue

from schemas import topics
from schemas.topics import Topic
from streams.ending import end_within
from streams.settings import read_settings
from streams.shards import Ownership

settings: Final = read_settings(os.environ)
ownership: Final = Ownership()

settings.data_dir.mkdir(parents=True, exist_ok=True)


class BlockingQueue(ThrowableQueue[Any]):
    """A stream's buffer that, when it is full, makes the consumer wait for a place and no longer.

    Faust's own pauses the partition at 80 % and then asks the broker for the other topics only,
    which takes a second however soon there is room: with a small buffer the fold would stand idle.
    """

    pressure_high_ratio = 0.5  # of these the size is divided by: never reached


class ReadOffsets(defaultdict[TP, int | None]):
    """What was read last of each partition: the consumer drops what comes before that.

    Not of `hits`. While we seek back, the consumer is amid records of before the seek, and with
    each of them moves its mark on again; all that we had sought would be dropped, for as long as
    there is more to read. That each record is folded once is not for Faust to see to.
    """

    def __init__(self) -> None:
        super().__init__(lambda: None)

    def __getitem__(self, partition: TP) -> int | None:
        return None if partition.topic == topics.HITS.name else super().__getitem__(partition)


class App(faust.App):
    """Faust's, with buffers that block, a log that is read again, and an end that comes."""

    def _new_consumer(self) -> ConsumerT:
        consumer: ConsumerT = super()._new_consumer()
        cast(Any, consumer)._read_offset = ReadOffsets()
        return consumer

    async def stop(self) -> None:
        end_within()
        await super().stop()

    def FlowControlQueue(
        self, maxsize: int | None = None, *, clear_on_resume: bool = False
    ) -> ThrowableQueue[Any]:
        return BlockingQueue(
            maxsize=maxsize, flow_control=self.flow_control, clear_on_resume=clear_on_resume
        )


app: Final = App(
    topics.APP_ID,
    broker=[f"kafka://{host}" for host in settings.kafka_broker.split(",")],
    datadir=str(settings.data_dir),
    store="memory://",
    value_serializer="raw",
    key_serializer="raw",
    topic_partitions=settings.partitions,
    topic_replication_factor=settings.replication,
    topic_disable_leader=True,
    topic_allow_declare=False,  # topic_admin makes them all, before any worker starts
    processing_guarantee="at_least_once",
    table_standby_replicas=0,
    # Events are held until a checkpoint; waiting for the stream to empty would never end.
    stream_wait_empty=False,
    # Faust's own 4096 records of up to 256 KB would be a gigabyte while ClickHouse is away.
    stream_buffer_maxsize=settings.records_buffered_max,
    worker_redirect_stdouts=False,
    broker_session_timeout=10,
    broker_heartbeat_interval=3,
    broker_rebalance_timeout=15,
    broker_request_timeout=30,
    # While ClickHouse is away the consumer waits for a place in the buffer and does not poll. The
    # watch (streams/protocol/watching.py) is what ends a worker that stands still for no reason.
    broker_max_poll_interval=86_400,
    producer_linger=0.02,
    producer_acks=-1,
    producer_max_request_size=2 * 2**20,
    web_enabled=False,
)


def _topic(topic: Topic) -> faust.TopicT:
    return app.topic(
        topic.name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw",
        partitions=settings.partitions, allow_empty=True,
    )  # fmt: skip


def _table(topic: Topic) -> Any:
    name = topic.name.removeprefix(f"{topics.APP_ID}-").removesuffix("-changelog")
    return app.Table(
        name,
        key_type=bytes,
        value_type=bytes,
        partitions=settings.partitions,
        extra_topic_configs=topic.config,
    )


hits: Final = _topic(topics.HITS)
hits_dead: Final = _topic(topics.HITS_DEAD)
site_minutes: Final = _topic(topics.SITE_MINUTES)
ingest_ledger: Final = _topic(topics.INGEST_LEDGER)
alerts: Final = _topic(topics.ALERTS)
checkpoints: Final = _table(topics.CHECKPOINTS)
spikes: Final = _table(topics.SPIKES)
