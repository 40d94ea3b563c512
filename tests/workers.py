"""Faust workers as processes of their own, each with a port, a log and a folder."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.fresh import free_port

ROOT: Final = Path(__file__).parents[1]
READY_S_MAX: Final = 40.0
RESTART_S: Final = 0.5
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


class NotReady(AssertionError):
    """A worker did not come up; the message holds the end of the logs."""


class Worker:
    """One `python -m streams worker`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self._url = process, f"http://127.0.0.1:{port}"

    def health(self) -> dict[str, Any] | None:
        """Its health page, None while it is not ready."""
        try:
            with urllib.request.urlopen(f"{self._url}/healthz", timeout=5) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            return None

    def metric(self, name: str) -> float:
        """The sum of a metric's samples over its labels. Raises OSError while it is not up."""
        return sum(value for key, value in self._samples() if key.split("{")[0] == name)

    def buckets(self, name: str) -> dict[float, float]:
        """A histogram without labels: upper bound -> how many were not above it. Raises OSError."""
        start = f'{name}_bucket{{le="'
        return {
            float(key.removeprefix(start).removesuffix('"}')): value
            for key, value in self._samples()
            if key.startswith(start)
        }

    def _samples(self) -> list[tuple[str, float]]:
        with urllib.request.urlopen(f"{self._url}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return [(key, float(value)) for key, _, value in samples]

    def cpu_s(self) -> float:
        """Seconds of processor time it took so far, all threads (proc(5): utime, stime)."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


class Workers:
    """Those that run with one environment."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment, self.folder = dict(environment), folder
        self.running: list[Worker] = []
        self._started = 0

    def start(self) -> Worker:
        """Start one more; returns at once."""
        self._started += 1
        port = free_port()
        ours = {
            "PAWPRINT_STREAMS_PORT": str(port),
            "PAWPRINT_DATA_DIR": str(self.folder / f"data-{self._started}"),
            "PYTHONPATH": self.environment.get("PYTHONPATH") or str(ROOT),
        }
        with (self.folder / f"worker-{self._started}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "streams", "worker"],
                cwd=ROOT,
                env=self.environment | ours,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        worker = Worker(process, port)
        self.running.append(worker)
        return worker

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        """`python -m streams ...` in the same environment; its output is to be read."""
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "streams", *arguments],
            cwd=ROOT,
            env=self.environment | {"PYTHONPATH": self.environment.get("PYTHONPATH") or str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_ready(self, worker: Worker) -> None:
        """Until its health page says 200. Raises `NotReady`."""
        until = time.monotonic() + READY_S_MAX
        while time.monotonic() < until and worker.process.poll() is None:
            if worker.health():
                return
            time.sleep(0.2)
        raise NotReady(f"worker not ready:\n{self.logs()[-3000:]}")

    @contextmanager
    def supervised(self, count: int) -> Iterator[None]:
        """Keep `count` of them running, as a supervisor does: one that ends is started again."""
        stop = threading.Event()

        def keep() -> None:
            while not stop.wait(RESTART_S):
                for ended in [each for each in self.running if each.process.poll() is not None]:
                    self.running.remove(ended)
                    self.start()

        for worker in [self.start() for _ in range(count)]:
            self.wait_ready(worker)
        thread = threading.Thread(target=keep)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def end(self, worker: Worker, with_signal: signal.Signals) -> None:
        worker.process.send_signal(with_signal)
        worker.process.wait(30)
        self.running.remove(worker)

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("worker-*.log")))

    def end_all(self) -> None:
        for worker in self.running:
            worker.process.kill()
            worker.process.wait(10)
        self.running = []
