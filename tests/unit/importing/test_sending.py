"""The command against a collector that fails, refuses and forgets: each line once, in order."""

import asyncio
import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from deploy.importing import command, front_door, reading, showing
from deploy.importing.command import DONE, FAILED, STOPPED, Local, local_stack
from deploy.importing.sending import NoAccess, check_access
from deploy.importing.state import DamagedState, StateFolder
from tests.unit.importing.support import DOMAIN, combined, write


class Server(ThreadingHTTPServer):
    """A collector on a real port: the command's own HTTP client is what is tested."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses: list[int] = []  # answered first
        self.batches: list[list[dict[str, Any]]] = []
        self.names: set[str] = set()
        self.finished: list[str] = []
        self.stop_after = 0  # Ctrl-C with that many batches

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def ids(self) -> list[str]:
        return [event["event_id"] for batch in self.batches for event in batch]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        events = body.get("events")
        status = 200
        if events != [] and self.server.statuses:
            status = self.server.statuses.pop(0)
        if self.headers["authorization"] != "Bearer key":
            status = 401
        elif body["domain"] != DOMAIN:
            status = 403
        answer: dict[str, Any] = {}
        if status == 200 and events:
            self.server.batches.append(events)
            self.server.names.add(body["import"])
            drop = {"index": 0, "reason": "over_limit", "field": "url"}
            answer = {"accepted": len(events) - 1, "dropped": [drop]}
            if len(self.server.batches) == self.server.stop_after:
                os.kill(os.getpid(), signal.SIGINT)
        elif status == 200 and events is None:
            self.server.finished.append(self.path)
        content = json.dumps(answer or {"accepted": 0, "dropped": []}).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.send_header("retry-after", "0")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(front_door, "BACKOFF_FIRST_S", 0.001)
    monkeypatch.setattr(reading, "BATCH_EVENTS_MAX", 10)
    monkeypatch.setattr(reading, "POLL_S", 0.01)
    with Server() as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.01,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()


@pytest.fixture
def said() -> Console:
    return Console(record=True, width=200, file=Path(os.devnull).open("w"))


@pytest.fixture(autouse=True)
def _closed(said: Console) -> Iterator[None]:
    yield
    said.file.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def run(server: Server, home: Path, said: Console, *words: str | Path) -> int:
    local = Local(home, given_key="key")
    given = [*map(str, words), "--site", "Example.com", "--url", server.url]
    return command.run(given, local, said)


def second_of(number: int) -> int:
    """Nearly sorted: every fourth line is written 3 s early."""
    return number + (3 if number % 4 == 0 else 0)


def in_order(first: int, last: int) -> list[int]:
    """The numbers of lines as their events are sent."""
    return sorted(range(first, last + 1), key=lambda number: (second_of(number - 1), number))


def logged(folder: Path, count: int = 95) -> Path:
    lines = [combined(second_of(n), f"/{n}") for n in range(count)]
    return write(folder / "access.log", lines)


def numbers(server: Server) -> list[int]:
    return [int(event_id.rpartition(":")[2]) for event_id in server.ids]


def test_a_log_from_beginning_to_finish(
    server: Server, home: Path, said: Console, tmp_path: Path
) -> None:
    path = logged(tmp_path)
    path.write_text(path.read_text() + "nonsense 81.2.69.142\n" + combined(96, "/x.css") + "\n")
    server.statuses = [503, 429, 502, 200, 503]
    assert run(server, home, said, path) == DONE
    assert numbers(server) == in_order(1, 95)
    (name,) = server.names
    assert server.finished == [f"/api/imports/{name}/finish"]
    text = said.export_text()
    for part in ("97  lines read", "95  hits in them", "85  of them accepted", "over_limit"):
        assert part in text
    assert "skipped, unreadable: not of the combined format; as in access.log:96" in text
    assert "skipped, asset: a file that is no page" in text
    assert "81.2.69.142" not in text
    for file in home.rglob("*"):
        assert file.is_dir() or "81.2.69" not in file.read_text()


def test_the_same_log_twice_is_sent_once(
    server: Server, home: Path, said: Console, tmp_path: Path
) -> None:
    path = logged(tmp_path)
    assert run(server, home, said, path) == DONE
    renamed = path.rename(tmp_path / "other.log")
    assert run(server, home, said, renamed) == DONE
    assert len(server.ids) == 95
    assert "Nothing is left to do" in said.export_text()


def test_without_its_state_the_same_names_are_sent(
    server: Server, home: Path, said: Console, tmp_path: Path
) -> None:
    path = logged(tmp_path)
    assert run(server, home, said, path) == DONE
    assert run(server, tmp_path / "elsewhere", said, path) == DONE
    assert len(server.names) == 1
    assert server.ids[:95] == server.ids[95:]


@pytest.mark.parametrize("stop_after", [1, 4, 9])
def test_stopped_it_goes_on(
    server: Server, home: Path, said: Console, tmp_path: Path, stop_after: int
) -> None:
    path = logged(tmp_path)
    server.stop_after = stop_after
    assert run(server, home, said, path) == STOPPED
    assert (len(server.ids), server.finished) == (stop_after * 10, [])
    assert run(server, home, said, path) == DONE
    assert numbers(server) == in_order(1, 95)
    assert len(server.finished) == 1


def test_stopped_in_the_second_file_it_goes_on_there(
    server: Server, home: Path, said: Console, tmp_path: Path
) -> None:
    first = write(tmp_path / "a.log", [combined(n) for n in range(25)])
    second = write(tmp_path / "b.log", [combined(n) for n in range(25, 60)])
    server.stop_after = 4
    assert run(server, home, said, first, second, "--window", "1") == STOPPED
    assert run(server, home, said, first, second) == DONE
    assert "going on with b.log" in said.export_text()
    assert len(set(server.ids)) == len(server.ids) == 60
    assert len(server.names) == len(server.finished) == 1


def test_what_was_not_noted_is_sent_again_under_the_same_ids(
    server: Server, home: Path, said: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after kill -9 between the answer and the note of it; the fold drops the second."""
    path = logged(tmp_path)
    write_state, writes = StateFolder.write, []

    def dies(self: StateFolder, state: Any) -> None:
        writes.append(1)
        if len(writes) == 3:
            raise OSError("killed")
        write_state(self, state)

    monkeypatch.setattr(StateFolder, "write", dies)
    assert run(server, home, said, path) == FAILED
    monkeypatch.undo()
    assert run(server, home, said, path) == DONE
    found = numbers(server)
    assert found == [*in_order(1, 95)[:30], *in_order(1, 95)[20:]]
    assert len(set(server.ids)) == 95


def test_a_log_that_has_grown_since_goes_on_as_another_import(
    server: Server, home: Path, said: Console, tmp_path: Path
) -> None:
    path = logged(tmp_path, 20)
    assert run(server, home, said, path) == DONE
    with path.open("a") as file:
        file.writelines(combined(second_of(n)) + "\n" for n in range(20, 33))
    assert run(server, home, said, path) == DONE
    assert numbers(server) == [*in_order(1, 20), *in_order(21, 33)]
    assert len(server.names) == 2 and len(server.finished) == 2


def test_a_new_file_beside_one_that_is_done(
    server: Server, home: Path, said: Console, tmp_path: Path
) -> None:
    old = write(tmp_path / "a.log", [combined(n) for n in range(12)])
    new = write(tmp_path / "b.log", [combined(n) for n in range(12, 15)])
    assert run(server, home, said, old) == DONE
    assert run(server, home, said, old, new) == DONE
    assert len(server.ids) == 15
    assert len(server.names) == 2


def test_a_followed_log_ends_when_it_is_told(
    server: Server, home: Path, said: Console, tmp_path: Path
) -> None:
    path = logged(tmp_path, 10)
    server.stop_after = 1
    assert run(server, home, said, path, "--follow") == DONE
    assert server.finished == []
    path.rename(tmp_path / "access.log.1")
    write(path, [combined(n) for n in range(20, 30)])
    server.stop_after = 2
    assert run(server, home, said, path, "--follow", "--finish") == DONE
    assert len(set(server.ids)) == len(server.ids) == 20
    assert len(server.names) == len(server.finished) == 1
    assert run(server, home, said, path) == DONE  # nothing is left
    assert len(server.ids) == 20


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--key", "wrong"], "does not know this ingest key"),
        (["--site", "other.example"], "may not write to other.example"),
        (["--url", "http://127.0.0.1:1"], "nothing answers at http://127.0.0.1:1"),
        (["--url", "http://[", "--key", "x"], "nothing answers"),
        (["--format", "$foo"], "names no time"),
        (["--format", "w3c"], ""),
        (["--field", "url"], "NAME=PLACE"),
        (["--exclude", "x"], "begins with /"),
        (["--window", "-1"], "--window"),
        (["--until", "soon"], "--until: a time such as"),
        (["--import", " x"], "--import"),
        (["-", "-"], "can be read once"),
        (["/none/at/all"], "No such file"),
    ],
)
def test_what_is_wrong_is_said(
    server: Server, home: Path, said: Console, tmp_path: Path, words: list[str], says: str
) -> None:
    code = command.run(
        [str(logged(tmp_path)), "--site", DOMAIN, "--url", server.url, *words],
        Local(home, given_key="key"),
        said,
    )
    assert (code, server.ids) == (FAILED if says else DONE, [])
    assert says in said.export_text()


def test_a_name_of_ones_own(server: Server, home: Path, said: Console, tmp_path: Path) -> None:
    path = logged(tmp_path, 5)
    assert run(server, home, said, path, "--import", "Old server / 2024") == DONE
    assert server.finished == ["/api/imports/Old%20server%20%2F%202024/finish"]
    assert run(server, home, said, path, "--import", "Old server / 2024") == FAILED
    assert "is finished" in said.export_text()


def test_only_what_was_before_the_script(
    server: Server, home: Path, said: Console, tmp_path: Path
) -> None:
    """Lines of 23:59:00 and each second after it."""
    times = ("--since", "2024-03-10T00:59:30+01:00", "--until", "2024-03-10")
    assert run(server, home, said, logged(tmp_path), *times) == DONE
    assert sorted(numbers(server)) == [n for n in range(1, 96) if 30 <= second_of(n - 1) < 60]
    assert "64  skipped, outside" in said.export_text()


def test_two_at_once(server: Server, home: Path, said: Console, tmp_path: Path) -> None:
    path = logged(tmp_path)
    server.stop_after = 1
    assert run(server, home, said, path) == STOPPED
    folder = StateFolder(home / "imports")
    with folder.alone(folder.of_site(DOMAIN)[0]):
        assert run(server, home, said, path) == FAILED
    assert "is running already" in said.export_text()


def test_on_a_terminal(server: Server, home: Path, tmp_path: Path) -> None:
    with (tmp_path / "screen").open("w+") as screen:
        terminal = Console(file=screen, force_terminal=True, width=200)
        path = write(tmp_path / "[red]a", [combined(1), "?", combined(2)])
        assert run(server, home, terminal, path, "--import", "[/x] of old") == DONE
        screen.seek(0)
        shown = screen.read()
    assert (
        "lines/s" in shown and "hits/s" in shown and "[/x] of old" in shown and "[red]a:2" in shown
    )


def test_now_and_then_a_line(
    server: Server, home: Path, said: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "LINE_EVERY_S", 0.0)
    assert run(server, home, said, logged(tmp_path)) == DONE
    assert re.search(r"100%, .* lines/s, .* hits/s, about 0 s left", said.export_text())


def test_states_that_cannot_be_read_are_not_guessed(
    server: Server, home: Path, said: Console, tmp_path: Path
) -> None:
    path = logged(tmp_path, 5)
    assert run(server, home, said, path) == DONE
    (state,) = (home / "imports").glob("*.json")
    state.write_text(state.read_text()[:50])
    with pytest.raises(DamagedState, match="damaged"):
        StateFolder(home / "imports").of_site(DOMAIN)
    assert run(server, home, said, path) == FAILED


def test_the_key_and_address_of_the_local_stack(home: Path, said: Console, tmp_path: Path) -> None:
    site = {"domain": DOMAIN, "ingest_key": "key"}
    stack = {"collector": "http://127.0.0.1:1", "webapp": "http://127.0.0.1:2"}
    assert local_stack(home, None, site) == Local(home)
    local = local_stack(home, stack, site)
    assert (local.collector, local.key) == (stack["collector"], "key")
    path = str(logged(tmp_path))
    assert command.run([path, "--site", DOMAIN], Local(home), said) == FAILED
    assert "./inv up" in said.export_text(clear=False)
    assert command.run([path, "--site", "other.example"], local, said) == FAILED
    assert "PAWPRINT_INGEST_KEY" in said.export_text()


@pytest.mark.parametrize("status", [200, 429, 503])
async def test_a_busy_collector_is_a_collector(status: int) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(status))
    await check_access("http://x", "key", DOMAIN, transport=transport)


async def test_something_else_answers() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(404))
    with pytest.raises(NoAccess, match="no Pawprint collector"):
        await check_access("http://x", "key", DOMAIN, transport=transport)
    await asyncio.sleep(0)
