"""An alert's whole way: Kafka, notifier, database, API, open stream, Celery, mail."""

import json
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from schemas.records import Alert, AlertState, encode
from tests.integration.webapp.conftest import Webapp, process

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

MINUTE = 1_764_064_800
ARRIVES_S_MAX = 60.0


@pytest.fixture
async def topic(kafka_broker: str) -> AsyncIterator[str]:
    name = f"w-alerts-{uuid.uuid4().hex}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_broker)
    await admin.start()
    await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    yield name
    await admin.delete_topics([name])
    await admin.close()


async def _send(broker: str, topic: str, values: list[bytes]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker)
    await producer.start()
    for value in values:
        await producer.send_and_wait(topic, value)
    await producer.stop()


def _alerts(webapp: Webapp) -> list[dict[str, object]]:
    with webapp.client() as client:
        response = client.get(f"/api/v1/alerts?site_id={webapp.demo['domain']}")
    results: list[dict[str, object]] = response.json()["results"]
    return results


def _mails(folder: Path) -> list[str]:
    return [path.read_text() for path in (folder / "mail").glob("*")]


async def test_an_alert_is_kept_shown_and_mailed_once(
    webapp: Webapp, kafka_broker: str, topic: str
) -> None:
    opened = Alert(webapp.site_id, MINUTE, AlertState.OPENED, MINUTE, pageviews=90, threshold=60)
    resolved = Alert(
        webapp.site_id, MINUTE, AlertState.RESOLVED, MINUTE + 300, pageviews=3, threshold=60
    )
    values = [b"\xff no alert", encode(opened), encode(opened), encode(resolved)]
    driver = ("-m", "tests.integration.webapp.notifier", kafka_broker, topic, topic)
    worker = ("-m", "celery", "-A", "webapp.config.celery", "worker", "--pool", "threads")
    with (
        webapp.client() as client,
        client.stream("GET", webapp.stream_path) as stream,
        process(webapp.environment, "celery.log", *worker),
        process(webapp.environment, "notifier.log", *driver),
    ):
        lines = stream.iter_lines()
        await _send(kafka_broker, topic, values)
        heard = []
        for line in lines:  # the stream speaks every few seconds, so this ends
            if line == "event: alert":
                heard.append(json.loads(next(lines).removeprefix("data: ")))
            if len(heard) == 2:
                break
        ends_at = time.monotonic() + ARRIVES_S_MAX
        while not _mails(webapp.folder) and time.monotonic() < ends_at:
            time.sleep(0.2)
    assert [alert["resolved_at"] for alert in heard] == [None, "2025-11-25T10:05:00Z"]
    assert _alerts(webapp) == [heard[1]]
    mails = _mails(webapp.folder)
    assert len(mails) == 1
    assert "To: demo@pawprint.test" in mails[0]
    assert "90 pageviews" in mails[0]
    log = (webapp.folder / "notifier.log").read_text()
    assert f"{topic}/0/0 skipped" in log
