"""What must not be kept is nowhere: in no log, metric, topic, Redis value or file."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from schemas.events import decode_batch
from tests.contract.collector import kafka_topics
from tests.integration.collector.canaries import HEADERS, MARKER, SECRETS, WORD, Send, sends
from tests.integration.collector.conftest import PARTITIONS, Process

pytestmark = pytest.mark.integration
HEAD = "POST /api/event HTTP/1.1\r\nHost: a\r\n"
RAW = (
    f"{HEAD}User-Agent: {WORD}\xff\r\nContent-Length: 2\r\n\r\n{{}}",
    f"{HEAD}User-Agent: {WORD}\r\nContent-Length: 99\r\n\r\n{WORD}",
    f"{HEAD}Transfer-Encoding: chunked\r\n\r\n{WORD}\r\n",
    f"{WORD} {WORD}\r\n\r\n",
    f"GET /{WORD}\x00 HTTP/1.1\r\n{WORD}: {WORD}\r\n\r\n",
)


async def statuses(process: Process) -> list[tuple[Send, int]]:
    """Each over a connection of its own: one that was turned away is closed after its answer."""
    found = []
    for send in sends():
        async with process.client() as client:
            headers = HEADERS | dict(send.headers)
            try:
                answer = await client.request(
                    send.method, send.path, content=send.body, headers=headers
                )
            except httpx.TransportError:  # turned away while it was still writing
                found.append((send, 413))
                continue
            found.append((send, answer.status_code))
    return found


async def send_raw(process: Process) -> None:
    for raw in RAW:
        reader, writer = await asyncio.open_connection("127.0.0.1", process.port)
        writer.write(raw.encode("latin-1"))
        async with asyncio.timeout(10):
            await reader.read(1_000)
        writer.close()


async def kept(process: Process) -> dict[str, bytes]:
    """Everything a collector leaves behind but its topic, by where it lies."""
    async with process.client() as client:
        found = {"/metrics": (await client.get("/metrics")).content}
    await process.stop()
    found["log"] = process.log.read_bytes()
    folder = Path(process.environment["PAWPRINT_DATA_DIR"])
    for path in folder.rglob("*"):
        found[str(path)] = str(path).encode() + (path.read_bytes() if path.is_file() else b"")
    return found


async def redis_values(redis: Redis) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    async for key in redis.scan_iter():
        read: dict[str, Any] = {
            "string": redis.get,
            "hash": redis.hgetall,
            "list": lambda name: redis.lrange(name, 0, -1),
            "set": redis.smembers,
            "zset": lambda name: redis.zrange(name, 0, -1),
            "stream": redis.xrange,
        }
        kind = _flat(await redis.type(key)).decode()
        found[f"redis {key!r}"] = key + _flat(await read[kind](key))
    return found


def _flat(value: Any) -> bytes:
    """All bytes in what Redis gives, one after the other."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict):
        return b" ".join(_flat(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple | set):
        return b" ".join(map(_flat, value))
    return str(value).encode()


def check(found: dict[str, bytes]) -> None:
    secrets = [
        (place, secret) for place, data in found.items() for secret in SECRETS if secret in data
    ]
    assert secrets == []


@pytest.mark.parametrize("level", ["info", "debug"])
async def test_by_every_way_in(collector: Process, redis: Redis, level: str) -> None:
    collector.environment |= {"PAWPRINT_LOG_LEVEL": level, "PAWPRINT_BODY_TIMEOUT_S": "1"}
    collector.start()
    await collector.ready()
    answered = await statuses(collector)
    assert [(send, status) for send, status in answered if status != send.status] == []
    await send_raw(collector)
    found = await kept(collector) | await redis_values(redis)
    assert b"collector ready" in found["log"]
    assert any("salt" in place for place in found)
    records = await kafka_topics.read(
        collector.environment["KAFKA_BROKER"],
        collector.environment["PAWPRINT_HITS_TOPIC"],
        PARTITIONS,
    )
    hits = [hit for _, value in records for hit in decode_batch(value).hits]
    assert len(hits) == sum(send.stored for send, _ in answered)
    assert {hit.path for hit in hits} == {MARKER}  # so what is kept can be found
    check(found | {"topic": b"".join(value for _, value in records)})


async def test_while_the_broker_is_away(collector: Process, redis: Redis) -> None:
    """From the start, so that nothing can be written to it."""
    collector.environment |= {"KAFKA_BROKER": "127.0.0.1:1", "PAWPRINT_LOG_LEVEL": "debug"}
    collector.start()
    await collector.wait(lambda status, parts: bool(status) and parts["sites"] == "ok")
    await statuses(collector)
    await send_raw(collector)
    check(await kept(collector) | await redis_values(redis))


async def test_while_the_topic_is_gone(collector: Process, redis: Redis, kafka_broker: str) -> None:
    """Taken away under a collector that was writing: its client for Kafka has much to say then."""
    collector.environment |= {"PAWPRINT_ACK_TIMEOUT_S": "1", "PAWPRINT_LOG_LEVEL": "debug"}
    collector.start()
    await collector.ready()
    await statuses(collector)
    topic = collector.environment["PAWPRINT_HITS_TOPIC"]
    await kafka_topics.delete(kafka_broker, topic)
    await statuses(collector)
    check(await kept(collector) | await redis_values(redis))
