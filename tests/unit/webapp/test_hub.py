"""The fan-out: one reading a site, newest frame wins, nothing is left when nobody watches."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from aggregates.protocols import StoreUnavailable
from schemas import redis_keys
from schemas.live import ShardStatus
from webapp.live import hub as hub_module
from webapp.live.hub import RETRY, Hub, Watcher
from webapp.live.source import Shards

SITE, OTHER = 1, 2


class FakeSource:
    """Counts what it is asked; `away` makes it fail as Redis does."""

    made: list["FakeSource"]

    def __init__(self, url: str, listener: Hub) -> None:
        self.reads: list[int] = []
        self.away = False
        self.closed = False
        FakeSource.made.append(self)

    async def read(self, site_id: int) -> tuple[Shards, dict[int, ShardStatus]]:
        self.reads.append(site_id)
        if self.away:
            raise StoreUnavailable("away")
        return {}, {}

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    FakeSource.made = []
    monkeypatch.setattr(hub_module, "Source", FakeSource)
    return Hub("redis://", partitions=1)


async def _next(stream: AsyncGenerator[bytes], name: str = "live") -> dict[str, Any]:
    """The data of the next event of that name."""
    while True:
        piece = await asyncio.wait_for(anext(stream), 5)
        for event in piece.decode().split("\n\n"):
            head, _, data = event.partition("\ndata: ")
            if head == f"event: {name}":
                found: dict[str, Any] = json.loads(data)
                return found


async def test_the_first_frame_comes_at_once(hub: Hub) -> None:
    stream = hub.watch(SITE)
    assert await anext(stream) == RETRY
    async with asyncio.timeout(0.2):
        frame = await _next(stream)
    assert len(frame["minutes"]) == 30
    await stream.aclose()


async def test_many_watch_one_reading(hub: Hub) -> None:
    streams = [hub.watch(SITE) for _ in range(50)]
    frames = [await _next(stream) for stream in streams]
    assert len(frames) == 50
    assert FakeSource.made[0].reads == [SITE]
    for stream in streams:
        await stream.aclose()


async def test_changes_come_at_most_four_times_a_second(hub: Hub) -> None:
    stream = hub.watch(SITE)
    await _next(stream)
    source = FakeSource.made[0]
    for _ in range(100):  # a change every 10 ms for a second
        hub.heard(redis_keys.LIVE_CHANGED, b"1")
        await asyncio.sleep(0.01)
    assert 3 <= len(source.reads) <= 6
    await stream.aclose()


async def test_a_change_elsewhere_is_not_read(hub: Hub) -> None:
    stream = hub.watch(SITE)
    await _next(stream)
    hub.heard(redis_keys.LIVE_CHANGED, str(OTHER).encode())
    hub.heard(redis_keys.LIVE_CHANGED, b"no number")
    hub.heard(redis_keys.ALERT_CHANGED, b"{}")
    await asyncio.sleep(0.4)
    assert FakeSource.made[0].reads == [SITE]
    await stream.aclose()


async def test_without_changes_it_still_speaks(hub: Hub) -> None:
    stream = hub.watch(SITE)
    await _next(stream)
    began = asyncio.get_running_loop().time()
    await _next(stream)
    assert 1.5 < asyncio.get_running_loop().time() - began < 5
    await stream.aclose()


async def test_redis_away_and_back(hub: Hub) -> None:
    stream = hub.watch(SITE)
    good = await _next(stream)
    assert good["stale"]["live"] is None
    source = FakeSource.made[0]
    source.away = True
    hub.heard_nothing_for_a_while()
    assert (await _next(stream))["stale"]["live"] == good["now"]
    source.away = False
    hub.heard_nothing_for_a_while()
    assert (await _next(stream))["stale"]["live"] is None
    await stream.aclose()


async def test_an_alert_reaches_those_who_watch_its_site(hub: Hub) -> None:
    here, elsewhere = hub.watch(SITE), hub.watch(OTHER)
    await _next(here)
    await _next(elsewhere)
    hub.heard(redis_keys.ALERT_CHANGED, b'{"site_id": 1, "alert": {"id": 7}}')
    assert await _next(here, "alert") == {"id": 7}
    assert b"alert" not in await anext(elsewhere)
    await here.aclose()
    await elsewhere.aclose()


async def test_nothing_is_left_when_nobody_watches(hub: Hub) -> None:
    before = asyncio.all_tasks()
    streams = [hub.watch(SITE), hub.watch(SITE), hub.watch(OTHER)]
    for stream in streams:
        await _next(stream)
    for stream in streams:
        await stream.aclose()
    await asyncio.sleep(0.01)
    assert FakeSource.made[0].closed
    assert asyncio.all_tasks() == before
    again = hub.watch(SITE)  # and it begins anew
    await _next(again)
    assert len(FakeSource.made) == 2
    await again.aclose()


async def test_there_is_a_limit(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "WATCHERS_MAX", 2)
    streams = [hub.watch(SITE), hub.watch(OTHER)]
    await _next(streams[0])
    assert not hub.is_full
    await _next(streams[1])
    assert hub.is_full
    await streams[0].aclose()
    assert not hub.is_full
    await streams[1].aclose()


async def test_a_stream_ends_after_its_time(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "STREAM_S_MAX", 0.1)
    async with asyncio.timeout(5):
        pieces = [piece async for piece in hub.watch(SITE)]
    assert pieces[0] == RETRY


async def test_who_reads_slowly_gets_the_newest_frame_and_the_last_alerts() -> None:
    watcher = Watcher()
    for number in range(20):
        watcher.offer_frame(b"frame %d;" % number)
        watcher.offer_alert(b"alert %d;" % number)
    taken = await watcher.take()
    assert taken.split(b";")[0] == b"alert 4"
    assert taken.endswith(b"alert 19;frame 19;")
    assert taken.count(b"frame") == 1


async def test_who_hears_no_alerts_still_sees_the_numbers(hub: Hub) -> None:
    stream = hub.watch(SITE, hears_alerts=False)
    await _next(stream)
    hub.heard(redis_keys.ALERT_CHANGED, b'{"site_id": 1, "alert": {"id": 7}}')
    assert (await anext(stream)).startswith(b"event: live")
    await stream.aclose()
