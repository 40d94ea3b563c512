"""Every way in over real HTTP, as browsers, mails and servers use it."""

import json
from collections.abc import Mapping
from typing import Any

import cramjam
import pytest

from collector.pixel import GIF
from schemas.events import Hit
from tests.contract.collector import kafka_topics
from tests.integration.collector.conftest import KEY, PARTITIONS, Process
from tests.unit.collector.support import CHROME

pytestmark = pytest.mark.integration
AGENT = {"user-agent": CHROME, "x-forwarded-for": "81.2.69.142"}


async def stored(process: Process) -> dict[str, Hit]:
    """The hits by their paths."""
    settings = process.environment
    broker, topic = settings["KAFKA_BROKER"], settings["PAWPRINT_HITS_TOPIC"]
    hits = await kafka_topics.read_hits(broker, topic, PARTITIONS)
    return {hit.path: hit for hit in hits}


def page(path: str, **fields: Any) -> bytes:
    return json.dumps({"n": "pageview", "u": f"https://example.com/{path}"} | fields).encode()


async def test_every_way_in(collector: Process) -> None:
    collector.start()
    await collector.ready()
    async with collector.client() as client:

        async def post(
            path: str, body: bytes, headers: Mapping[str, str]
        ) -> tuple[int, str, dict[str, str]]:
            answer = await client.post(path, content=body, headers=AGENT | dict(headers))
            return answer.status_code, answer.text, dict(answer.headers)

        preflight = await client.options("/api/event", headers={"origin": "https://example.com"})
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == "*"

        status, text, headers = await post("/api/event", page("a"), {"content-type": "text/plain"})
        assert (status, text, headers["access-control-allow-origin"]) == (202, "ok", "*")
        packed = bytes(cramjam.brotli.compress(page("b", t={"lcp": 900})))
        assert (await post("/api/event", packed, {"content-encoding": "br"}))[:2] == (202, "ok")
        status, text, headers = await post("/api/event", page("c", d="example.com,b.example"), {})
        assert (status, text, headers["x-plausible-dropped"]) == (202, "ok", "1")
        assert headers["x-drop-reason"] == "unknown_site"
        status, text, _ = await post("/api/event", page("d", n=""), {})
        assert (status, json.loads(text)) == (400, {"errors": {"event_name": ["can't be blank"]}})
        panelbear = {"pid": "7", "event": "pageview", "url": "https://example.com/e", "dns": 4}
        assert (await post("/api/event", json.dumps(panelbear).encode(), {}))[:2] == (202, "ok")

        picture = await client.get(
            "/api/pixel.gif?n=open&p=%7B%22issue%22%3A7%7D",
            headers=AGENT | {"referer": "https://example.com/f"},
        )
        assert (picture.status_code, picture.content) == (200, GIF)
        assert "no-store" in picture.headers["cache-control"]

        event = {"name": "pageview", "url": "https://example.com/g", "visitor": "v"}
        batch = json.dumps({"domain": "example.com", "events": [event]}).encode()
        key = {"authorization": f"Bearer {KEY}", "content-encoding": "br"}
        status, text, _ = await post("/api/batch", bytes(cramjam.brotli.compress(batch)), key)
        assert (status, json.loads(text)) == (200, {"accepted": 1, "dropped": []})
    hits = await stored(collector)
    assert sorted(hits) == ["/a", "/b", "/c", "/e", "/f", "/g"]
    assert hits["/b"].timings == ((0, 900),)
    assert hits["/e"].timings == ((5, 4),)
    assert (hits["/f"].name, hits["/f"].props) == ("open", (("issue", "7"),))
    assert hits["/a"].visitor_id == hits["/f"].visitor_id != hits["/g"].visitor_id
