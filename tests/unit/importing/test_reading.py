"""From files to events in order, wherever reading begins."""

import bz2
import gzip
import io
import json
import lzma
import random
import sys
import threading
from collections.abc import Callable
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.importing import reading
from deploy.importing.files import CHUNK_BYTES, CannotRead, LogFile, Splitter, split_lines
from deploy.importing.lines import LINE_BYTES_MAX, Line
from deploy.importing.ordering import Moment, Sorter
from deploy.importing.pages import PageRules, compile_paths
from deploy.importing.state import State
from tests.unit.importing.support import DOMAIN, combined, events, reader, write


@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
def test_lines_do_not_depend_on_chunks(parts: list[bytes], size: int) -> None:
    whole = b"\n".join(parts)
    chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
    found = list(split_lines(chunks))
    wanted = whole.split(b"\n")
    assert [raw for raw, _ in found] == (wanted[:-1] if not wanted[-1] else wanted)
    assert sum(taken for _, taken in found) == len(whole)


def test_an_endless_line_takes_no_memory() -> None:
    splitter = Splitter()
    for _ in range(40):
        assert splitter.feed(b"x" * CHUNK_BYTES) == []
    ((raw, size),) = splitter.feed(b"\n")
    assert LINE_BYTES_MAX < len(raw) <= LINE_BYTES_MAX + 2
    assert size == 40 * CHUNK_BYTES + 1


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_packed_files_read_the_same(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    text = "".join(combined(n, f"/{n}") + "\n" for n in range(500)).encode()
    path = tmp_path / "log"
    path.write_bytes(pack(text))
    assert [event["url"] for event in events(reader([path]))] == [
        f"https://example.com/{n}" for n in range(500)
    ]
    log = LogFile(path)
    log.skip_to(len(text) - 9)
    assert log.read() == text[-9:]
    log.close()


def test_a_damaged_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    text = "".join(combined(n, f"/{n}?{random.Random(n).random()}") + "\n" for n in range(3_000))
    path.write_bytes(gzip.compress(text.encode())[:-20_000])
    found = reader([path])
    assert 500 < len(events(found)) < 3_000
    assert "cannot be unpacked" in found.logs[0].damaged


def test_from_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress("".join(combined(n) + "\n" for n in range(9)).encode())

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    class Input:
        buffer = io.BufferedReader(Pipe(packed))

    monkeypatch.setattr(sys, "stdin", Input)
    assert len(events(reader([Path("-")]))) == 9


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="No such file"):
        LogFile(tmp_path / "none")
    with pytest.raises(CannotRead, match="folder"):
        LogFile(tmp_path)


# 0 1 2 3 4 5 6 7 8 9    one file after the other, nearly sorted
def test_order_of_time_over_files(tmp_path: Path) -> None:
    first = write(tmp_path / "a", [combined(n) for n in (0, 2, 1, 3, 5)])
    second = write(tmp_path / "b", [combined(n) for n in (4, 6, 8, 7, 9)])
    found = events(reader([first, second], window_s=3))
    assert [event["timestamp"][14:19] for event in found] == [
        f"{(59 * 60 + n) // 60 % 60:02}:{n:02}" for n in range(10)
    ]
    assert len({event["event_id"] for event in found}) == 10


def test_what_comes_too_late_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a", [combined(n) for n in (0, 10, 8, 3, 5, 11)])
    found = reader([path], window_s=3)
    assert len(events(found)) == 4
    assert (found.counts.skipped["late"].count, found.counts.skipped["late"].example) == (2, "a:4")


def test_what_was_too_late_is_too_late_in_the_next_run(tmp_path: Path) -> None:
    path = write(tmp_path / "a", [combined(n) for n in (0, 100)])
    *_, batch = reader([path]).batches(lambda: True)
    state = State(domain=DOMAIN, import_name="log", place=batch.place, acknowledged=batch.last)
    with path.open("a") as file:
        file.write("".join(combined(n) + "\n" for n in (50, 101)))
    found = reader([path], state)
    assert len(events(found)) == 1
    assert found.counts.skipped["late"].example == "a:3"


def test_a_clock_that_ran_ahead_makes_nothing_late(tmp_path: Path) -> None:
    path = write(tmp_path / "a", [combined(0), combined(10**9), combined(1)])
    found = reader([path])
    assert len(events(found)) == 2
    assert found.counts.skipped["in_future"].count == 1


def test_memory_is_bounded() -> None:
    sorter: Sorter[int] = Sorter(window_ms=10**9, held_max=10)
    out = []
    for n in range(1_000):
        assert not sorter.is_late(n // 3)
        sorter.add(Moment(n // 3, n), n)
        while found := sorter.next():
            out.append(found[1])
        assert len(sorter) <= 10
    assert out == sorted(out)
    assert sorter.is_late(0)


STEPS = st.lists(st.integers(-12, 15), min_size=4, max_size=24)


@settings(deadline=None, max_examples=40)
@given(steps=STEPS, size=st.integers(1, 4), window=st.integers(0, 30), split=st.integers(1, 3))
def test_wherever_it_stops_it_goes_on_to_the_same_events(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], size: int, window: int, split: int
) -> None:
    """After each batch: what was acknowledged and what is sent after it is what one run sends.

    Batches have other borders in the second run, and the ids do not show it.
    """
    folder = tmp_path_factory.mktemp("log")
    lines = [combined(at_s, f"/{at}") for at, at_s in enumerate(accumulate(steps, initial=200))]
    half = len(lines) // split
    paths = [write(folder / "a", lines[:half])]
    if lines[half:]:
        paths.append(write(folder / "b", lines[half:]))
    straight = events(reader(paths, window_s=window))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BATCH_EVENTS_MAX", size)
        batches = list(reader(paths, window_s=window).batches(lambda: True))
    taken: list[Any] = []
    for batch in batches:
        taken += [json.loads(event) for event in batch.events]
        state = State(domain=DOMAIN, import_name="log")
        state.place, state.acknowledged = batch.place, batch.last
        rest = events(reader(paths[state.place.file :], state, window_s=window))
        assert taken + rest == straight


def test_events_in_full(tmp_path: Path) -> None:
    line = combined(1, "/a?b=%20").replace('"-"', '"https://x.example/"', 1)
    missing = combined(2, "/gone?x=1", 404)
    path = write(tmp_path / "a", [line, missing, combined(3, "/x.png", 404), combined(4, "/", 500)])
    found = events(reader([path], rules=PageRules(frozenset(), not_found=True)))
    assert found[0] | {"event_id": ""} == {
        "name": "pageview",
        "url": "https://example.com/a?b=%20",
        "timestamp": "2024-03-09T23:59:01.000Z",
        "ip": "81.2.69.142",
        "event_id": "",
        "user_agent": line.split('"')[-2],
        "referrer": "https://x.example/",
    }
    assert (found[1]["name"], found[1]["props"]) == ("404", {"path": "/gone"})
    assert len(found) == 2


def test_visitors_of_a_log_without_agents_are_no_robots(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a", ['81.2.69.142 - - [09/Mar/2024:23:59:00 +0000] "GET / HTTP/1.1" 200 1']
    )
    (event,) = events(reader([path]))
    assert (event["visitor"], event["ip"]) == ("81.2.69.142", "81.2.69.142")
    assert "user_agent" not in event


RULES = PageRules(
    frozenset({"example.com", "www.example.com"}),
    compile_paths(["/blog/**", "/", "/a*"]),
    compile_paths(["/blog/*/draft"]),
)


@pytest.mark.parametrize(
    ("target", "host", "reason"),
    [
        ("/", "", ""),
        ("/", "www.example.com", ""),
        ("/", "other.example", "host"),
        ("/blog/2024/x", "", ""),
        ("/blog/x/draft", "", "excluded"),
        ("/blog/x/y/draft", "", ""),
        ("/about?x=/", "", ""),
        ("/a/b", "", "excluded"),
        ("/wp-json/x", "", "static"),
        ("/a.css", "", "asset"),
        ("/feed/", "", "feed"),
        ("http://x/", "", "target"),
    ],
)
def test_what_is_left_out(target: str, host: str, reason: str) -> None:
    line = Line(1, 0, "::1", "GET", target, 200, 0, "", "", host)
    assert RULES.skip_reason(line) == reason


def test_wrong_patterns() -> None:
    with pytest.raises(ValueError, match="begins with /"):
        compile_paths(["*.html"])
    with pytest.raises(ValueError, match="at most"):
        compile_paths(["/x"] * 201)


# written: a b|   renamed, new file: c|   cut off: d|   half a line, then its end|
def test_a_followed_file_is_rotated_and_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "POLL_S", 0.01)
    path = write(tmp_path / "log", [combined(1, "/a")])
    found = reader([path], follow=True)
    batches = found.batches(lambda: True)
    urls: list[str] = []

    def wait_for(count: int) -> None:
        ends = threading.Timer(10, found.stop.set)
        ends.start()
        while len(urls) < count and not found.stop.is_set():
            urls.extend(json.loads(event)["url"][-1] for event in next(batches).events)
        ends.cancel()

    wait_for(1)
    with path.open("a") as file:
        file.write(combined(2, "/b") + "\n")
        file.flush()
        path.rename(tmp_path / "log.1")
        file.write(combined(3, "/c") + "\n")  # the server has not heard of it yet
    write(path, [combined(4, "/d"), combined(5, "/e")])
    wait_for(5)
    with path.open("w") as file:
        line = combined(6, "/f") + "\n"
        file.write(line[:30])
        file.flush()
        for _ in range(3):
            next(batches)
        file.write(line[30:])
    wait_for(6)
    assert urls == ["a", "b", "c", "d", "e", "f"]
    numbers = [number for number, _ in found.files()]
    assert numbers == [0, 1, 2]
    assert all(earlier < later for earlier, later in pairwise(found.ended))
    found.stop.set()
