"""The baseline: a plain aiokafka consumer that decodes and folds, and does nothing else.

python -m tests.bench.baseline BROKER PARTITIONS HITS

No Faust, no held events, no sinks and no checkpoints. Prints one JSON object, a `Consumed`, of the
time from the first record to the last.
"""

import asyncio
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Final

import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from aggregates.core.fold import ahead_of_clock, fold
from aggregates.core.state import Shard, ShardState
from schemas.events import decode_batch
from schemas.topics import HITS
from streams.garbage import spare_the_state
from streams.settings import Settings

SECONDS_MAX: Final = 300.0


@dataclass(frozen=True, slots=True)
class Consumed:
    """A log read to its end."""

    hits: int
    cpu_s: float  # of the consuming process, all threads
    wall_s: float

    @property
    def hits_per_core_s(self) -> float:
        return self.hits / self.cpu_s


def measured(settings: Settings, hits: int) -> Consumed:
    """Run the baseline over the log in a process of its own."""
    command = (
        sys.executable, "-P", "-m", "tests.bench.baseline",
        settings.kafka_broker, str(settings.partitions), str(hits),
    )  # fmt: skip
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, timeout=SECONDS_MAX
    )
    return msgspec.json.decode(done.stdout, type=Consumed)


async def consume(broker: str, partitions: int, hits: int) -> Consumed:
    """Fold `hits` hits from the log's beginning."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker)
    await consumer.start()
    consumer.assign([TopicPartition(HITS.name, each) for each in range(partitions)])
    await consumer.seek_to_beginning()
    shards = [Shard(ShardState(shard=each)) for each in range(partitions)]
    folded = 0
    began_s = began_cpu_s = 0.0
    while folded < hits:
        found = await consumer.getmany(timeout_ms=1_000)
        if found and not began_s:
            began_s, began_cpu_s = time.monotonic(), time.process_time()
        for tp, records in found.items():
            for record in records:
                batch = decode_batch(record.value or b"")
                if not ahead_of_clock(batch, record.timestamp):
                    fold(shards[tp.partition], record.offset, batch, record.timestamp)
                folded += len(batch.hits)
    consumed = Consumed(folded, time.process_time() - began_cpu_s, time.monotonic() - began_s)
    await consumer.stop()
    return consumed


def main(arguments: list[str]) -> None:
    broker, partitions, hits = arguments
    uvloop.install()
    spare_the_state()
    consumed = asyncio.run(consume(broker, int(partitions), int(hits)))
    print(msgspec.json.encode(consumed).decode())


if __name__ == "__main__":
    main(sys.argv[1:])
