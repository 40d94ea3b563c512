"""The collector as it runs: real HTTP, Kafka and Redis."""

import asyncio
import gzip
import json
from collections import Counter
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from collector import identity
from schemas import redis_keys
from schemas.events import Hit, decode_batch
from schemas.records import IngestCount, decode
from schemas.sites import SiteSettings, encode
from tests.contract.collector import kafka_topics
from tests.integration.collector.conftest import KEY, PARTITIONS, Process
from tests.unit.collector.support import CHROME

pytestmark = pytest.mark.integration
SECRET = bytes(16)


def event(number: int = 0, **fields: Any) -> dict[str, Any]:
    url = f"https://example.com/{number}"
    return {"n": "pageview", "u": url, "event_id": f"id-{number}"} | fields


def visitor(number: int, agent: str = CHROME) -> dict[str, str]:
    return {"user-agent": agent, "x-forwarded-for": f"81.2.{number // 250}.{number % 250}"}


async def stored(process: Process) -> list[Hit]:
    settings = process.environment
    broker, topic = settings["KAFKA_BROKER"], settings["PAWPRINT_HITS_TOPIC"]
    return await kafka_topics.read_hits(broker, topic, PARTITIONS)


async def test_acknowledged_is_in_the_topic_and_nothing_else(collector: Process) -> None:
    collector.start()
    await collector.ready()
    limits = httpx.Limits(max_connections=40)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{collector.port}", limits=limits, timeout=30
    ) as client:

        async def send(number: int) -> int:
            body = json.dumps(event(number) if number % 10 else {"n": ""})
            headers = visitor(number % 7)
            return (await client.post("/api/event", content=body, headers=headers)).status_code

        statuses = await asyncio.gather(*(send(number) for number in range(300)))
    accepted = {number for number, status in enumerate(statuses) if status == 202}
    assert [status for status in statuses if status not in (202, 400)] == []
    assert len(accepted) == 270
    hits = await stored(collector)
    wanted = {identity.event_id(SECRET, 7, f"id-{number}") for number in accepted}
    assert len(hits) == 270
    assert {hit.event_id for hit in hits} == wanted
    assert {hit.path for hit in hits} == {f"/{number}" for number in accepted}
    assert len({hit.visitor_id for hit in hits}) == 7


async def test_the_ledger_accounts_for_all_of_two_lives(
    collector: Process, kafka_broker: str
) -> None:
    """received = accepted + refused, as the topic has it, over a restart."""
    ledger_topic = kafka_topics.new_name()
    await kafka_topics.create(kafka_broker, ledger_topic, PARTITIONS)
    collector.environment["PAWPRINT_LEDGER_TOPIC"] = ledger_topic
    for life in range(2):
        collector.start()
        await collector.ready()
        async with collector.client() as client:
            for number in range(20):
                body = event(20 * life + number)
                await client.post("/api/event", json=body, headers=visitor(number))
                await client.post("/api/event", json=event(d="nobody.example"))
                await asyncio.sleep(0.1)  # so that counts are written more than once
            await client.post("/api/event", content=b"{")
        await collector.stop()
    highest: dict[tuple[str, int, int, str], int] = {}
    for _, value in await kafka_topics.read(kafka_broker, ledger_topic, PARTITIONS):
        count = decode(value, IngestCount)
        key = (count.collector_id, count.minute, count.site_id, count.outcome)
        highest[key] = max(highest.get(key, 0), count.events)
    sums: Counter[tuple[int, str]] = Counter()
    for (_, _, site_id, outcome), events in highest.items():
        sums[site_id, outcome] += events
    assert sums == {(7, "accepted"): 40, (0, "unknown_site"): 40, (0, "malformed"): 2}
    assert len({collector_id for collector_id, *_ in highest}) == 2
    await kafka_topics.delete(kafka_broker, ledger_topic)


async def test_a_missing_topic_is_waited_for(collector: Process, kafka_broker: str) -> None:
    name = kafka_topics.new_name()
    collector.environment["PAWPRINT_HITS_TOPIC"] = name
    collector.start()
    await collector.wait(lambda status, parts: status == 503 and parts["sites"] == "ok")
    async with collector.client() as client:
        refused = await client.post("/api/event", json=event())
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"
    assert refused.headers["access-control-allow-origin"] == "*"
    assert not await kafka_topics.exists(kafka_broker, name)
    await kafka_topics.create(kafka_broker, name, PARTITIONS)
    await collector.ready()
    async with collector.client() as client:
        assert (await client.post("/api/event", json=event())).status_code == 202
    assert len(await stored(collector)) == 1
    await kafka_topics.delete(kafka_broker, name)


async def test_a_stop_answers_and_writes_what_was_taken(collector: Process) -> None:
    collector.environment["PAWPRINT_LINGER_MS"] = "1000"
    collector.start()
    await collector.ready()
    async with collector.client() as client:
        waiting = [
            asyncio.create_task(client.post("/api/event", json=event(n), headers=visitor(n)))
            for n in range(20)
        ]
        await asyncio.sleep(0.4)
        assert not any(task.done() for task in waiting)
        collector.terminate()
        answers = await asyncio.gather(*waiting)
    assert [answer.status_code for answer in answers] == [202] * 20
    assert await collector.stop() == 0
    assert len(await stored(collector)) == 20


async def test_sites_come_as_they_change(collector: Process, redis: Redis) -> None:
    collector.start()
    await collector.ready()
    async with collector.client() as client:

        async def reason() -> str:
            answer = await client.post(
                "/api/event", json=event(d="new.example"), headers=visitor(1)
            )
            return str(answer.headers.get("x-drop-reason", ""))

        assert await reason() == "unknown_site"
        await redis.hset(redis_keys.SITES, "new.example", encode(SiteSettings(9, "new.example")))
        await redis.publish(redis_keys.SITES_CHANGED, "new.example")
        async with asyncio.timeout(3):
            while await reason():
                await asyncio.sleep(0.02)
        strict = SiteSettings(9, "new.example", excluded_addresses=("0.0.0.0/1", "128.0.0.0/1"))
        await redis.hset(redis_keys.SITES, "new.example", encode(strict))
        await redis.publish(redis_keys.SITES_CHANGED, "new.example")
        async with asyncio.timeout(1):
            while await reason() != "address":
                await asyncio.sleep(0.02)
        await redis.hdel(redis_keys.SITES, "new.example")
        await redis.publish(redis_keys.SITES_CHANGED, "new.example")
        async with asyncio.timeout(3):
            while await reason() != "unknown_site":
                await asyncio.sleep(0.02)


async def test_an_import_from_first_batch_to_finish(collector: Process, redis: Redis) -> None:
    collector.start()
    await collector.ready()
    headers = {"authorization": f"Bearer {KEY}", "content-encoding": "gzip"}
    events = [
        {
            "name": "pageview",
            "url": f"https://example.com/{number}",
            "timestamp": f"2025-05-17T10:{number // 60:02}:{number % 60:02}Z",
            "visitor": f"u{number % 30}",
        }
        for number in range(900)
    ]
    async with collector.client() as client:
        for begin in range(0, 900, 300):
            batch = {"domain": "example.com", "import": "log", "events": events[begin:][:300]}
            body = gzip.compress(json.dumps(batch).encode())
            answer = await client.post("/api/batch", content=body, headers=headers)
            assert (answer.status_code, answer.json()["accepted"]) == (200, 300)
        assert await redis.exists(redis_keys.import_salts(7, "log")) == 1
        answer = await client.post(
            "/api/imports/log/finish",
            json={"domain": "example.com"},
            headers={"authorization": f"Bearer {KEY}"},
        )
        assert answer.status_code == 200
    assert await redis.exists(redis_keys.import_salts(7, "log")) == 0
    records = await kafka_topics.read(
        collector.environment["KAFKA_BROKER"],
        collector.environment["PAWPRINT_HITS_TOPIC"],
        PARTITIONS,
    )
    for partition in range(PARTITIONS):
        batches = [decode_batch(value) for at, value in records if at == partition]
        times = [hit.at_ms for batch in batches for hit in batch.hits]
        assert times == sorted(times)
        marks = [mark for batch in batches for mark in batch.watermarks if mark.import_name]
        assert [(mark.site_id, mark.final) for mark in marks] == [(7, True)]
    assert sum(len(decode_batch(value).hits) for _, value in records) == 900


async def test_without_redis_sites_are_known_but_salts_are_not(collector: Process) -> None:
    collector.start()
    await collector.ready()
    await collector.stop()
    collector.environment["REDIS_URL"] = "redis://127.0.0.1:1/0"
    collector.start()
    await collector.wait(lambda _, parts: parts.get("kafka") == "ok")
    status, parts = await collector.health()
    assert status == 503
    assert (parts["sites"], parts["salt"], parts["redis"]) == ("ok", "waiting", "away")
    async with collector.client() as client:
        assert (await client.post("/api/event", json=event())).status_code == 503
        unknown = await client.post("/api/event", json=event(d="nobody.example"))
        assert unknown.headers["x-drop-reason"] == "unknown_site"


RAW = [
    b"POST /api/event HTTP/1.1\r\nHost: x\r\nUser-Agent: \xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /api/event HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: \xe9\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /api/event HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
    b"POST /api/event HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999999\r\n\r\n",
    b"POST /api/event HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /api/event HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /api/event HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab",
    b"POST /api/imports/%ff%00%2e/finish HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    b"GET /%00\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x00\xff\r\n\r\n",
]


@pytest.mark.parametrize("request_bytes", RAW, ids=range(len(RAW)))
async def test_broken_http(collector: Process, request_bytes: bytes) -> None:
    """Answered with 4xx or closed, and the next one is served."""
    collector.environment["PAWPRINT_BODY_TIMEOUT_S"] = "0.5"
    collector.start()
    await collector.ready()
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    writer.write(request_bytes)
    async with asyncio.timeout(5):
        line = await reader.readline()
    writer.close()
    assert not line or line.startswith(b"HTTP/1.1 4"), line
    assert (await collector.health())[0] == 200
    await collector.stop()
    log = collector.log.read_text()
    assert "unexpected error" not in log and "Traceback" not in log
