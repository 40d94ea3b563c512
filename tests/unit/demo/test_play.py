"""The player against a collector that fails, refuses and dies: sent in order, each once."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from deploy.demo import play
from deploy.demo.history import play_history
from deploy.demo.journal import Journal, Position
from deploy.demo.live import drop_reason, exponential_gaps_s, play_live, positions
from deploy.demo.manifest import (
    Manifest,
    WrongManifest,
    check_same,
    read_manifest,
    write_manifest,
)
from deploy.demo.plan import Plan, make_plan
from deploy.demo.progress import progress_line, shown
from deploy.importing import front_door
from deploy.importing.front_door import FrontDoor, Refused, backoff_s, retry_after_s
from tests.unit.demo.test_plan import line

Handler = Callable[[httpx.Request], httpx.Response]


class Collector:
    """Remembers what it was sent; `answers` are given first, then everything is taken."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if request.url.path == "/api/batch":
            accepted = len(json.loads(request.content)["events"])
            return httpx.Response(200, json={"accepted": accepted, "dropped": []})
        return httpx.Response(202, text="ok")

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(each.content) for each in self.requests if each.url.path == path]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_door, "BACKOFF_FIRST_S", 0.001)
    monkeypatch.setattr(front_door, "BACKOFF_MAX_S", 0.002)


def door(handler: Handler, told: list[str] | None = None) -> FrontDoor:
    tell = (told if told is not None else []).append
    return FrontDoor("http://collector.test", tell, transport=httpx.MockTransport(handler))


def the_plan(pages: int = 5, share: float = 1.0) -> Plan:
    return make_plan([line(n, n) for n in range(1, pages + 1)], "demo.test", "abc", share)


def the_manifest(plan: Plan) -> Manifest:
    return Manifest(
        log="/a.log",
        sha256="abc",
        domain=plan.domain,
        pages=5,
        history_pages=len(plan.history),
        batch_pages=2,
        started_ms=1,
        shift_ms=0,
        import_name=plan.import_name,
    )


async def send_history(path: Path, collector: Collector, manifest: Manifest | None = None) -> None:
    plan = the_plan()
    manifest = manifest or read_manifest(path) or the_manifest(plan)
    async with door(collector) as front:
        await play_history(plan, manifest, path, "secret", front, lambda _: None)


def ids(collector: Collector) -> list[list[str]]:
    batches = collector.bodies("/api/batch")
    return [[event["event_id"] for event in batch["events"]] for batch in batches]


async def test_history_goes_in_order_as_one_import_and_is_finished(tmp_path: Path) -> None:
    collector, path = Collector(), tmp_path / "manifest.json"
    await send_history(path, collector)
    assert ids(collector) == [["abc:1", "abc:2"], ["abc:3", "abc:4"], ["abc:5"]]
    assert {batch["import"] for batch in collector.bodies("/api/batch")} == {"access-log-abc"}
    assert collector.requests[-1].url.path == "/api/imports/access-log-abc/finish"
    assert {request.headers["Authorization"] for request in collector.requests} == {"Bearer secret"}
    found = read_manifest(path)
    assert found is not None
    assert (found.batches_begun, found.batches_done, found.finished) == (3, 3, True)


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(503, headers={"Retry-After": "0"}),
        httpx.Response(429),
        httpx.Response(500),
    ],
    ids=str,
)
async def test_a_failed_batch_is_sent_again_the_same(
    tmp_path: Path, failure: httpx.Response | Exception
) -> None:
    collector = Collector(failure, failure)
    await send_history(tmp_path / "manifest.json", collector)
    first = ["abc:1", "abc:2"]
    assert ids(collector) == [first, first, first, ["abc:3", "abc:4"], ["abc:5"]]


async def test_killed_at_any_request_it_goes_on_and_skips_nothing(tmp_path: Path) -> None:
    for killed_at in range(4):
        path = tmp_path / f"{killed_at}.json"
        fine = httpx.Response(200, json={"accepted": 2})
        dying = Collector(*[fine] * killed_at, RuntimeError("kill -9"))
        with pytest.raises(RuntimeError):
            await send_history(path, dying)
        manifest = read_manifest(path)
        assert manifest is not None
        assert (manifest.batches_begun, manifest.batches_done) == (min(killed_at + 1, 3), killed_at)
        after = Collector()
        await send_history(path, after)
        # Only the batch that was under way is sent twice, with the same ids.
        batches = [["abc:1", "abc:2"], ["abc:3", "abc:4"], ["abc:5"]]
        assert ids(dying) + ids(after) == batches[: killed_at + 1] + batches[killed_at:]


async def test_a_refused_batch_ends_the_player_and_counts_as_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    with pytest.raises(Refused, match="401"):
        await send_history(path, Collector(httpx.Response(401, text="no such key")))
    found = read_manifest(path)
    assert found is not None
    assert found.batches_done == 0


async def test_what_the_collector_drops_is_remembered(tmp_path: Path) -> None:
    drops = [{"index": 0, "reason": "bot", "field": ""}, {"index": 1, "reason": "bot", "field": ""}]
    path = tmp_path / "manifest.json"
    answer = httpx.Response(200, json={"accepted": 0, "dropped": drops})
    await send_history(path, Collector(answer))
    found = read_manifest(path)
    assert found is not None
    assert found.dropped == {"bot": 2}


def test_another_log_or_site_is_refused() -> None:
    manifest = the_manifest(the_plan())
    check_same(manifest, "abc", "demo.test")
    with pytest.raises(WrongManifest, match="home of its own"):
        check_same(manifest, "abd", "demo.test")
    with pytest.raises(WrongManifest, match=r"demo\.test"):
        check_same(manifest, "abc", "other.test")


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 1}', b"[]"])
def test_a_damaged_manifest_is_not_guessed_at(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(content)
    with pytest.raises(WrongManifest, match="damaged"):
        read_manifest(path)


def test_a_manifest_from_the_future_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    write_manifest(path, msgspec.structs.replace(the_manifest(the_plan()), version=2))
    with pytest.raises(WrongManifest, match="version 2"):
        read_manifest(path)


def test_rounds_begin_again() -> None:
    walk = positions(None, 2)
    assert [next(walk) for _ in range(3)] == [(1, 0), (1, 1), (2, 0)]
    assert next(positions(Position(3, 1), 2)) == Position(4, 0)
    assert next(positions(Position(3, 0), 2)) == Position(3, 1)


def test_gaps_have_the_rate_and_follow_the_seed() -> None:
    gaps = exponential_gaps_s(5.0, "seed")
    drawn = [next(gaps) for _ in range(20_000)]
    assert sum(drawn) / len(drawn) == pytest.approx(0.2, rel=0.03)
    again = exponential_gaps_s(5.0, "seed")
    assert [next(again) for _ in range(3)] == drawn[:3]


async def send_live(path: Path, collector: Handler, answers: int) -> list[str | None]:
    """Play until so many hits were answered."""
    stop, reasons = asyncio.Event(), []

    def answered(_: Position, dropped: str | None) -> None:
        reasons.append(dropped)
        if len(reasons) >= answers:
            stop.set()

    with Journal(path) as journal:
        async with door(collector) as front:
            gaps = exponential_gaps_s(500.0, "seed")
            await play_live(the_plan(share=0.4), journal, front, gaps, stop, answered)
    return reasons


async def test_live_hits_look_like_the_lines_they_come_from(tmp_path: Path) -> None:
    collector = Collector()
    await send_live(tmp_path / "live.jsonl", collector, 4)
    request = collector.requests[0]
    assert request.headers["User-Agent"] == "Agent"
    assert request.headers["X-Forwarded-For"] == "192.0.2.1"
    assert request.headers["Content-Type"] == "application/json"
    sent = [body["event_id"] for body in collector.bodies("/api/event")]
    assert sent[:4] == ["abc:3:1", "abc:4:1", "abc:5:1", "abc:3:2"]


async def test_live_goes_on_after_a_restart(tmp_path: Path) -> None:
    path, before, after = tmp_path / "live.jsonl", Collector(), Collector()
    await send_live(path, before, 5)
    await send_live(path, after, 5)
    sent = [b["event_id"] for c in (before, after) for b in c.bodies("/api/event")]
    assert len(sent) == len(set(sent)) >= 10


async def test_a_begun_hit_is_never_given_up(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    collector = Collector(httpx.ConnectError("away"), httpx.Response(503), httpx.Response(503))
    await send_live(path, collector, 3)
    entries = [json.loads(text) for text in path.read_text().splitlines()]
    begun = {(e["round"], e["page"]) for e in entries if "to_ms" not in e}
    assert begun == {(e["round"], e["page"]) for e in entries if "to_ms" in e}
    assert all(e["from_ms"] < e["to_ms"] for e in entries if "to_ms" in e)


async def test_why_hits_were_dropped(tmp_path: Path) -> None:
    dropped = {"x-plausible-dropped": "1", "x-drop-reason": "bot"}
    collector = Collector(httpx.Response(202, headers=dropped), httpx.Response(400))
    reasons = await send_live(tmp_path / "live.jsonl", collector, 3)
    assert sorted(map(str, reasons[:3])) == ["None", "bot", "status 400"]
    assert drop_reason(httpx.Response(202, headers={"x-plausible-dropped": "1"})) == "unknown"


async def test_only_so_many_hits_are_under_way(tmp_path: Path) -> None:
    waiting, most = 0, 0
    release = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        await release.wait()
        waiting -= 1
        return httpx.Response(202)

    stop, gaps = asyncio.Event(), exponential_gaps_s(2_000.0, "seed")
    front = FrontDoor("http://collector.test", print, transport=httpx.MockTransport(slow))
    with Journal(tmp_path / "live.jsonl") as journal:
        async with front:
            playing = asyncio.create_task(
                play_live(the_plan(share=0.4), journal, front, gaps, stop, lambda *_: None)
            )
            await asyncio.sleep(0.3)
            assert most == waiting == front_door.IN_FLIGHT_MAX
            stop.set()
            release.set()
            await playing


async def test_outages_are_told_once_and_their_end_too() -> None:
    told: list[str] = []
    async with door(Collector(*[httpx.ConnectError("away")] * 5), told) as front:
        await front.post("/api/event", b"{}", {})
    assert len(told) == 2
    assert "ConnectError" in told[0]
    assert "again" in told[1]


def test_pauses_double_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert [backoff_s(n) for n in (0, 1, 2, 5, 9_999)] == [0.2, 0.4, 0.8, 5.0, 5.0]
    asked = [httpx.Response(503, headers={"Retry-After": text}) for text in ("2", "900", "soon")]
    assert [retry_after_s(response) for response in asked] == [2.0, 5.0, 0.0]


def test_progress_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert progress_line("History", 500, 2_000, 100.0) == (
        "History: 500 of 2,000 (25%), 100/s, 15 s left"
    )
    with shown("History", 0, 10) as progress:
        progress.advance(10)
    assert "10 of 10 (100%)" in capsys.readouterr().out


def start(home: Path, log: Path, *options: str) -> int:
    arguments = ["--log", str(log), "--home", str(home), "--collector", "http://127.0.0.1:9"]
    return play.main([*arguments, *options])


@pytest.mark.parametrize("demo", [None, "{", '{"domain": "demo.test"}'])
def test_without_a_demo_site_it_says_what_is_missing(
    tmp_path: Path, demo: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if demo is not None:
        (tmp_path / "demo.json").write_text(demo)
    assert start(tmp_path, tmp_path / "x.log") == 2
    assert "demo.json" in capsys.readouterr().err


def test_without_a_log_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "demo.json").write_text('{"domain": "demo.test", "ingest_key": "k"}')
    assert start(tmp_path, tmp_path / "missing.log") == 2
    assert "missing.log" in capsys.readouterr().err
    (tmp_path / "empty.log").write_bytes(b"")
    assert start(tmp_path, tmp_path / "empty.log") == 2
    assert "no pageview" in capsys.readouterr().err


def test_two_players_do_not_play_into_one_home(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "demo").mkdir()
    with play._alone(tmp_path / "demo" / "player.lock"):
        assert start(tmp_path, tmp_path / "x.log") == 2
    assert "another player" in capsys.readouterr().err


@pytest.mark.parametrize("bad", [["--rate", "0"], ["--rate", "nan"], ["--history-share", "1.5"]])
def test_bad_options_are_refused(bad: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        start(tmp_path, tmp_path / "x.log", *bad)
