"""Letters of real records: listed, shown, sent again, counted once."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from clickhouse_driver import Client

from schemas.events import PAGEVIEW, VERSION, Batch, Hit, Kind, Visit, encode_batch
from schemas.topics import HITS
from tests.integration.streams.test_worker import settled
from tests.workers import Workers

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

ROOT = Path(__file__).parents[3]
YEAR_MS = 365 * 86_400_000
Dead = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def dead(workers: Workers) -> Dead:
    """`python -m streams dead ...` against the test's broker."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "streams", "dead", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=workers.environment, capture_output=True, text=True, check=False
        )

    return run


def outcomes(stored: Client) -> dict[str, int]:
    rows: Any = stored.execute("SELECT outcome, sum(hits) FROM ledger_rows FINAL GROUP BY outcome")
    return {str(outcome): int(hits) for outcome, hits in rows}


def hit(number: int, at_ms: int) -> Hit:
    return Hit(
        1, Kind.PAGEVIEW, number, number, at_ms, at_ms, PAGEVIEW, "example.com", "/", Visit()
    )


async def test_letters_are_shown_and_sent_again_once(
    workers: Workers, stored: Client, fresh_topics: str, dead: Dead
) -> None:
    assert "No dead letters" in dead("list").stdout
    producer = AIOKafkaProducer(bootstrap_servers=fresh_topics)
    await producer.start()
    poison = await producer.send_and_wait(HITS.name, b"\xc1 no msgpack", partition=0)
    now_ms = poison.timestamp
    ahead = msgspec.structs.replace(hit(2, now_ms), at_ms=now_ms + YEAR_MS)
    value = encode_batch(Batch(VERSION, "test", (hit(1, now_ms), ahead)))
    await producer.send_and_wait(HITS.name, value, partition=0)
    await producer.stop()
    workers.wait_ready(workers.start())
    want = {"counted": 1, "clock_ahead": 1}
    assert await settled(lambda: outcomes(stored), want) == want

    listed = dead("list").stdout
    assert "hits/0/0" in listed
    assert "hits/0/1" in listed
    assert "2 dead letters, 2 not sent again" in listed
    shown = dead("show", "hits/0/0").stdout
    assert "c1 20 6e 6f" in shown
    assert "still cannot be decoded" in shown
    assert "1 hits of collector test" in dead("show", "hits/0/1").stdout
    assert "no letter hits/0/7" in dead("show", "hits/0/7").stdout

    assert (
        "1 letters would be sent, 1 hits; 1 refused" in dead("replay", "--all", "--dry-run").stdout
    )
    refused = dead("replay", "--all")
    assert refused.returncode == 1
    assert "1 letters sent, 1 hits; 1 refused" in refused.stdout
    again = dead("replay", "hits/0/1")
    assert again.returncode == 0
    want = {"counted": 2, "clock_ahead": 1, "duplicate": 1}
    assert await settled(lambda: outcomes(stored), want) == want
    assert "2 dead letters, 1 not sent again" in dead("list").stdout
