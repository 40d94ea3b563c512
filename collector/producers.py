"""What every Kafka producer of the collector needs, whatever it writes."""

import asyncio
from typing import Final

from aiokafka import AIOKafkaProducer

# A producer that is let go may still write what it holds; the next one is made after it.
STOP_TIMEOUT_S: Final = 5.0


async def partitions_of(producer: AIOKafkaProducer, topic: str) -> int:
    """How many the topic has, 0 if there is none. Raises as aiokafka does.

    All topics are asked for: asking for one by name could make a broker create it.
    """
    cluster = await producer.client.fetch_all_metadata()
    return len(cluster.partitions_for_topic(topic) or ())


async def stop_producer(producer: AIOKafkaProducer) -> None:
    """Stop within STOP_TIMEOUT_S, whatever state it is in.

    Also when cancelled meanwhile: what it holds is still written, its connections closed.
    """
    stopping = asyncio.create_task(producer.stop())
    try:
        await asyncio.wait({stopping}, timeout=STOP_TIMEOUT_S)
    except asyncio.CancelledError:
        await asyncio.wait({stopping}, timeout=STOP_TIMEOUT_S)
        raise
    finally:
        stopping.cancel()
        await asyncio.gather(stopping, return_exceptions=True)
