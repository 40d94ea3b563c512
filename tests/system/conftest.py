"""The running stack that system tests act on, known by its addresses and its supervisor only."""

import configparser
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xmlrpc.client import ServerProxy

import httpx
import pytest
from supervisor.xmlrpc import SupervisorTransport

ROOT = Path(__file__).parents[2]
HEALTHY_WITHIN_S = 90.0
RUNNING = 20  # supervisor's code of the state


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that `./inv up --background` started."""

    home: Path
    webapp: str
    collector: str

    def _ask_supervisor(self, method: str, *arguments: str) -> Any:
        found = configparser.RawConfigParser()
        found.read(self.home / "supervisord.conf")
        transport = SupervisorTransport(None, None, f"unix://{found['unix_http_server']['file']}")
        try:
            proxy = ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(proxy.supervisor, method)(*arguments)
        finally:
            transport.close()

    def _process(self, name: str) -> dict[str, Any]:
        processes = self._ask_supervisor("getAllProcessInfo")
        found: dict[str, Any] = next(each for each in processes if each["name"] == name)
        return found

    def pid(self, name: str) -> int:
        """The process id of a running process, 0 while it does not run."""
        found = self._process(name)
        return int(found["pid"]) if found["state"] == RUNNING else 0

    def kill(self, name: str) -> None:
        """kill -9, then wait until the supervisor has started it again."""
        killed = self.pid(name)
        assert killed, f"{name} does not run"
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: self.pid(name) not in (0, killed), f"{name} runs again")

    def is_healthy(self) -> bool:
        """Whether every HTTP health page says so."""
        programs = json.loads((self.home / "stack.json").read_text())["programs"].values()
        pages = [each["address"] for each in programs if each["kind"] == "http"]
        try:
            return all(httpx.get(page, timeout=5).status_code == 200 for page in pages)
        except httpx.HTTPError:
            return False

    def has_answered_since(self, at_s: float) -> bool:
        """Whether a hit that was first sent after `at_s` has been acknowledged."""
        lines = (self.home / "demo" / "live.jsonl").read_text().rpartition("\n")[0].splitlines()
        entries = [json.loads(line) for line in lines]
        return any(each["from_ms"] > at_s * 1000 for each in entries if "to_ms" in each)

    @contextmanager
    def playing(self, rate: float) -> Iterator[None]:
        """Instead of the stack's own player one that sends `rate` hits a second."""
        name = "{group}:{name}".format(**self._process("player"))
        log = json.loads((self.home / "demo" / "manifest.json").read_text())["log"]
        where = ("--log", log, "--home", str(self.home), "--collector", self.collector)
        command = [sys.executable, "-m", "deploy.demo.play", *where, "--rate", str(rate)]
        self._ask_supervisor("stopProcess", name)
        player = subprocess.Popen(command, cwd=ROOT)
        try:
            yield
            assert player.poll() is None, "the player ended"
        finally:
            player.terminate()
            player.wait(timeout=30)
            self._ask_supervisor("startProcess", name)


def wait_until(is_so: Callable[[], bool], what: str, within_s: float = HEALTHY_WITHIN_S) -> None:
    """Wait for something, or fail naming it."""
    deadline = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.3)


@pytest.fixture
def stack() -> Stack:
    """The stack `./inv test` started: PAWPRINT_HOME is its home, TEST_STACK_URL its address."""
    home = os.environ.get("PAWPRINT_HOME", "")
    if not os.environ.get("TEST_STACK_URL") or not home:
        pytest.fail("TEST_STACK_URL is not set: run `./inv test`, which starts a stack")
    addresses = json.loads((Path(home) / "stack.json").read_text())
    return Stack(Path(home), addresses["webapp"], addresses["collector"])
