"""`./inv import-log` on the running stack: killed, resumed and repeated, each line counts once.

The log is counted by `counting.py`, which shares no code with the importer. It is of years ago, so
that the stack's own traffic is not in it.
"""

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.system.conftest import ROOT, Stack, wait_until
from tests.system.counting import Cell, Page, minute_of, read_pages
from tests.system.verify import Api

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

COUNTED_WITHIN_S = 90.0
DAY_S = 86_400
PAGEVIEWS = 20_000  # some twenty requests: enough to be killed between two


@pytest.fixture
def api(stack: Stack) -> Iterator[Api]:
    site = json.loads((stack.home / "demo.json").read_text())
    with httpx.Client(base_url=stack.webapp, timeout=30) as client:
        yield Api(client, site["domain"], site["stats_key"])


def draw(path: Path, end: str, seed: int, pageviews: int = PAGEVIEWS) -> Path:
    """A log of three days."""
    size = ("--days", "3", "--hits", str(pageviews), "--end", end)
    command = (sys.executable, "-m", "deploy.demo.generate", "--out", str(path), *size)
    subprocess.run([*command, "--seed", str(seed)], cwd=ROOT, check=True)
    return path


def importing(stack: Stack, *words: str | Path) -> "subprocess.Popen[str]":
    """The command as a person gives it; the key and addresses are the local stack's."""
    domain = json.loads((stack.home / "demo.json").read_text())["domain"]
    command = [sys.executable, "-P", "-m", "deploy.tasks", "import-log", *map(str, words)]
    return subprocess.Popen(
        [*command, "--site", domain], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def imported(stack: Stack, *words: str | Path) -> str:
    """What a run to the end said."""
    running = importing(stack, *words)
    said, _ = running.communicate(timeout=240)
    print(said)
    assert running.returncode == 0
    return said


def states(stack: Stack) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in (stack.home / "imports").glob("*.json")]


def wanted(pages: list[Page]) -> Counter[Cell]:
    return Counter(Cell(page.path, minute_of(page.at_ms)) for page in pages if not page.robot)


def assert_counted(api: Api, pages: list[Page]) -> None:
    """The API says what the log says, path by path and minute by minute."""
    begin = min(page.at_ms for page in pages) // 1000 // DAY_S * DAY_S
    end = (max(page.at_ms for page in pages) // 1000 // DAY_S + 1) * DAY_S
    truth, found = wanted(pages), Counter[Cell]()
    deadline = time.time() + COUNTED_WITHIN_S
    while found != truth and time.time() < deadline:
        time.sleep(1.0)
        found = Counter()
        for day in range(begin, end, DAY_S):
            found += api.pageviews(day, day + DAY_S)
    assert found.total() == truth.total()
    assert found == truth


def test_killed_resumed_and_repeated(stack: Stack, api: Api, tmp_path: Path) -> None:
    log = draw(tmp_path / "access.log", "2016-05-20T12:00:00+00:00", seed=11)
    pages = read_pages(log)
    running = importing(stack, log)

    def is_under_way() -> bool:
        return any(state["sent"] >= 4_000 and not state["finished"] for state in states(stack))

    wait_until(is_under_way, "some batches are acknowledged", within_s=60)
    running.kill()
    running.communicate()
    (state,) = [each for each in states(stack) if not each["finished"]]
    assert 4_000 <= state["sent"] < len(pages)
    said = imported(stack, log)
    assert "going on with access.log" in said
    assert_counted(api, pages)
    assert "Nothing is left to do" in imported(stack, log)
    shutil.rmtree(stack.home / "imports")  # as from another machine
    imported(stack, log)
    time.sleep(5.0)  # for what must not be counted to be counted
    assert_counted(api, pages)


def test_a_log_that_is_there_is_counted_exactly(stack: Stack, api: Api, tmp_path: Path) -> None:
    """The log that is played: the real one where it is, whose days are of 2015."""
    played = Path(json.loads((stack.home / "demo" / "manifest.json").read_text())["log"])
    pages = read_pages(played)
    if datetime.fromtimestamp(pages[0].at_ms / 1000, UTC).year > 2020:  # a drawn one, of these days
        played = draw(tmp_path / "access.log", "2015-05-20T12:00:00+00:00", seed=12)
        pages = read_pages(played)
    imported(stack, played)
    assert_counted(api, pages)


def test_a_followed_log_that_is_rotated(stack: Stack, api: Api, tmp_path: Path) -> None:
    source = draw(tmp_path / "source", "2017-05-20T12:00:00+00:00", seed=13, pageviews=900)
    lines = source.read_text().splitlines(keepends=True)
    log = tmp_path / "access.log"
    third = len(lines) // 3
    log.write_text("".join(lines[:third]))
    running = importing(stack, log, "--follow", "--finish")

    def is_read(count: int) -> Callable[[], bool]:
        return lambda: any(
            state["place"]["file"] * third + state["place"]["line"] >= count
            for state in states(stack)
            if not state["finished"]
        )

    wait_until(is_read(third), "the first file is read", within_s=30)
    log.rename(tmp_path / "access.log.1")
    log.write_text("".join(lines[third : 2 * third]))
    wait_until(is_read(2 * third), "the second file is read", within_s=30)
    with log.open("a") as file:
        file.write("".join(lines[2 * third :]))
    wait_until(is_read(len(lines)), "all of it is read", within_s=30)
    running.terminate()
    said, _ = running.communicate(timeout=60)
    print(said)
    assert running.returncode == 0
    assert_counted(api, read_pages(source))
