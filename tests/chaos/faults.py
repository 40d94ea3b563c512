"""The faults: what each does to the running stack, and what it keeps others from doing meanwhile.

A fault returns when it is over; that the pipeline recovers from it is watched elsewhere.
"""

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from deploy.local.errors import StackError
from schemas.events import VERSION, Batch, encode_batch
from schemas.topics import CHECKPOINTS, HITS
from tests.chaos import disks
from tests.chaos.scene import Scene
from tests.chaos.stack import COLLECTORS, DISKS, SPARE_WORKER, WORKERS, set_readonly

SESSION_S: Final = 10.0  # streams/app.py: a worker silent for so long has lost its partitions
REFUSED_S_MAX: Final = 120.0
REFUSED_S: Final = (10.0, 30.0)
TOPIC_S_MAX: Final = 30.0

Inject = Callable[[Scene, str, random.Random], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """A kind of fault. It hits one of `targets`, drawn, and has it for itself meanwhile."""

    name: str
    does: str
    targets: tuple[str, ...]
    inject: Inject
    needs_disks: bool = False


async def _kill(scene: Scene, target: str, _draw: random.Random) -> None:
    await scene.stack.signal(target, signal.SIGKILL)


async def _terminate(scene: Scene, target: str, _draw: random.Random) -> None:
    await scene.stack.gone(target, await scene.stack.signal(target, signal.SIGTERM))


async def _pause(scene: Scene, target: str, draw: random.Random) -> None:
    """Longer than its session: it wakes up a zombie."""
    pid = await scene.stack.signal(target, signal.SIGSTOP)
    await asyncio.sleep(SESSION_S + draw.uniform(2, 5))
    if await asyncio.to_thread(scene.stack.pid, target) == pid:
        await scene.stack.signal(target, signal.SIGCONT)


async def _cut(scene: Scene, _target: str, draw: random.Random) -> None:
    """One of the first worker's links, or all; shorter or longer than its session."""
    links = scene.stack.network.links()
    chosen = draw.choice([[name] for name in links] + [list(links)])
    for name in chosen:
        links[name].cut()
    await asyncio.sleep(draw.choice((draw.uniform(1, 4), SESSION_S + draw.uniform(1, 4))))
    for name in chosen:
        links[name].restore()


async def _delay(scene: Scene, _target: str, draw: random.Random) -> None:
    links = scene.stack.network.links().values()
    for link in links:
        link.delay_s = draw.uniform(0.05, 0.5)
    await asyncio.sleep(draw.uniform(5, 8))
    for link in links:
        link.delay_s = 0.0


async def _storm(scene: Scene, target: str, draw: random.Random) -> None:
    """A third worker joins and leaves, three times, each before the last rebalance has settled."""
    for _ in range(3):
        await scene.stack.start(target)
        await asyncio.sleep(draw.uniform(3, 6))
        number = draw.choice((signal.SIGTERM, signal.SIGKILL))
        await scene.stack.signal(target, number)
        await scene.stack.stop(target)


async def _flush(scene: Scene, _target: str, draw: random.Random) -> None:
    """FLUSHALL; the webapp's settings are written again a moment later, as the webapp would."""
    with suppress(RedisError):
        async with Redis.from_url(scene.redis_url, socket_timeout=5) as client:
            await client.flushall()
    await asyncio.sleep(draw.uniform(0.5, 3))
    await scene.write_sites()


async def _delete_checkpoints(scene: Scene, _target: str, draw: random.Random) -> None:
    """The changelog of checkpoints goes and comes back empty; half the times a worker is killed."""
    until = time.monotonic() + TOPIC_S_MAX
    while not await _delete_topic(scene.broker, CHECKPOINTS.name):
        if time.monotonic() > until:
            raise StackError(f"{CHECKPOINTS.name} could not be deleted")
        await asyncio.sleep(0.5)
    if draw.random() < 0.5:
        await scene.stack.signal(draw.choice(WORKERS), signal.SIGKILL)
    await asyncio.sleep(draw.uniform(0, 3))
    until = time.monotonic() + TOPIC_S_MAX
    while True:  # the deletion goes on behind its answer
        with suppress(StackError):
            await scene.stack.create_topics()
            return
        if time.monotonic() > until:
            raise StackError(f"{CHECKPOINTS.name} could not be made again")
        await asyncio.sleep(0.5)


async def _delete_topic(broker: str, name: str) -> bool:
    """Whether the broker took it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    try:
        await admin.start()
        answer = await admin.delete_topics([name])
    except KafkaError:
        return False
    finally:
        await admin.close()
    return all(code == 0 for _, code in answer.topic_error_codes)


async def _fill_disk(scene: Scene, target: str, draw: random.Random) -> None:
    path = scene.stack.disk(target)
    await asyncio.to_thread(disks.fill, path)
    await asyncio.sleep(draw.uniform(4, 8))
    await asyncio.to_thread(disks.free, path, DISKS[target])


async def _poison(scene: Scene, _target: str, draw: random.Random) -> None:
    """Records that no decoder takes, among the others, in random partitions."""
    bad: Sequence[bytes] = (
        b"",
        b"\xc1 no msgpack",
        draw.randbytes(300),
        encode_batch(Batch(VERSION + 1, "from-the-future", ())),
        encode_batch(Batch(VERSION, "torn", ()))[:-2],
    )
    producer = AIOKafkaProducer(bootstrap_servers=scene.broker)
    with suppress(KafkaError):  # Kafka may be down: then less of it gets in
        await producer.start()
        partitions = sorted(await producer.partitions_for(HITS.name))
        for value in bad:
            await producer.send_and_wait(HITS.name, value, partition=draw.choice(partitions))
    await producer.stop()


async def _repeat(scene: Scene, _target: str, draw: random.Random) -> None:
    """For some seconds whatever is acknowledged is sent once more."""
    scene.load.repeating += 1
    await asyncio.sleep(draw.uniform(4, 7))
    scene.load.repeating -= 1


async def _refuse(scene: Scene, target: str, draw: random.Random) -> None:
    """ClickHouse comes back read-only: once for two minutes or a tenth of the run, then shorter.

    While it is, nothing recovers from any other fault either.
    """
    longest_s, scene.refused = 0.0 if scene.refused else REFUSED_S_MAX, True
    refused_s = max(draw.uniform(*REFUSED_S), min(longest_s, scene.minutes * 6))
    home = scene.stack.home
    set_readonly(home, True)
    await scene.stack.signal(target, signal.SIGTERM)  # connections keep the rights they had
    await asyncio.sleep(min(refused_s, max(REFUSED_S[0], scene.seconds_left)))
    set_readonly(home, False)


FAULTS: Final = {
    fault.name: fault
    for fault in (
        Fault("kill-worker", "kill -9 of a Faust worker", WORKERS, _kill),
        Fault("term-worker", "SIGTERM to a Faust worker", WORKERS, _terminate),
        Fault("pause-worker", "SIGSTOP beyond its session, then SIGCONT", WORKERS, _pause),
        Fault("kill-kafka", "kill -9 of Kafka", ("kafka",), _kill),
        Fault("kill-redis", "kill -9 of Redis", ("redis",), _kill),
        Fault("kill-clickhouse", "kill -9 of ClickHouse", ("clickhouse",), _kill),
        Fault("kill-collector", "kill -9 of a collector", COLLECTORS, _kill),
        Fault("cut-network", "a worker's connections cut and refused", ("network",), _cut),
        Fault("delay-network", "a worker's network slow", ("network",), _delay),
        Fault("rebalance-storm", "a third worker joins and leaves", (SPARE_WORKER,), _storm),
        Fault("flush-redis", "FLUSHALL", ("redis",), _flush),
        Fault("delete-checkpoints", "checkpoint topic gone", ("kafka",), _delete_checkpoints),
        Fault(
            "disk-full", "no space on a server's disk", tuple(DISKS), _fill_disk, needs_disks=True
        ),
        Fault("poison", "records nobody can decode", ("",), _poison),
        Fault("duplicates", "acknowledged events sent again", ("",), _repeat),
        Fault("refuse-inserts", "ClickHouse read-only", ("clickhouse",), _refuse),
    )
}
