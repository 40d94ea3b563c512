"""The proof itself is proved: it says 0 only when every hit is where it belongs, and once.

Two hours ago, minutes m0 to m2 of history; then live traffic in m10 and m11:

    m0  /a /a       m1  /b, a robot on /a      m2  /café
    m10 /c, a robot on /d      m10 or m11  /a      m11 /c?      (? was never answered)
"""

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.system import verify
from tests.system.counting import is_page, is_robot, is_spam, path_of, read_page

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
LOGGED_MS = 1_431_856_800_000  # 17/May/2015:10:00:00 UTC, of a log from long ago
LINE = '192.0.2.1 - - [17/May/2015:{} +0000] "{}" {} 7 "-" "{}"\n'
LOG = "".join(
    LINE.format(*fields)
    for fields in (
        ("10:00:40", "GET /a HTTP/1.1", 200, BROWSER),
        ("10:00:03", "GET /a?x=1 HTTP/1.1", 200, BROWSER),
        ("10:00:50", "GET /a.css HTTP/1.1", 200, BROWSER),
        ("10:01:10", "GET /b HTTP/1.1", 200, BROWSER),
        ("10:01:20", "GET /a HTTP/1.1", 200, ROBOT),
        ("10:01:30", "GET /a HTTP/1.1", 404, BROWSER),
        ("10:02:00", "GET /caf%C3%A9%20 HTTP/1.1", 304, BROWSER),
        ("10:03:00", "GET /c HTTP/1.1", 200, BROWSER),
        ("10:03:01", "GET /d HTTP/1.1", 200, "-"),
        ("10:03:02", "GET /a HTTP/1.1", 200, BROWSER),
    )
)
M0 = int(time.time()) // 60 * 60 - 7_200
M1, M2, M10, M11 = M0 + 60, M0 + 120, M0 + 600, M0 + 660
TRUE = {("/a", M0): 2, ("/b", M1): 1, ("/café", M2): 1, ("/c", M10): 1, ("/a", M10): 1}


class Stub(ThreadingHTTPServer):
    """A REST API that says what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.cells: dict[tuple[str, int], int] = dict(TRUE)
        self.ledger: dict[str, Any] = {}
        self.late_answers = 0  # so many answers miss a hit still
        self.status = 200
        self.asked: list[str] = []

    def pageviews(self, begin: int, end: int) -> list[dict[str, Any]]:
        self.late_answers -= 1
        cells = {cell: n for cell, n in self.cells.items() if begin <= cell[1] < end and n}
        if self.late_answers >= 0:
            cells.pop(("/b", M1), None)
        rows = [{"page": p, "minute": m, "pageviews": n} for (p, m), n in cells.items()]
        return sorted(rows, key=lambda row: (-row["pageviews"], row["page"], row["minute"]))


class Answer(BaseHTTPRequestHandler):
    server: Stub

    def do_GET(self) -> None:
        asked = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        self.server.asked.append(self.headers["Authorization"])
        if "/ledger" in self.path:
            counted = sum(self.server.cells.values())
            found: Any = {"accepted": counted + 2, "counted": counted, "left_out": {"bot": 2}}
            found |= self.server.ledger
        else:
            begin, end = (
                int(datetime.fromisoformat(text).timestamp()) for text in asked["date"].split(",")
            )
            size, number = int(asked["limit"]), int(asked["page"])
            rows = self.server.pageviews(begin, end)
            found = rows[(number - 1) * size : number * size]
        content = json.dumps({"results": found}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    log = tmp_path / "access.log"
    log.write_text(LOG)
    manifest = {
        "log": str(log),
        "sha256": hashlib.sha256(log.read_bytes()).hexdigest(),
        "pages": 8,
        "history_pages": 5,
        "batch_pages": 2,
        "batches_begun": 3,
        "batches_done": 3,
        "finished": True,
        "started_ms": M2 * 1000,
        "shift_ms": M0 * 1000 - LOGGED_MS,
    }
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "demo.json").write_text('{"domain": "demo.test", "stats_key": "secret"}')
    write_journal(tmp_path, *JOURNAL)
    return tmp_path


JOURNAL: tuple[dict[str, Any], ...] = (
    {"start": M10 * 1000},
    {"page": 0, "round": 1, "from_ms": M10 * 1000 + 5},
    {"page": 0, "round": 1, "from_ms": M10 * 1000 + 5, "to_ms": M10 * 1000 + 90},
    {"minute": M10, "round": 1, "pages": [1, 2]},
    {"page": 2, "round": 1, "from_ms": M11 * 1000 - 5, "to_ms": M11 * 1000 + 5},
    {"page": 0, "round": 2, "from_ms": M11 * 1000 + 9},
    {"start": M11 * 1000 + 3_000},
)


def write_journal(home: Path, *entries: dict[str, Any]) -> None:
    text = "".join(json.dumps(entry) + "\n" for entry in entries)
    (home / "demo" / "live.jsonl").write_text(text + '{"page":2,"rou')


def run(home: Path, stub: Stub, wait: str = "0") -> int:
    address = f"http://127.0.0.1:{stub.server_port}"
    return verify.main(["--home", str(home), "--api", address, "--wait", wait])


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_no_difference(home: Path, stub: Stub, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, stub) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == "differences: 0"
    assert "8 pages in the log, 2 of them robots'" in out
    assert "3 of history and 4 of live traffic" in out
    assert set(stub.asked) == {"Bearer secret"}


@pytest.mark.parametrize(
    "change",
    [
        {("/a", M10): 0, ("/a", M11): 1},  # sent in one minute and answered in the next: either
        {("/c", M11): 1},  # never answered: it may have counted
    ],
)
def test_what_may_be(
    home: Path, stub: Stub, capsys: pytest.CaptureFixture[str], change: dict[Any, int]
) -> None:
    stub.cells |= change
    assert run(home, stub) == 0
    assert last_line(capsys) == "differences: 0"


@pytest.mark.parametrize(
    ("change", "differences"),
    [
        ({("/a", M0): 1}, 2),  # missing; the ledger knows too
        ({("/a", M0): 3}, 1),  # doubled, within what the ledger may hold
        ({("/a", M0): 1, ("/a", M1): 1}, 2),  # moved to another minute
        ({("/b", M1): 0, ("/x", M1): 1}, 2),  # moved to another path
        ({("/café", M2): 0, ("/caf%C3%A9%20", M2): 1}, 2),  # not decoded
        ({("/a", M1): 1}, 1),  # a robot counted
        ({("/c", M10): 0}, 2),  # a live hit missing
        ({("/c", M11): 2}, 2),  # begun once, counted twice
        ({("/a", M11): 1}, 1),  # counted in both minutes it may lie in
        ({("/a", M10): 0}, 2),  # counted in neither
        ({("/a", M0 - 90_000): 1}, 1),  # something from before everything
    ],
)
def test_what_may_not_be(
    home: Path,
    stub: Stub,
    capsys: pytest.CaptureFixture[str],
    change: dict[Any, int],
    differences: int,
) -> None:
    stub.cells |= change
    assert run(home, stub) == 1
    assert last_line(capsys) == f"differences: {differences}"


def test_a_hit_somebody_else_sent_is_named_as_such(
    home: Path, stub: Stub, capsys: pytest.CaptureFixture[str]
) -> None:
    stub.cells[("/by-hand", M1)] = 1
    assert run(home, stub) == 1
    assert "/by-hand: log 0, API 1 (not the log's" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ledger", "differences"),
    [
        ({"counted": 4, "accepted": 6}, 1),
        ({"counted": 8, "accepted": 10}, 1),
        ({"left_out": {"bot": 1}, "accepted": 7}, 1),
        ({"accepted": 99}, 1),
        ({"left_out": {"bot": 3, "duplicate": 4}, "accepted": 13}, 0),  # retries are no loss
    ],
)
def test_the_ledger_must_agree(
    home: Path,
    stub: Stub,
    capsys: pytest.CaptureFixture[str],
    ledger: dict[str, Any],
    differences: int,
) -> None:
    stub.ledger = ledger
    assert run(home, stub) == min(differences, 1)
    assert last_line(capsys) == f"differences: {differences}"


def test_answers_of_many_pages(
    home: Path,
    stub: Stub,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify, "PAGE_ROWS", 2)
    assert run(home, stub) == 0
    stub.cells[("/a", M0)] = 1
    assert run(home, stub) == 1


def test_it_waits_for_the_pipeline(
    home: Path, stub: Stub, capsys: pytest.CaptureFixture[str]
) -> None:
    stub.late_answers = 3
    assert run(home, stub, wait="10") == 0
    assert "waiting for the pipeline" in capsys.readouterr().out


def test_a_batch_under_way_may_or_may_not_count(home: Path, stub: Stub) -> None:
    path = home / "demo" / "manifest.json"
    manifest = json.loads(path.read_text()) | {"batches_done": 2, "finished": False}
    path.write_text(json.dumps(manifest))
    assert run(home, stub) == 0  # /café was in the third
    stub.cells[("/café", M2)] = 0
    assert run(home, stub) == 0
    path.write_text(json.dumps(manifest | {"batches_begun": 2}))
    assert run(home, stub) == 0
    stub.cells[("/café", M2)] = 1
    assert run(home, stub) == 1


def test_minutes_that_are_not_over_wait_for_the_next_time(home: Path, stub: Stub) -> None:
    now_ms = int(time.time() * 1000)
    late = {"page": 0, "round": 3, "from_ms": now_ms - 9_000, "to_ms": now_ms - 8_000}
    write_journal(home, *JOURNAL, late)
    assert run(home, stub) == 0


def test_nothing_to_compare_is_no_success(
    home: Path, stub: Stub, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "demo" / "manifest.json"
    manifest = json.loads(path.read_text()) | {"batches_done": 0, "batches_begun": 0}
    path.write_text(json.dumps(manifest))
    write_journal(home)
    stub.cells = {}
    stub.ledger = {"counted": 0, "accepted": 0, "left_out": {}}
    assert run(home, stub) == 2
    assert "differences: 0" not in capsys.readouterr().out


def test_an_api_that_answers_an_error(
    home: Path, stub: Stub, capsys: pytest.CaptureFixture[str]
) -> None:
    stub.status = 401
    assert run(home, stub) == 2
    assert "401" in last_line(capsys)


def test_an_api_that_is_not_there(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main(["--home", str(home), "--api", "http://127.0.0.1:9"]) == 2
    assert "does not answer" in last_line(capsys)


def test_without_a_stack_it_says_how_to_start_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main(["--home", str(tmp_path), "--api", "http://127.0.0.1:9"]) == 2
    assert "./inv up" in last_line(capsys)


def test_a_log_that_was_changed(home: Path, stub: Stub, capsys: pytest.CaptureFixture[str]) -> None:
    with (home / "access.log").open("a") as log:
        log.write("\n")
    assert run(home, stub) == 2
    assert "was changed" in last_line(capsys)
    (home / "access.log").unlink()
    assert run(home, stub) == 2
    assert "is gone" in last_line(capsys)


def test_other_rules_for_pages_are_noticed(
    home: Path, stub: Stub, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "demo" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"pages": 9}))
    assert run(home, stub) == 2
    assert "9 were played" in last_line(capsys)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a?b", "/a"),
        ("/", "/"),
        ("/%20", "/"),
        ("/a%2Fb+c", "/a/b+c"),
        ("/%ff", "/\ufffd"),
        ("/%00", "/\ufffd"),
    ],
)
def test_paths(target: str, path: str) -> None:
    assert path_of(target) == path


def test_pages_and_lines_of_all_kinds() -> None:
    pages = ("/", "/a.html", "/v1.2", "/css", "//x", "/a.php?x=a.css")
    others = ("/a.css", "/A.PNG", "/feed/", "/?flav=rss20", "*", "/#x", '/"', "/" + "x" * 1_800)
    assert Counter(is_page("GET", target, 200) for target in pages) == {True: 6}
    assert Counter(is_page("GET", target, 200) for target in others) == {False: 8}
    good = LINE.format("10:00:03", "GET / HTTP/1.1", 200, BROWSER).encode()
    assert read_page(1, good) is not None
    for bad in (good[:-9], good.replace(b"192.0.2.1", b"host"), good.replace(b"May", b"Mai")):
        assert read_page(1, bad) is None
    assert read_page(1, good.replace(b"Gecko", b"\x07")) is None
    assert read_page(1, good.replace(b"Gecko", b"x" * 16_384)) is None


def test_referrer_spam_and_headless_browsers_are_known() -> None:
    spam = ("http://semalt.com", "https://x.y.SEMALT.com:80/a", "http://semalt.com?u=1")
    assert all(map(is_spam, spam))
    assert not any(map(is_spam, ("-", "http://notsemalt.com/", "http://a.org/http://semalt.com")))
    assert is_robot(f"{BROWSER} Cypress/13") and not is_robot(BROWSER)
